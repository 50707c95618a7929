//! Computes the state after each action, by the rules of the domain.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::admission::{AdmissionCounts, FailedConditions};
use domain::bucket::{self, Place, REPUBLISH_AFTER, RepeatDecision, Take};
use domain::ids::UserId;
use domain::projection::{self, Applied, Change};
use domain::timestamp::Timestamp;

use super::ShopModel;
use crate::events::{self, PublishedEvent};
use crate::people;
use crate::world::{Action, Reply, RunState, World};

/// Result of an accepted scan: the attempt that it names, and whether it publishes `NewOrder`.
struct Next {
    attempt: u32,
    publishes: bool,
}

impl ShopModel {
    /// Returns the state after `action`; `None` if it is the same or the action is not possible.
    pub fn next(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        self.act(&mut next, action)?;
        (next != *world).then_some(next)
    }

    fn act(&self, world: &mut World, action: Action) -> Option<()> {
        match action {
            Action::Scan(place, reply) => self.validate(world, place, reply),
            Action::Start(slot) => self.start(world, slot),
            Action::Advance(run) => self.advance(world, run),
            Action::FailAttempt(run) => self.fail_attempt(world, run),
            Action::PublishPart(run, entries) => {
                world.faults = world.faults.checked_sub(1)?;
                Self::publish(world, run, entries)
            }
            Action::AbandonAdmission(run) => self.abandon_admission(world, run),
            Action::AdmitLate(run) => self.admit_late(world, run),
            Action::TimeOut(run) => self.time_out(world, run),
            Action::FailRun(run) => Self::fail_run(world, run),
            Action::Hang(run) => {
                world.runs.get_mut(run)?.hangs = true;
                world.faults = world.faults.checked_sub(1)?;
                Some(())
            }
            Action::Ask(slot, actor, kind) => self.ask(world, slot, actor, kind),
            Action::Claim(slot, barista, action) => self.claim(world, slot, barista, action),
            Action::WriteClaim(write) => self.write_claim(world, write),
            Action::Spend(command, reply) => self.spend(world, command, reply),
            Action::ReadAgain(command) => self.read_again(world, command),
            Action::GiveUp(command) => {
                world.commands.remove(command);
                Some(())
            }
            Action::Deliver(slot, event) => self.deliver(world, slot, event),
            Action::Lose(slot, event) => Self::lose(world, slot, event),
            Action::Sweep(slot) => self.sweep(world, slot, false),
            Action::SweepLongRun(slot) => self.sweep(world, slot, true),
            Action::SweepFailed(run) => self.sweep_failed(world, run),
            Action::RecordFailure(slot, reply) => self.record_failure(world, slot, reply),
            Action::Close => {
                world.open = false;
                Some(())
            }
        }
    }

    /// Handles a scan as the validator does: takes a place, or decides about the repeated scan of a
    /// customer who has one. Every repeated scan comes late enough to publish `NewOrder` again: a
    /// repeated scan before [`REPUBLISH_AFTER`] changes nothing.
    fn validate(&self, world: &mut World, place: usize, reply: Reply) -> Option<()> {
        let (customer, window) = *self.shape.scans.get(place)?;
        let user_id = people::customer(customer);
        let refused = self.refuses_early(world, customer)?;
        let mut places = self.places(world, window);
        let next = if refused {
            self.repeat(world, place, *places.get(&user_id)?, refused)?
        } else {
            let before = places.clone();
            let take = bucket::take(&mut places, &user_id, self.shape.tokens, NOW);
            self.cases.take(before, user_id.clone(), self.shape.tokens, take);
            match take {
                Take::Taken { .. } => Next { attempt: 1, publishes: true },
                Take::AlreadyTaken { place: held, .. } => self.repeat(world, place, held, refused)?,
                Take::NoneLeft => return None,
            }
        };
        *world.places.get_mut(place)? = Some(Place { attempt: next.attempt, asked_at: NOW });
        let slot = world.slots.get_mut(self.slot(place, next.attempt)?)?;
        slot.requested |= next.publishes && reply != Reply::Partial;
        slot.acknowledged |= reply == Reply::Received;
        if reply != Reply::Received {
            world.faults -= 1;
        }
        Some(())
    }

    fn refuses_early(&self, world: &World, customer: u8) -> Option<bool> {
        let state = self.shop_state();
        let counts = AdmissionCounts {
            open: world.open,
            in_flight: u32::try_from(world.in_flight).ok()?,
            open_orders: u32::try_from(*world.open_orders.get(usize::from(customer))?).ok()?,
        };
        Some(FailedConditions::evaluate(false, counts, &state).obstacle().is_some())
    }

    fn places(&self, world: &World, window: u8) -> BTreeMap<UserId, Place> {
        let scans = self.shape.scans.iter().zip(&world.places).filter(|((_, of), _)| *of == window);
        scans.filter_map(|((customer, _), place)| Some((people::customer(*customer), (*place)?))).collect()
    }

    fn repeat(&self, world: &World, number: usize, place: Place, refused: bool) -> Option<Next> {
        let stored = world.slots.get(self.slot(number, place.attempt)?)?.stored.as_ref();
        let order = stored.map(|stored| stored.order.status);
        let (next, publishes) = match bucket::repeat(place, order, NOW.plus(REPUBLISH_AFTER)) {
            RepeatDecision::Answer => (place, false),
            RepeatDecision::PublishAgain(next) => (next, true),
            RepeatDecision::NewAttempt(next) if !refused => (next, true),
            RepeatDecision::NewAttempt(_) | RepeatDecision::NotRecorded(_) | RepeatDecision::TooManyAttempts => {
                return None;
            }
        };
        if next != place {
            self.cases.replace(place, next);
        }
        Some(Next { attempt: next.attempt, publishes })
    }

    /// Applies an event to the order as the projector does; the end of an order releases capacity.
    fn deliver(&self, world: &mut World, number: usize, event: PublishedEvent) -> Option<()> {
        let scan = self.scan(number);
        let change = Change::from(events::order_event(event, scan)?);
        let slot = world.slots.get_mut(number)?;
        self.cases.projection(number, slot.stored.as_deref(), event);
        let stored = slot.stored.as_mut()?;
        if projection::apply(Arc::make_mut(stored), &change) == Applied::Ended {
            world.in_flight -= 1;
            *world.open_orders.get_mut(usize::from(scan.customer))? -= 1;
        }
        Some(())
    }

    fn lose(world: &mut World, number: usize, event: PublishedEvent) -> Option<()> {
        let slot = world.slots.get_mut(number)?;
        slot.published.remove(&event);
        slot.dead_lettered.insert(event);
        world.losses -= 1;
        Some(())
    }

    fn fail_run(world: &mut World, number: usize) -> Option<()> {
        let run = world.runs.get_mut(number)?;
        let RunState::In(task, ..) = run.state else { return None };
        run.state = RunState::Failed(task);
        run.failed = true;
        world.faults -= 1;
        Some(())
    }
}

pub(super) fn arn(run: usize) -> String {
    format!("run-{run}")
}

/// Time of every write. A rule that compares this time with the current time receives a later time
/// as the current one.
pub(super) const NOW: Timestamp = Timestamp::from_millis(0);
