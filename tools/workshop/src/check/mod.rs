//! Checks a learner's solution of a page: reads the deployed resources, then uses them.

mod events;
mod failure;
mod notifications;
mod permissions;
mod projector;
mod rules;
mod workflow;

use std::pin::Pin;
use std::time::SystemTime;

use serde::Serialize;

use super::driver::with_driver;
use crate::deploy::Deployment;
use crate::lint::template_of;
use crate::{LearnerBar, logs};
use client::error::Error;
use client::{SigningKey, Stack};

/// Result of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckVerdict {
    /// The resource exists and behaves as the page requires.
    Right,
    /// The resource or a required part of it does not exist.
    Missing,
    /// The resource exists but behaves differently.
    Failing,
}

/// One checked fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Result of the check.
    pub verdict: CheckVerdict,
    /// The fact, if it is right; otherwise the defect.
    pub what: String,
    /// Page and section, or the command, that help with the defect; `None` if the fact is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look: Option<String>,
    /// Last error in the logs of the functions since the check began, if the fact is not right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// Time at which the check began.
    #[serde(skip)]
    began: Option<SystemTime>,
    /// True if the files of the bar are not deployed, so that nothing was checked.
    #[serde(skip)]
    undeployed: bool,
}

impl Finding {
    fn new(verdict: CheckVerdict, what: impl Into<String>, look: Option<String>) -> Self {
        Self { verdict, what: what.into(), look, log: None, began: None, undeployed: false }
    }

    fn right(what: impl Into<String>) -> Self {
        Self::new(CheckVerdict::Right, what, None)
    }

    fn missing(what: impl Into<String>, look: impl Into<String>) -> Self {
        Self::new(CheckVerdict::Missing, what, Some(look.into()))
    }

    fn failing(what: impl Into<String>, look: impl Into<String>) -> Self {
        Self::new(CheckVerdict::Failing, what, Some(look.into()))
    }
}

/// Checks page `number` in `stack` and returns the findings up to the first that is not right, or
/// an error if `stop` ends first. If the files of `bar` are not deployed, returns one finding that
/// says so.
pub async fn check(
    number: u32,
    bar: &LearnerBar,
    stack: &Stack,
    key: &SigningKey,
    stop: impl Future<Output = ()>,
) -> Result<Vec<Finding>, Error> {
    if let Some(finding) = not_deployed(&bar.deployment(stack)?) {
        return Ok(vec![finding]);
    }
    let template = template_of(&bar.folder)?.ok_or_else(|| Error::Unexpected("template.yaml is not YAML".into()))?;
    with_driver(stack, key, stop, async |driver| {
        let mut found = match number {
            2 => workflow::check(driver).await,
            3 => events::check(driver, &template).await,
            4 => projector::check(driver).await,
            5 => failure::check(driver).await,
            6 => notifications::check(driver, &template).await,
            _ => Err(Error::Usage(format!("module {number} has no check; modules 2 to 6 have one"))),
        }?;
        if let Some(last) = found.last_mut().filter(|last| last.verdict != CheckVerdict::Right) {
            // Earlier checks cause errors on purpose, such as a second execution of one order.
            let since = last.began.unwrap_or_else(SystemTime::now);
            last.log = logs::last_error(stack, &driver.resources, since).await?;
        }
        Ok(found)
    })
    .await
}

fn not_deployed(deployment: &Deployment) -> Option<Finding> {
    let finding = Finding::failing(deployment.describe()?, "your files: presso workshop deploy deploys them");
    Some(Finding { undeployed: true, ..finding })
}

/// Returns the next step after a check of page `number`; `None` if every finding is right.
pub fn next_step(number: u32, found: &[Finding]) -> Option<String> {
    let last = found.iter().find(|finding| finding.verdict != CheckVerdict::Right)?;
    Some(if last.undeployed {
        format!("run presso workshop deploy, then presso workshop check {number}")
    } else {
        format!("presso workshop solve {number} writes the solution")
    })
}

/// Findings in the order of their checks; at most the last one is not right.
type Checked = Result<Vec<Finding>, Error>;

/// A check that has not started yet. It starts when it is awaited.
type Check<'a> = Pin<Box<dyn Future<Output = Result<Finding, Error>> + 'a>>;

/// Runs the checks in order. Stops after the first that is not right, because later ones build on
/// it.
async fn run_until_not_right<const COUNT: usize>(checks: [Check<'_>; COUNT]) -> Checked {
    let mut found = Vec::with_capacity(COUNT);
    for check in checks {
        let began = SystemTime::now();
        let finding = Finding { began: Some(began), ..check.await? };
        let right = finding.verdict == CheckVerdict::Right;
        found.push(finding);
        if !right {
            break;
        }
    }
    Ok(found)
}

/// Returns the error of a check that needs an event which the workflow did not publish.
fn not_published(detail_type: &str) -> Error {
    Error::TimedOut(format!("no {detail_type} was published")).with_help("run presso workshop check 2")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_not_deployed_are_named_instead_of_checked() {
        assert_eq!(not_deployed(&Deployment::Current), None);
        let found = not_deployed(&Deployment::Edited(vec!["template.yaml".into()])).unwrap();
        assert_eq!(found.what, "your file is not what is deployed: template.yaml changed after the last deployment");
        let next = next_step(4, &[found]).unwrap();
        assert_eq!(next, "run presso workshop deploy, then presso workshop check 4");
    }

    #[test]
    fn a_check_that_fails_offers_the_solution() {
        assert_eq!(next_step(4, &[Finding::right("a")]), None);
        let next = next_step(4, &[Finding::right("a"), Finding::failing("b", "page 4")]).unwrap();
        assert_eq!(next, "presso workshop solve 4 writes the solution");
    }

    #[tokio::test]
    async fn the_first_failing_finding_ends_a_check() {
        let found = run_until_not_right([
            Box::pin(async { Ok(Finding::right("a")) }),
            Box::pin(async { Ok(Finding::failing("b", "page 1")) }),
            Box::pin(async { Err(Error::Usage("the third check was started".into())) }),
        ]);
        let verdicts: Vec<_> = found.await.unwrap().iter().map(|finding| finding.verdict).collect();
        assert_eq!(verdicts, [CheckVerdict::Right, CheckVerdict::Failing]);
    }
}
