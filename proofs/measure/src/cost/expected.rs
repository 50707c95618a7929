//! What the design says that each scenario takes: a table that a run is held to. Each part of an order's way is counted once here,
//! and a scenario is the sum of its parts.
//!
//! Orders are below 1 KB without their task token and below 2 KB with it; a shop's settings with the default menu are below 1 KB.

use domain::order::OPEN_SHARDS;

use crate::cost::count::{Counts, Kind};
use crate::cost::scenario::Scenario;

const VALIDATOR: &str = "Validator";
const ORDER_MANAGER: &str = "OrderManager";
const ADMISSION: &str = "Admission";
const PROJECTOR: &str = "OrderProjector";
const ORDERS: &str = "OrdersTable";
const BY_STATUS: &str = "OrdersTable/byStatus";
const BY_CUSTOMER: &str = "OrdersTable/byCustomer";
const BY_DEADLINE: &str = "OrdersTable/openByDeadline";
const SHOPS: &str = "ShopTable";
const BUCKETS: &str = "BucketsTable";

/// What `scenario` takes. A sweep also looks at each of the `broken` executions of the last two hours.
pub fn of(scenario: Scenario, broken: u32) -> Counts {
    match scenario {
        Scenario::Completed => waits_for_barista()
            .and(&made())
            .and(&commanded("?action=complete"))
            .and(&ended("OrderManager.OrderCompleted")),
        Scenario::InvalidCode => door(),
        Scenario::NoTokens => door().with(Kind::Write, BUCKETS, 1.0),
        Scenario::ClosedAtTheDoor | Scenario::FullAtTheDoor => door().with(Kind::Read, BUCKETS, 1.0),
        Scenario::Closed | Scenario::Full => asked_for().and(&refused()),
        Scenario::CustomerLimit => scanned().and(&refused()),
        Scenario::Duplicate => scanned().and(&ignored()),
        Scenario::CustomerTimeOut => waits_for_customer().and(&ended("OrderProcessor.OrderTimeOut")),
        Scenario::BaristaTimeOut => waits_for_barista().and(&ended("OrderProcessor.OrderTimeOut")),
        Scenario::CancelledChoosing => waits_for_customer().and(&cancelled()),
        Scenario::CancelledByCustomer | Scenario::CancelledByBarista => waits_for_barista().and(&cancelled()),
        Scenario::Failed => waits_for_customer().and(&failed()),
        Scenario::PollOrder => poll("GET /orders/{id}", ORDER_MANAGER).with(Kind::Read, ORDERS, 1.0),
        Scenario::PollQueue => poll("GET /orders", ORDER_MANAGER).with(Kind::Read, BY_STATUS, 0.5),
        Scenario::PollMyOrders => poll("GET /myOrders", ORDER_MANAGER).with(Kind::Read, BY_CUSTOMER, 0.5),
        Scenario::PollDisplay => {
            poll("GET /qr-code", VALIDATOR).with(Kind::Read, SHOPS, 3.0).with(Kind::Read, BUCKETS, 1.0)
        }
        Scenario::PollConfig => poll("GET /config", "Config").with(Kind::Read, SHOPS, 1.0),
        Scenario::Settings => poll("PUT /config", "Config")
            .with(Kind::Write, SHOPS, 1.0)
            .with(Kind::Event, "ConfigService.ConfigChanged", 1.0)
            .and(&invoked("ConfigChanged", 1.0)),
        Scenario::Sweep => invoked("Sweeper", 1.0).with(Kind::Read, BY_DEADLINE, f64::from(OPEN_SHARDS) * 0.5).with(
            Kind::Read,
            ORDERS,
            f64::from(broken),
        ),
    }
}

/// A request to the API, answered by `function`.
fn poll(route: &str, function: &str) -> Counts {
    Counts::default().with(Kind::Request, route, 1.0).with(Kind::Invocation, function, 1.0)
}

/// Invoked by a rule or a stream.
fn invoked(function: &str, times: f64) -> Counts {
    Counts::default().with(Kind::Delivery, function, times).with(Kind::Invocation, function, times)
}

/// A scan up to the look at the shop: settings, orders in the bar, key.
fn door() -> Counts {
    poll("POST /qr-code", VALIDATOR).with(Kind::Read, SHOPS, 3.0)
}

/// An order is asked for: its execution starts.
fn asked_for() -> Counts {
    Counts::default().with(Kind::Event, "Validator.NewOrder", 1.0).with(Kind::Delivery, "OrderProcessor", 1.0)
}

/// A scan that is taken: one write of the bucket, done or not, then the order is asked for.
fn scanned() -> Counts {
    door().with(Kind::Write, BUCKETS, 1.0).and(&asked_for())
}

/// Admission reads the settings and tries its transaction: the order, the settings, the customer's place, the shop's place.
fn tried(order: f64) -> Counts {
    Counts::default()
        .with(Kind::Transition, "Admit", 1.0)
        .with(Kind::Invocation, ADMISSION, 1.0)
        .with(Kind::Read, SHOPS, 1.0)
        .with(Kind::Write, ORDERS, 2.0 * order)
        .with(Kind::Write, SHOPS, 2.0 * 3.0)
}

/// A new wait: its event moves the order and both its keys, its token is written beside.
fn waits(state: &str, event: &str) -> Counts {
    invoked(PROJECTOR, 2.0)
        .with(Kind::Transition, state, 1.0)
        .with(Kind::Event, event, 1.0)
        .with(Kind::Event, "OrderProcessor.TokenIssued", 1.0)
        .with(Kind::Write, ORDERS, 2.0 * 2.0)
        .with(Kind::Write, BY_STATUS, 2.0)
        .with(Kind::Write, BY_CUSTOMER, 1.0)
        .with(Kind::Write, BY_DEADLINE, 2.0)
}

fn waits_for_customer() -> Counts {
    let admitted = tried(1.0).with(Kind::Write, BY_STATUS, 1.0).with(Kind::Write, BY_CUSTOMER, 1.0).with(
        Kind::Write,
        BY_DEADLINE,
        1.0,
    );
    scanned().and(&admitted).and(&waits("AwaitCustomer", "OrderProcessor.WorkflowStarted"))
}

/// A command reads the order and resumes the workflow.
fn commanded(action: &str) -> Counts {
    poll(&format!("PUT /orders/{{id}}{action}"), ORDER_MANAGER).with(Kind::Read, ORDERS, 1.0)
}

fn waits_for_barista() -> Counts {
    let numbered = Counts::default().with(Kind::Transition, "AssignNumber", 1.0).with(Kind::Write, SHOPS, 1.0);
    waits_for_customer()
        .and(&commanded("").with(Kind::Read, SHOPS, 1.0))
        .and(&numbered)
        .and(&waits("AwaitBarista", "OrderManager.WaitingCompletion"))
}

/// A claim is one write, which lists show.
fn made() -> Counts {
    commanded("?action=make")
        .with(Kind::Event, "OrderManager.MakeOrder", 1.0)
        .with(Kind::Write, ORDERS, 2.0)
        .with(Kind::Write, BY_STATUS, 1.0)
        .with(Kind::Write, BY_CUSTOMER, 1.0)
}

/// The release: the order with its token, the shop's place, the customer's place, in one transaction.
fn released() -> Counts {
    invoked(PROJECTOR, 1.0)
        .with(Kind::Write, ORDERS, 2.0 * 2.0)
        .with(Kind::Write, BY_STATUS, 2.0)
        .with(Kind::Write, BY_CUSTOMER, 1.0)
        .with(Kind::Write, BY_DEADLINE, 1.0)
        .with(Kind::Write, SHOPS, 2.0 * 2.0)
}

/// The workflow publishes the outcome.
fn finished(event: &str) -> Counts {
    Counts::default().with(Kind::Transition, "Finish", 1.0).with(Kind::Event, event, 1.0).with(
        Kind::Event,
        "OrderProcessor.orderFinished",
        1.0,
    )
}

fn ended(event: &str) -> Counts {
    finished(event).and(&released())
}

fn cancelled() -> Counts {
    commanded("?action=cancel").and(&ended("OrderManager.OrderCancelled"))
}

/// Not let in: recorded with its two lists, looked at once, told.
fn refused() -> Counts {
    tried(1.0)
        .with(Kind::Write, ORDERS, 1.0)
        .with(Kind::Write, BY_STATUS, 1.0)
        .with(Kind::Write, BY_CUSTOMER, 1.0)
        .with(Kind::Read, ORDERS, 1.0)
        .and(&finished("OrderProcessor.ShopUnavailable"))
}

/// Another execution owns the order, whose token makes it larger.
fn ignored() -> Counts {
    tried(2.0).with(Kind::Read, ORDERS, 1.0).with(Kind::Transition, "Duplicate", 1.0)
}

/// The execution is stopped: the sweeper hears of it, reads the order, and tells.
fn failed() -> Counts {
    invoked("Sweeper", 1.0)
        .with(Kind::Read, ORDERS, 1.0)
        .with(Kind::Event, "OrderProcessor.OrderFailed", 1.0)
        .and(&released())
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "units are whole numbers and halves, which are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_completed_order_takes_five_transitions_and_the_calls_of_the_architecture() {
        let completed = of(Scenario::Completed, 0);
        let totals = [Kind::Transition, Kind::Invocation, Kind::Event, Kind::Request].map(|kind| completed.total(kind));
        assert_eq!(totals, [5.0, 10.0, 8.0, 4.0]);
        let transitions: Vec<(&str, f64)> = completed.each(Kind::Transition).collect();
        let each = ["Admit", "AssignNumber", "AwaitBarista", "AwaitCustomer", "Finish"].map(|state| (state, 1.0));
        assert_eq!(transitions, each);
    }

    #[test]
    fn whatever_ends_an_order_gives_its_places_back() {
        for scenario in [Scenario::CustomerTimeOut, Scenario::CancelledByBarista, Scenario::Failed] {
            let shop: f64 =
                of(scenario, 0).each(Kind::Write).filter(|(of, _)| *of == SHOPS).map(|(_, units)| units).sum();
            assert!(shop >= 10.0, "{}: {shop}", scenario.name());
        }
    }
}
