//! Who makes a drink. A claim is an attribute with a version, set by one conditional update; the order's status stays `WAITING`.

use crate::command::Conflict;
use crate::ids::UserId;
use crate::order::{Order, OrderStatus};

/// What a barista wants of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimAction {
    /// Take the order on.
    Make,
    /// Give it back.
    Unmake,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimDecision {
    /// Change the claim, which counts its version up.
    Change,
    /// It is so already: publish it again.
    Repeat,
}

/// What `barista`'s `action` means for `order`.
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

/// Changes the claim where [`decide`] says so: what the table's update does. Whether it did.
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
