//! Remembers the failed executions that are handled. The schedule lists each of them every minute
//! for two hours; describing them again could use up the account's quota of `DescribeExecution`.
//!
//! Each execution environment has its own memory. Another environment describes the same executions
//! once more, which has no further effect.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// ARNs of failed executions whose orders need no further sweep.
#[derive(Debug, Default)]
pub struct Handled(Mutex<HashSet<String>>);

impl Handled {
    fn arns(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers an execution.
    pub(crate) fn add(&self, execution_arn: &str) {
        self.arns().insert(execution_arn.to_owned());
    }

    /// Returns the `listed` executions that are not handled. Removes the handled executions that
    /// are no longer listed.
    pub(crate) fn unhandled(&self, listed: Vec<String>) -> Vec<String> {
        let mut arns = self.arns();
        let (handled, left): (Vec<String>, Vec<String>) = listed.into_iter().partition(|arn| arns.contains(arn));
        *arns = handled.into_iter().collect();
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executions_that_are_no_longer_listed_are_removed() {
        let handled = Handled::default();
        let listed = || ["a", "b"].map(str::to_owned).to_vec();
        assert_eq!(handled.unhandled(listed()), listed());
        handled.add("a");
        assert_eq!(handled.unhandled(listed()), ["b"]);
        assert_eq!(handled.unhandled(vec!["b".to_owned()]), ["b"]);
        assert!(handled.arns().is_empty(), "executions that are no longer listed must be removed");
        assert_eq!(handled.unhandled(listed()), listed());
    }
}
