//! Orders over HTTP: `GET /orders`, `GET /myOrders` and `GET /orders/{id}` return orders,
//! `POST /orders` creates an order at the counter, `PUT /orders/{id}` runs commands. A lifecycle
//! command resumes the workflow with the task token, which works once. Only events change the
//! status of an order.

mod calls;
mod claims;
mod commands;
mod counter;
mod lists;

use std::time::Duration;

use adapters::bus::Publish;
use adapters::orders::{CallOrder, ClaimOrder, ListOrders, ReadOrder, ReadQueue};
use adapters::shops::{ReadCatalog, ReadScanContext};
use adapters::workflow::ResumeWorkflow;
use bootstrap::record;
use domain::caller::Caller;
use domain::claim::ClaimAction;
use domain::command::{self, Conflict};
use domain::ids::OrderId;
use domain::order::{Order, OrderStatus, StoredOrder};
use domain::timestamp::Timestamp;
use domain::waiting::{self, QueuePosition, QueuedOrder};
use http_api::identity::Authenticator;
use http_api::{Code, Handler, Problem, Request, Response};

/// Function `order-manager` with the adapters that it uses.
#[derive(Debug)]
pub struct OrderManager<O, S, W, P> {
    /// Orders table: reading, listing, claiming, calling.
    pub orders: O,
    /// Menus of shops, and their capacity for orders at the counter.
    pub shops: S,
    /// The workflow, to resume waiting executions.
    pub workflow: W,
    /// Event bus on which claims and calls are published.
    pub bus: P,
    /// Verifier of bearer credentials.
    pub authenticator: Authenticator,
    /// Clock of the function.
    pub now: fn() -> Timestamp,
    /// Maximum time to wait for the projection after a task token was found spent.
    pub patience: Duration,
    /// Maximum time to wait until an order at the counter accepts its drink.
    pub counter_patience: Duration,
}

/// Access to the orders table.
pub trait Orders: ReadOrder + ReadQueue + ListOrders + ClaimOrder + CallOrder {}

impl<T: ReadOrder + ReadQueue + ListOrders + ClaimOrder + CallOrder> Orders for T {}

/// Operation behind a route of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Lists a shop's orders of one status, to baristas.
    Queue,
    /// Orders for a person at the counter; for baristas.
    Counter,
    /// Lists the caller's orders in a shop.
    MyOrders,
    /// Returns one order, to its customer and to baristas.
    Show,
    /// Runs a command on an order. The query parameter `action` names the command.
    Command,
}

/// Routes of this function: method and resource as `openapi.yaml` names them, and the operation.
pub const ROUTES: &[(&str, Operation)] = &[
    ("GET /orders", Operation::Queue),
    ("POST /orders", Operation::Counter),
    ("GET /myOrders", Operation::MyOrders),
    ("GET /orders/{id}", Operation::Show),
    ("PUT /orders/{id}", Operation::Command),
];

impl<O: Orders, S: ReadCatalog + ReadScanContext, W: ResumeWorkflow, P: Publish> Handler for OrderManager<O, S, W, P> {
    async fn handle(&self, request: &Request) -> Result<Response, Problem> {
        let caller = self.authenticator.caller(request).await?;
        match request.find_in(ROUTES)? {
            Operation::Queue => self.queue(request, &caller).await,
            Operation::Counter => self.order_at_counter(request, &caller).await,
            Operation::MyOrders => self.my_orders(request, &caller).await,
            Operation::Show => {
                request.only(&[])?;
                let StoredOrder { order, .. } = self.visible(request, &caller).await?;
                let queue = self.queue_position(&order).await?;
                Response::json(200, &QueuedOrder { order: command::as_seen_by(order, &caller), queue })
            }
            Operation::Command => self.command(request, &caller).await,
        }
    }
}

impl<O: Orders, S: ReadCatalog, W: ResumeWorkflow, P: Publish> OrderManager<O, S, W, P> {
    async fn command(&self, request: &Request, caller: &Caller) -> Result<Response, Problem> {
        request.only(&["action", "from"])?;
        let action: Option<String> = request.query_optional("action")?;
        let make = claims::from(request, action.as_deref())?.map_or(ClaimAction::Make, ClaimAction::TakeOver);
        let stored = self.visible(request, caller).await?;
        match action.as_deref() {
            None => self.submit(request, caller, stored).await,
            Some("cancel") => self.cancel(request, caller, stored).await,
            Some("make") => self.claim(request, caller, stored, make).await,
            Some("unmake") => self.claim(request, caller, stored, ClaimAction::Unmake).await,
            Some("complete") => self.complete(request, caller, stored).await,
            Some("call") => self.call(request, caller, &stored).await,
            Some(_) => {
                let detail =
                    "action must be cancel, make, unmake, complete or call; without it the body chooses the drink";
                Err(Problem::new(Code::InvalidParameter, detail).with_field("action"))
            }
        }
    }

    /// Returns the order that the path names, if `caller` may see it.
    async fn visible(&self, request: &Request, caller: &Caller) -> Result<StoredOrder, Problem> {
        let order_id: OrderId = request.path("id").ok_or_else(not_found)?;
        let stored = self.read(&order_id).await?;
        record::shop(&stored.order.shop_id);
        if command::may_see(&stored, caller) { Ok(stored) } else { Err(not_found()) }
    }

    /// Returns position and estimate of an order. Both are absent if it is not in the queue.
    async fn queue_position(&self, order: &Order) -> Result<QueuePosition, Problem> {
        let Some(measured) = waiting::measured_for(order) else { return Ok(QueuePosition::default()) };
        let (ahead, completions) = tokio::try_join!(
            self.orders.ahead(&order.shop_id, measured.order_number),
            self.orders.completions(&order.shop_id, &measured)
        )?;
        Ok(QueuePosition::new(ahead, &completions, measured.until))
    }

    async fn read(&self, order_id: &OrderId) -> Result<StoredOrder, Problem> {
        self.orders.order(order_id).await?.ok_or_else(not_found)
    }
}

fn not_found() -> Problem {
    Problem::new(Code::OrderNotFound, "the order does not exist; after a scan it may take some seconds to appear")
}

/// Person to whom a conflict says what to do next.
#[derive(Debug, Clone, Copy)]
enum Reader {
    Customer,
    Barista,
}

impl Reader {
    /// Returns the next step after a command that this status does not allow.
    const fn next_step(self, status: OrderStatus) -> &'static str {
        match (self, status) {
            (Self::Customer, OrderStatus::Completed | OrderStatus::Cancelled) => "scan the display again to order",
            (Self::Customer, _) => "its drink is chosen; for another one cancel the order, then scan the display again",
            (Self::Barista, OrderStatus::Completed | OrderStatus::Cancelled) => "reload the queue",
            (Self::Barista, _) => "only a completed order can be called",
        }
    }
}

fn conflict(conflict: &Conflict, reader: Reader) -> Problem {
    let detail = conflict.to_string();
    match conflict {
        Conflict::WrongStatus(status) => {
            Problem::new(Code::WrongStatus, format!("{detail}; {}", reader.next_step(*status)))
        }
        Conflict::NotReady => Problem::new(Code::NotReady, detail).with_retry_after(1),
        Conflict::NotQueued => Problem::new(Code::NotReady, detail).with_retry_after(5),
        Conflict::ClaimedByAnother(claim) => Problem::new(Code::ClaimedByAnother, detail).with_members(claim),
        Conflict::ClaimChanged(claim) => Problem::new(Code::ClaimChanged, detail).with_members(claim),
        Conflict::TooLateToCall => Problem::new(Code::TooLateToCall, detail),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
