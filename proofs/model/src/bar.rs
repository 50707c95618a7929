//! The model: which actions there are in a state, and what each makes of it.

use std::sync::Arc;

use domain::claim::ClaimAction;
use stateright::{Model, Property};

use crate::invariants::{self, ToBeMet};
use crate::next::arn;
use crate::people::Scan;
use crate::reached::Reached;
use crate::told::{Told, Who};
use crate::workflow::Task;
use crate::world::{Action, At, Heard, Phase, Shape, Slot, What, World};

const MOST_CLAIMS: u64 = 3;

/// A bar of some shape, and what has been reached in it.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Its shape.
    pub shape: Shape,
    /// What the shipped expressions are held to.
    pub reached: Arc<Reached>,
    /// What should be met somewhere.
    pub to_be_met: Arc<ToBeMet>,
}

impl Bar {
    /// A bar of this shape, in which nothing has been reached.
    pub fn new(shape: Shape) -> Self {
        Self { shape, reached: Arc::default(), to_be_met: Arc::new(ToBeMet::new()) }
    }

    /// The scan that makes an order.
    pub fn scan(&self, slot: usize) -> Scan {
        let (customer, window) = self.shape.scans.get(slot).copied().unwrap_or_default();
        Scan { customer, window }
    }

    fn of_scans(&self, world: &World, actions: &mut Vec<Action>) {
        for (number, slot) in world.slots.iter().enumerate() {
            if !slot.acknowledged {
                actions.push(Action::Scan(number, Heard::Yes));
                if world.faults > 0 {
                    actions.push(Action::Scan(number, Heard::No));
                    actions.push(Action::Scan(number, Heard::NotDone));
                }
            }
            let runs = world.runs.iter().filter(|run| run.slot == number).count();
            if slot.asked && runs < self.shape.runs.into() {
                actions.push(Action::Start(number));
            }
            if slot.recording.is_some() {
                actions.push(Action::RecordLost(number, Heard::Yes));
                if world.faults > 0 {
                    actions.push(Action::RecordLost(number, Heard::No));
                    actions.push(Action::RecordLost(number, Heard::NotDone));
                }
            }
        }
        if world.open && self.shape.closes {
            actions.push(Action::Close);
        }
    }

    fn of_runs(world: &World, actions: &mut Vec<Action>) {
        for (number, run) in world.runs.iter().enumerate() {
            if run.late_admission {
                actions.push(Action::AdmitLate(number));
            }
            let (task, phase) = match run.at {
                At::State(..) if run.hangs => continue,
                At::State(task, _, phase) => (task, phase),
                At::Broken(_) => {
                    actions.push(Action::LookForLost(number));
                    continue;
                }
                At::Succeeded => continue,
            };
            if phase == Phase::Waiting {
                actions.push(Action::TimeOut(number));
            } else if phase != Phase::Published(false, true) && phase != Phase::Published(true, false) {
                actions.push(Action::Go(number));
            }
            // A part that was not published fails the try without another fault.
            let half = matches!(phase, Phase::Published(first, second) if !(first && second));
            if half || (world.faults > 0 && phase != Phase::Waiting) {
                actions.push(Action::Fail(number));
            }
            if world.faults == 0 {
                continue;
            }
            actions.push(Action::Break(number));
            // Before it has an order only its own time-out ends it, which is a break.
            let slot = world.slots.get(run.slot).and_then(|slot| slot.stored.as_ref());
            if slot.is_some_and(|stored| stored.execution_arn == arn(number)) {
                actions.push(Action::Hang(number));
            }
            match (task, phase) {
                (Task::Admit, Phase::Begun) => actions.push(Action::GiveUpAdmission(number)),
                (Task::AwaitCustomer | Task::AwaitBarista | Task::Finish, Phase::Begun) => {
                    actions.push(Action::PublishPart(number, true, false));
                    actions.push(Action::PublishPart(number, false, true));
                }
                _ => {}
            }
        }
    }

    fn of_people(&self, world: &World, actions: &mut Vec<Action>) {
        for (number, slot) in world.slots.iter().enumerate() {
            let Some(stored) = &slot.stored else { continue };
            let idle = |who| world.commands.iter().all(|command| command.slot != number || command.who != who);
            if idle(Who::Customer) {
                actions.extend(
                    (0..self.shape.drinks).map(|drink| Action::Ask(number, Who::Customer, What::Submit(drink))),
                );
                actions.push(Action::Ask(number, Who::Customer, What::Cancel));
            }
            for barista in (0..self.shape.baristas).filter(|barista| idle(Who::Barista(*barista))) {
                actions.push(Action::Ask(number, Who::Barista(barista), What::Complete));
                actions.push(Action::Ask(number, Who::Barista(barista), What::Cancel));
                // Claims go to and fro for ever otherwise.
                let to_and_fro = stored.order.claim_version >= MOST_CLAIMS;
                if self.shape.claims && !to_and_fro {
                    actions.push(Action::Claim(number, barista, ClaimAction::Make));
                    actions.push(Action::Claim(number, barista, ClaimAction::Unmake));
                }
            }
        }
        for (number, command) in world.commands.iter().enumerate() {
            if command.spent {
                actions.push(Action::LookAgain(number));
                actions.push(Action::GiveUp(number));
            } else {
                actions.push(Action::Spend(number, Heard::Yes));
                if world.faults > 0 {
                    actions.push(Action::Spend(number, Heard::No));
                }
            }
        }
    }

    fn of_listeners(world: &World, actions: &mut Vec<Action>) {
        for (number, slot) in world.slots.iter().enumerate() {
            for told in slot.told.iter().copied() {
                if !matches!(told, Told::Unavailable(_) | Told::Finished(_)) {
                    actions.push(Action::Deliver(number, told));
                    if world.losses > 0 {
                        actions.push(Action::Lose(number, told));
                    }
                }
            }
            if slot.stored.as_ref().is_some_and(|stored| stored.order.expires_at.is_some()) {
                actions.push(Action::Sweep(number));
                let hangs = world.runs.iter().any(|run| run.slot == number && run.hangs);
                if slot.is_open() && (hangs || world.faults > 0) {
                    actions.push(Action::SweepLongRun(number));
                }
            }
        }
    }

    /// Whether nothing more happens by itself: executions are over or hang, events delivered or lost, the sweeper finds nothing to do.
    pub fn is_at_rest(&self, world: &World) -> bool {
        let over = world.runs.iter().all(|run| run.hangs || !run.is_running());
        over && {
            let mut actions = Vec::new();
            self.of_scans(world, &mut actions);
            Self::of_runs(world, &mut actions);
            Self::of_listeners(world, &mut actions);
            let by_itself = |action: &Action| !matches!(action, Action::Scan(..) | Action::Close | Action::Lose(..));
            !actions.into_iter().filter(by_itself).any(|action| self.next(world, action).is_some())
        }
    }
}

impl Model for Bar {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let customers = self.shape.scans.iter().map(|(customer, _)| usize::from(*customer) + 1).max().unwrap_or(0);
        vec![World {
            open: true,
            in_flight: 0,
            open_orders: vec![0; customers],
            last_number: 0,
            slots: vec![Slot::default(); self.shape.scans.len()],
            runs: Vec::new(),
            commands: Vec::new(),
            faults: self.shape.faults,
            losses: self.shape.losses,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        self.of_scans(world, actions);
        Self::of_runs(world, actions);
        self.of_people(world, actions);
        Self::of_listeners(world, actions);
    }

    /// A step that changes nothing is none.
    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let next = self.next(world, action)?;
        self.to_be_met.look(self, &next);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        invariants::properties()
    }
}
