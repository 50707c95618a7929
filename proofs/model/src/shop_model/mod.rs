//! The model: the actions that are possible in a state, and the state after each action.

mod claims;
mod commands;
mod executions;
mod sweeps;
mod transitions;

use std::sync::Arc;

use domain::claim::ClaimAction;
use stateright::{Model, Property};

use self::transitions::arn;
use crate::cases::Cases;
use crate::events::{Actor, PublishedEvent};
use crate::goals::CoverageGoals;
use crate::invariants;
use crate::people::Scan;
use crate::workflow::Task;
use crate::world::{Action, CommandKind, Entries, Phase, Reply, RunState, Shape, Slot, World};

const MAX_CLAIM_VERSION: u64 = 3;

#[derive(Debug, Clone)]
pub struct ShopModel {
    pub shape: Shape,
    pub cases: Arc<Cases>,
    pub goals: Arc<CoverageGoals>,
}

impl ShopModel {
    pub fn new(shape: Shape) -> Self {
        Self { shape, cases: Arc::default(), goals: Arc::new(CoverageGoals::new()) }
    }

    pub fn scan(&self, slot: usize) -> Scan {
        let orders = usize::from(self.shape.orders_per_place.max(1));
        let (customer, window) = self.shape.scans.get(slot / orders).copied().unwrap_or_default();
        Scan { customer, window, attempt: u8::try_from(slot % orders + 1).unwrap_or(u8::MAX) }
    }

    /// Returns the slot of an attempt with a place; `None` if the shape has no room for it.
    pub(super) fn slot(&self, place: usize, attempt: u32) -> Option<usize> {
        let index = usize::try_from(attempt).ok()?.checked_sub(1)?;
        (index < self.shape.orders_per_place.into()).then_some(place * usize::from(self.shape.orders_per_place) + index)
    }

    fn scan_actions(&self, world: &World, actions: &mut Vec<Action>) {
        for place in 0..world.places.len() {
            actions.push(Action::Scan(place, Reply::Received));
            if world.faults > 0 {
                actions.push(Action::Scan(place, Reply::Lost));
                actions.push(Action::Scan(place, Reply::Partial));
            }
        }
        for (number, slot) in world.slots.iter().enumerate() {
            let runs = world.runs.iter().filter(|run| run.slot == number).count();
            if slot.requested && runs < self.shape.runs.into() {
                actions.push(Action::Start(number));
            }
            if slot.recording.is_some() {
                actions.push(Action::RecordFailure(number, Reply::Received));
                if world.faults > 0 {
                    actions.push(Action::RecordFailure(number, Reply::Lost));
                    actions.push(Action::RecordFailure(number, Reply::Partial));
                }
            }
        }
        if world.open && self.shape.closes {
            actions.push(Action::Close);
        }
    }

    fn run_actions(world: &World, actions: &mut Vec<Action>) {
        for (number, run) in world.runs.iter().enumerate() {
            if run.late_admission {
                actions.push(Action::AdmitLate(number));
            }
            let (task, phase) = match run.state {
                RunState::In(..) if run.hangs => continue,
                RunState::In(task, _, phase) => (task, phase),
                RunState::Failed(_) => {
                    actions.push(Action::SweepFailed(number));
                    continue;
                }
                RunState::Succeeded => continue,
            };
            let half = matches!(phase, Phase::Published(Entries::First | Entries::Second));
            if phase == Phase::Waiting {
                actions.push(Action::TimeOut(number));
            } else if !half {
                actions.push(Action::Advance(number));
            }
            // A rejected entry has used up a fault already; the failed attempt uses no second one.
            if half || (world.faults > 0 && phase != Phase::Waiting) {
                actions.push(Action::FailAttempt(number));
            }
            if world.faults == 0 {
                continue;
            }
            actions.push(Action::FailRun(number));
            // Only the execution that the stored order names may hang: the sweeper stops no other
            // one. For another one, `FailRun` stands for the time-out that ends it.
            let slot = world.slots.get(run.slot).and_then(|slot| slot.stored.as_ref());
            if slot.is_some_and(|stored| stored.execution_arn == arn(number)) {
                actions.push(Action::Hang(number));
            }
            match (task, phase) {
                (Task::Admit, Phase::Begun) => actions.push(Action::AbandonAdmission(number)),
                (Task::AwaitCustomer | Task::AwaitBarista | Task::Finish, Phase::Begun) => {
                    actions.push(Action::PublishPart(number, Entries::First));
                    actions.push(Action::PublishPart(number, Entries::Second));
                }
                _ => {}
            }
        }
    }

    fn command_actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (number, slot) in world.slots.iter().enumerate() {
            let Some(stored) = &slot.stored else { continue };
            let idle = |actor| {
                let mut writes = world.claim_writes.iter();
                world.commands.iter().all(|command| command.slot != number || command.actor != actor)
                    && writes.all(|write| write.slot != number || Actor::Barista(write.barista) != actor)
            };
            if idle(Actor::Customer) {
                let submit = |drink| Action::Ask(number, Actor::Customer, CommandKind::Submit(drink));
                actions.extend((0..self.shape.drinks).map(submit));
                actions.push(Action::Ask(number, Actor::Customer, CommandKind::Cancel));
            }
            for barista in (0..self.shape.baristas).filter(|barista| idle(Actor::Barista(*barista))) {
                actions.push(Action::Ask(number, Actor::Barista(barista), CommandKind::Complete));
                actions.push(Action::Ask(number, Actor::Barista(barista), CommandKind::Cancel));
                // The limit keeps the number of states finite.
                if self.shape.claims && stored.order.claim_version < MAX_CLAIM_VERSION {
                    actions.push(Action::Claim(number, barista, ClaimAction::Make));
                    actions.push(Action::Claim(number, barista, ClaimAction::Unmake));
                    let take_over = |from| Action::Claim(number, barista, ClaimAction::TakeOver(from));
                    actions.extend((0..=stored.order.claim_version).map(take_over));
                }
            }
        }
        actions.extend((0..world.claim_writes.len()).map(Action::WriteClaim));
        for (number, command) in world.commands.iter().enumerate() {
            if command.spent {
                actions.push(Action::ReadAgain(number));
                actions.push(Action::GiveUp(number));
            } else {
                actions.push(Action::Spend(number, Reply::Received));
                if world.faults > 0 {
                    actions.push(Action::Spend(number, Reply::Lost));
                }
            }
        }
    }

    fn delivery_actions(world: &World, actions: &mut Vec<Action>) {
        for (number, slot) in world.slots.iter().enumerate() {
            for event in slot.published.iter().copied() {
                if !matches!(event, PublishedEvent::Unavailable(_) | PublishedEvent::Finished(_)) {
                    actions.push(Action::Deliver(number, event));
                    if world.losses > 0 {
                        actions.push(Action::Lose(number, event));
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

    /// Returns true if only a person, a command in progress or a lost event can change the state:
    /// executions ended or hang, another delivery changes nothing, the sweeper has no work.
    pub fn is_at_rest(&self, world: &World) -> bool {
        let over = world.runs.iter().all(|run| run.hangs || !run.is_running());
        over && {
            let mut actions = Vec::new();
            self.scan_actions(world, &mut actions);
            Self::run_actions(world, &mut actions);
            Self::delivery_actions(world, &mut actions);
            let unprompted = |action: &Action| !matches!(action, Action::Scan(..) | Action::Close | Action::Lose(..));
            !actions.into_iter().filter(unprompted).any(|action| self.next(world, action).is_some())
        }
    }
}

impl Model for ShopModel {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let customers = self.shape.scans.iter().map(|(customer, _)| usize::from(*customer) + 1).max().unwrap_or(0);
        vec![World {
            open: true,
            in_flight: 0,
            open_orders: vec![0; customers],
            last_number: 0,
            places: vec![None; self.shape.scans.len()],
            slots: vec![Slot::default(); self.shape.scans.len() * usize::from(self.shape.orders_per_place)],
            runs: Vec::new(),
            commands: Vec::new(),
            claim_writes: Vec::new(),
            faults: self.shape.faults,
            losses: self.shape.losses,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        self.scan_actions(world, actions);
        Self::run_actions(world, actions);
        self.command_actions(world, actions);
        Self::delivery_actions(world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let next = self.next(world, action)?;
        self.goals.observe(self, world, action, &next);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        invariants::properties()
    }
}
