//! The customers of a rush, their behavior, and the accepted commands and timed steps of each.

use client::Api;
use domain::drink::DrinkRequest;
use serde::Serialize;

use crate::cli::RushArgs;

/// Factor that spreads the customers who cancel or leave evenly. It is coprime to 100.
const STRIDE: u32 = 37;

/// The moment at which a customer cancels or leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Before the drink is chosen.
    Choosing,
    /// While the order is in the queue.
    Waiting,
}

/// The way in which a customer's visit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behavior {
    /// Stays until the order is completed.
    Stays,
    /// Cancels the order.
    Cancels(Moment),
    /// Leaves without cancelling; the order times out.
    Leaves(Moment),
}

impl Behavior {
    /// Returns the behavior of the customer with this number.
    pub(super) const fn new(number: u32, args: &RushArgs) -> Self {
        let place = number.wrapping_mul(STRIDE) % 100;
        // The place has the parity of the number. The moment alternates with the places and with
        // every hundred customers, so that half of each percentage has each moment.
        let alternating = number / 100 + place;
        let moment = if alternating.is_multiple_of(2) { Moment::Choosing } else { Moment::Waiting };
        if place < args.cancel {
            Self::Cancels(moment)
        } else if place < args.cancel.saturating_add(args.leave) {
            Self::Leaves(moment)
        } else {
            Self::Stays
        }
    }
}

/// One customer.
pub(super) struct Customer {
    pub(super) api: Api,
    pub(super) user: String,
    pub(super) drink: DrinkRequest,
    pub(super) behavior: Behavior,
}

/// The commands of one customer that the API accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Visit {
    pub(super) user_id: String,
    /// The drink that was accepted.
    pub(super) submitted: Option<String>,
    pub(super) completed: bool,
    pub(super) cancelled: bool,
}

/// The timed steps of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// From the scan to its answer.
    Scan,
    /// From the scan's answer until the order is `CREATED`.
    Admitted,
    /// From the submit to its answer.
    Submit,
    /// From the submit's answer until the order is `WAITING`.
    Queued,
    /// From the complete to its answer.
    Complete,
    /// From the complete's answer until the order is `COMPLETED`.
    Completed,
    /// From the scan until the order is `COMPLETED`.
    Whole,
}

impl Step {
    pub(super) const ALL: [(Self, &str); 7] = [
        (Self::Scan, "scan"),
        (Self::Admitted, "scan to CREATED"),
        (Self::Submit, "submit"),
        (Self::Queued, "submit to WAITING"),
        (Self::Complete, "complete"),
        (Self::Completed, "complete to COMPLETED"),
        (Self::Whole, "scan to COMPLETED"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(cancel: u32, leave: u32) -> RushArgs {
        RushArgs { orders: 1, concurrency: 1, raise_limits: false, cancel, leave, attempts: 1, patience: 1 }
    }

    #[test]
    fn the_given_percentages_of_customers_cancel_and_leave() {
        let all: Vec<Behavior> = (0..1_000).map(|number| Behavior::new(number, &args(20, 10))).collect();
        let count = |wanted| all.iter().filter(|behavior| **behavior == wanted).count();
        for moment in [Moment::Choosing, Moment::Waiting] {
            assert_eq!((count(Behavior::Cancels(moment)), count(Behavior::Leaves(moment))), (100, 50));
        }
        let odd = |number| Behavior::new(number, &args(1, 3));
        let count = |wanted| (0..1_000).filter(|number| odd(*number) == wanted).count();
        for moment in [Moment::Choosing, Moment::Waiting] {
            assert_eq!((count(Behavior::Cancels(moment)), count(Behavior::Leaves(moment))), (5, 15));
        }
        assert!((0..1_000).all(|number| Behavior::new(number, &args(0, 0)) == Behavior::Stays));
    }
}
