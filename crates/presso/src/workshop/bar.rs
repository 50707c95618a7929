//! The learner's bar: a copy of the application without the pieces that modules build, in `workshop/bar`, and a stack of its own.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::STACK;
use super::pieces::{Module, modules};
use crate::error::Error;
use crate::stack;

/// What a bar of its own does not need.
const LEFT_OUT: [&str; 9] =
    [".git", ".local", ".aws-sam", ".ci", "target", "workshop", "docs", "CHANGELOG.md", "CONTRIBUTING.md"];

/// The learner's bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Where the application is.
    root: PathBuf,
    /// Where the learner works.
    pub folder: PathBuf,
}

impl Bar {
    /// The bar of the application in which this is called.
    pub fn here() -> Result<Self, Error> {
        let here = std::env::current_dir().map_err(|error| Error::failed("there is no current folder", error))?;
        let root = here.ancestors().filter(|folder| folder.join("workshop/pieces.yaml").is_file()).last();
        let root =
            root.ok_or_else(|| Error::Usage("this is not in the application's folder: go there first".into()))?;
        Ok(Self { folder: root.join("workshop/bar"), root: root.to_owned() })
    }

    /// Makes the bar, unless there is one; with `again` from the beginning, and what was there is kept beside it.
    pub fn make(&self, again: bool) -> Result<Made, Error> {
        let mut kept = None;
        if self.folder.exists() {
            if !again {
                return Ok(Made::WasThere);
            }
            let beside = (1..).map(|number| self.root.join(format!("workshop/bar.{number}")));
            let beside = beside.into_iter().find(|path| !path.exists()).unwrap_or_default();
            fs::rename(&self.folder, &beside).map_err(|error| unwritten(&beside, error))?;
            kept = Some(beside);
        }
        copy(&self.root, &self.folder, &LEFT_OUT)?;
        for module in modules()? {
            for piece in &module.pieces {
                let path = self.folder.join(&piece.file);
                let text = read(&path)?;
                fs::write(&path, piece.take_away(&text)?).map_err(|error| unwritten(&path, error))?;
            }
        }
        self.link("venv")?;
        self.link("keys")?;
        Ok(Made::New { kept })
    }

    /// The tools and keys of the application serve the learner's bar too.
    fn link(&self, name: &str) -> Result<(), Error> {
        let (from, to) = (self.root.join(".local").join(name), self.folder.join(".local"));
        fs::create_dir_all(&to).map_err(|error| unwritten(&to, error))?;
        std::os::unix::fs::symlink(from, to.join(name)).map_err(|error| unwritten(&to, error))
    }

    /// Puts the solution of a module into the bar; gives the files that were written.
    pub fn solve(&self, module: &Module) -> Result<Vec<String>, Error> {
        self.must_be_there()?;
        for piece in &module.pieces {
            let path = self.folder.join(&piece.file);
            let solved = piece.put_back(&read(&path)?, &read(&self.root.join(&piece.file))?)?;
            fs::write(&path, solved).map_err(|error| unwritten(&path, error))?;
        }
        Ok(module.pieces.iter().map(|piece| piece.file.clone()).collect())
    }

    /// Builds what is in the bar, and deploys it to the emulator that runs. Its output is that of the scripts.
    pub async fn deploy(&self) -> Result<(), Error> {
        self.must_be_there()?;
        let endpoint = stack::emulator();
        let endpoint =
            endpoint.ok_or_else(|| Error::Usage("no local stack is named: make up, then . .local/env".into()))?;
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), PathBuf::from);
        let script = Command::new("bash")
            .arg("scripts/up.sh")
            .current_dir(&self.folder)
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("STACK", STACK)
            .env("CARGO_TARGET_DIR", target)
            .status()
            .await;
        let status = script.map_err(|error| Error::failed("the deployment cannot be started", error))?;
        if status.success() {
            return Ok(());
        }
        Err(Error::Left("the bar could not be deployed: what it said above is about a file in workshop/bar".into()))
    }

    fn must_be_there(&self) -> Result<(), Error> {
        if self.folder.exists() {
            Ok(())
        } else {
            Err(Error::Usage("there is no workshop/bar yet: presso workshop start".into()))
        }
    }
}

/// What came of making a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// There was one, and it was not touched.
    WasThere,
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

fn copy(from: &Path, to: &Path, left_out: &[&str]) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(|error| unwritten(to, error))?;
    let entries =
        fs::read_dir(from).map_err(|error| Error::failed(format!("{} cannot be read", from.display()), error))?;
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if name.to_str().is_some_and(|name| left_out.contains(&name)) {
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
