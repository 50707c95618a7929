//! Coverage goals: situations that must occur at least once, so that the invariants are checked in
//! them too.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use domain::claim::ClaimAction;
use domain::order::{OrderStatus, Step};
use domain::projection::FAILED;

use crate::events::{Actor, PublishedEvent};
use crate::invariants::{Check, any, published, reason};
use crate::people;
use crate::shop_model::ShopModel;
use crate::world::{Action, ClaimPurpose, ClaimWrite, Slot, World};

/// Check of a step: the state before it, the step, and the state after it.
type StepCheck = fn(&World, Action, &World) -> bool;

#[derive(Debug, Clone, Copy)]
enum Goal {
    State(Check),
    Step(StepCheck),
}

#[derive(Debug)]
pub struct CoverageGoals {
    open: AtomicUsize,
    checks: Mutex<Vec<(&'static str, Goal)>>,
}

impl CoverageGoals {
    pub(crate) fn new() -> Self {
        let checks: Vec<_> = all().collect();
        Self { open: AtomicUsize::new(checks.len()), checks: Mutex::new(checks) }
    }

    /// Removes the goals that the step from `before` by `action` to `world` meets.
    pub(crate) fn observe(&self, model: &ShopModel, before: &World, action: Action, world: &World) {
        if self.open.load(Ordering::Relaxed) > 0 {
            let mut checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
            checks.retain(|(_, goal)| match goal {
                Goal::State(met) => !met(model, world),
                Goal::Step(met) => !met(before, action, world),
            });
            self.open.store(checks.len(), Ordering::Relaxed);
        }
    }

    pub(crate) fn unmet(&self) -> Vec<&'static str> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(name, _)| *name).collect()
    }
}

fn all() -> impl Iterator<Item = (&'static str, Goal)> {
    let states = GOALS.iter().map(|(name, met)| (*name, Goal::State(*met)));
    states.chain(STEP_GOALS.iter().map(|(name, met)| (*name, Goal::Step(*met))))
}

const STEP_GOALS: [(&str, StepCheck); 3] = [
    ("an admin releases the claim of another barista", |before, action, after| {
        let Action::WriteClaim(number) = action else { return false };
        let Some(write) = before.claim_writes.get(number) else { return false };
        let foreign = write.change.previous.as_ref().is_some_and(|holder| *holder != people::barista(write.barista));
        let version = |world: &World| claim_of(world, write).map(|(_, version)| version);
        foreign && write.purpose == ClaimPurpose::Claim(ClaimAction::Unmake) && version(before) != version(after)
    }),
    ("an order ends before the earlier event `WaitingCompletion` is applied", |before, action, after| {
        let Action::Deliver(number, _) = action else { return false };
        let (Some(slot), Some(next)) = (before.slots.get(number), after.slots.get(number)) else { return false };
        let is_created = slot.stored.as_ref().is_some_and(|stored| stored.order.status == OrderStatus::Created);
        is_created && published(slot, |event| matches!(event, PublishedEvent::Waiting(_))) && next.is_final()
    }),
    ("a command whose reply was lost is accepted", |before, action, after| {
        let Action::ReadAgain(number) = action else { return false };
        let Some(command) = before.commands.get(number).filter(|command| command.spent) else { return false };
        let accepted = |world: &World| {
            let slot = world.slots.get(command.slot);
            slot.is_some_and(|slot| slot.accepted.contains(&(command.actor, command.kind)))
        };
        !accepted(before) && accepted(after)
    }),
];

const GOALS: [(&str, Check); 21] = [
    ("an order is completed", |_, world| {
        any(world, |slot| published(slot, |event| matches!(event, PublishedEvent::Completed { .. })))
    }),
    ("a customer cancels before choosing", |_, world| any(world, |slot| cancelled(slot, Actor::Customer, false))),
    ("a customer cancels while waiting", |_, world| any(world, |slot| cancelled(slot, Actor::Customer, true))),
    ("a barista cancels", |_, world| any(world, |slot| cancelled(slot, Actor::Barista(0), true))),
    ("the wait for the customer times out", |_, world| any(world, |slot| timed_out(slot, Step::Customer))),
    ("the wait for the barista times out", |_, world| any(world, |slot| timed_out(slot, Step::Barista))),
    ("a workflow fails, and so does its order", |_, world| any(world, |slot| failed(slot, true))),
    ("an order that was never admitted is recorded as failed", |_, world| any(world, |slot| failed(slot, false))),
    ("an acknowledged scan has no order yet", |_, world| any(world, |slot| slot.acknowledged && slot.stored.is_none())),
    ("a duplicate execution starts", |_, world| world.runs.iter().filter(|run| run.slot == 0).count() > 1),
    ("a retried wait issues a second token", |_, world| {
        any(world, |slot| published(slot, |event| matches!(event, PublishedEvent::Token(token) if token.attempt > 0)))
    }),
    ("a command finds its token spent", |_, world| world.commands.iter().any(|command| command.spent)),
    ("a customer whose order was cancelled orders again", |model, world| {
        world.slots.iter().enumerate().any(|(number, slot)| slot.is_open() && model.scan(number).attempt > 1)
    }),
    ("a customer has used every attempt", |model, world| {
        world
            .slots
            .chunks(model.shape.orders_per_place.into())
            .any(|orders| orders.iter().filter(|slot| slot.is_final()).count() == 3)
    }),
    ("an order is refused because the shop is full", |_, world| any(world, |slot| refused(slot, "full"))),
    ("an order is refused because of the customer's limit", |_, world| {
        any(world, |slot| refused(slot, "customerLimit"))
    }),
    ("an order is refused because the shop has closed", |_, world| any(world, |slot| refused(slot, "closed"))),
    ("a claim is taken over", |_, world| {
        any(world, |slot| {
            slot.claims.holders.windows(2).any(|pair| matches!(pair, [(_, Some(a)), (_, Some(b))] if a != b))
        })
    }),
    ("a change of a claim loses against another", |_, world| {
        world.claim_writes.iter().any(|write| claim_of(world, write).is_some_and(|(_, now)| now != write.change.from))
    }),
    ("an admin cancels an order that another barista has claimed", |model, world| {
        let by_admin =
            |event| matches!(event, PublishedEvent::Cancelled { by: Actor::Barista(by), .. } if model.is_admin(by));
        any(world, |slot| {
            published(slot, by_admin)
                && slot.has_held(0)
                && (1..model.shape.baristas).all(|other| !slot.has_held(other))
        })
    }),
    ("an order is completed although its claim was taken over meanwhile", |_, world| {
        any(world, |slot| {
            let holder = slot.claims.holders.last().and_then(|(_, holder)| *holder);
            let is_another = |barista| holder.is_some_and(|one| one != barista);
            let by_another = |event| matches!(event, PublishedEvent::Completed { barista, .. } if is_another(barista));
            published(slot, by_another)
        })
    }),
];

fn cancelled(slot: &Slot, actor: Actor, chosen: bool) -> bool {
    let is =
        |event| matches!(event, PublishedEvent::Cancelled { choice, by } if by == actor && choice.is_some() == chosen);
    published(slot, is) && slot.is_final()
}

fn timed_out(slot: &Slot, wait: Step) -> bool {
    published(slot, |event| matches!(event, PublishedEvent::TimedOut { step, .. } if step == wait)) && slot.is_final()
}

fn failed(slot: &Slot, admitted: bool) -> bool {
    reason(slot) == Some(FAILED) && published(slot, |event| event == PublishedEvent::Started) == admitted
}

fn refused(slot: &Slot, refusal: &str) -> bool {
    reason(slot) == Some(refusal)
}

/// Returns holder and version of the claim that `write` is about to change.
fn claim_of(world: &World, write: &ClaimWrite) -> Option<(Option<u8>, u64)> {
    let slot = world.slots.get(write.slot)?;
    let holder = slot.claims.holders.last().and_then(|(_, holder)| *holder);
    Some((holder, slot.stored.as_ref()?.order.claim_version))
}
