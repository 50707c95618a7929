//! The learner's bar: a copy of the application in `workshop/bar`, deployed as a separate stack. It
//! lacks the parts that the pages of the workshop let the reader build.

use std::fs;
use std::path::{Path, PathBuf};

use super::page::{Action, steps};
use super::pieces::{Module, modules};
use super::workspace;
use crate::lint::WORKFLOW;
use client::error::Error;

/// The files and folders of the application that a learner needs.
const COPIED: [&str; 23] = [
    ".cargo",
    "Cargo.lock",
    "LICENSE",
    "clippy.toml",
    "crates",
    "events",
    "functions",
    "openapi.yaml",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "samconfig.toml",
    "schemas",
    "scripts/build-local.sh",
    "scripts/build.sh",
    "scripts/common.sh",
    "scripts/functions.py",
    "scripts/requirements-uv.txt",
    "scripts/requirements.txt",
    "scripts/tools.sh",
    "scripts/up-aws.sh",
    "scripts/up.sh",
    "statemachines",
    "template.yaml",
];

/// Marker file of a learner's bar that is deployed to AWS.
const ON_AWS: &str = ".local/on-aws";

/// The learner's copy of the application, and the application itself.
#[derive(Debug, Clone)]
pub struct LearnerBar {
    /// The application's folder.
    pub root: PathBuf,
    /// The folder in which the learner works.
    pub folder: PathBuf,
}

/// Target of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeployTarget {
    /// The emulator that `AWS_ENDPOINT_URL` names.
    Local,
    /// The AWS account of the credentials in the environment.
    Aws,
}

impl LearnerBar {
    /// Returns the bar of the application that contains the current folder.
    pub fn find() -> Result<Self, Error> {
        let here = std::env::current_dir().map_err(|error| Error::failed("there is no current folder", error))?;
        let root = here.ancestors().filter(|folder| folder.join("workshop/pieces.yaml").is_file()).last();
        let root = root.ok_or_else(|| {
            Error::Usage("this folder is not inside the application's folder".into())
                .with_help("change to the application's folder")
        })?;
        Ok(Self { folder: root.join("workshop/bar"), root: root.to_owned() })
    }

    /// Creates the bar unless one exists, and marks it for AWS if `target` is AWS. With `again`, an
    /// existing bar is renamed and kept.
    pub fn create(&self, again: bool, target: DeployTarget) -> Result<CreateOutcome, Error> {
        if self.folder.exists() && !again {
            return self.set_target(target).map(|()| CreateOutcome::AlreadyExists);
        }
        let kept = self.set_aside()?;
        COPIED.iter().try_for_each(|name| copy(&self.root.join(name), &self.folder.join(name)))?;
        workspace::write(&self.root, &self.folder)?;
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

    /// Renames the bar if there is one, and returns its new folder.
    pub(crate) fn set_aside(&self) -> Result<Option<PathBuf>, Error> {
        if !self.folder.exists() {
            return Ok(None);
        }
        let beside = (1..).map(|number| self.root.join(format!("workshop/bar.{number}")));
        let beside = beside.into_iter().find(|path| !path.exists()).unwrap_or_default();
        fs::rename(&self.folder, &beside).map_err(|error| unwritten(&beside, error))?;
        Ok(Some(beside))
    }

    /// Marks the bar for AWS, if `target` is AWS. A marked bar stays marked.
    fn set_target(&self, target: DeployTarget) -> Result<(), Error> {
        if target == DeployTarget::Local {
            return Ok(());
        }
        let mark = self.folder.join(ON_AWS);
        fs::write(&mark, "").map_err(|error| unwritten(&mark, error))
    }

    /// Shares a folder of the application's `.local`, such as its tools or keys, with the bar.
    fn link(&self, name: &str) -> Result<(), Error> {
        let (from, to) = (self.root.join(".local").join(name), self.folder.join(".local"));
        fs::create_dir_all(&to).map_err(|error| unwritten(&to, error))?;
        std::os::unix::fs::symlink(from, to.join(name)).map_err(|error| unwritten(&to, error))
    }

    /// Writes the solution of a page into the bar: the edits of the page, then the pieces that were
    /// removed for it. Returns the written files.
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

    /// Edits a file. If the edit does not fit the learner's text, replaces the file by the
    /// application's, without the parts that later pages build.
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

    /// Reads the workflow of the bar.
    pub fn workflow(&self) -> Result<String, Error> {
        self.require_exists()?;
        read(&self.folder.join(WORKFLOW))
    }

    /// Edits a file of the bar. A missing file counts as empty.
    pub fn edit_file(&self, file: &str, change: impl FnOnce(&str) -> Result<String, Error>) -> Result<(), Error> {
        let path = self.folder.join(file);
        let text = if path.exists() { read(&path)? } else { String::new() };
        let changed = change(&text)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| unwritten(folder, error))?;
        }
        fs::write(&path, changed).map_err(|error| unwritten(&path, error))
    }

    /// Writes `workshop/env`: the variables that the AWS CLI, presso and Cargo need for the bar,
    /// and `variables`, each a name and a value.
    pub fn write_environment(&self, variables: &[(&str, String)]) -> Result<PathBuf, Error> {
        let path = self.root.join("workshop/env");
        let (bar, target) = (self.folder.join(".local/env"), self.cargo_target_dir());
        let mut text = format!(
            "# Environment of the AWS CLI, presso and Cargo for the learner's bar: . workshop/env\n. '{}'\nexport CARGO_TARGET_DIR='{}'\n",
            bar.display(),
            target.display()
        );
        text.extend(variables.iter().map(|(name, value)| format!("export {name}='{value}'\n")));
        fs::write(&path, text).map_err(|error| unwritten(&path, error))?;
        Ok(path)
    }

    /// Returns the application's target folder, whose compiled dependencies the bar uses. Cargo
    /// names it, because the environment and several configuration files can set it.
    pub(crate) fn cargo_target_dir(&self) -> PathBuf {
        target_dir(&self.root).unwrap_or_else(|| self.root.join("target"))
    }

    pub(crate) fn target(&self) -> DeployTarget {
        if self.folder.join(ON_AWS).exists() { DeployTarget::Aws } else { DeployTarget::Local }
    }

    pub(crate) fn require_exists(&self) -> Result<(), Error> {
        if self.folder.exists() {
            Ok(())
        } else {
            Err(Error::Usage("there is no workshop/bar".into()).with_help("run presso workshop start"))
        }
    }
}

fn target_dir(root: &Path) -> Option<PathBuf> {
    let mut cargo = std::process::Command::new("cargo");
    let metadata = cargo.args(["metadata", "--format-version", "1", "--no-deps"]).current_dir(root).output().ok()?;
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).ok()?;
    Some(PathBuf::from(metadata.get("target_directory")?.as_str()?))
}

/// Finds the file of page `module` in `docs/workshop`.
pub fn page_of(root: &Path, module: u32) -> Result<PathBuf, Error> {
    let folder = root.join("docs/workshop");
    let pages =
        fs::read_dir(&folder).map_err(|error| Error::failed(format!("{} cannot be read", folder.display()), error))?;
    let starts = format!("{module}-");
    let page = pages.flatten().find(|page| page.file_name().to_str().is_some_and(|name| name.starts_with(&starts)));
    page.map(|page| page.path()).ok_or_else(|| Error::Unexpected(format!("docs/workshop has no page {module}")))
}

/// Result of [`LearnerBar::create`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateOutcome {
    /// A bar existed. Its files were not changed.
    AlreadyExists,
    /// A bar was created.
    New {
        /// New folder of the previous bar; `None` if there was none.
        kept: Option<PathBuf>,
    },
}

pub(crate) fn unwritten(path: &Path, error: std::io::Error) -> Error {
    Error::failed(format!("{} cannot be written", path.display()), error)
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    if !from.is_dir() {
        let folder = to.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(|error| unwritten(folder, error))?;
        return fs::copy(from, to).map(|_| ()).map_err(|error| unwritten(to, error));
    }
    let entries =
        fs::read_dir(from).map_err(|error| Error::failed(format!("{} cannot be read", from.display()), error))?;
    entries.flatten().try_for_each(|entry| copy(&entry.path(), &to.join(entry.file_name())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_folder_of_the_bar_is_the_one_that_cargo_uses_for_the_application() {
        let folder = std::env::temp_dir().join(format!("workshop-{:016x}", fastrand::u64(..)));
        fs::create_dir_all(folder.join(".cargo")).unwrap();
        fs::write(folder.join("Cargo.toml"), "[workspace]\n").unwrap();
        fs::write(folder.join(".cargo/config.toml"), "[build]\ntarget-dir = \"elsewhere\"\n").unwrap();
        let found = target_dir(&folder).unwrap();
        // An environment that names a folder wins over the configuration.
        let named = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"].iter().find_map(std::env::var_os);
        assert_eq!(found, named.map_or_else(|| folder.join("elsewhere"), PathBuf::from));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_existing_bar_is_kept_is_marked_for_aws_on_request_and_can_be_set_aside() {
        let root = std::env::temp_dir().join(format!("workshop-{:016x}", fastrand::u64(..)));
        let bar = LearnerBar { folder: root.join("workshop/bar"), root: root.clone() };
        fs::create_dir_all(bar.folder.join(".local")).unwrap();
        assert_eq!(bar.create(false, DeployTarget::Local).unwrap(), CreateOutcome::AlreadyExists);
        assert_eq!(bar.target(), DeployTarget::Local);
        assert_eq!(bar.create(false, DeployTarget::Aws).unwrap(), CreateOutcome::AlreadyExists);
        assert_eq!(bar.target(), DeployTarget::Aws);
        assert_eq!(bar.set_aside().unwrap(), Some(root.join("workshop/bar.1")));
        assert_eq!(bar.set_aside().unwrap(), None);
        assert!(root.join("workshop/bar.1/.local").exists());
        fs::remove_dir_all(root).unwrap();
    }
}
