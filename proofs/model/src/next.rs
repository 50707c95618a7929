//! What each action makes of the bar, by the rules of the domain.

use std::sync::Arc;

use domain::bucket;
use domain::claim::{self, ClaimAction};
use domain::projection::{self, Applied, Change};
use domain::timestamp::Timestamp;

use crate::bar::Bar;
use crate::people;
use crate::told::{self, Told};
use crate::world::{Action, At, Heard, World};

impl Bar {
    /// The bar after `action`; nothing if it changes nothing.
    pub fn next(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        self.act(&mut next, action)?;
        (next != *world).then_some(next)
    }

    fn act(&self, world: &mut World, action: Action) -> Option<()> {
        match action {
            Action::Scan(slot, heard) => self.scanned(world, slot, heard),
            Action::Start(slot) => self.start(world, slot),
            Action::Go(run) => self.go(world, run),
            Action::Fail(run) => self.fail(world, run),
            Action::PublishPart(run, first, second) => Self::publish_part(world, run, first, second),
            Action::GiveUpAdmission(run) => self.give_up_admission(world, run),
            Action::AdmitLate(run) => self.admit_late(world, run),
            Action::TimeOut(run) => self.time_out(world, run),
            Action::Break(run) => Self::break_run(world, run),
            Action::Hang(run) => {
                world.runs.get_mut(run)?.hangs = true;
                world.faults = world.faults.checked_sub(1)?;
                Some(())
            }
            Action::Ask(slot, who, what) => self.ask(world, slot, who, what),
            Action::Claim(slot, barista, action) => self.claim(world, slot, barista, action),
            Action::Spend(command, heard) => self.spend(world, command, heard),
            Action::LookAgain(command) => self.look_again(world, command),
            Action::GiveUp(command) => {
                world.commands.remove(command);
                Some(())
            }
            Action::Deliver(slot, told) => self.deliver(world, slot, told),
            Action::Lose(slot, told) => Self::lose(world, slot, told),
            Action::Sweep(slot) => self.sweep(world, slot, false),
            Action::SweepLongRun(slot) => self.sweep(world, slot, true),
            Action::LookForLost(run) => self.look_for_lost(world, run),
            Action::RecordLost(slot, heard) => self.record_lost(world, slot, heard),
            Action::Close => {
                world.open = false;
                Some(())
            }
        }
    }

    /// The validator: refuses early, takes a token, asks for an order, answers.
    fn scanned(&self, world: &mut World, number: usize, heard: Heard) -> Option<()> {
        let scan = self.scan(number);
        let room = i8::try_from(self.shape.room).ok()?;
        let at_the_door = !world.open || world.in_flight >= room;
        let mut takers = self
            .shape
            .scans
            .iter()
            .zip(&world.slots)
            .filter(|((_, window), slot)| *window == scan.window && slot.taken)
            .map(|((customer, _), _)| people::customer(*customer))
            .collect();
        let slot = world.slots.get_mut(number)?;
        if at_the_door && !slot.taken {
            return None;
        }
        let before = std::collections::BTreeSet::clone(&takers);
        let take = bucket::take(&mut takers, &scan.user_id(), self.shape.tokens);
        self.reached.take(before, scan.user_id(), self.shape.tokens, take);
        if take == bucket::Take::NoneLeft {
            return None;
        }
        slot.taken = true;
        match heard {
            Heard::Yes => (slot.asked, slot.acknowledged) = (true, true),
            Heard::No => slot.asked = true,
            Heard::NotDone => {}
        }
        if heard != Heard::Yes {
            world.faults -= 1;
        }
        Some(())
    }

    /// Writes to the table of orders what `event` makes of the order, and gives its places back once it ends.
    fn deliver(&self, world: &mut World, number: usize, told: Told) -> Option<()> {
        let scan = self.scan(number);
        let change = Change::from(told::order_event(told, scan)?);
        let slot = world.slots.get_mut(number)?;
        self.reached.projection(number, slot.stored.as_deref(), told);
        let stored = slot.stored.as_mut()?;
        if projection::apply(Arc::make_mut(stored), &change) == Applied::Ended {
            world.in_flight -= 1;
            *world.open_orders.get_mut(usize::from(scan.customer))? -= 1;
        }
        Some(())
    }

    fn lose(world: &mut World, number: usize, told: Told) -> Option<()> {
        let slot = world.slots.get_mut(number)?;
        slot.told.remove(&told);
        slot.lost.insert(told);
        world.losses -= 1;
        Some(())
    }

    fn claim(&self, world: &mut World, number: usize, barista: u8, action: ClaimAction) -> Option<()> {
        let stored = world.slots.get_mut(number)?.stored.as_mut()?;
        self.reached.claim(stored, action, barista);
        claim::change(&mut Arc::make_mut(stored).order, action, &people::barista(barista)).then_some(())
    }

    fn break_run(world: &mut World, number: usize) -> Option<()> {
        let run = world.runs.get_mut(number)?;
        let At::State(task, ..) = run.at else { return None };
        run.at = At::Broken(task);
        run.broke = true;
        world.faults -= 1;
        Some(())
    }
}

/// The execution with this number, as the table names it.
pub(crate) fn arn(run: usize) -> String {
    format!("run-{run}")
}

/// Any time will do where no rule compares it.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(0);
