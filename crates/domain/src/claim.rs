//! Claims: which barista makes a drink, and since when. A claim is part of the order's item, and
//! each change is a compare-and-set on its version; the order's status stays `WAITING`.

use serde::Serialize;

use crate::caller::Caller;
use crate::command::Conflict;
use crate::event::{About, MakeOrder};
use crate::ids::UserId;
use crate::order::{Order, OrderStatus, StoredOrder};
use crate::timestamp::Timestamp;

/// Change of a claim that a barista requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimAction {
    /// Claim the order, unless another barista holds the claim.
    Make,
    /// Take over the claim that has this version.
    TakeOver(u64),
    /// Release the claim.
    Unmake,
}

/// Change of a claim that is allowed: the new claim, and the version that it replaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimChange {
    /// Version of the claim that is replaced. The new claim has the next one.
    pub from: u64,
    /// Holder of the claim that is replaced; absent if the order was unclaimed.
    pub previous: Option<UserId>,
    /// Holder of the new claim; absent if the claim is released.
    pub holder: Option<UserId>,
    /// Time of the change.
    pub at: Timestamp,
}

/// Effect of a [`ClaimAction`] that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimDecision {
    /// Make this change, if the claim still has the version that was read.
    Change(ClaimChange),
    /// The claim is as requested already: publish it again.
    Repeat,
}

/// Claim of an order, as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Id of the barista who holds the claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barista_user_id: Option<UserId>,
    /// Time at which that barista claimed the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<Timestamp>,
    /// Number of changes of the claim.
    pub claim_version: u64,
}

impl Claim {
    /// Returns the claim of `order`.
    pub fn of(order: &Order) -> Self {
        Self {
            barista_user_id: order.barista_user_id.clone(),
            claimed_at: order.claimed_at,
            claim_version: order.claim_version,
        }
    }
}

/// Decides whether `barista` may change the claim of `order`. Only a waiting order can be claimed.
/// A takeover names the version that it replaces, so that a delayed retry does not take the claim
/// over a second time.
pub fn decide(order: &Order, action: ClaimAction, barista: &Caller, now: Timestamp) -> Result<ClaimDecision, Conflict> {
    match order.status {
        OrderStatus::Waiting => {}
        OrderStatus::Admitted | OrderStatus::Created => return Err(Conflict::NotQueued),
        status => return Err(Conflict::WrongStatus(status)),
    }
    let (holder, version) = (order.barista_user_id.as_ref(), order.claim_version);
    let is_own = holder == Some(&barista.user_id);
    let change = |holder| {
        let previous = order.barista_user_id.clone();
        Ok(ClaimDecision::Change(ClaimChange { from: version, previous, holder, at: now }))
    };
    let take = || change(Some(barista.user_id.clone()));
    match action {
        ClaimAction::Make if is_own => Ok(ClaimDecision::Repeat),
        ClaimAction::Make if holder.is_none() => take(),
        ClaimAction::TakeOver(from) if is_own && (version == from || Some(version) == from.checked_add(1)) => {
            Ok(ClaimDecision::Repeat)
        }
        ClaimAction::TakeOver(from) if version == from => take(),
        ClaimAction::TakeOver(_) if is_own || holder.is_none() => Err(Conflict::ClaimChanged(Claim::of(order))),
        ClaimAction::Unmake if holder.is_none() => Ok(ClaimDecision::Repeat),
        ClaimAction::Unmake if is_own || barista.is_admin() => change(None),
        ClaimAction::Make | ClaimAction::TakeOver(_) | ClaimAction::Unmake => {
            Err(Conflict::ClaimedByAnother(Claim::of(order)))
        }
    }
}

/// Writes `change` to `stored`, as the conditional update of the table does: only while the order
/// is waiting and its claim has the version that the change replaces. Returns true if the claim
/// changed.
pub fn apply(stored: &mut StoredOrder, change: &ClaimChange) -> bool {
    let order = &mut stored.order;
    if order.status != OrderStatus::Waiting || order.claim_version != change.from {
        return false;
    }
    order.barista_user_id.clone_from(&change.holder);
    order.claimed_at = change.holder.as_ref().map(|_| change.at);
    order.claim_version = change.from + 1;
    stored.previous_barista_user_id.clone_from(&change.previous);
    stored.released_at = change.holder.is_none().then_some(change.at);
    true
}

/// Returns the event of the last change of the claim. It depends on the stored order alone, so that
/// a repeated publication has the same content.
pub fn event(stored: &StoredOrder) -> MakeOrder {
    let order = &stored.order;
    let name = |user_id: &Option<UserId>| user_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let message =
        if order.barista_user_id.is_some() { "A barista makes the order" } else { "A barista gave the order back" };
    MakeOrder {
        about: About {
            order_id: order.order_id.clone(),
            user_id: order.user_id.clone(),
            shop_id: order.shop_id.clone(),
            message: message.to_owned(),
            // An earlier release of the application recorded no time of the change. `updated_at`
            // stays the same while the order waits, so each repeated publication has the same time.
            at: order.claimed_at.or(stored.released_at).unwrap_or(order.updated_at),
        },
        barista_user_id: name(&order.barista_user_id),
        previous_barista_user_id: Some(name(&stored.previous_barista_user_id)),
        claim_version: order.claim_version,
        claimed_at: order.claimed_at,
        order_number: order.order_number.unwrap_or_default(),
    }
}

#[cfg(test)]
#[path = "claim_tests.rs"]
mod tests;
