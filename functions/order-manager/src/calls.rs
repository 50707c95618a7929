//! Command `call`: a barista calls the customer of a completed order. A retry soon after a call
//! publishes that call again.

use adapters::bus::{Entry, Publish};
use adapters::orders::{CallOrder, Updated};
use domain::call::{self, CallDecision};
use domain::caller::Caller;
use domain::command::Conflict;
use domain::ids::OrderId;
use domain::order::{Order, StoredOrder};
use domain::timestamp::Timestamp;
use http_api::request::SMALL_BODY;
use http_api::{Problem, Request, Response, identity};
use serde::Serialize;

use crate::commands::NoBody;
use crate::{OrderManager, Reader, conflict, not_found};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallAnswer<'a> {
    order_id: &'a OrderId,
    called_at: Timestamp,
}

impl<O: CallOrder, S, W, P: Publish> OrderManager<O, S, W, P> {
    pub(crate) async fn call(
        &self,
        request: &Request,
        caller: &Caller,
        stored: &StoredOrder,
    ) -> Result<Response, Problem> {
        identity::require_barista(caller)?;
        request.json_or_default::<NoBody>(SMALL_BODY)?;
        let order = &stored.order;
        let called_at = self.record_call(order).await?;
        self.bus.publish(vec![Entry::new(&call::event(order, called_at))?]).await?;
        Response::json(200, &CallAnswer { order_id: &order.order_id, called_at })
    }

    /// Records a call, unless the order was called just now. Returns the time of the call.
    async fn record_call(&self, order: &Order) -> Result<Timestamp, Problem> {
        let now = (self.now)();
        let decide = |order: &Order| call::decide(order, now).map_err(|why| conflict(&why, Reader::Barista));
        if let CallDecision::Repeat(called_at) = decide(order)? {
            return Ok(called_at);
        }
        match self.orders.call(&order.order_id, now).await? {
            Updated::Changed(_) => Ok(now),
            Updated::Unchanged(None) => Err(not_found()),
            Updated::Unchanged(Some(current)) => match decide(&current.order)? {
                CallDecision::Repeat(called_at) => Ok(called_at),
                // Not expected, because the condition of the table is the same rule.
                CallDecision::Call => Err(conflict(&Conflict::NotReady, Reader::Barista)),
            },
        }
    }
}
