//! The sweeper's own code, with the bar of the model in the place of tables, executions and bus.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::orders::{OpenOrders, ReadOrder, RecordLost};
use adapters::workflow::{FindBroken, InspectExecution};
use domain::event::{Detail, OrderFailed};
use domain::ids::OrderId;
use domain::order::StoredOrder;
use domain::sweep::{self, LONGEST_RUN};
use domain::timestamp::Timestamp;
use domain::workflow::{AdmissionRequest, Execution, ExecutionOutput};
use futures::FutureExt;
use serde_json::json;
use sweeper::Sweeper;

use crate::bar::Bar;
use crate::next::{NOW, arn};
use crate::reached::Record;
use crate::told::{self, Told};
use crate::workflow::{Decided, Task};
use crate::world::{At, Heard, Slot, World};

/// Past the deadline of every order, and not past every time-out.
const OVERDUE: fn() -> Timestamp = || NOW.plus(Duration::from_mins(30));
const AFTER_EVERY_TIME_OUT: fn() -> Timestamp = || NOW.plus(LONGEST_RUN).plus(Duration::from_secs(1));

/// What the sweeper may touch, and where it is interrupted.
struct Hands<'a> {
    bar: &'a Bar,
    world: Mutex<&'a mut World>,
    /// The order that it looks at.
    slot: usize,
    cut: Option<Cut>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// Before it records that an order was never let in.
    Recording(u8),
    Publishing,
    /// Once it has told of a record.
    Told,
}

impl Bar {
    /// Looks at an order whose time is up, with an execution that has run too long or not.
    pub(crate) fn sweep(&self, world: &mut World, slot: usize, long_run: bool) -> Option<()> {
        let hands = Hands { bar: self, world: Mutex::new(world), slot, cut: None };
        let sweeper = hands.sweeper(if long_run { AFTER_EVERY_TIME_OUT } else { OVERDUE });
        sweeper.sweep_overdue(&self.scan(slot).order_id()).now_or_never()?.ok().map(|_| ())
    }

    /// Looks at an execution that broke, up to the point where it would record that its order was never let in.
    pub(crate) fn look_for_lost(&self, world: &mut World, run: usize) -> Option<()> {
        let slot = world.runs.get(run)?.slot;
        if world.slots.get(slot)?.recording.is_some() {
            return None;
        }
        let cut = Some(Cut::Recording(u8::try_from(run).ok()?));
        let hands = Hands { bar: self, world: Mutex::new(world), slot, cut };
        // An error: that is where it is cut.
        let _ = hands.sweeper(OVERDUE).sweep_broken(&arn(run)).now_or_never()?;
        Some(())
    }

    /// Goes on from there. The bus does not take it, or the sweeper is gone once it has.
    pub(crate) fn record_lost(&self, world: &mut World, slot: usize, heard: Heard) -> Option<()> {
        let run = world.slots.get_mut(slot)?.recording.take()?;
        world.faults = world.faults.checked_sub(u8::from(heard != Heard::Yes))?;
        let cut = match heard {
            Heard::Yes => None,
            Heard::No => Some(Cut::Told),
            Heard::NotDone => Some(Cut::Publishing),
        };
        let hands = Hands { bar: self, world: Mutex::new(world), slot, cut };
        let _ = hands.sweeper(OVERDUE).record_lost(&self.request(slot, run.into())).now_or_never()?;
        Some(())
    }

    /// What Step Functions says of an execution.
    fn execution(&self, world: &World, number: usize) -> Option<Execution> {
        let run = world.runs.get(number)?;
        let recorded =
            |decided: Option<Decided>| self.reached.output(run.slot, decided, || self.output(run.slot, decided));
        Some(match run.at {
            At::State(..) => Execution::Running { since: NOW },
            At::Succeeded => Execution::Succeeded { output: recorded(run.memory.outcome) },
            At::Broken(task) => {
                let outcome = (task == Task::Finish).then(|| recorded(run.memory.outcome));
                Execution::Broken { at: Some(Timestamp::from_millis(30)), cause: "broken".into(), outcome }
            }
        })
    }

    fn output(&self, slot: usize, decided: Option<Decided>) -> String {
        let scan = self.scan(slot);
        let entries =
            decided.into_iter().flat_map(Decided::entries).map(|told| told::output_entry(told, scan)).collect();
        serde_json::to_string(&ExecutionOutput { entries }).unwrap_or_default()
    }
}

fn interrupted(operation: &'static str) -> AdapterError {
    AdapterError::Contended { operation }
}

fn run_number(execution_arn: &str) -> Result<usize, AdapterError> {
    execution_arn.strip_prefix("run-").and_then(|number| number.parse().ok()).ok_or(interrupted("no such execution"))
}

impl<'a> Hands<'a> {
    const fn sweeper(&'a self, now: fn() -> Timestamp) -> Sweeper<&'a Self, &'a Self, &'a Self> {
        Sweeper { orders: self, executions: self, bus: self, state_machine_arn: String::new(), now }
    }

    fn world(&self) -> MutexGuard<'_, &'a mut World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_slot<T>(&self, what: impl FnOnce(&mut Slot) -> T) -> Result<T, AdapterError> {
        self.world().slots.get_mut(self.slot).map(what).ok_or(interrupted("no such order"))
    }

    /// What the model calls an event that the sweeper publishes.
    fn name(&self, entry: &Entry, decided: &[Told]) -> Result<Told, AdapterError> {
        let scan = self.bar.scan(self.slot);
        let known = decided.iter().find(|told| Entry::from(told::output_entry(**told, scan)) == *entry);
        let failed = (entry.detail_type == OrderFailed::DETAIL_TYPE).then_some(&Told::Failed);
        known.or(failed).copied().ok_or(interrupted("an event that nobody decided"))
    }
}

impl ReadOrder for &Hands<'_> {
    async fn order(&self, order_id: &OrderId) -> Result<Option<StoredOrder>, AdapterError> {
        let stored = self.with_slot(|slot| slot.stored.clone())?;
        Ok(stored.filter(|stored| stored.order.order_id == *order_id).as_deref().cloned())
    }
}

impl OpenOrders for &Hands<'_> {
    async fn overdue(&self, _: u32, _: Timestamp) -> Result<Vec<OrderId>, AdapterError> {
        Ok(Vec::new())
    }
}

impl RecordLost for &Hands<'_> {
    async fn record_lost(&self, request: &AdmissionRequest, at: Timestamp) -> Result<bool, AdapterError> {
        let cut = self.cut;
        self.with_slot(|slot| {
            if let Some(Cut::Recording(run)) = cut {
                slot.recording = Some(run);
                return Err(interrupted("between two steps"));
            }
            self.bar.reached.record(slot.stored.as_deref(), Record::Lost);
            let recorded = slot.stored.is_none();
            slot.stored.get_or_insert_with(|| Arc::new(sweep::record(request, at)));
            Ok(recorded)
        })?
    }

    async fn told(&self, _: &OrderId) -> Result<(), AdapterError> {
        if self.cut == Some(Cut::Told) {
            return Err(interrupted("told"));
        }
        self.with_slot(|slot| {
            self.bar.reached.record(slot.stored.as_deref(), Record::Told);
            if let Some(stored) = &mut slot.stored {
                sweep::note_told(Arc::make_mut(stored));
            }
        })
    }
}

impl InspectExecution for &Hands<'_> {
    async fn describe(&self, execution_arn: &str) -> Result<Execution, AdapterError> {
        let run = run_number(execution_arn)?;
        self.bar.execution(&self.world(), run).ok_or(interrupted("no such execution"))
    }

    /// Stopping one that goes on is a fault of the sweeper's clock or of the workflow.
    async fn stop(&self, execution_arn: &str, _: &str) -> Result<(), AdapterError> {
        let run = run_number(execution_arn)?;
        let mut world = self.world();
        let faults = world.faults;
        let run = world.runs.get_mut(run).ok_or(interrupted("no such execution"))?;
        let At::State(task, ..) = run.at else { return Ok(()) };
        let costs = u8::from(!run.hangs);
        (run.at, run.broke, run.hangs) = (At::Broken(task), true, false);
        world.faults = faults.checked_sub(costs).ok_or(interrupted("stop"))?;
        Ok(())
    }
}

impl FindBroken for &Hands<'_> {
    async fn broken_since(&self, _: &str, _: Timestamp) -> Result<Vec<String>, AdapterError> {
        Ok(Vec::new())
    }

    async fn input(&self, execution_arn: &str) -> Result<Option<String>, AdapterError> {
        let AdmissionRequest { order_id, user_id, event_id, .. } =
            self.bar.request(self.slot, run_number(execution_arn)?);
        Ok(Some(json!({"detail": {"orderId": order_id, "userId": user_id, "eventId": event_id}}).to_string()))
    }
}

impl Publish for &Hands<'_> {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        if self.cut == Some(Cut::Publishing) {
            return Err(interrupted("PutEvents"));
        }
        let slot = self.slot;
        let decided: Vec<Told> = {
            let world = self.world();
            let runs = world.runs.iter().filter(|run| run.slot == slot);
            runs.filter_map(|run| run.memory.outcome).flat_map(Decided::entries).collect()
        };
        for entry in &entries {
            let told = self.name(entry, &decided)?;
            self.with_slot(|slot| slot.told.insert(told))?;
        }
        Ok(())
    }
}
