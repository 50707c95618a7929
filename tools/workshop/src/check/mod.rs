//! Checks a learner's solution of a page: reads the deployed resources, then uses them.

mod events;
mod failure;
mod notifications;
mod projector;
mod rules;
mod workflow;

use std::pin::Pin;

use serde::Serialize;

use super::driver::Driver;
use client::error::Error;
use client::{SigningKey, Stack};

/// Result of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckVerdict {
    /// The resource exists and behaves as the page requires.
    Right,
    /// The resource does not exist.
    Missing,
    /// The resource exists but behaves differently.
    Wrong,
}

/// One checked fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Result of the check.
    pub verdict: CheckVerdict,
    /// The fact, if it is right; otherwise the defect.
    pub what: String,
    /// Page and section that explain the defect; `None` if the fact is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look: Option<String>,
}

impl Finding {
    fn right(what: impl Into<String>) -> Self {
        Self { verdict: CheckVerdict::Right, what: what.into(), look: None }
    }

    fn missing(what: impl Into<String>, look: impl Into<String>) -> Self {
        Self { verdict: CheckVerdict::Missing, what: what.into(), look: Some(look.into()) }
    }

    fn wrong(what: impl Into<String>, look: impl Into<String>) -> Self {
        Self { verdict: CheckVerdict::Wrong, what: what.into(), look: Some(look.into()) }
    }
}

/// Checks page `number` in `stack` and returns the findings up to the first that is not right.
pub async fn check(number: u32, stack: &Stack, key: &SigningKey) -> Result<Vec<Finding>, Error> {
    let driver = Driver::start(stack, key).await?;
    let found = match number {
        2 => workflow::check(&driver).await,
        3 => events::check(&driver).await,
        4 => projector::check(&driver).await,
        5 => failure::check(&driver).await,
        6 => notifications::check(&driver).await,
        _ => Err(Error::Usage(format!("module {number} has no check; modules 2 to 6 have one"))),
    };
    driver.stop_listening().await?;
    found
}

/// Findings in the order of their checks; at most the last one is not right.
type Checked = Result<Vec<Finding>, Error>;

/// A check that has not started yet. It starts when it is awaited.
type Check<'a> = Pin<Box<dyn Future<Output = Result<Finding, Error>> + 'a>>;

/// Runs the checks in order. Stops after the first that is not right, because later ones build on
/// it.
async fn run_until_wrong<const COUNT: usize>(checks: [Check<'_>; COUNT]) -> Checked {
    let mut found = Vec::with_capacity(COUNT);
    for check in checks {
        let finding = check.await?;
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

    #[tokio::test]
    async fn the_first_wrong_finding_ends_a_check() {
        let found = run_until_wrong([
            Box::pin(async { Ok(Finding::right("a")) }),
            Box::pin(async { Ok(Finding::wrong("b", "page 1")) }),
            Box::pin(async { Err(Error::Usage("the third check was started".into())) }),
        ]);
        let verdicts: Vec<_> = found.await.unwrap().iter().map(|finding| finding.verdict).collect();
        assert_eq!(verdicts, [CheckVerdict::Right, CheckVerdict::Wrong]);
    }
}
