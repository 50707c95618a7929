//! Ends orders whose workflow cannot: the guarantee that none stays open. It publishes, and the projector ends the order, so that
//! sweeping twice, or beside late events, changes nothing. An order that was never let in it records itself: there is none to end.

mod failed_admission;

use std::time::Duration;

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::orders::{OpenOrders, ReadOrder, RecordFailure};
use adapters::workflow::{FindBroken, InspectExecution};
use aws_lambda_events::eventbridge::EventBridgeEvent;
use bootstrap::Failure;
use domain::ids::OrderId;
use domain::order::{OPEN_SHARDS, StoredOrder};
use domain::sweep::{self, LOOKBACK, SweepAction};
use domain::timestamp::Timestamp;
use futures::{StreamExt, stream};
use serde_json::Value;
use tokio::time::Instant;
use tracing::Instrument;

/// How long a sweep goes on before it leaves the rest to the next one: less than the function's time-out.
const BUDGET: Duration = Duration::from_secs(45);

const CONCURRENCY: usize = 8;

const EXECUTION_ENDED: &str = "Step Functions Execution Status Change";

/// The sweeper and what it may touch.
#[derive(Debug)]
pub struct Sweeper<O, W, P> {
    /// The orders that are open, and those that are not let in.
    pub orders: O,
    /// Their executions.
    pub executions: W,
    /// Where outcomes are published.
    pub bus: P,
    /// The workflow whose executions are looked over.
    pub state_machine_arn: String,
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

/// What is to be looked at.
enum Task {
    /// An order that should have moved on.
    Overdue(OrderId),
    /// An execution that broke: was its order ever let in?
    Broken(String),
}

/// Result of one [`Task`] of a scheduled sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TaskResult {
    Swept,
    /// The error is in the log.
    Failed,
    /// The time budget was used up before the task began.
    NotStarted,
}

/// Some orders could not be swept.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {total} could not be swept, for {left} there was no time; the next run tries again")]
struct Incomplete {
    failed: usize,
    left: usize,
    total: usize,
}

impl<O, W, P> Sweeper<O, W, P>
where
    O: ReadOrder + OpenOrders + RecordFailure,
    W: InspectExecution + FindBroken,
    P: Publish,
{
    /// On an execution's failure sweeps its order; otherwise, on the schedule, every order whose time is up and every execution
    /// that broke of late.
    pub async fn handle(&self, event: EventBridgeEvent) -> Result<(), Failure> {
        if event.detail_type != EXECUTION_ENDED {
            return self.sweep_all().await;
        }
        let execution_arn = event.detail.get("executionArn").and_then(Value::as_str).unwrap_or_default();
        let input = event.detail.get("input").and_then(Value::as_str).unwrap_or_default();
        let swept = self.sweep_execution(execution_arn, input).await;
        swept.map(|_| ()).map_err(|error| Failure::named("NotSwept", &error))
    }

    async fn sweep_all(&self) -> Result<(), Failure> {
        let until = Instant::now() + BUDGET;
        // Orders that hold a place come first, whatever becomes of the look at executions.
        let (mut results, overdue) = self.sweep_listed(self.overdue().await, until).await;
        let (more, broken) = self.sweep_listed(Box::pin(self.broken()).await, until).await;
        results.extend(more);
        let count = |what: TaskResult| results.iter().filter(|result| **result == what).count();
        let (total, failed, left) = (results.len(), count(TaskResult::Failed), count(TaskResult::NotStarted));
        tracing::info!(total, failed, left, "swept");
        match overdue.or(broken) {
            Some(error) => Err(Failure::named("NotSwept", &error)),
            None if failed + left == 0 => Ok(()),
            None => Err(Failure::named("NotSwept", &Incomplete { failed, left, total })),
        }
    }

    /// What became of each, and why there was no list.
    async fn sweep_listed(
        &self,
        listed: Result<Vec<Task>, AdapterError>,
        until: Instant,
    ) -> (Vec<TaskResult>, Option<AdapterError>) {
        match listed {
            Ok(tasks) => {
                let swept = stream::iter(tasks).map(|task| self.sweep_in_time(task, until));
                (swept.buffer_unordered(CONCURRENCY).collect().await, None)
            }
            Err(error) => (Vec::new(), Some(error)),
        }
    }

    async fn overdue(&self) -> Result<Vec<Task>, AdapterError> {
        let deadline = (self.now)().minus(sweep::GRACE);
        let mut tasks = Vec::new();
        for shard in 0..OPEN_SHARDS {
            tasks.extend(self.orders.overdue(shard, deadline).await?.into_iter().map(Task::Overdue));
        }
        Ok(tasks)
    }

    /// In an order that differs from run to run: where there are too many for one, none is left out for long.
    async fn broken(&self) -> Result<Vec<Task>, AdapterError> {
        let since = (self.now)().minus(LOOKBACK);
        let mut broken = self.executions.broken_since(&self.state_machine_arn, since).await?;
        fastrand::shuffle(&mut broken);
        Ok(broken.into_iter().map(Task::Broken).collect())
    }

    /// Whether it went well; nothing if there was no time for it.
    async fn sweep_in_time(&self, task: Task, until: Instant) -> TaskResult {
        if Instant::now() > until {
            return TaskResult::NotStarted;
        }
        let (what, swept) = match task {
            Task::Overdue(order_id) => (order_id.to_string(), self.sweep_overdue(&order_id).await),
            Task::Broken(execution_arn) => {
                let swept = self.sweep_broken(&execution_arn).await;
                (execution_arn, swept)
            }
        };
        if let Err(error) = &swept {
            tracing::error!(what, error = bootstrap::failure::error_chain(error), "not swept");
            return TaskResult::Failed;
        }
        TaskResult::Swept
    }

    /// Sweeps this order if its time is up. The error: it is not known what became of it.
    pub async fn sweep_overdue(&self, order_id: &OrderId) -> Result<Swept, AdapterError> {
        // The index may lag: the order itself says whether its time is up.
        match self.orders.order(order_id).await? {
            Some(stored) if sweep::is_overdue(&stored, (self.now)()) => self.sweep(&stored).await,
            _ => Ok(Swept::NothingToDo),
        }
    }

    /// Records the order of this execution, which broke, unless it was let in: then it is found by its deadline. The error: it is
    /// not known what became of it.
    pub async fn sweep_broken(&self, execution_arn: &str) -> Result<Swept, AdapterError> {
        let input = self.executions.input(execution_arn).await?.unwrap_or_default();
        match failed_admission::request_from(execution_arn, &input) {
            Some(request) if self.orders.order(&request.order_id).await?.is_none() => {
                self.record_failure(&request).await
            }
            _ => Ok(Swept::NothingToDo),
        }
    }

    async fn sweep_execution(&self, execution_arn: &str, input: &str) -> Result<Swept, AdapterError> {
        let Some(request) = failed_admission::request_from(execution_arn, input) else {
            tracing::warn!(execution_arn, "an execution broke that was not started for an order");
            return Ok(Swept::NothingToDo);
        };
        match self.orders.order(&request.order_id).await? {
            Some(stored) if stored.execution_arn == execution_arn => self.sweep(&stored).await,
            // An execution that does not own the order, such as a duplicate's, says nothing about it.
            Some(_) => Ok(Swept::NothingToDo),
            None => self.record_failure(&request).await,
        }
    }

    async fn sweep(&self, stored: &StoredOrder) -> Result<Swept, AdapterError> {
        let span = tracing::info_span!("sweep", order_id = stored.order.order_id.as_str());
        async {
            if sweep::awaits_announcement(stored) {
                return self.announce_failure(stored).await;
            }
            let mut action = self.decide(stored).await?;
            if action == SweepAction::Stop {
                self.executions.stop(&stored.execution_arn, "it ran past every time-out").await?;
                // It may have ended by itself just before. If that cannot be seen yet, the next run sees it.
                action = self.decide(stored).await?;
            }
            match action {
                SweepAction::Leave if stored.order.status.is_final() => Ok(Swept::NothingToDo),
                SweepAction::Leave | SweepAction::Stop => Ok(Swept::LeftToWorkflow),
                SweepAction::Publish(entries) => self.publish(entries.into_iter().map(Entry::from).collect()).await,
                SweepAction::Fail(event) => self.publish(vec![Entry::new(&event)?]).await,
            }
        }
        .instrument(span)
        .await
    }

    async fn decide(&self, stored: &StoredOrder) -> Result<SweepAction, AdapterError> {
        let execution = self.executions.describe(&stored.execution_arn).await?;
        Ok(sweep::decide(stored, &execution, (self.now)()))
    }

    async fn publish(&self, entries: Vec<Entry>) -> Result<Swept, AdapterError> {
        let names: Vec<&str> = entries.iter().map(|entry| entry.detail_type.as_str()).collect();
        tracing::warn!(events = names.join(", "), "an order is ended by the sweeper");
        self.bus.publish(entries).await?;
        Ok(Swept::Published)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
