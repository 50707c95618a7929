//! The sweeper, step by step.

use std::sync::Arc;
use std::time::Duration;

use domain::sweep::{self, LONGEST_RUN, Verdict};
use domain::timestamp::Timestamp;
use domain::workflow::{Execution, ExecutionOutput};

use crate::bar::Bar;
use crate::next::{NOW, arn};
use crate::told::{self, Told};
use crate::workflow::{Decided, Task};
use crate::world::{At, Slot, World};

impl Bar {
    /// Looks at an order whose time is up, with an execution that has run too long or not.
    pub(crate) fn sweep(&self, world: &mut World, number: usize, long_run: bool) -> Option<()> {
        let stored = world.slots.get(number)?.stored.clone()?;
        if sweep::is_untold(&stored) {
            return Self::tell_lost(world.slots.get_mut(number)?);
        }
        let run = (0..world.runs.len()).find(|run| arn(*run) == stored.execution_arn)?;
        let now = if long_run { after_every_time_out() } else { NOW };
        let mut verdict = sweep::judge(&stored, &self.execution(world, run)?, now);
        if verdict == Verdict::Stop {
            Self::break_run_by_sweeper(world, run)?;
            verdict = sweep::judge(&stored, &self.execution(world, run)?, now);
        }
        let decided = world.runs.get(run)?.memory.outcome;
        let slot = world.slots.get_mut(number)?;
        match verdict {
            Verdict::Leave | Verdict::Stop => {}
            Verdict::Fail(_) => {
                slot.told.insert(Told::Failed);
            }
            Verdict::Publish(entries) => {
                let exactly = serde_json::to_string(&ExecutionOutput { entries }).unwrap_or_default();
                slot.told.extend(if exactly == self.output(number, decided) {
                    decided?.entries().to_vec()
                } else {
                    vec![Told::Failed]
                });
            }
        }
        Some(())
    }

    fn tell_lost(slot: &mut Slot) -> Option<()> {
        slot.told.insert(Told::Failed);
        Arc::make_mut(slot.stored.as_mut()?).order.expires_at = None;
        Some(())
    }

    fn break_run_by_sweeper(world: &mut World, run: usize) -> Option<()> {
        world.faults = world.faults.checked_sub(1)?;
        let run = world.runs.get_mut(run)?;
        if let At::State(task, ..) = run.at {
            run.at = At::Broken(task);
            run.broke = true;
        }
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

    pub(crate) fn look_for_lost(world: &mut World, number: usize) -> Option<()> {
        let run = world.runs.get(number)?;
        let slot = world.slots.get_mut(run.slot)?;
        if slot.stored.is_some() || slot.recording.is_some() {
            return None;
        }
        slot.recording = u8::try_from(number).ok();
        Some(())
    }

    /// Tells it only if there is still no order, and the bus takes it.
    pub(crate) fn record_lost(&self, world: &mut World, number: usize, told: bool) -> Option<()> {
        let run = world.slots.get_mut(number)?.recording.take()?;
        let slot = world.slots.get_mut(number)?;
        if slot.stored.is_none() {
            slot.stored = Some(Arc::new(sweep::record(&self.request(number, run.into()), NOW)));
            if told {
                Self::tell_lost(slot)?;
            }
        }
        world.faults = world.faults.checked_sub(u8::from(!told))?;
        Some(())
    }
}

fn after_every_time_out() -> Timestamp {
    NOW.plus(LONGEST_RUN).plus(Duration::from_secs(1))
}
