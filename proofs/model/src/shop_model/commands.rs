//! Commands as the order manager handles them: read, decide, claim the order first if the command
//! requires it, spend the task token, and read again if the token was spent.

use domain::command::{self, CommandDecision, NextStep};
use domain::order::StoredOrder;

use super::ShopModel;
use super::transitions::NOW;
use crate::events::Actor;
use crate::people;
use crate::workflow::TaskResult;
use crate::world::{ClaimPurpose, Command, CommandKind, Reply, World};

impl ShopModel {
    fn decide(&self, slot: usize, actor: Actor, kind: CommandKind, stored: &StoredOrder) -> CommandDecision {
        let caller = self.caller(slot, actor);
        match kind {
            CommandKind::Submit(drink) => command::submit(stored, &people::drink(drink)),
            CommandKind::Complete => command::complete(stored, &caller, NOW),
            CommandKind::Cancel => command::cancel(stored, &caller, NOW),
        }
    }

    /// Reads the order and decides.
    pub(super) fn ask(&self, world: &mut World, number: usize, actor: Actor, kind: CommandKind) -> Option<()> {
        let slot = world.slots.get_mut(number)?;
        let decision = self.decide(number, actor, kind, slot.stored.as_ref()?);
        match command::next_step(decision, None) {
            NextStep::Answer => {
                slot.accepted.insert((actor, kind));
            }
            NextStep::Claim(change) => {
                return self.begin_claim(world, number, actor, ClaimPurpose::Command(kind), change);
            }
            NextStep::Spend(token) => world.commands.push(Command { slot: number, actor, kind, token, spent: false }),
            NextStep::Refuse(_) | NextStep::ReadAgain => {}
        }
        Some(())
    }

    /// Spends the token of a command. Step Functions accepts a token once, from its issue until the
    /// wait ends.
    pub(super) fn spend(&self, world: &mut World, number: usize, reply: Reply) -> Option<()> {
        let Command { slot, actor, kind, token, .. } = world.commands.get(number)?.clone();
        let mut waiting = world.runs.iter().enumerate();
        let waiting = waiting.find(|(number, run)| run.token(*number).is_some_and(|held| held.secret() == token));
        let Some((run, _)) = waiting else {
            if reply == Reply::Lost {
                return None;
            }
            world.commands.get_mut(number)?.spent = true;
            return Some(());
        };
        let result = match (kind, actor) {
            (CommandKind::Submit(drink), _) => TaskResult::Chosen(drink),
            (CommandKind::Complete, Actor::Barista(barista)) => TaskResult::HandedOver(barista),
            (CommandKind::Complete, Actor::Customer) => return None,
            (CommandKind::Cancel, actor) => TaskResult::Cancelled(actor),
        };
        self.finish_task(world, run, result)?;
        if reply == Reply::Received {
            world.commands.remove(number);
            world.slots.get_mut(slot)?.accepted.insert((actor, kind));
        } else {
            // The command stays, because the SDK sends the call again.
            world.faults = world.faults.checked_sub(1)?;
        }
        Some(())
    }

    pub(super) fn read_again(&self, world: &mut World, number: usize) -> Option<()> {
        let Command { slot, actor, kind, token, .. } = world.commands.get(number)?.clone();
        let decision = self.decide(slot, actor, kind, world.slots.get(slot)?.stored.as_ref()?);
        match command::next_step(decision, Some(&token)) {
            NextStep::Answer => {
                world.commands.remove(number);
                world.slots.get_mut(slot)?.accepted.insert((actor, kind));
            }
            NextStep::Refuse(_) => {
                world.commands.remove(number);
            }
            NextStep::Claim(change) => {
                world.commands.remove(number);
                return self.begin_claim(world, slot, actor, ClaimPurpose::Command(kind), change);
            }
            NextStep::Spend(token) => {
                let command = world.commands.get_mut(number)?;
                (command.token, command.spent) = (token, false);
            }
            NextStep::ReadAgain => {}
        }
        Some(())
    }
}
