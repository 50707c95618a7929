//! Commands as the order manager handles them. It reads the order, decides, and spends the task
//! token. If the token was spent, it reads the order again.

use std::sync::Arc;

use domain::caller::{Caller, CallerKind, Role};
use domain::claim::{self, ClaimAction};
use domain::command::{self, CommandDecision, NextStep};
use domain::order::{OrderStatus, StoredOrder};

use super::ShopModel;
use crate::events::{self, Actor};
use crate::people;
use crate::workflow::TaskResult;
use crate::world::{Command, CommandKind, Reply, World};

impl ShopModel {
    fn decide(&self, slot: usize, actor: Actor, kind: CommandKind, stored: &StoredOrder) -> CommandDecision {
        let user_id = events::person(actor, self.scan(slot));
        match kind {
            CommandKind::Submit(drink) => command::submit(stored, &people::drink(drink)),
            CommandKind::Complete => command::complete(stored, &user_id),
            CommandKind::Cancel => {
                let roles = [Role::Barista].into_iter().filter(|_| actor != Actor::Customer).collect();
                command::cancel(stored, &Caller { user_id, kind: CallerKind::Account, roles })
            }
        }
    }

    /// Reads the order and decides. `Complete` first claims an order that has no claim.
    pub(super) fn ask(&self, world: &mut World, number: usize, actor: Actor, kind: CommandKind) -> Option<()> {
        let slot = world.slots.get_mut(number)?;
        let stored = slot.stored.as_mut()?;
        if let (CommandKind::Complete, Actor::Barista(barista)) = (kind, actor) {
            let order = &stored.order;
            if order.status == OrderStatus::Waiting && order.barista_user_id.is_none() {
                self.cases.claim(stored, ClaimAction::Make, barista);
                claim::apply(&mut Arc::make_mut(stored).order, ClaimAction::Make, &people::barista(barista));
            }
        }
        let decision = self.decide(number, actor, kind, slot.stored.as_ref()?);
        match command::next_step(decision, None) {
            NextStep::Answer => {
                slot.accepted.insert((actor, kind));
            }
            NextStep::Spend(token) => world.commands.push(Command { slot: number, actor, kind, token, spent: false }),
            NextStep::Refuse(_) | NextStep::ReadAgain => {}
        }
        Some(())
    }

    /// Spends the token. Step Functions accepts it once, from its issue until the end of its wait.
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
            NextStep::Spend(token) => {
                let command = world.commands.get_mut(number)?;
                (command.token, command.spent) = (token, false);
            }
            NextStep::ReadAgain => {}
        }
        Some(())
    }
}
