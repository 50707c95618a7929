//! Claims: which barista makes a drink. A claim is a pair of attributes, changed by one
//! compare-and-set; the order's status stays `WAITING`.

use crate::command::Conflict;
use crate::ids::UserId;
use crate::order::{Order, OrderStatus};

/// Change of a claim that a barista requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimAction {
    /// Claim the order.
    Make,
    /// Release the claim.
    Unmake,
}

/// Effect of a [`ClaimAction`] that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimDecision {
    /// Change the claim and increment its version.
    Change,
    /// The claim is as requested already: publish it again.
    Repeat,
}

/// Decides whether `barista` may change the claim of `order`. Only a waiting order can be claimed,
/// and only its holder changes an existing claim.
pub fn decide(order: &Order, action: ClaimAction, barista: &UserId) -> Result<ClaimDecision, Conflict> {
    match order.status {
        OrderStatus::Waiting => {}
        OrderStatus::Admitted | OrderStatus::Created => return Err(Conflict::NotReady),
        status => return Err(Conflict::WrongStatus(status)),
    }
    match (action, &order.barista_user_id) {
        (_, Some(holder)) if holder != barista => Err(Conflict::ClaimedByAnother),
        (ClaimAction::Make, None) | (ClaimAction::Unmake, Some(_)) => Ok(ClaimDecision::Change),
        (ClaimAction::Make, Some(_)) | (ClaimAction::Unmake, None) => Ok(ClaimDecision::Repeat),
    }
}

/// Changes the claim of `order` if [`decide`] returns [`ClaimDecision::Change`], as the conditional
/// update of the table does. Returns true if it changed.
pub fn apply(order: &mut Order, action: ClaimAction, barista: &UserId) -> bool {
    if decide(order, action, barista) != Ok(ClaimDecision::Change) {
        return false;
    }
    order.barista_user_id = match action {
        ClaimAction::Make => Some(barista.clone()),
        ClaimAction::Unmake => None,
    };
    order.claim_version += 1;
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::tests::stored;

    #[test]
    fn only_the_holder_changes_a_claim() {
        let mut order = stored(OrderStatus::Waiting).order;
        let (anna, bert) = ("anna".parse().unwrap(), "bert".parse().unwrap());
        assert_eq!(decide(&order, ClaimAction::Make, &anna), Ok(ClaimDecision::Change));
        assert_eq!(decide(&order, ClaimAction::Unmake, &anna), Ok(ClaimDecision::Repeat));
        order.barista_user_id = Some("anna".parse().unwrap());
        assert_eq!(decide(&order, ClaimAction::Make, &anna), Ok(ClaimDecision::Repeat));
        assert_eq!(decide(&order, ClaimAction::Unmake, &anna), Ok(ClaimDecision::Change));
        assert_eq!(decide(&order, ClaimAction::Make, &bert), Err(Conflict::ClaimedByAnother));
        assert_eq!(decide(&order, ClaimAction::Unmake, &bert), Err(Conflict::ClaimedByAnother));
    }

    #[test]
    fn an_order_is_claimed_in_the_queue_only() {
        let decided = |status| decide(&stored(status).order, ClaimAction::Make, &"anna".parse().unwrap());
        assert_eq!(decided(OrderStatus::Created), Err(Conflict::NotReady));
        assert_eq!(decided(OrderStatus::Completed), Err(Conflict::WrongStatus(OrderStatus::Completed)));
    }
}
