//! Runs the sweeper's own code, with the model in place of the tables, the executions and the bus.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::orders::{OpenOrders, ReadOrder, RecordFailure};
use adapters::workflow::{FindFailed, InspectExecution};
use domain::event::{Detail, OrderFailed};
use domain::ids::OrderId;
use domain::order::StoredOrder;
use domain::sweep::{self, LONGEST_RUN};
use domain::timestamp::Timestamp;
use domain::workflow::{AdmissionRequest, Execution, ExecutionOutput};
use futures::FutureExt;
use serde_json::json;
use sweeper::{Handled, Sweeper};

use super::ShopModel;
use super::transitions::{NOW, arn};
use crate::cases::Record;
use crate::events::{self, PublishedEvent};
use crate::workflow::{Decision, Task};
use crate::world::{Reply, RunState, Slot, World};

const OVERDUE: fn() -> Timestamp = || NOW.plus(Duration::from_mins(30));
const AFTER_EVERY_TIME_OUT: fn() -> Timestamp = || NOW.plus(LONGEST_RUN).plus(Duration::from_secs(1));

/// The model behind the sweeper's traits, and the call at which the sweeper is interrupted.
struct Services<'a> {
    model: &'a ShopModel,
    world: Mutex<&'a mut World>,
    slot: usize,
    interruption: Option<Interruption>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Interruption {
    /// Before the record of the order of this run.
    Record(u8),
    Publish,
    MarkAnnounced,
}

impl ShopModel {
    fn services<'a>(&'a self, world: &'a mut World, slot: usize, interruption: Option<Interruption>) -> Services<'a> {
        Services { model: self, world: Mutex::new(world), slot, interruption }
    }

    pub(super) fn sweep(&self, world: &mut World, slot: usize, long_run: bool) -> Option<()> {
        let services = self.services(world, slot, None);
        let sweeper = services.sweeper(if long_run { AFTER_EVERY_TIME_OUT } else { OVERDUE });
        sweeper.sweep_overdue(&self.scan(slot).order_id()).now_or_never()?.ok().map(|_| ())
    }

    /// Lets the sweeper handle a failed execution. Interrupts the sweeper if it is about to record
    /// an order that was never admitted, so that other actions can come before the record.
    pub(super) fn sweep_failed(&self, world: &mut World, run: usize) -> Option<()> {
        let slot = world.runs.get(run)?.slot;
        if world.slots.get(slot)?.recording.is_some() {
            return None;
        }
        let interruption = Some(Interruption::Record(u8::try_from(run).ok()?));
        let services = self.services(world, slot, interruption);
        // The sweeper reports the interruption as an error.
        let _ = services.sweeper(OVERDUE).sweep_failed(&arn(run)).now_or_never()?;
        Some(())
    }

    /// Continues an interrupted [`Self::sweep_failed`]. If `reply` is `Partial`, the bus rejects
    /// the event; if it is `Lost`, the sweeper stops after it has published the event.
    pub(super) fn record_failure(&self, world: &mut World, slot: usize, reply: Reply) -> Option<()> {
        let run = world.slots.get_mut(slot)?.recording.take()?;
        world.faults = world.faults.checked_sub(u8::from(reply != Reply::Received))?;
        let interruption = match reply {
            Reply::Received => None,
            Reply::Lost => Some(Interruption::MarkAnnounced),
            Reply::Partial => Some(Interruption::Publish),
        };
        let services = self.services(world, slot, interruption);
        let _ = services.sweeper(OVERDUE).record_failure(&self.request(slot, run.into())).now_or_never()?;
        Some(())
    }

    fn execution(&self, world: &World, number: usize) -> Option<Execution> {
        let run = world.runs.get(number)?;
        let output = || {
            let decision = run.memory.decision;
            self.cases.output(run.slot, decision, || self.output(run.slot, decision))
        };
        Some(match run.state {
            RunState::In(..) => Execution::Running { since: NOW },
            RunState::Succeeded => Execution::Succeeded { output: output() },
            RunState::Failed(task) => {
                let outcome = (task == Task::Finish).then(output);
                Execution::Failed { at: Some(Timestamp::from_millis(30)), cause: "failed".into(), outcome }
            }
        })
    }

    fn output(&self, slot: usize, decision: Option<Decision>) -> String {
        let scan = self.scan(slot);
        let entries = decision.into_iter().flat_map(Decision::entries);
        let entries = entries.map(|event| events::output_entry(event, scan)).collect();
        serde_json::to_string(&ExecutionOutput { entries }).unwrap_or_default()
    }
}

/// Error of a call at which the sweeper is interrupted, or which cannot succeed in this state.
fn failed_call(operation: &'static str) -> AdapterError {
    AdapterError::Contended { operation }
}

fn run_number(execution_arn: &str) -> Result<usize, AdapterError> {
    execution_arn.strip_prefix("run-").and_then(|number| number.parse().ok()).ok_or(failed_call("no such execution"))
}

impl<'a> Services<'a> {
    fn sweeper(&'a self, now: fn() -> Timestamp) -> Sweeper<&'a Self, &'a Self, &'a Self> {
        let handled = Handled::default();
        Sweeper { orders: self, executions: self, bus: self, state_machine_arn: String::new(), handled, now }
    }

    fn world(&self) -> MutexGuard<'_, &'a mut World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_slot<T>(&self, change: impl FnOnce(&mut Slot) -> T) -> Result<T, AdapterError> {
        self.world().slots.get_mut(self.slot).map(change).ok_or(failed_call("no such order"))
    }

    fn event(&self, entry: &Entry, decided: &[PublishedEvent]) -> Option<PublishedEvent> {
        let scan = self.model.scan(self.slot);
        let known = decided.iter().find(|event| Entry::from(events::output_entry(**event, scan)) == *entry);
        let failed = (entry.detail_type == OrderFailed::DETAIL_TYPE).then_some(&PublishedEvent::Failed);
        known.or(failed).copied()
    }
}

impl ReadOrder for &Services<'_> {
    async fn order(&self, order_id: &OrderId) -> Result<Option<StoredOrder>, AdapterError> {
        let stored = self.with_slot(|slot| slot.stored.clone())?;
        Ok(stored.filter(|stored| stored.order.order_id == *order_id).as_deref().cloned())
    }
}

impl OpenOrders for &Services<'_> {
    async fn overdue(&self, _: u32, _: Timestamp) -> Result<Vec<OrderId>, AdapterError> {
        Ok(Vec::new())
    }
}

impl RecordFailure for &Services<'_> {
    async fn record_failure(&self, request: &AdmissionRequest, at: Timestamp) -> Result<bool, AdapterError> {
        let interruption = self.interruption;
        self.with_slot(|slot| {
            if let Some(Interruption::Record(run)) = interruption {
                slot.recording = Some(run);
                return Err(failed_call("PutItem order"));
            }
            self.model.cases.record(slot.stored.as_deref(), Record::Failed);
            let recorded = slot.stored.is_none();
            slot.stored.get_or_insert_with(|| Arc::new(sweep::failure_record(request, at)));
            Ok(recorded)
        })?
    }

    async fn mark_announced(&self, _: &OrderId) -> Result<(), AdapterError> {
        if self.interruption == Some(Interruption::MarkAnnounced) {
            return Err(failed_call("UpdateItem order"));
        }
        self.with_slot(|slot| {
            self.model.cases.record(slot.stored.as_deref(), Record::Announced);
            if let Some(stored) = &mut slot.stored {
                sweep::mark_announced(Arc::make_mut(stored));
            }
        })
    }
}

impl InspectExecution for &Services<'_> {
    async fn describe(&self, execution_arn: &str) -> Result<Execution, AdapterError> {
        let run = run_number(execution_arn)?;
        self.model.execution(&self.world(), run).ok_or(failed_call("no such execution"))
    }

    /// Stops a run. Stopping a run that does not hang uses up a fault: such a run ends before
    /// `LONGEST_RUN`, so the sweeper stops it only if a clock is wrong.
    async fn stop(&self, execution_arn: &str, _: &str) -> Result<(), AdapterError> {
        let run = run_number(execution_arn)?;
        let mut world = self.world();
        let faults = world.faults;
        let run = world.runs.get_mut(run).ok_or(failed_call("no such execution"))?;
        let RunState::In(task, ..) = run.state else { return Ok(()) };
        let cost = u8::from(!run.hangs);
        (run.state, run.failed, run.hangs) = (RunState::Failed(task), true, false);
        world.faults = faults.checked_sub(cost).ok_or(failed_call("stop"))?;
        Ok(())
    }
}

impl FindFailed for &Services<'_> {
    async fn failed_since(&self, _: &str, _: Timestamp) -> Result<Vec<String>, AdapterError> {
        Ok(Vec::new())
    }

    async fn input(&self, execution_arn: &str) -> Result<Option<String>, AdapterError> {
        let AdmissionRequest { order_id, user_id, shop_id, .. } =
            self.model.request(self.slot, run_number(execution_arn)?);
        Ok(Some(json!({"detail": {"orderId": order_id, "userId": user_id, "eventId": shop_id}}).to_string()))
    }
}

impl Publish for &Services<'_> {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        if self.interruption == Some(Interruption::Publish) {
            return Err(failed_call("PutEvents"));
        }
        let decided: Vec<PublishedEvent> = {
            let world = self.world();
            let runs = world.runs.iter().filter(|run| run.slot == self.slot);
            runs.filter_map(|run| run.memory.decision).flat_map(Decision::entries).collect()
        };
        for entry in &entries {
            let event = self.event(entry, &decided);
            self.with_slot(|slot| match event {
                Some(event) => drop(slot.published.insert(event)),
                None => slot.published_undecided = true,
            })?;
        }
        Ok(())
    }
}
