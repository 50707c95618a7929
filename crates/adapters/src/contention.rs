//! Retries of calls that were contended or throttled.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::AdapterError;

const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// Metric of the retries of contended or throttled calls.
pub const RETRIES: &str = "ContentionRetries";

/// Time for which a call is retried while it is contended or throttled. Functions of the API have a
/// short budget, because a caller waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(Duration);

impl Budget {
    /// Creates a budget of whole seconds. The function's time-out must be at least 8 s longer,
    /// because the last attempt may take 8 s.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Begins to spend the budget.
    pub(crate) fn begin(self) -> Attempts {
        Attempts { until: Instant::now() + self.0, made: 0 }
    }
}

/// Attempts within one [`Budget`].
#[derive(Debug)]
pub(crate) struct Attempts {
    until: Instant,
    made: u32,
}

impl Attempts {
    /// Retries `write` while it is contended or throttled, with full jitter between the attempts.
    /// Returns the last error once the budget is used up.
    pub(crate) async fn retry<T, W>(&mut self, mut write: impl FnMut() -> W) -> Result<T, AdapterError>
    where
        W: Future<Output = Result<T, AdapterError>>,
    {
        loop {
            match write().await {
                Err(error) if error.is_retryable() => self.pause(error).await?,
                answer => return answer,
            }
        }
    }

    /// Waits before the next attempt. Returns `error`, that of the last attempt, if the budget does
    /// not allow another attempt.
    pub(crate) async fn pause(&mut self, error: AdapterError) -> Result<(), AdapterError> {
        self.made = self.made.saturating_add(1);
        let pause = pause(self.made);
        if Instant::now() + pause >= self.until {
            return Err(error);
        }
        metrics::counter!(RETRIES).increment(1);
        tracing::debug!(%error, attempt = self.made, pause_ms = pause.as_millis(), "retrying");
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Returns the pause before retry `attempt`, with full jitter: up to 50 ms before the first, up to
/// 800 ms from the fifth on.
pub(crate) fn pause(attempt: u32) -> Duration {
    let ceiling = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST_PAUSE);
    ceiling.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const CONTENDED: AdapterError = AdapterError::Contended { operation: "test" };

    /// Retries a call whose first `contended` attempts fail. Returns its answer, the number of
    /// attempts, and the time that they took.
    async fn spend(budget: Budget, contended: u32) -> (Result<(), AdapterError>, u32, Duration) {
        let (calls, began) = (Cell::new(0), Instant::now());
        let answer = budget
            .begin()
            .retry(|| {
                calls.set(calls.get() + 1);
                let fails = calls.get() <= contended;
                async move { if fails { Err(CONTENDED) } else { Ok(()) } }
            })
            .await;
        (answer, calls.get(), began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_contended_write_is_retried_until_it_succeeds() {
        let (answer, calls, _) = spend(Budget::seconds(2), 3).await;
        assert!(answer.is_ok());
        assert_eq!(calls, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_contended_write_is_retried_for_the_time_of_its_budget() {
        let (short, long) = (Budget::seconds(2), Budget::seconds(20));
        for (budget, least) in [(short, 2), (long, 20)] {
            let (answer, calls, took) = spend(budget, u32::MAX).await;
            assert!(matches!(answer, Err(AdapterError::Contended { .. })));
            assert!(took <= budget.0, "{took:?} is longer than {budget:?}");
            assert!(took + LONGEST_PAUSE >= budget.0, "{took:?} is too short for {budget:?}");
            assert!(calls > least, "{calls} calls in {took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_that_a_retry_does_not_resolve_is_returned_at_once() {
        let calls = Cell::new(0);
        let answer: Result<(), _> = Budget::seconds(2)
            .begin()
            .retry(|| {
                calls.set(calls.get() + 1);
                async { Err(AdapterError::failed("test", "no such table")) }
            })
            .await;
        assert!(matches!(answer, Err(AdapterError::Failed { .. })));
        assert_eq!(calls.get(), 1);
    }
}
