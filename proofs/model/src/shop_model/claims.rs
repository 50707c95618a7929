//! Claims as the order manager handles them: read, decide, and write the change if the claim still
//! has the version that was read; otherwise read and decide again.

use std::sync::Arc;

use domain::caller::{Caller, CallerKind, Role};
use domain::claim::{self, ClaimAction, ClaimChange, ClaimDecision};

use super::ShopModel;
use super::transitions::NOW;
use crate::events::{self, Actor};
use crate::world::{ClaimLog, ClaimPurpose, ClaimWrite, World};

impl ShopModel {
    pub fn is_admin(&self, barista: u8) -> bool {
        self.shape.admin && barista + 1 == self.shape.baristas
    }

    pub(super) fn caller(&self, slot: usize, actor: Actor) -> Caller {
        let roles = match actor {
            Actor::Customer => [].into(),
            Actor::Barista(barista) if self.is_admin(barista) => [Role::Admin].into(),
            Actor::Barista(_) => [Role::Barista].into(),
        };
        Caller { user_id: events::person(actor, self.scan(slot)), kind: CallerKind::Account, roles }
    }

    /// Reads the order, and decides about a change of its claim.
    pub(super) fn claim(&self, world: &mut World, slot: usize, barista: u8, action: ClaimAction) -> Option<()> {
        let actor = Actor::Barista(barista);
        let order = &world.slots.get(slot)?.stored.as_ref()?.order;
        match claim::decide(order, action, &self.caller(slot, actor), NOW) {
            Ok(ClaimDecision::Change(change)) => {
                self.begin_claim(world, slot, actor, ClaimPurpose::Claim(action), change)
            }
            Ok(ClaimDecision::Repeat) | Err(_) => Some(()),
        }
    }

    /// Begins to write a change of a claim. Only in shapes with `claims` can other actions come
    /// before the write; all others write at once, because they would have too many states.
    pub(super) fn begin_claim(
        &self,
        world: &mut World,
        slot: usize,
        actor: Actor,
        purpose: ClaimPurpose,
        change: ClaimChange,
    ) -> Option<()> {
        let Actor::Barista(barista) = actor else { return None };
        let number = world.claim_writes.len();
        world.claim_writes.push(ClaimWrite { slot, barista, purpose, change });
        if self.shape.claims { Some(()) } else { self.write_claim(world, number) }
    }

    pub(super) fn write_claim(&self, world: &mut World, number: usize) -> Option<()> {
        let write = (number < world.claim_writes.len()).then(|| world.claim_writes.remove(number))?;
        let slot = world.slots.get_mut(write.slot)?;
        let stored = slot.stored.as_mut()?;
        self.cases.claim(stored, &write.change);
        let changed = claim::apply(Arc::make_mut(stored), &write.change);
        if changed {
            let version = stored.order.claim_version;
            self.log(&mut slot.claims, &write, version);
        }
        match write.purpose {
            ClaimPurpose::Claim(_) if changed => Some(()),
            ClaimPurpose::Claim(action) => self.claim(world, write.slot, write.barista, action),
            ClaimPurpose::Command(kind) => self.ask(world, write.slot, Actor::Barista(write.barista), kind),
        }
    }

    fn log(&self, log: &mut ClaimLog, write: &ClaimWrite, version: u64) {
        let ended = log.holders.last().and_then(|(_, holder)| *holder).filter(|holder| *holder != write.barista);
        let allowed = match write.purpose {
            ClaimPurpose::Claim(ClaimAction::TakeOver(from)) => {
                log.takeovers.push(from);
                true
            }
            ClaimPurpose::Claim(ClaimAction::Unmake) => self.is_admin(write.barista),
            ClaimPurpose::Claim(ClaimAction::Make) | ClaimPurpose::Command(_) => false,
        };
        log.ended_without_right |= ended.is_some() && !allowed;
        log.holders.push((version, write.change.holder.is_some().then_some(write.barista)));
    }
}
