//! The steps of an execution: admission, the two waits, the order number, and the outcome.

use std::sync::Arc;

use domain::admission::{self, AdmissionCounts, AdmissionOutcome, FailedConditions, Obstacle, Refusal};
use domain::order::Step;
use domain::shop::ShopState;
use domain::workflow::AdmissionRequest;

use super::ShopModel;
use super::transitions::{NOW, arn};
use crate::cases::Record;
use crate::events::{Choice, PublishedEvent, Token};
use crate::people;
use crate::workflow::{self, Memory, Task, TaskResult, Transition};
use crate::world::{Entries, Phase, Run, RunState, World};

impl ShopModel {
    pub(super) fn start(&self, world: &mut World, slot: usize) -> Option<()> {
        let state = RunState::In(Task::Admit, 0, Phase::Begun);
        let memory = Memory::default();
        world.runs.push(Run { slot, state, memory, late_admission: false, failed: false, hangs: false });
        (world.runs.len() <= world.slots.len() * usize::from(self.shape.runs)).then_some(())
    }

    pub(super) fn advance(&self, world: &mut World, number: usize) -> Option<()> {
        let run = world.runs.get(number)?;
        let RunState::In(task, attempt, phase) = run.state else { return None };
        match (task, phase) {
            (Task::Admit, Phase::Begun) => {
                let phase = self.admit(world, number)?;
                enter(world, number, task, attempt, phase)
            }
            (Task::Admit, Phase::Refusing(refusal)) => {
                self.record_refusal(world, number, refusal)?;
                enter(world, number, task, attempt, Phase::Reading)
            }
            (Task::Admit, Phase::Reading) => {
                let stored = world.slots.get(run.slot)?.stored.clone()?;
                let outcome = admission::repeat_outcome(&stored, &arn(number));
                enter(world, number, task, attempt, Phase::Answering(outcome))
            }
            (Task::Admit, Phase::Answering(outcome)) => self.finish_task(world, number, admission_result(outcome)),
            (Task::AwaitCustomer | Task::AwaitBarista | Task::Finish, Phase::Begun) => {
                Self::publish(world, number, Entries::Both)
            }
            (Task::AwaitCustomer | Task::AwaitBarista, Phase::Published(Entries::Both)) => {
                enter(world, number, task, attempt, Phase::Waiting)
            }
            (Task::Finish, Phase::Published(Entries::Both)) => self.finish_task(world, number, TaskResult::Published),
            (Task::AssignNumber, Phase::Begun) => {
                world.last_number += 1;
                enter(world, number, task, attempt, Phase::Counted(world.last_number))
            }
            (Task::AssignNumber, Phase::Counted(count)) => self.finish_task(world, number, TaskResult::Numbered(count)),
            _ => None,
        }
    }

    /// Fails an attempt, possibly after its effect. Retries the task, or ends it with the result
    /// `Failed` after the last attempt.
    pub(super) fn fail_attempt(&self, world: &mut World, number: usize) -> Option<()> {
        let RunState::In(task, attempt, phase) = world.runs.get(number)?.state else { return None };
        if !matches!(phase, Phase::Published(Entries::First | Entries::Second)) {
            world.faults = world.faults.checked_sub(1)?;
        }
        self.retry(world, number, task, attempt)
    }

    fn retry(&self, world: &mut World, number: usize, task: Task, attempt: u8) -> Option<()> {
        if attempt + 1 < self.shape.attempts_per_state {
            enter(world, number, task, attempt + 1, Phase::Begun)
        } else {
            self.finish_task(world, number, TaskResult::Failed)
        }
    }

    pub(super) fn time_out(&self, world: &mut World, number: usize) -> Option<()> {
        self.finish_task(world, number, TaskResult::TimedOut)
    }

    pub(super) fn publish(world: &mut World, number: usize, accepted: Entries) -> Option<()> {
        let run = world.runs.get(number)?;
        let RunState::In(task, attempt, _) = run.state else { return None };
        let run_number = u8::try_from(number).ok()?;
        let token = |step| PublishedEvent::Token(Token { run: run_number, step, attempt });
        let [first, second] = match task {
            Task::AwaitCustomer => [PublishedEvent::Started, token(Step::Customer)],
            Task::AwaitBarista => {
                let (drink, number) = run.memory.drink.zip(run.memory.number)?;
                [PublishedEvent::Waiting(Choice { number, drink }), token(Step::Barista)]
            }
            Task::Finish => run.memory.decision?.entries(),
            Task::Admit | Task::AssignNumber => return None,
        };
        let slot = world.slots.get_mut(run.slot)?;
        slot.published.extend((accepted != Entries::Second).then_some(first));
        slot.published.extend((accepted != Entries::First).then_some(second));
        enter(world, number, task, attempt, Phase::Published(accepted))
    }

    pub(super) fn finish_task(&self, world: &mut World, number: usize, result: TaskResult) -> Option<()> {
        let run = world.runs.get_mut(number)?;
        let RunState::In(task, ..) = run.state else { return None };
        let before = run.memory;
        let transition = workflow::after(task, result, &mut run.memory)?;
        self.cases.workflow_step(task, before, result);
        run.state = match transition {
            Transition::To(task) => RunState::In(task, 0, Phase::Begun),
            Transition::Succeed => RunState::Succeeded,
            Transition::Fail => {
                run.failed = true;
                RunState::Failed(task)
            }
        };
        Some(())
    }

    fn admit(&self, world: &mut World, number: usize) -> Option<Phase> {
        let slot_number = world.runs.get(number)?.slot;
        let scan = self.scan(slot_number);
        let open_orders = world.open_orders.get_mut(usize::from(scan.customer))?;
        let slot = world.slots.get_mut(slot_number)?;
        let counts = AdmissionCounts {
            open: world.open,
            in_flight: u32::try_from(world.in_flight).ok()?,
            open_orders: u32::try_from(*open_orders).ok()?,
        };
        let state = self.shop_state();
        let failed = FailedConditions::evaluate(slot.stored.is_some(), counts, &state);
        self.cases.admission(slot.stored.is_some(), counts, &state, failed);
        Some(match failed.obstacle() {
            None => {
                world.in_flight += 1;
                *open_orders += 1;
                slot.stored = Some(Arc::new(admission::admitted(&self.request(slot_number, number), NOW)));
                Phase::Answering(AdmissionOutcome::Admitted)
            }
            Some(Obstacle::OrderExists) => Phase::Reading,
            Some(Obstacle::Refused(refusal)) => Phase::Refusing(refusal),
        })
    }

    pub fn shop_state(&self) -> ShopState {
        ShopState {
            max_orders_in_queue: self.shape.capacity,
            max_orders_per_user: self.shape.per_customer,
            drinks_per_barcode: self.shape.tokens,
            ..ShopState::default()
        }
    }

    pub(super) fn request(&self, slot: usize, run: usize) -> AdmissionRequest {
        let scan = self.scan(slot);
        AdmissionRequest {
            order_id: scan.order_id(),
            user_id: scan.user_id(),
            shop_id: people::shop(),
            execution_arn: arn(run),
        }
    }

    fn record_refusal(&self, world: &mut World, run: usize, refusal: Refusal) -> Option<()> {
        let slot_number = world.runs.get(run)?.slot;
        let record = admission::not_admitted(&self.request(slot_number, run), refusal.as_str(), NOW);
        let slot = world.slots.get_mut(slot_number)?;
        self.cases.record(slot.stored.as_deref(), Record::Refused(refusal));
        slot.stored.get_or_insert_with(|| Arc::new(record));
        Some(())
    }

    pub(super) fn abandon_admission(&self, world: &mut World, number: usize) -> Option<()> {
        world.faults = world.faults.checked_sub(1)?;
        let run = world.runs.get_mut(number)?;
        let RunState::In(task, attempt, _) = run.state else { return None };
        run.late_admission = true;
        self.retry(world, number, task, attempt)
    }

    /// Continues an admission that the workflow has timed out. No caller receives its answer.
    pub(super) fn admit_late(&self, world: &mut World, number: usize) -> Option<()> {
        world.runs.get_mut(number)?.late_admission = false;
        if let Phase::Refusing(refusal) = self.admit(world, number)? {
            self.record_refusal(world, number, refusal)?;
        }
        Some(())
    }
}

const fn admission_result(outcome: AdmissionOutcome) -> TaskResult {
    match outcome {
        AdmissionOutcome::Admitted => TaskResult::Admitted,
        AdmissionOutcome::Refused(refusal) => TaskResult::Refused(refusal),
        AdmissionOutcome::Duplicate => TaskResult::Duplicate,
    }
}

fn enter(world: &mut World, number: usize, task: Task, attempt: u8, phase: Phase) -> Option<()> {
    world.runs.get_mut(number)?.state = RunState::In(task, attempt, phase);
    Some(())
}
