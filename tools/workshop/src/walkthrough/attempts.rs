//! Wrong attempts: what somebody might have built, and what the check says of it.

use std::path::Path;

use client::Error;
use serde::Deserialize;

/// The attempts of a module.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    /// The module.
    pub module: u32,
    /// What somebody might have built.
    pub attempts: Vec<Attempt>,
}

/// A solution with something wrong in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// What is wrong.
    pub wrong: String,
    /// The file in the bar.
    pub file: String,
    /// What the solution has there: once, or it is not known which is meant.
    pub instead_of: String,
    /// What the attempt has.
    pub there_is: String,
    /// What the check says.
    pub says: String,
}

/// The attempts in `workshop/attempts.yaml`.
pub fn read(root: &Path) -> Result<Vec<Attempts>, Error> {
    let path = root.join("workshop/attempts.yaml");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))?;
    yaml_serde::from_str(&text).map_err(|error| Error::failed(format!("{} is not understood", path.display()), error))
}

impl Attempt {
    /// The file with what is wrong in it.
    pub fn spoil(&self, text: &str) -> Result<String, Error> {
        match text.matches(&self.instead_of).count() {
            1 => Ok(text.replacen(&self.instead_of, &self.there_is, 1)),
            count => Err(Error::Left(format!(
                "{}: {} has {:?} {count} times, not once",
                self.wrong, self.file, self.instead_of
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules;
    use std::collections::BTreeSet;

    #[test]
    fn every_module_has_three_attempts_or_more_each_with_its_own_message() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let all = read(&root).unwrap();
        let numbers = |modules: Vec<u32>| modules.into_iter().collect::<BTreeSet<_>>();
        let built = modules().unwrap().iter().map(|module| module.module).collect();
        assert_eq!(numbers(all.iter().map(|attempts| attempts.module).collect()), numbers(built));
        for Attempts { module, attempts } in all {
            let messages: BTreeSet<_> = attempts.iter().map(|attempt| &attempt.says).collect();
            assert!(messages.len() >= 3 && messages.len() == attempts.len(), "module {module}");
        }
    }

    #[test]
    fn an_attempt_must_know_what_it_spoils() {
        let attempt: Attempt =
            yaml_serde::from_str("{wrong: w, file: f, instead_of: a, there_is: b, says: s}").unwrap();
        assert_eq!(attempt.spoil("xay").unwrap(), "xby");
        assert!(attempt.spoil("aa").is_err() && attempt.spoil("").is_err());
    }
}
