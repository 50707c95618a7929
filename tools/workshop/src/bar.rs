//! The learner's bar: a copy of the application without the pieces that modules build, in `workshop/bar`, and a stack of its own.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::STACK;
use super::page::{Action, steps};
use super::pieces::{Module, modules};
use client::error::Error;
use client::stack;

/// What a bar of its own does not need.
const EXCLUDED: [&str; 9] =
    [".git", ".local", ".aws-sam", ".ci", "target", "workshop", "docs", "CHANGELOG.md", "CONTRIBUTING.md"];

/// Marks a bar that is deployed to AWS.
const ON_AWS: &str = ".local/on-aws";

/// The learner's bar.
#[derive(Debug, Clone)]
pub struct LearnerBar {
    /// Where the application is.
    pub root: PathBuf,
    /// Where the learner works.
    pub folder: PathBuf,
}

/// Where a bar runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeployTarget {
    /// The local stack.
    Local,
    /// On AWS, in the account of the credentials in the environment.
    Aws,
}

impl LearnerBar {
    /// The bar of the application in which this is called.
    pub fn find() -> Result<Self, Error> {
        let here = std::env::current_dir().map_err(|error| Error::failed("there is no current folder", error))?;
        let root = here.ancestors().filter(|folder| folder.join("workshop/pieces.yaml").is_file()).last();
        let root =
            root.ok_or_else(|| Error::Usage("this is not in the application's folder: go there first".into()))?;
        Ok(Self { folder: root.join("workshop/bar"), root: root.to_owned() })
    }

    /// Makes the bar, unless there is one; with `again` from the beginning, and what was there is kept beside it.
    pub fn create(&self, again: bool, target: DeployTarget) -> Result<CreateOutcome, Error> {
        let mut kept = None;
        if self.folder.exists() {
            if !again {
                return self.set_target(target).map(|()| CreateOutcome::AlreadyExists);
            }
            let beside = (1..).map(|number| self.root.join(format!("workshop/bar.{number}")));
            let beside = beside.into_iter().find(|path| !path.exists()).unwrap_or_default();
            fs::rename(&self.folder, &beside).map_err(|error| unwritten(&beside, error))?;
            kept = Some(beside);
        }
        copy(&self.root, &self.folder, &EXCLUDED)?;
        for module in modules()? {
            for piece in &module.pieces {
                self.edit_file(&piece.file, |text| piece.remove(text))?;
            }
        }
        self.link("venv")?;
        self.link("keys")?;
        self.set_target(target)?;
        Ok(CreateOutcome::New { kept })
    }

    /// A bar that is sent to AWS goes there from then on.
    fn set_target(&self, target: DeployTarget) -> Result<(), Error> {
        if target == DeployTarget::Local {
            return Ok(());
        }
        let mark = self.folder.join(ON_AWS);
        fs::write(&mark, "").map_err(|error| unwritten(&mark, error))
    }

    /// The tools and keys of the application serve the learner's bar too.
    fn link(&self, name: &str) -> Result<(), Error> {
        let (from, to) = (self.root.join(".local").join(name), self.folder.join(".local"));
        fs::create_dir_all(&to).map_err(|error| unwritten(&to, error))?;
        std::os::unix::fs::symlink(from, to.join(name)).map_err(|error| unwritten(&to, error))
    }

    /// Puts the solution of a module into the bar: what its page says, and what the application has. Gives the files that were written.
    pub fn solve(&self, module: &Module) -> Result<Vec<String>, Error> {
        self.require_exists()?;
        let mut files = Vec::new();
        for step in steps(&read(&page_of(&self.root, module.module)?)?)? {
            if let Action::Edit { file, edit } = step.action {
                self.edit_or_replace(&file, module, |text| edit.apply(text))?;
                files.push(file);
            }
        }
        for piece in &module.pieces {
            let application = read(&self.root.join(&piece.file))?;
            self.edit_or_replace(&piece.file, module, |text| piece.restore(text, &application))?;
            files.push(piece.file.clone());
        }
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// The same; a file in which there is no place for it any more becomes the application's, without what later modules build.
    fn edit_or_replace(
        &self,
        file: &str,
        solved: &Module,
        change: impl Fn(&str) -> Result<String, Error>,
    ) -> Result<(), Error> {
        if self.edit_file(file, &change).is_ok() {
            return Ok(());
        }
        let mut text = read(&self.root.join(file))?;
        for later in modules()?.iter().filter(|module| module.module > solved.module) {
            for piece in later.pieces.iter().filter(|piece| piece.file == file) {
                text = piece.remove(&text)?;
            }
        }
        self.edit_file(file, |_| Ok(text))
    }

    /// Changes a file of the bar, which may be a new one.
    pub fn edit_file(&self, file: &str, change: impl FnOnce(&str) -> Result<String, Error>) -> Result<(), Error> {
        let path = self.folder.join(file);
        let text = if path.exists() { read(&path)? } else { String::new() };
        let changed = change(&text)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| unwritten(folder, error))?;
        }
        fs::write(&path, changed).map_err(|error| unwritten(&path, error))
    }

    /// Builds what is in the bar, and deploys it to the emulator that runs, or to AWS. Its output is that of the scripts.
    pub async fn deploy(&self) -> Result<(), Error> {
        self.require_exists()?;
        let presso =
            std::env::current_exe().map_err(|error| Error::failed("presso does not know where it is", error))?;
        let mut script = Command::new("bash");
        script
            .current_dir(&self.folder)
            .env("STACK", STACK)
            .env("CARGO_TARGET_DIR", self.cargo_target_dir())
            .env("PRESSO", presso);
        match (self.target(), stack::emulator()) {
            (DeployTarget::Local, Some(endpoint)) => script.arg("scripts/up.sh").env("AWS_ENDPOINT_URL", endpoint),
            (DeployTarget::Local, None) => {
                return Err(Error::Usage("no local stack is named: make up, then . .local/env".into()));
            }
            (DeployTarget::Aws, None) => script.arg("scripts/up-aws.sh"),
            (DeployTarget::Aws, Some(endpoint)) => {
                let what = format!("this bar is on AWS, and AWS_ENDPOINT_URL is set to {endpoint}: open a new shell");
                return Err(Error::Usage(what));
            }
        };
        let status = script.status().await.map_err(|error| Error::failed("the deployment cannot be started", error))?;
        if status.success() {
            return Ok(());
        }
        Err(Error::Left("the bar could not be deployed: what it said above is about a file in workshop/bar".into()))
    }

    /// Writes what a shell must know to look around in the bar with the AWS CLI and presso.
    pub fn write_environment(&self, variables: &[(&str, String)]) -> Result<PathBuf, Error> {
        let path = self.root.join("workshop/env");
        let (bar, target) = (self.folder.join(".local/env"), self.cargo_target_dir());
        let mut text = format!(
            "# What the AWS CLI, presso and cargo need in the learner's bar: . workshop/env\n. '{}'\nexport CARGO_TARGET_DIR='{}'\n",
            bar.display(),
            target.display()
        );
        text.extend(variables.iter().map(|(name, value)| format!("export {name}='{value}'\n")));
        fs::write(&path, text).map_err(|error| unwritten(&path, error))?;
        Ok(path)
    }

    /// What the application has compiled serves the learner's bar too.
    fn cargo_target_dir(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), PathBuf::from)
    }

    fn target(&self) -> DeployTarget {
        if self.folder.join(ON_AWS).exists() { DeployTarget::Aws } else { DeployTarget::Local }
    }

    fn require_exists(&self) -> Result<(), Error> {
        if self.folder.exists() {
            Ok(())
        } else {
            Err(Error::Usage("there is no workshop/bar yet: presso workshop start".into()))
        }
    }
}

/// The page of a module.
pub fn page_of(root: &Path, module: u32) -> Result<PathBuf, Error> {
    let folder = root.join("docs/workshop");
    let pages =
        fs::read_dir(&folder).map_err(|error| Error::failed(format!("{} cannot be read", folder.display()), error))?;
    let starts = format!("{module}-");
    let page = pages.flatten().find(|page| page.file_name().to_str().is_some_and(|name| name.starts_with(&starts)));
    page.map(|page| page.path()).ok_or_else(|| Error::Left(format!("docs/workshop has no page {module}")))
}

/// What came of making a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateOutcome {
    /// There was one, and it was not touched.
    AlreadyExists,
    /// A new one.
    New {
        /// Where the one before it is kept.
        kept: Option<PathBuf>,
    },
}

fn unwritten(path: &Path, error: std::io::Error) -> Error {
    Error::failed(format!("{} cannot be written", path.display()), error)
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))
}

fn copy(from: &Path, to: &Path, excluded: &[&str]) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(|error| unwritten(to, error))?;
    let entries =
        fs::read_dir(from).map_err(|error| Error::failed(format!("{} cannot be read", from.display()), error))?;
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if name.to_str().is_some_and(|name| excluded.contains(&name)) {
            continue;
        }
        let target = to.join(&name);
        if path.is_dir() {
            copy(&path, &target, &[])?;
        } else {
            fs::copy(&path, &target).map_err(|error| unwritten(&target, error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_is_there_is_not_touched_and_goes_to_aws_from_the_time_that_it_is_sent_there() {
        let root = std::env::temp_dir().join(format!("workshop-{:016x}", fastrand::u64(..)));
        let bar = LearnerBar { folder: root.join("workshop/bar"), root: root.clone() };
        fs::create_dir_all(bar.folder.join(".local")).unwrap();
        assert_eq!(bar.create(false, DeployTarget::Local).unwrap(), CreateOutcome::AlreadyExists);
        assert_eq!(bar.target(), DeployTarget::Local);
        assert_eq!(bar.create(false, DeployTarget::Aws).unwrap(), CreateOutcome::AlreadyExists);
        assert_eq!(bar.target(), DeployTarget::Aws);
        fs::remove_dir_all(root).unwrap();
    }
}
