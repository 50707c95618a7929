//! Retries of calls that changed nothing because they were contended or throttled.

use std::time::Duration;

use crate::error::AdapterError;

const ATTEMPTS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// Retries `write` while it is contended or throttled, with full jitter between the attempts.
pub(crate) async fn retry<T, W>(mut write: impl FnMut() -> W) -> Result<T, AdapterError>
where
    W: Future<Output = Result<T, AdapterError>>,
{
    let mut attempt = 0;
    loop {
        match write().await {
            Err(error) if error.is_retryable() && attempt + 1 < ATTEMPTS => {
                attempt += 1;
                let pause = pause(attempt);
                tracing::debug!(%error, attempt, pause_ms = pause.as_millis(), "retrying");
                tokio::time::sleep(pause).await;
            }
            answer => return answer,
        }
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

    #[tokio::test(start_paused = true)]
    async fn a_contended_write_is_retried_a_bounded_number_of_times() {
        let calls = Cell::new(0);
        let answer = retry(|| {
            calls.set(calls.get() + 1);
            let contended = calls.get() < 3;
            async move { if contended { Err(AdapterError::Contended { operation: "test" }) } else { Ok(()) } }
        })
        .await;
        assert!(answer.is_ok());
        assert_eq!(calls.get(), 3);

        calls.set(0);
        let answer: Result<(), _> = retry(|| {
            calls.set(calls.get() + 1);
            async { Err(AdapterError::Contended { operation: "test" }) }
        })
        .await;
        assert!(matches!(answer, Err(AdapterError::Contended { .. })));
        assert_eq!(calls.get(), ATTEMPTS);
    }
}
