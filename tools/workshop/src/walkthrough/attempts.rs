//! Reads `workshop/attempts.yaml`: wrong solutions, and a part of the message that the check must
//! print for each.

use std::path::Path;

use client::Error;
use serde::Deserialize;

/// The wrong solutions of a page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    /// Number of the page.
    pub module: u32,
    /// The solutions, each with one defect.
    pub attempts: Vec<Attempt>,
}

/// A solution with one defect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Description of the defect.
    pub wrong: String,
    /// Path of the file in `workshop/bar`.
    pub file: String,
    /// Text of the right solution; must occur exactly once in the file.
    pub instead_of: String,
    /// Text that replaces it in the wrong solution.
    pub there_is: String,
    /// Part of the message that the check must print.
    pub says: String,
}

/// Reads `workshop/attempts.yaml`.
pub fn read(root: &Path) -> Result<Vec<Attempts>, Error> {
    let path = root.join("workshop/attempts.yaml");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))?;
    yaml_serde::from_str(&text).map_err(|error| Error::failed(format!("{} is invalid", path.display()), error))
}

impl Attempt {
    /// Returns the text of the file with the defect.
    pub fn apply(&self, text: &str) -> Result<String, Error> {
        match text.matches(&self.instead_of).count() {
            1 => Ok(text.replacen(&self.instead_of, &self.there_is, 1)),
            count => Err(Error::Unexpected(format!(
                "{}: {} contains {:?} {count} times instead of once",
                self.wrong, self.file, self.instead_of
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules;
    use crate::pieces::tests::solution_after_each_module;
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn every_module_has_at_least_three_attempts_with_distinct_messages() {
        let all = read(&root()).unwrap();
        let numbers = |modules: Vec<u32>| modules.into_iter().collect::<BTreeSet<_>>();
        let built = modules().unwrap().iter().map(|module| module.module).collect();
        assert_eq!(numbers(all.iter().map(|attempts| attempts.module).collect()), numbers(built));
        for Attempts { module, attempts } in all {
            let messages: BTreeSet<_> = attempts.iter().map(|attempt| &attempt.says).collect();
            assert!(messages.len() >= 3 && messages.len() == attempts.len(), "module {module}");
        }
    }

    #[test]
    fn every_attempt_applies_to_the_solution_of_its_module() {
        let all = read(&root()).unwrap();
        for (module, files) in solution_after_each_module() {
            let own = all.iter().filter(|attempts| attempts.module == module.module);
            for attempt in own.flat_map(|attempts| &attempts.attempts) {
                let solution = &files[&attempt.file];
                assert_ne!(&attempt.apply(solution).unwrap(), solution, "{}", attempt.wrong);
            }
        }
    }

    #[test]
    fn an_attempt_replaces_text_that_occurs_once() {
        let attempt: Attempt =
            yaml_serde::from_str("{wrong: w, file: f, instead_of: a, there_is: b, says: s}").unwrap();
        assert_eq!(attempt.apply("xay").unwrap(), "xby");
        assert!(attempt.apply("aa").is_err() && attempt.apply("").is_err());
    }
}
