//! Commands, as the order manager handles them: read, judge, spend the token, and look again where it was spent.

use std::sync::Arc;

use domain::caller::{Caller, Role};
use domain::claim::{self, ClaimAction};
use domain::command::{self, Next, Verdict};
use domain::order::{OrderStatus, StoredOrder};

use crate::bar::Bar;
use crate::people;
use crate::told::{self, Who};
use crate::workflow::TaskResult;
use crate::world::{Command, Heard, What, World};

impl Bar {
    fn judge(&self, slot: usize, who: Who, what: What, stored: &StoredOrder) -> Verdict {
        let user_id = told::person(who, self.scan(slot));
        match what {
            What::Submit(drink) => command::submit(stored, &people::drink(drink)),
            What::Complete => command::complete(stored, &user_id),
            What::Cancel => {
                let roles = [Role::Barista].into_iter().filter(|_| who != Who::Customer).collect();
                command::cancel(stored, &Caller { user_id, roles })
            }
        }
    }

    /// Reads the order and judges. Who completes holds the claim: it is taken first where nobody has it.
    pub(crate) fn ask(&self, world: &mut World, number: usize, who: Who, what: What) -> Option<()> {
        let slot = world.slots.get_mut(number)?;
        let stored = slot.stored.as_mut()?;
        if let (What::Complete, Who::Barista(barista)) = (what, who) {
            let order = &stored.order;
            if order.status == OrderStatus::Waiting && order.barista_user_id.is_none() {
                self.reached.claim(stored, ClaimAction::Make, barista);
                claim::change(&mut Arc::make_mut(stored).order, ClaimAction::Make, &people::barista(barista));
            }
        }
        let verdict = self.judge(number, who, what, slot.stored.as_ref()?);
        match command::next(verdict, None) {
            Next::Answer => {
                slot.heard.insert((who, what));
            }
            Next::Spend(token) => world.commands.push(Command { slot: number, who, what, token, spent: false }),
            Next::Refuse(_) | Next::LookAgain => {}
        }
        Some(())
    }

    /// Step Functions takes a token once, from the moment that it was issued until its wait is over.
    pub(crate) fn spend(&self, world: &mut World, number: usize, heard: Heard) -> Option<()> {
        let Command { slot, who, what, token, .. } = world.commands.get(number)?.clone();
        let mut waiting = world.runs.iter().enumerate();
        let waiting = waiting.find(|(number, run)| run.token(*number).is_some_and(|held| held.secret() == token));
        let Some((run, _)) = waiting else {
            if heard == Heard::No {
                return None;
            }
            world.commands.get_mut(number)?.spent = true;
            return Some(());
        };
        let result = match (what, who) {
            (What::Submit(drink), _) => TaskResult::Chosen(drink),
            (What::Complete, Who::Barista(barista)) => TaskResult::HandedOver(barista),
            (What::Complete, Who::Customer) => return None,
            (What::Cancel, who) => TaskResult::Cancelled(who),
        };
        self.result(world, run, result)?;
        if heard == Heard::Yes {
            world.commands.remove(number);
            world.slots.get_mut(slot)?.heard.insert((who, what));
        } else {
            // The SDK sends it again.
            world.faults = world.faults.checked_sub(1)?;
        }
        Some(())
    }

    pub(crate) fn look_again(&self, world: &mut World, number: usize) -> Option<()> {
        let Command { slot, who, what, token, .. } = world.commands.get(number)?.clone();
        let verdict = self.judge(slot, who, what, world.slots.get(slot)?.stored.as_ref()?);
        match command::next(verdict, Some(&token)) {
            Next::Answer => {
                world.commands.remove(number);
                world.slots.get_mut(slot)?.heard.insert((who, what));
            }
            Next::Refuse(_) => {
                world.commands.remove(number);
            }
            Next::Spend(token) => {
                let command = world.commands.get_mut(number)?;
                (command.token, command.spent) = (token, false);
            }
            Next::LookAgain => {}
        }
        Some(())
    }
}
