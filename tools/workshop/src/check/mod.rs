//! Whether what a learner has built works: it is looked at where it runs, and used.

mod events;
mod failure;
mod notifications;
mod projector;
mod rules;
mod workflow;

use serde::Serialize;

use super::drive::Driver;
use client::error::Error;
use client::stack::Stack;
use client::token::SigningKey;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckVerdict {
    /// It works.
    Right,
    /// It is not there.
    Missing,
    /// It is there, and does something else.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What came of it.
    pub verdict: CheckVerdict,
    /// What it is, or what is the matter with it.
    pub what: String,
    /// Where to look.
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

/// Examines module `number` in `stack`. The first thing that is not right ends it: what comes after builds upon it.
pub async fn check(number: u32, stack: &Stack, key: &SigningKey) -> Result<Vec<Finding>, Error> {
    let driver = Driver::start(stack, key).await?;
    let found = match number {
        2 => workflow::check(&driver).await,
        3 => events::check(&driver).await,
        4 => projector::check(&driver).await,
        5 => failure::check(&driver).await,
        6 => notifications::check(&driver).await,
        _ => Err(Error::Usage(format!("module {number} has nothing to be checked; 2 to 6 have"))),
    };
    driver.leave().await?;
    found
}

/// The findings so far, and one that ends them.
type Checked = Result<Vec<Finding>, Error>;
