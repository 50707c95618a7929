//! Ends orders whose workflow cannot end them, so that no order stays open. The sweeper publishes
//! events, and the projector ends the orders.
//!
//! Sweeping is idempotent, also if late events arrive. An order that was never admitted has no
//! item, so the sweeper itself records its failure.

mod failed_admission;
mod handled;
mod invocation;

pub use handled::Handled;
pub use invocation::{ExecutionEnded, Invocation};

use std::time::Duration;

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::orders::{OpenOrders, ReadOrder, RecordFailure};
use adapters::workflow::{FindFailed, InspectExecution};
use bootstrap::failure::record_unreadable;
use bootstrap::{Failure, metric, record};
use domain::ids::OrderId;
use domain::order::{OPEN_SHARDS, StoredOrder};
use domain::sweep::{self, LOOKBACK, SweepAction};
use domain::timestamp::Timestamp;
use futures::{StreamExt, stream};
use tokio::time::Instant;

/// Time after which a run starts no further task, shorter than the time-out of the function. The
/// next run starts the remaining tasks.
const BUDGET: Duration = Duration::from_secs(45);

const CONCURRENCY: usize = 8;

/// Function `sweeper` with the adapters that it uses.
#[derive(Debug)]
pub struct Sweeper<O, W, P> {
    /// Orders table: overdue orders, and records of failed admissions.
    pub orders: O,
    /// Executions of the workflow.
    pub executions: W,
    /// Event bus on which outcomes are published.
    pub bus: P,
    /// ARN of the workflow whose failed executions are listed.
    pub state_machine_arn: String,
    /// Failed executions that need no further sweep.
    pub handled: Handled,
    /// Clock of the function.
    pub now: fn() -> Timestamp,
}

/// Result of sweeping one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swept {
    /// The order does not exist, has ended, or is not overdue.
    NothingToDo,
    /// The order is left to its workflow: the execution has not failed, or its end is not visible
    /// yet.
    LeftToWorkflow,
    /// The outcome of the order was published.
    Published,
}

/// Task of a scheduled sweep.
enum Task {
    /// Sweep an overdue order.
    Overdue(OrderId),
    /// Record the order of a failed execution as failed, unless it was admitted. The field is the
    /// execution's ARN.
    FailedExecution(String),
}

/// Result of one [`Task`] of a scheduled sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TaskResult {
    Swept,
    /// The task failed; the error is in the log.
    Failed,
    /// The time budget was used up before the task began.
    NotStarted,
}

/// Work of one scheduled sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweep {
    /// Tasks that were listed.
    pub total: usize,
    /// Tasks that failed; the errors are in the log.
    pub failed: usize,
    /// Tasks that were not started, because the time budget was used up.
    pub left: usize,
    /// Lists of tasks that could not be read.
    pub unlisted: usize,
}

impl Sweep {
    /// Returns the number of tasks and lists that are left to the next sweep.
    pub const fn unswept(self) -> usize {
        self.failed.saturating_add(self.left).saturating_add(self.unlisted)
    }
}

/// Error of a failed execution whose input does not name an order, a customer and a shop: no event
/// of this bar started it.
#[derive(Debug, thiserror::Error)]
#[error("the input of the failed execution {0} requests no order")]
struct NoRequest(String);

impl<O, W, P> Sweeper<O, W, P>
where
    O: ReadOrder + OpenOrders + RecordFailure,
    W: InspectExecution + FindFailed,
    P: Publish,
{
    /// Sweeps the order of a failed execution or, on the schedule, all overdue orders and all
    /// recently failed executions. A scheduled sweep always succeeds: it counts what it left as
    /// [`metric::UNSWEPT`], and the next sweep has the same work.
    pub async fn handle(&self, invocation: Invocation) -> Result<(), Failure> {
        match invocation {
            Invocation::Scheduled => {
                let Sweep { total, failed, left, unlisted } = self.sweep_all().await;
                let unswept = Sweep { total, failed, left, unlisted }.unswept();
                metric::value(metric::UNSWEPT, u32::try_from(unswept).map_or(f64::from(u32::MAX), f64::from));
                record::detail("total", total);
                if unswept > 0 {
                    record::failed("unswept");
                    record::detail("failed", failed);
                    record::detail("left", left);
                    record::detail("unlisted", unlisted);
                }
                Ok(())
            }
            Invocation::ExecutionEnded(ended) => {
                let swept = self.sweep_execution(ended).await;
                swept.map(|_| ()).map_err(|error| Failure::named("NotSwept", &error))
            }
        }
    }

    /// Sweeps all overdue orders and all recently failed executions.
    pub async fn sweep_all(&self) -> Sweep {
        let until = Instant::now() + BUDGET;
        // Overdue orders hold capacity: sweep them first, even if listing executions fails.
        let (mut results, unlisted_overdue) = self.sweep_listed(self.overdue().await, until).await;
        let (more, unlisted_failures) = self.sweep_listed(Box::pin(self.failed_executions()).await, until).await;
        results.extend(more);
        let errors: Vec<_> = unlisted_overdue.into_iter().chain(unlisted_failures).collect();
        for error in &errors {
            tracing::error!(error = bootstrap::failure::error_chain(error), "not listed");
        }
        let count = |what: TaskResult| results.iter().filter(|result| **result == what).count();
        Sweep {
            total: results.len(),
            failed: count(TaskResult::Failed),
            left: count(TaskResult::NotStarted),
            unlisted: errors.len(),
        }
    }

    /// Runs the tasks if they could be listed. Returns their results, or the error of the listing.
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

    /// Lists the recently failed executions that are not handled yet, in random order, so that each
    /// is reached soon even if one run cannot handle all of them.
    async fn failed_executions(&self) -> Result<Vec<Task>, AdapterError> {
        let since = (self.now)().minus(LOOKBACK);
        let failed = self.executions.failed_since(&self.state_machine_arn, since).await?;
        let mut failed = self.handled.unhandled(failed);
        fastrand::shuffle(&mut failed);
        Ok(failed.into_iter().map(Task::FailedExecution).collect())
    }

    /// Runs a task, unless [`BUDGET`] is used up.
    async fn sweep_in_time(&self, task: Task, until: Instant) -> TaskResult {
        if Instant::now() > until {
            return TaskResult::NotStarted;
        }
        let (what, swept) = match task {
            Task::Overdue(order_id) => (order_id.to_string(), self.sweep_overdue(&order_id).await),
            Task::FailedExecution(execution_arn) => {
                let swept = self.sweep_failed(&execution_arn).await;
                (execution_arn, swept)
            }
        };
        if let Err(error) = &swept {
            tracing::error!(what, error = bootstrap::failure::error_chain(error), "not swept");
            return TaskResult::Failed;
        }
        TaskResult::Swept
    }

    /// Sweeps the order if it is overdue. `Err` means that the outcome is unknown.
    pub async fn sweep_overdue(&self, order_id: &OrderId) -> Result<Swept, AdapterError> {
        // The index may lag behind the table, so the deadline is read from the item.
        match self.orders.order(order_id).await? {
            Some(stored) if sweep::is_overdue(&stored, (self.now)()) => self.sweep(&stored).await,
            _ => Ok(Swept::NothingToDo),
        }
    }

    /// Records the order of a failed execution as failed, unless it was admitted; an admitted order
    /// is swept after its deadline. An input that requests no order was recorded when the execution
    /// ended. `Err` means that the outcome is unknown.
    pub async fn sweep_failed(&self, execution_arn: &str) -> Result<Swept, AdapterError> {
        let input = self.executions.input(execution_arn).await?.unwrap_or_default();
        let swept = match failed_admission::request_from(execution_arn, &input) {
            Some(request) if self.orders.order(&request.order_id).await?.is_none() => {
                self.record_failure(&request).await?
            }
            _ => Swept::NothingToDo,
        };
        if swept != Swept::LeftToWorkflow {
            self.handled.add(execution_arn);
        }
        Ok(swept)
    }

    async fn sweep_execution(&self, ended: ExecutionEnded) -> Result<Swept, AdapterError> {
        let ExecutionEnded { execution_arn, input } = ended;
        record::detail("execution", execution_arn.as_str());
        let input = match input {
            Some(input) => input,
            None => self.executions.input(&execution_arn).await?.unwrap_or_default(),
        };
        let Some(request) = failed_admission::request_from(&execution_arn, &input) else {
            // Recorded here alone: the schedule finds the same execution again.
            record_unreadable(&NoRequest(execution_arn));
            return Ok(Swept::NothingToDo);
        };
        match self.orders.order(&request.order_id).await? {
            Some(stored) if stored.execution_arn == execution_arn => self.sweep(&stored).await,
            // Another execution owns the order, so the failed execution was a duplicate.
            Some(_) => Ok(Swept::NothingToDo),
            None => self.record_failure(&request).await,
        }
    }

    async fn sweep(&self, stored: &StoredOrder) -> Result<Swept, AdapterError> {
        if sweep::awaits_announcement(stored) {
            return self.announce_failure(stored).await;
        }
        let mut action = self.decide(stored).await?;
        if action == SweepAction::Stop {
            self.executions.stop(&stored.execution_arn, "it ran past every time-out").await?;
            // The execution may have ended by itself just before. If its end is not visible
            // yet, the next run sees it.
            action = self.decide(stored).await?;
        }
        match action {
            SweepAction::Leave if stored.order.status.is_final() => Ok(Swept::NothingToDo),
            SweepAction::Leave | SweepAction::Stop => Ok(Swept::LeftToWorkflow),
            SweepAction::Publish(entries) => self.publish(stored, entries.into_iter().map(Entry::from).collect()).await,
            SweepAction::Fail(event) => self.publish(stored, vec![Entry::new(&event)?]).await,
        }
    }

    async fn decide(&self, stored: &StoredOrder) -> Result<SweepAction, AdapterError> {
        let execution = self.executions.describe(&stored.execution_arn).await?;
        Ok(sweep::decide(stored, &execution, (self.now)()))
    }

    async fn publish(&self, stored: &StoredOrder, entries: Vec<Entry>) -> Result<Swept, AdapterError> {
        let names: Vec<&str> = entries.iter().map(|entry| entry.detail_type.as_str()).collect();
        tracing::warn!(order = stored.order.order_id.as_str(), events = names.join(", "), "the sweeper ends an order");
        self.bus.publish(entries).await?;
        Ok(Swept::Published)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
