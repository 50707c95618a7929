//! Ends orders whose workflow cannot: the guarantee that none stays open. It only publishes; the projector ends the order,
//! so that sweeping twice, or beside late events, changes nothing.

mod outcome;

use std::time::Duration;

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::orders::{OpenOrders, ReadOrder};
use adapters::workflow::{Execution, InspectExecution};
use aws_lambda_events::eventbridge::EventBridgeEvent;
use bootstrap::Failure;
use domain::ids::OrderId;
use domain::order::{OPEN_SHARDS, StoredOrder};
use domain::timestamp::Timestamp;
use serde_json::Value;
use tracing::Instrument;

/// How long after its deadline an order is left to its workflow.
pub const GRACE: Duration = Duration::from_secs(30);

/// Longer than any execution: the state machine's own time-out is 40 minutes.
pub const LONGEST_RUN: Duration = Duration::from_mins(41);

const EXECUTION_ENDED: &str = "Step Functions Execution Status Change";

/// The sweeper and what it may touch.
#[derive(Debug)]
pub struct Sweeper<O, W, P> {
    /// The orders that are open.
    pub orders: O,
    /// Their executions.
    pub executions: W,
    /// Where outcomes are published.
    pub bus: P,
    /// The clock.
    pub now: fn() -> Timestamp,
}

/// What became of an order that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swept {
    /// It is not there, or has ended.
    NothingToDo,
    /// Its workflow goes on.
    LeftToWorkflow,
    /// Its outcome was published.
    Published,
}

/// Some orders could not be swept.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {total} orders could not be swept; the next run tries again")]
struct Incomplete {
    failed: usize,
    total: usize,
}

impl<O: ReadOrder + OpenOrders, W: InspectExecution, P: Publish> Sweeper<O, W, P> {
    /// On an execution's failure sweeps its order; otherwise, on the schedule, every order whose time is up.
    pub async fn handle(&self, event: EventBridgeEvent) -> Result<(), Failure> {
        if event.detail_type == EXECUTION_ENDED {
            self.sweep_execution(&event.detail).await.map_err(|error| Failure::named("NotSwept", &error))
        } else {
            self.sweep_overdue().await
        }
    }

    async fn sweep_execution(&self, detail: &Value) -> Result<(), AdapterError> {
        let execution_arn = detail.get("executionArn").and_then(Value::as_str).unwrap_or_default();
        let Some(order_id) = order_of(detail) else {
            tracing::warn!(execution_arn, "an execution that ended names no order; the schedule will find it");
            return Ok(());
        };
        // An execution that does not own the order, such as a duplicate's, says nothing about it.
        match self.orders.order(&order_id).await? {
            Some(stored) if stored.execution_arn == execution_arn => self.sweep(&stored).await.map(|_| ()),
            Some(_) => Ok(()),
            None => {
                // Nothing to end, but somebody waits for it: the scan was acknowledged.
                tracing::error!(%order_id, execution_arn, "an order was lost before it was let in");
                Ok(())
            }
        }
    }

    async fn sweep_overdue(&self) -> Result<(), Failure> {
        let deadline = Timestamp::from_millis((self.now)().as_millis() - i64::try_from(GRACE.as_millis()).unwrap_or(0));
        let (mut total, mut failed) = (0, 0);
        for shard in 0..OPEN_SHARDS {
            let overdue = self.orders.overdue(shard, deadline).await;
            for order_id in overdue.map_err(|error| Failure::named("NotSwept", &error))? {
                total += 1;
                if let Err(error) = self.sweep_by_id(&order_id, deadline).await {
                    failed += 1;
                    tracing::error!(%order_id, error = bootstrap::failure::causes(&error), "not swept");
                }
            }
        }
        tracing::info!(total, failed, "swept");
        if failed == 0 { Ok(()) } else { Err(Failure::named("NotSwept", &Incomplete { failed, total })) }
    }

    async fn sweep_by_id(&self, order_id: &OrderId, deadline: Timestamp) -> Result<Swept, AdapterError> {
        // The index may lag: the order itself says whether its time is up.
        match self.orders.order(order_id).await? {
            Some(stored) if stored.order.expires_at.is_some_and(|expires_at| expires_at < deadline) => {
                self.sweep(&stored).await
            }
            _ => Ok(Swept::NothingToDo),
        }
    }

    async fn sweep(&self, stored: &StoredOrder) -> Result<Swept, AdapterError> {
        let span = tracing::info_span!("sweep", order_id = stored.order.order_id.as_str());
        async {
            if stored.order.status.is_final() {
                return Ok(Swept::NothingToDo);
            }
            let entries = match self.executions.describe(&stored.execution_arn).await? {
                Execution::Running { since } if (self.now)().since(since) <= LONGEST_RUN => {
                    return Ok(Swept::LeftToWorkflow);
                }
                Execution::Running { .. } => {
                    let cause = "it ran past every time-out";
                    self.executions.stop(&stored.execution_arn, cause).await?;
                    // It may have ended by itself just before.
                    match self.executions.describe(&stored.execution_arn).await? {
                        Execution::Succeeded { output } => outcome::recorded(stored, &output)?,
                        _ => outcome::failed(stored, None, cause)?,
                    }
                }
                Execution::Succeeded { output } => outcome::recorded(stored, &output)?,
                Execution::Broken { at, cause } => outcome::failed(stored, at, &cause)?,
            };
            self.publish(entries).await
        }
        .instrument(span)
        .await
    }

    async fn publish(&self, entries: Vec<Entry>) -> Result<Swept, AdapterError> {
        let names: Vec<&str> = entries.iter().map(|entry| entry.detail_type.as_str()).collect();
        tracing::warn!(events = names.join(", "), "an order is ended by the sweeper");
        self.bus.publish(entries).await?;
        Ok(Swept::Published)
    }
}

/// The order that an execution was started for, from its input: the event that started it.
fn order_of(detail: &Value) -> Option<OrderId> {
    let input: Value = serde_json::from_str(detail.get("input")?.as_str()?).ok()?;
    input.get("detail")?.get("orderId")?.as_str()?.parse().ok()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
