//! Deploys the learner's bar: checks its files, compiles what changed, and records what is
//! deployed.

use std::path::{Path, PathBuf};

use client::error::Error;
use client::{Stack, stack};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::STACK;
use crate::bar::{DeployTarget, LearnerBar};
use crate::lint::{self, Mistake, Node};
use crate::sources::{self, Sources};

/// Files in `.local` of the bar.
const BUILT: &str = ".local/built.json";
const DEPLOYED: &str = ".local/deployed.json";

/// The packages of the functions in the bar.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Built {
    /// Address of the emulator, which determines the form of a program.
    endpoint: String,
    rust: Sources,
}

/// The last deployment of the bar.
#[derive(Debug, Serialize, Deserialize)]
struct Deployed {
    /// ARN of the stack.
    stack: String,
    /// Time at which the stack was changed; absent from a new stack.
    changed: Option<String>,
    sources: Sources,
}

/// Relation between the files of the bar and the running stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deployment {
    /// The stack runs what the files contain.
    Current,
    /// These files were changed after the last deployment.
    Edited(Vec<String>),
    /// The stack was last deployed from another folder, or is new.
    Elsewhere,
}

impl LearnerBar {
    /// Returns the mistakes in the files of the bar.
    pub fn mistakes(&self) -> Result<Vec<Mistake>, Error> {
        self.require_exists()?;
        lint::lint(&self.folder)
    }

    /// Builds the bar and deploys it to the running emulator or to AWS. Compiles nothing if no Rust
    /// changed. Prints the output of the deployment script, and each step with `say`.
    pub async fn deploy(&self, say: impl Fn(&str)) -> Result<(), Error> {
        let mistakes = self.mistakes()?;
        if !mistakes.is_empty() {
            for mistake in &mistakes {
                say(&mistake.to_string());
            }
            let count = if mistakes.len() == 1 { "1 mistake".into() } else { format!("{} mistakes", mistakes.len()) };
            return Err(Error::Incomplete(format!("nothing was deployed: {count} in workshop/bar")));
        }
        let presso = std::env::current_exe().map_err(|error| Error::failed("the path of presso is unknown", error))?;
        let target = self.cargo_target_dir();
        let mut script = Command::new("bash");
        script.current_dir(&self.folder).env("STACK", STACK).env("CARGO_TARGET_DIR", &target).env("PRESSO", presso);
        let endpoint = match (self.target(), stack::emulator()) {
            (DeployTarget::Local, Some(endpoint)) => {
                script.arg("scripts/up.sh").env("AWS_ENDPOINT_URL", &endpoint);
                endpoint
            }
            (DeployTarget::Local, None) => {
                let unset = Error::Usage("AWS_ENDPOINT_URL is not set".into());
                return Err(unset.with_help("run make up, then . .local/env"));
            }
            (DeployTarget::Aws, None) => {
                script.arg("scripts/up-aws.sh");
                String::new()
            }
            (DeployTarget::Aws, Some(endpoint)) => {
                let set = Error::Usage(format!("this bar is on AWS, but AWS_ENDPOINT_URL is {endpoint}"));
                return Err(set.with_help("use a new shell"));
            }
        };
        let sources = Sources::read(&self.folder)?;
        let build = Build { folder: &self.folder, target, built: Built { endpoint, rust: sources.rust() } };
        if build.begin(&say)? {
            script.env("BUILD", "none");
        }
        let status = script.status().await.map_err(|error| Error::failed("the deployment cannot be started", error))?;
        if !status.success() {
            return Err(Error::Incomplete("the bar could not be deployed: the errors above say why".into()));
        }
        build.end()
    }

    /// Runs the tests of a package of the bar. Selects the features with which the application is
    /// compiled, so that Cargo compiles no dependency again.
    pub async fn test(&self, package: &str) -> Result<(), Error> {
        self.require_exists()?;
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.folder).env("CARGO_TARGET_DIR", self.cargo_target_dir());
        cargo.args(["test", "--package", package, "--package", "application-features"]);
        let status = cargo.status().await.map_err(|error| Error::failed("cargo cannot be started", error))?;
        if status.success() {
            return Ok(());
        }
        Err(Error::Incomplete(format!("a test of {package} failed, or it does not compile")))
    }

    /// Records that the running stack has the files of the bar.
    pub fn record_deployment(&self, stack: &Stack) -> Result<(), Error> {
        let deployed = Deployed {
            stack: stack.arn.clone(),
            changed: stack.changed_at.clone(),
            sources: Sources::read(&self.folder)?,
        };
        sources::write_json(&self.folder.join(DEPLOYED), &deployed)
    }

    /// Compares the files of the bar with those of its last deployment.
    pub fn deployment(&self, stack: &Stack) -> Result<Deployment, Error> {
        self.require_exists()?;
        let Some(deployed) = sources::read_json::<Deployed>(&self.folder.join(DEPLOYED)) else {
            return Ok(Deployment::Elsewhere);
        };
        if deployed.stack != stack.arn || deployed.changed != stack.changed_at {
            return Ok(Deployment::Elsewhere);
        }
        let edited = Sources::read(&self.folder)?.differences(&deployed.sources);
        Ok(if edited.is_empty() { Deployment::Current } else { Deployment::Edited(edited) })
    }
}

/// A build of the functions, which may not be necessary.
struct Build<'a> {
    folder: &'a Path,
    target: PathBuf,
    built: Built,
}

impl Build<'_> {
    fn record(&self) -> PathBuf {
        self.folder.join(BUILT)
    }

    /// Returns true if the packages in the bar are those of its sources. Otherwise prepares them
    /// for Cargo.
    fn begin(&self, say: &impl Fn(&str)) -> Result<bool, Error> {
        let before = sources::read_json::<Built>(&self.record());
        if self.has_packages()? && !self.built.endpoint.is_empty() && before.as_ref() == Some(&self.built) {
            say("== No Rust changed: the functions are those of the last deployment");
            return Ok(true);
        }
        if let Some(before) = before.filter(|before| before.endpoint == self.built.endpoint) {
            let changed = self.built.rust.differences(&before.rust);
            let named = changed.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if changed.len() > 3 { format!(" and {} more", changed.len() - 3) } else { String::new() };
            say(&format!("== Rust changed in {named}{more}: compiling takes half a minute to two minutes"));
        }
        std::fs::remove_file(self.record()).ok();
        sources::renew_times(self.folder, &self.target, &self.built.rust)?;
        Ok(false)
    }

    /// Returns true if each function of the template has a package.
    fn has_packages(&self) -> Result<bool, Error> {
        let template = lint::template_of(self.folder)?;
        let resources = template.as_ref().and_then(|template| template.get("Resources"));
        let resources = resources.map(Node::entries).unwrap_or_default().iter();
        let mut programs =
            resources.filter_map(|resource| resource.value.at(&["Metadata", "BuildProperties", "Binary"])?.text());
        Ok(programs.all(|program| self.folder.join(format!(".local/built/{program}.zip")).is_file()))
    }

    fn end(&self) -> Result<(), Error> {
        sources::record_compiled(self.folder, &self.target, &self.built.rust)?;
        sources::write_json(&self.record(), &self.built)
    }
}
