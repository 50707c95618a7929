//! How executions go on: admission in its steps, waits, the number, the outcome.

use std::sync::Arc;

use domain::admission::{self, Answer, FailedConditions, Obstacle, Places, Refusal};
use domain::shop::ShopSettings;
use domain::workflow::AdmissionRequest;

use crate::bar::Bar;
use crate::next::{NOW, arn};
use crate::people;
use crate::reached::Record;
use crate::told::{Chosen, Token, Told};
use crate::workflow::{self, Goes, Memory, Task, TaskResult};
use crate::world::{At, Phase, Run, World};

impl Bar {
    pub(crate) fn start(&self, world: &mut World, slot: usize) -> Option<()> {
        let at = At::State(Task::Admit, 0, Phase::Begun);
        world.runs.push(Run { slot, at, memory: Memory::default(), late_admission: false, broke: false, hangs: false });
        (world.runs.len() <= self.shape.scans.len() * usize::from(self.shape.runs)).then_some(())
    }

    /// A step that goes well.
    pub(crate) fn go(&self, world: &mut World, number: usize) -> Option<()> {
        let run = world.runs.get(number)?;
        let At::State(task, attempt, phase) = run.at else { return None };
        match (task, phase) {
            (Task::Admit, Phase::Begun) => {
                let phase = self.admit(world, number)?;
                to(world, number, task, attempt, phase)
            }
            (Task::Admit, Phase::Refusing(refusal)) => {
                self.record_refusal(world, number, refusal)?;
                to(world, number, task, attempt, Phase::Reading)
            }
            (Task::Admit, Phase::Reading) => {
                let stored = world.slots.get(run.slot)?.stored.clone()?;
                let answer = admission::answer_again(&stored, &arn(number));
                to(world, number, task, attempt, Phase::Answering(answer))
            }
            (Task::Admit, Phase::Answering(answer)) => self.result(world, number, answered(answer)),
            (Task::AwaitCustomer | Task::AwaitBarista | Task::Finish, Phase::Begun) => {
                Self::publish(world, number, [true, true])
            }
            (Task::AwaitCustomer | Task::AwaitBarista, Phase::Published(true, true)) => {
                to(world, number, task, attempt, Phase::Waiting)
            }
            (Task::Finish, Phase::Published(true, true)) => self.result(world, number, TaskResult::Published),
            (Task::AssignNumber, Phase::Begun) => {
                world.last_number += 1;
                to(world, number, task, attempt, Phase::Counted(world.last_number))
            }
            (Task::AssignNumber, Phase::Counted(count)) => self.result(world, number, TaskResult::Numbered(count)),
            _ => None,
        }
    }

    /// A try that fails, whatever it has done: the state is tried again, or has no tries left.
    pub(crate) fn fail(&self, world: &mut World, number: usize) -> Option<()> {
        let At::State(task, attempt, phase) = world.runs.get(number)?.at else { return None };
        if !matches!(phase, Phase::Published(first, second) if !(first && second)) {
            world.faults = world.faults.checked_sub(1)?;
        }
        self.try_again(world, number, task, attempt)
    }

    fn try_again(&self, world: &mut World, number: usize, task: Task, attempt: u8) -> Option<()> {
        if attempt + 1 < self.shape.tries {
            to(world, number, task, attempt + 1, Phase::Begun)
        } else {
            self.result(world, number, TaskResult::Broken)
        }
    }

    pub(crate) fn time_out(&self, world: &mut World, number: usize) -> Option<()> {
        self.result(world, number, TaskResult::TimedOut)
    }

    pub(crate) fn publish_part(world: &mut World, number: usize, first: bool, second: bool) -> Option<()> {
        world.faults = world.faults.checked_sub(1)?;
        Self::publish(world, number, [first, second])
    }

    /// Publishes these of the two entries of a state.
    fn publish(world: &mut World, number: usize, published: [bool; 2]) -> Option<()> {
        let run = world.runs.get(number)?;
        let At::State(task, attempt, _) = run.at else { return None };
        let run_number = u8::try_from(number).ok()?;
        let token = |step| Told::Token(Token { run: run_number, step, attempt });
        let entries = match task {
            Task::AwaitCustomer => [Told::Started, token(domain::order::Step::Customer)],
            Task::AwaitBarista => {
                let (drink, number) = run.memory.drink.zip(run.memory.number)?;
                [Told::Waiting(Chosen { number, drink }), token(domain::order::Step::Barista)]
            }
            Task::Finish => run.memory.outcome?.entries(),
            Task::Admit | Task::AssignNumber => return None,
        };
        let slot = world.slots.get_mut(run.slot)?;
        slot.told
            .extend(entries.into_iter().zip(published).filter_map(|(entry, published)| published.then_some(entry)));
        let [first, second] = published;
        to(world, number, task, attempt, Phase::Published(first, second))
    }

    /// Where the workflow goes after a result.
    pub(crate) fn result(&self, world: &mut World, number: usize, result: TaskResult) -> Option<()> {
        let run = world.runs.get_mut(number)?;
        let At::State(task, ..) = run.at else { return None };
        let before = run.memory;
        let goes = workflow::after(task, result, &mut run.memory)?;
        self.reached.moves(task, before, result);
        run.at = match goes {
            Goes::To(task) => At::State(task, 0, Phase::Begun),
            Goes::Succeeds => At::Succeeded,
            Goes::Fails => {
                run.broke = true;
                At::Broken(task)
            }
        };
        Some(())
    }

    /// Admission's transaction: all or nothing.
    fn admit(&self, world: &mut World, number: usize) -> Option<Phase> {
        let slot_number = world.runs.get(number)?.slot;
        let scan = self.scan(slot_number);
        let open_orders = world.open_orders.get_mut(usize::from(scan.customer))?;
        let slot = world.slots.get_mut(slot_number)?;
        let places = Places {
            store_open: world.open,
            in_flight: u32::try_from(world.in_flight).ok()?,
            open_orders: u32::try_from(*open_orders).ok()?,
        };
        let settings = self.settings();
        let failed = FailedConditions::of(slot.stored.is_some(), places, &settings);
        self.reached.admission(slot.stored.is_some(), places, &settings, failed);
        Some(match failed.obstacle() {
            None => {
                world.in_flight += 1;
                *open_orders += 1;
                slot.stored = Some(Arc::new(admission::admitted(&self.request(slot_number, number), NOW)));
                Phase::Answering(Answer::Admitted)
            }
            Some(Obstacle::OrderExists) => Phase::Reading,
            Some(Obstacle::Refused(refusal)) => Phase::Refusing(refusal),
        })
    }

    /// The settings that the shape stands for.
    pub fn settings(&self) -> ShopSettings {
        ShopSettings {
            max_orders_in_queue: self.shape.room,
            max_orders_per_user: self.shape.per_customer,
            drinks_per_barcode: self.shape.tokens,
            ..ShopSettings::default()
        }
    }

    pub(crate) fn request(&self, slot: usize, run: usize) -> AdmissionRequest {
        let scan = self.scan(slot);
        AdmissionRequest {
            order_id: scan.order_id(),
            user_id: scan.user_id(),
            event_id: people::shop(),
            execution_arn: arn(run),
        }
    }

    fn record_refusal(&self, world: &mut World, run: usize, refusal: Refusal) -> Option<()> {
        let slot_number = world.runs.get(run)?.slot;
        let record = admission::not_admitted(&self.request(slot_number, run), refusal.as_str(), NOW);
        let slot = world.slots.get_mut(slot_number)?;
        self.reached.record(slot.stored.as_deref(), Record::Refused(refusal));
        slot.stored.get_or_insert_with(|| Arc::new(record));
        Some(())
    }

    pub(crate) fn give_up_admission(&self, world: &mut World, number: usize) -> Option<()> {
        world.faults = world.faults.checked_sub(1)?;
        let run = world.runs.get_mut(number)?;
        let At::State(task, attempt, _) = run.at else { return None };
        run.late_admission = true;
        self.try_again(world, number, task, attempt)
    }

    /// The function runs on after the workflow has given it up; nobody hears its answer.
    pub(crate) fn admit_late(&self, world: &mut World, number: usize) -> Option<()> {
        world.runs.get_mut(number)?.late_admission = false;
        if let Phase::Refusing(refusal) = self.admit(world, number)? {
            self.record_refusal(world, number, refusal)?;
        }
        Some(())
    }
}

const fn answered(answer: Answer) -> TaskResult {
    match answer {
        Answer::Admitted => TaskResult::Admitted,
        Answer::Refused(refusal) => TaskResult::Refused(refusal),
        Answer::Duplicate => TaskResult::Duplicate,
    }
}

fn to(world: &mut World, number: usize, task: Task, attempt: u8, phase: Phase) -> Option<()> {
    world.runs.get_mut(number)?.at = At::State(task, attempt, phase);
    Some(())
}
