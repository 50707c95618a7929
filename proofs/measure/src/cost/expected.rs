//! The counts that the design predicts for each scenario. A function here returns the counts of one
//! step of an order, and a scenario is the sum of its steps.
//!
//! Assumptions: orders are below 1 KB without a task token and below 2 KB with one. The state of a
//! shop is below 1 KB, and so is the default menu.

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
const CONNECTIONS: &str = "ConnectionsTable";

/// Returns the expected counts of `scenario`. `broken` is the number of executions that started in
/// the last two hours and then failed, timed out or were stopped. A sweep also reads their orders.
pub fn counts(scenario: Scenario, broken: u32) -> Counts {
    match scenario {
        Scenario::Completed => waits_for_barista()
            .and(&made())
            .and(&commanded("?action=complete"))
            .and(&ended("OrderManager.OrderCompleted")),
        Scenario::WithScreens => counts(Scenario::Completed, broken)
            .and(&counts(Scenario::PollOrder, broken))
            .and(&connected())
            .and(&pushed()),
        // For a short code the validator first reads how many wrong codes the customer has sent.
        Scenario::InvalidCode => scan_request().read(BUCKETS, 1.0).write(BUCKETS, 1.0),
        Scenario::NoTokens => scan_request().write(BUCKETS, 1.0),
        Scenario::ClosedAtTheDoor | Scenario::FullAtTheDoor | Scenario::LimitAtTheDoor => {
            scan_request().read(BUCKETS, 1.0)
        }
        Scenario::RepeatedScan => scan_request().read(BUCKETS, 1.0).read(ORDERS, 1.0).and(&menu()),
        Scenario::Closed | Scenario::Full | Scenario::CustomerLimit => requested().and(&refused()),
        Scenario::Duplicate => requested().and(&ignored()),
        Scenario::CustomerTimeOut => waits_for_customer().and(&ended("OrderProcessor.OrderTimeOut")),
        Scenario::BaristaTimeOut => waits_for_barista().and(&ended("OrderProcessor.OrderTimeOut")),
        Scenario::CancelledChoosing => waits_for_customer().and(&cancelled()),
        Scenario::CancelledByCustomer => waits_for_barista().and(&cancelled()),
        Scenario::CancelledByBarista => waits_for_barista().and(&claimed()).and(&cancelled()),
        Scenario::Failed => waits_for_customer().and(&failed()),
        Scenario::PollOrder => poll("GET /orders/{id}", ORDER_MANAGER).read(ORDERS, 1.0),
        Scenario::PollQueue => poll("GET /orders", ORDER_MANAGER).read(BY_STATUS, 0.5),
        Scenario::PollMyOrders => poll("GET /myOrders", ORDER_MANAGER).read(BY_CUSTOMER, 0.5),
        Scenario::PollDisplay => poll("GET /qr-code", VALIDATOR).read(SHOPS, 1.5).read(BUCKETS, 1.0),
        Scenario::PollConfig => poll("GET /config", "Config").read(SHOPS, 1.0),
        Scenario::Settings => poll("PUT /config", "Config")
            .read(SHOPS, 3.0)
            .write(SHOPS, 2.0)
            .event("ConfigService.ConfigChanged")
            .and(&invoked("ConfigChanged", 1.0).read(SHOPS, 1.0)),
        Scenario::Sweep => {
            invoked("Sweeper", 1.0).read(BY_DEADLINE, f64::from(OPEN_SHARDS) * 0.5).read(ORDERS, f64::from(broken))
        }
    }
}

fn poll(route: &str, function: &str) -> Counts {
    Counts::default().with(Kind::Request, route, 1.0).with(Kind::Invocation, function, 1.0)
}

fn invoked(function: &str, times: f64) -> Counts {
    Counts::default().with(Kind::Delivery, function, times).with(Kind::Invocation, function, times)
}

/// The start of a scan: the validator reads state, capacity, key and the customer's count.
fn scan_request() -> Counts {
    poll("POST /qr-code", VALIDATOR).read(SHOPS, 2.0)
}

/// The opening of a socket: `Live` verifies the ticket with the key of the shop and writes the
/// connection.
pub fn connected() -> Counts {
    Counts::default().with(Kind::Invocation, "Live", 1.0).read(SHOPS, 0.5).write(CONNECTIONS, 1.0)
}

/// The messages of a completed order, which phone, tablet and display receive. For each topic of an
/// event the publisher makes one query, even if the topic has no connection. The six events with
/// messages have the topic `bus`. `NewOrder` also has `board`, `MakeOrder` also `customer` and
/// `queue`. `WaitingCompletion` and `OrderCompleted` also have `customer`, `queue` and `board`.
fn pushed() -> Counts {
    invoked("Publisher", 6.0)
        .read(CONNECTIONS, 0.5 * (6.0 + 1.0 + 2.0 + 3.0 + 3.0))
        // The phone and the tablet receive the choice, the claim and the end.
        .with(Kind::Message, "order", 2.0 * 3.0)
        .with(Kind::Message, "number", 2.0)
        .with(Kind::Message, "code", 1.0)
}

fn menu() -> Counts {
    Counts::default().read(SHOPS, 0.5)
}

fn requested() -> Counts {
    Counts::default().event("Validator.NewOrder").with(Kind::Delivery, "OrderProcessor", 1.0)
}

fn scanned() -> Counts {
    scan_request().write(BUCKETS, 1.0).and(&menu()).and(&requested())
}

/// One attempt of admission: it reads the state and sends a transaction over the order, the state,
/// the customer's count and the shop's capacity. `order` is the number of write units for the order
/// outside of a transaction.
fn attempted(order: f64) -> Counts {
    Counts::default()
        .transition("Admit")
        .with(Kind::Invocation, ADMISSION, 1.0)
        .read(SHOPS, 0.5)
        .write(ORDERS, 2.0 * order)
        .write(SHOPS, 2.0 * 3.0)
}

/// A new wait: one event writes status and index keys of the order, another event its task token.
fn waits(state: &str, event: &str) -> Counts {
    invoked(PROJECTOR, 2.0)
        .transition(state)
        .event(event)
        .event("OrderProcessor.TokenIssued")
        .write(ORDERS, 2.0 * 2.0)
        .write(BY_STATUS, 2.0)
        .write(BY_CUSTOMER, 1.0)
        .write(BY_DEADLINE, 2.0)
}

fn waits_for_customer() -> Counts {
    let admitted = attempted(1.0).write(BY_STATUS, 1.0).write(BY_CUSTOMER, 1.0).write(BY_DEADLINE, 1.0);
    scanned().and(&admitted).and(&waits("AwaitCustomer", "OrderProcessor.WorkflowStarted"))
}

fn commanded(action: &str) -> Counts {
    poll(&format!("PUT /orders/{{id}}{action}"), ORDER_MANAGER).read(ORDERS, 1.0)
}

fn waits_for_barista() -> Counts {
    let numbered = Counts::default().transition("AssignNumber").write(SHOPS, 1.0);
    waits_for_customer()
        // The answer has the position in the queue.
        .and(&commanded("").and(&menu()).read(BY_STATUS, 0.5))
        .and(&numbered)
        .and(&waits("AwaitBarista", "OrderManager.WaitingCompletion"))
}

fn made() -> Counts {
    commanded("?action=make").and(&claimed())
}

fn claimed() -> Counts {
    Counts::default().event("OrderManager.MakeOrder").write(ORDERS, 2.0).write(BY_STATUS, 1.0).write(BY_CUSTOMER, 1.0)
}

/// The release of capacity: one transaction over the order, the shop's and the customer's count.
fn released() -> Counts {
    invoked(PROJECTOR, 1.0)
        .write(ORDERS, 2.0 * 2.0)
        .write(BY_STATUS, 2.0)
        .write(BY_CUSTOMER, 1.0)
        .write(BY_DEADLINE, 1.0)
        .write(SHOPS, 2.0 * 2.0)
}

fn finished(event: &str) -> Counts {
    Counts::default().transition("Finish").event(event).event("OrderProcessor.orderFinished")
}

fn ended(event: &str) -> Counts {
    finished(event).and(&released())
}

fn cancelled() -> Counts {
    commanded("?action=cancel").and(&ended("OrderManager.OrderCancelled"))
}

fn refused() -> Counts {
    attempted(1.0)
        .write(ORDERS, 1.0)
        .write(BY_STATUS, 1.0)
        .write(BY_CUSTOMER, 1.0)
        .read(ORDERS, 1.0)
        .and(&finished("OrderProcessor.ShopUnavailable"))
}

fn ignored() -> Counts {
    attempted(2.0).read(ORDERS, 1.0).transition("Duplicate")
}

fn failed() -> Counts {
    invoked("Sweeper", 1.0).read(ORDERS, 1.0).event("OrderProcessor.OrderFailed").and(&released())
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "units are whole numbers and halves, which are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_completed_order_takes_5_transitions_10_invocations_8_events_and_4_requests() {
        let completed = counts(Scenario::Completed, 0);
        let totals = [Kind::Transition, Kind::Invocation, Kind::Event, Kind::Request].map(|kind| completed.total(kind));
        assert_eq!(totals, [5.0, 10.0, 8.0, 4.0]);
        let transitions: Vec<(&str, f64)> = completed.each(Kind::Transition).collect();
        let each = ["Admit", "AssignNumber", "AwaitBarista", "AwaitCustomer", "Finish"].map(|state| (state, 1.0));
        assert_eq!(transitions, each);
    }

    #[test]
    fn a_time_out_a_cancel_and_a_failure_release_capacity() {
        for scenario in [Scenario::CustomerTimeOut, Scenario::CancelledByBarista, Scenario::Failed] {
            let shop: f64 =
                counts(scenario, 0).each(Kind::Write).filter(|(of, _)| *of == SHOPS).map(|(_, units)| units).sum();
            assert!(shop >= 10.0, "{}: {shop}", scenario.as_str());
        }
    }
}
