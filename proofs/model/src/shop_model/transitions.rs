//! The state after each action, by the rules of the domain.

use std::sync::Arc;

use domain::bucket;
use domain::projection::{self, Applied, Change};
use domain::timestamp::Timestamp;

use super::ShopModel;
use crate::events::{self, PublishedEvent};
use crate::people;
use crate::world::{Action, Reply, RunState, World};

impl ShopModel {
    /// The state after `action`. None if it is the same state, or the action is not possible.
    pub fn next(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        self.act(&mut next, action)?;
        (next != *world).then_some(next)
    }

    fn act(&self, world: &mut World, action: Action) -> Option<()> {
        match action {
            Action::Scan(slot, reply) => self.validate(world, slot, reply),
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

    fn validate(&self, world: &mut World, number: usize, reply: Reply) -> Option<()> {
        let scan = self.scan(number);
        let capacity = i8::try_from(self.shape.capacity).ok()?;
        let refuses_early = !world.open || world.in_flight >= capacity;
        let mut takers = self
            .shape
            .scans
            .iter()
            .zip(&world.slots)
            .filter(|((_, window), slot)| *window == scan.window && slot.has_token)
            .map(|((customer, _), _)| people::customer(*customer))
            .collect();
        let slot = world.slots.get_mut(number)?;
        if refuses_early && !slot.has_token {
            return None;
        }
        let before = std::collections::BTreeSet::clone(&takers);
        let take = bucket::take(&mut takers, &scan.user_id(), self.shape.tokens);
        self.cases.take(before, scan.user_id(), self.shape.tokens, take);
        if take == bucket::Take::NoneLeft {
            return None;
        }
        slot.has_token = true;
        match reply {
            Reply::Received => (slot.requested, slot.acknowledged) = (true, true),
            Reply::Lost => slot.requested = true,
            Reply::Partial => {}
        }
        if reply != Reply::Received {
            world.faults -= 1;
        }
        Some(())
    }

    /// The projector: applies the event to the order, and releases its capacity when it ends.
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

/// The time of every write. No rule compares it.
pub(super) const NOW: Timestamp = Timestamp::from_millis(0);
