//! Deploys the learner's bar: checks its files, compiles what changed, and records what is
//! deployed. Also compares the files with the last deployment, and runs unit tests of the bar.

use std::path::{Path, PathBuf};

use client::error::Error;
use client::{Stack, stack};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::STACK;
use crate::bar::{DeployTarget, LearnerBar};
use crate::lint::{self, Mistake, Node, nearest};
use crate::sources::{self, Sources};
use crate::workspace::COPIED;

/// Files in `.local` of the bar.
const BUILT: &str = ".local/built.json";
const DEPLOYED: &str = ".local/deployed.json";

/// Target and sources for which the packages of the functions in the bar were built.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Built {
    /// Address of the emulator, which determines how programs are built; empty for AWS.
    endpoint: String,
    rust: Sources,
}

/// The last deployment of the bar.
#[derive(Debug, Serialize, Deserialize)]
struct Deployed {
    /// ARN of the stack.
    stack: String,
    /// Time at which the stack was last updated; `None` if it was only created.
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
    /// The last deployment of the stack is not the one that this folder recorded.
    Elsewhere,
}

impl Deployment {
    /// Says what is not deployed; `None` if everything is.
    pub fn describe(&self) -> Option<String> {
        match self {
            Self::Current => None,
            Self::Elsewhere => Some("the stack was not deployed from this workshop/bar".to_owned()),
            Self::Edited(files) => {
                let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
                let file = files.first().map(String::as_str).unwrap_or_default();
                Some(format!("your file is not what is deployed: {file}{more} changed after the last deployment"))
            }
        }
    }
}

impl LearnerBar {
    /// Returns the mistakes in the files of the bar.
    pub fn mistakes(&self) -> Result<Vec<Mistake>, Error> {
        self.require_exists()?;
        lint::lint(&self.folder)
    }

    /// Builds the bar and deploys it to the running emulator or to AWS. For an emulator, compiles
    /// nothing if no Rust changed. Passes mistakes and steps to `say`; the deployment script prints
    /// its own output.
    pub async fn deploy(&self, say: impl Fn(&str)) -> Result<(), Error> {
        let mistakes = self.mistakes()?;
        if !mistakes.is_empty() {
            for line in lint::list(&mistakes) {
                say(&line);
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
        unless_unreachable(Stack::find(STACK, None).await)?;
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

    /// Runs the unit tests of a package of the bar. Selects the features with which the application
    /// is compiled, so that Cargo compiles no dependency again.
    pub async fn test(&self, package: &str) -> Result<(), Error> {
        self.require_exists()?;
        require_package(&self.folder, package)?;
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.folder).env("CARGO_TARGET_DIR", self.cargo_target_dir());
        cargo.args(["test", "--lib", "--package", package, "--package", "application-features"]);
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

/// Fails if the bar in `folder` has no package of this name.
fn require_package(folder: &Path, name: &str) -> Result<(), Error> {
    let folders = COPIED.map(|parent| std::fs::read_dir(folder.join(parent)));
    let folders = folders.into_iter().flatten().flatten().flatten();
    let packages = folders.filter(|package| package.path().join("Cargo.toml").is_file());
    let mut packages: Vec<String> = packages.filter_map(|package| package.file_name().into_string().ok()).collect();
    if packages.iter().any(|package| package == name) {
        return Ok(());
    }
    packages.sort();
    let suggestion = nearest::suggestion(name, packages.iter().map(String::as_str));
    let error = Error::Usage(format!("workshop/bar has no package {name}{suggestion}"));
    Err(error.with_help(format!("the packages are {}", packages.join(", "))))
}

/// Fails if the emulator or AWS cannot be reached. Ignores every other error: the stack does not
/// exist before its first deployment, and a deployment completes a stack that lacks something.
fn unless_unreachable(stack: Result<Stack, Error>) -> Result<(), Error> {
    match stack {
        Err(error @ Error::Unreachable { .. }) => Err(error),
        _ => Ok(()),
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

    /// Returns true if the packages in the bar were built from its sources for this emulator.
    /// Otherwise, and always for AWS, prepares the sources for Cargo.
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
            if !changed.is_empty() {
                say(&format!("== Rust changed in {named}{more}: compiling takes half a minute to two minutes"));
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_endpoint_is_an_error_and_a_missing_stack_is_not() {
        let error = unless_unreachable(Err(Error::unreachable("http://127.0.0.1:9", "refused"))).unwrap_err();
        assert!(error.help().unwrap().contains("make up"), "{error}");
        assert!(unless_unreachable(Err(Error::NoStack(STACK.into()))).is_ok());
    }

    #[test]
    fn an_unknown_package_is_reported_with_the_packages_that_there_are() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        require_package(&root, "order-projector").unwrap();
        require_package(&root, "domain").unwrap();
        let error = require_package(&root, "order-projectr").unwrap_err();
        assert_eq!(error.to_string(), "workshop/bar has no package order-projectr; did you mean order-projector?");
        assert!(error.help().unwrap().contains("domain, http-api"), "{error:?}");
    }

    #[test]
    fn what_is_not_deployed_is_described_by_its_first_file() {
        assert_eq!(Deployment::Current.describe(), None);
        let edited = Deployment::Edited(vec!["template.yaml".into(), "crates/a.rs".into()]).describe().unwrap();
        assert_eq!(
            edited,
            "your file is not what is deployed: template.yaml and 1 more changed after the last deployment"
        );
        let elsewhere = Deployment::Elsewhere.describe().unwrap();
        assert_eq!(elsewhere, "the stack was not deployed from this workshop/bar");
    }
}
