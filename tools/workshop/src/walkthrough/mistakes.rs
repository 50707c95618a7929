//! Reads `workshop/mistakes.yaml`, makes each mistake in the learner's bar, and requires the
//! sentence that the reader is shown.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use client::Error;
use serde::Deserialize;

use super::reader::{Reader, module, tail};
use crate::bar::{DeployTarget, unwritten};

/// Selects every mistake on the command line.
const ALL: &str = "all";

/// A mistake that a reader made, and the sentence that explains it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// A letter, A to U.
    pub id: String,
    /// Number of the page.
    pub page: u32,
    /// Description of the mistake.
    pub mistake: String,
    /// Command before the mistake is made.
    first: Option<String>,
    /// The mistake, in the solution of the page.
    changes: Vec<Change>,
    /// Commands that must succeed with the mistake.
    before: Option<String>,
    /// True if the mistake is undone before the last command.
    #[serde(default)]
    undone: bool,
    /// Last command, which must fail.
    #[serde(default = "deployment")]
    reads: String,
    /// Part of the sentence that the last command must print.
    says: String,
    /// Page and section that the last command must name.
    look: Option<String>,
}

fn deployment() -> String {
    "presso workshop deploy".to_owned()
}

/// A change of a file of the bar.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: String,
    /// Text that occurs exactly once.
    instead_of: Option<String>,
    #[serde(default)]
    there_is: String,
    /// Text that is added at the end.
    append: Option<String>,
    /// New path of the file.
    moved_to: Option<String>,
}

/// Reads `workshop/mistakes.yaml`.
pub fn read(root: &Path) -> Result<Vec<Mistake>, Error> {
    let path = root.join("workshop/mistakes.yaml");
    let text = fs::read_to_string(&path)
        .map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))?;
    yaml_serde::from_str(&text).map_err(|error| Error::failed(format!("{} is invalid", path.display()), error))
}

impl Change {
    fn apply(&self, text: &str) -> Result<String, Error> {
        if let Some(append) = &self.append {
            return Ok(format!("{text}{append}"));
        }
        let Some(instead_of) = &self.instead_of else { return Ok(text.to_owned()) };
        match text.matches(instead_of).count() {
            1 => Ok(text.replacen(instead_of, &self.there_is, 1)),
            count => {
                Err(Error::Unexpected(format!("{} contains {instead_of:?} {count} times instead of once", self.file)))
            }
        }
    }
}

/// Returns the number of the first line that differs, counted from 1.
fn first_difference(before: &str, after: &str) -> usize {
    before.lines().zip(after.lines()).take_while(|(one, other)| one == other).count() + 1
}

/// Texts of files of the bar before a mistake, by path; `None` for a file that did not exist.
type Saved = BTreeMap<String, Option<String>>;

impl Reader {
    /// Makes the mistakes with these ids, each in the solution of its page. The id `all` selects
    /// every mistake.
    pub async fn make_mistakes(&mut self, ids: &[String]) -> Result<(), Error> {
        let all = read(self.root())?;
        if let Some(unknown) = ids.iter().find(|id| *id != ALL && all.iter().all(|mistake| mistake.id != **id)) {
            return Err(Error::Usage(format!("workshop/mistakes.yaml has no mistake {unknown}")));
        }
        let wanted = |mistake: &&Mistake| ids.iter().any(|id| id == ALL || *id == mistake.id);
        self.bar.create(false, DeployTarget::Local)?;
        let start = "make up && . .local/env && presso workshop deploy && . workshop/env";
        let started = self.command(start).await?;
        if started.code != 0 {
            return Err(Error::Unexpected(format!("the bar cannot be deployed:\n{}", tail(&started.printed))));
        }
        let mut solved = 1;
        for mistake in all.iter().filter(wanted) {
            while solved < mistake.page {
                solved += 1;
                self.bar.solve(&module(solved)?)?;
            }
            let (place, sentence) = self.make(mistake).await?;
            (self.say)(&format!("{}  {place}  {sentence}", mistake.id));
        }
        Ok(())
    }

    /// Makes one mistake. Returns its place and the sentence that is printed.
    async fn make(&mut self, mistake: &Mistake) -> Result<(String, String), Error> {
        let failed = |what: String| Error::Unexpected(format!("{}, {}: {what}", mistake.id, mistake.mistake));
        self.must_succeed(mistake, mistake.first.as_deref()).await?;
        let (saved, place) = self.change(mistake)?;
        let made = self.must_succeed(mistake, mistake.before.as_deref()).await;
        if mistake.undone {
            self.restore(&saved)?;
        }
        made?;
        // A check examines the deployed bar. So the mistake is deployed first, unless the mistake
        // is a missing deployment, which has a `first` command.
        if mistake.reads.contains("check") && mistake.first.is_none() {
            self.must_succeed(mistake, Some("presso workshop deploy")).await?;
        }
        let read = self.command(&mistake.reads).await;
        self.restore(&saved)?;
        let read = read?;
        let sentence = read.printed.lines().map(str::trim).find(|line| line.contains(&mistake.says));
        let looked = mistake.look.as_ref().is_none_or(|look| read.printed.contains(look));
        match sentence {
            Some(sentence) if read.code != 0 && looked => Ok((place, sentence.to_owned())),
            _ => {
                let expected = mistake.look.as_ref().map(|look| format!(" and {look:?}")).unwrap_or_default();
                let what = format!("{} did not fail with {:?}{expected}, but printed:", mistake.reads, mistake.says);
                Err(failed(format!("{what}\n{}", tail(&read.printed))))
            }
        }
    }

    async fn must_succeed(&mut self, mistake: &Mistake, command: Option<&str>) -> Result<(), Error> {
        let Some(command) = command else { return Ok(()) };
        let output = self.command(command).await?;
        if output.code == 0 {
            return Ok(());
        }
        let what = format!("{}, {}: {command} failed", mistake.id, mistake.mistake);
        Err(Error::Unexpected(format!("{what}:\n{}", tail(&output.printed))))
    }

    fn change(&self, mistake: &Mistake) -> Result<(Saved, String), Error> {
        let (mut saved, mut place) = (Saved::new(), None);
        for change in &mistake.changes {
            let (mut before, mut after) = (String::new(), String::new());
            self.bar.edit_file(&change.file, |text| {
                text.clone_into(&mut before);
                after = change.apply(text)?;
                Ok(after.clone())
            })?;
            let line = first_difference(&before, &after);
            place.get_or_insert_with(|| format!("{}:{line}", change.file));
            saved.entry(change.file.clone()).or_insert(Some(before));
            if let Some(to) = &change.moved_to {
                let (from, target) = (self.bar.folder.join(&change.file), self.bar.folder.join(to));
                fs::rename(&from, &target).map_err(|error| unwritten(&target, error))?;
                saved.insert(to.clone(), None);
                place = Some(to.clone());
            }
        }
        Ok((saved, place.unwrap_or_default()))
    }

    fn restore(&self, saved: &Saved) -> Result<(), Error> {
        for (file, text) in saved {
            let path = self.bar.folder.join(file);
            match text {
                Some(text) => self.bar.edit_file(file, |_| Ok(text.clone()))?,
                None if path.exists() => fs::remove_file(&path).map_err(|error| unwritten(&path, error))?,
                None => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::tests::solution_after_each_module;
    use std::path::PathBuf;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn each_mistake_from_a_to_u_fits_the_solution_of_its_page() {
        let all = read(&root()).unwrap();
        let ids: Vec<&str> = all.iter().map(|mistake| mistake.id.as_str()).collect();
        assert_eq!(ids, ('A'..='U').map(|id| id.to_string()).collect::<Vec<_>>());
        let solutions = solution_after_each_module();
        for mistake in &all {
            let (_, files) = solutions.iter().find(|(module, _)| module.module == mistake.page).unwrap();
            for change in &mistake.changes {
                let text = &files[&change.file];
                let changed = change.apply(text).unwrap_or_else(|error| panic!("{}: {error}", mistake.id));
                assert!(&changed != text || change.moved_to.is_some(), "{}", mistake.id);
            }
        }
    }

    #[test]
    fn the_place_of_a_mistake_is_the_first_line_that_differs() {
        assert_eq!(first_difference("a\nb\nc\n", "a\nx\nc\n"), 2);
        assert_eq!(first_difference("a\n", "a\nb\n"), 2);
    }
}
