//! Takes orders at the counter: a barista orders for a person without a phone. Such an order needs
//! no QR code, but capacity of the shop.

use std::time::Duration;

use adapters::bus::{Entry, Publish};
use adapters::shops::{ReadCatalog, ReadScanContext};
use adapters::workflow::ResumeWorkflow;
use bootstrap::record;
use domain::admission::Refusal;
use domain::caller::Caller;
use domain::command::{self, CommandDecision, Conflict};
use domain::counter::{self, IdempotencyKey};
use domain::drink::{DrinkOrder, DrinkRequest};
use domain::event::{About, NewOrder};
use domain::ids::{OrderId, ShopId, UserId};
use domain::menu;
use domain::order::{OrderStatus, StoredOrder};
use domain::workflow::Submitted;
use http_api::request::SMALL_BODY;
use http_api::{Code, Problem, Request, Response, identity};
use tokio::time::Instant;

use crate::commands::{Accepted, Failed, Resume, json};
use crate::{OrderManager, Orders, Reader, conflict};

const PAUSE: Duration = Duration::from_millis(100);

/// Order at the counter.
struct CounterOrder {
    shop_id: ShopId,
    order_id: OrderId,
    user_id: UserId,
    drink: DrinkOrder,
}

impl<O: Orders, S: ReadCatalog + ReadScanContext, W: ResumeWorkflow, P: Publish> OrderManager<O, S, W, P> {
    /// Requests the order, waits for its task token and submits the drink. A repeated request
    /// continues where the first one stopped.
    pub(crate) async fn order_at_counter(&self, request: &Request, caller: &Caller) -> Result<Response, Problem> {
        identity::require_barista(caller)?;
        request.only(&["eventId"])?;
        let order = self.counter_order(request).await?;
        let deadline = Instant::now() + self.counter_patience;
        let mut stored = self.orders.order(&order.order_id).await?;
        if stored.is_none() {
            self.request(&order).await?;
        }
        loop {
            if let Some(stored) = stored {
                match command::submit(&stored, &order.drink) {
                    CommandDecision::Conflict(Conflict::NotReady) => {}
                    CommandDecision::Conflict(why) => return Err(refusal_of_key(&why, &stored)),
                    _ => return self.submit_at_counter(stored, &order).await,
                }
            }
            if Instant::now() + PAUSE > deadline {
                return Err(conflict(&Conflict::NotReady, Reader::Barista));
            }
            tokio::time::sleep(PAUSE).await;
            stored = self.orders.order(&order.order_id).await?;
        }
    }

    async fn counter_order(&self, request: &Request) -> Result<CounterOrder, Problem> {
        let shop_id: ShopId = request.query("eventId")?;
        let key = request.header("idempotency-key")?.unwrap_or_default();
        let key: IdempotencyKey = key.parse().map_err(|error: counter::InvalidKey| {
            Problem::new(Code::InvalidParameter, error.to_string()).with_field("Idempotency-Key")
        })?;
        let requested: DrinkRequest = request.json(SMALL_BODY)?;
        let derived = counter::order_id(&shop_id, &key).zip(counter::user_id(&shop_id, &key));
        let (order_id, user_id) =
            derived.ok_or_else(|| Problem::new(Code::Internal, "the order id could not be derived"))?;
        record::order(&order_id);
        let menu = self.shops.catalog(&shop_id).await?.menu;
        let drink = menu::accept(&menu, &requested)
            .map_err(|error| Problem::new(Code::InvalidDrink, error.to_string()).with_field(error.field()))?;
        Ok(CounterOrder { shop_id, order_id, user_id, drink })
    }

    /// Publishes the request, unless the shop is known to be closed or full.
    async fn request(&self, order: &CounterOrder) -> Result<(), Problem> {
        let context = self.shops.scan_context(&order.shop_id, None).await?;
        if !context.state.open {
            return Err(refused_early(Refusal::Closed));
        }
        if context.in_flight >= context.state.max_orders_in_queue {
            return Err(refused_early(Refusal::Full));
        }
        let event = NewOrder {
            about: About {
                order_id: order.order_id.clone(),
                user_id: order.user_id.clone(),
                shop_id: order.shop_id.clone(),
                message: "A barista ordered at the counter".to_owned(),
                at: (self.now)(),
            },
            bucket: None,
        };
        Ok(self.bus.publish(vec![Entry::new(&event)?]).await?)
    }

    async fn submit_at_counter(&self, stored: StoredOrder, order: &CounterOrder) -> Result<Response, Problem> {
        let decide = |stored: &StoredOrder| command::submit(stored, &order.drink);
        let output = json(&Submitted { drink_order: order.drink.clone() })?;
        self.resume(stored, decide, &Resume::Succeed(output)).await.map_err(|failed| match failed {
            // Another request with this key decided between read and write.
            Failed::Conflict(why, stored) => refusal_of_key(&why, &stored),
            Failed::Problem(problem) => problem,
        })?;
        let (order_id, status) = (&order.order_id, OrderStatus::Waiting);
        Response::json(201, &Accepted { order_id, status, position: None })
    }
}

/// Problem of a key whose order does not accept this drink: the order ended, or has another drink.
fn refusal_of_key(why: &Conflict, stored: &StoredOrder) -> Problem {
    let Conflict::WrongStatus(status) = why else { return conflict(why, Reader::Barista) };
    match Refusal::of(&stored.order) {
        Some(refusal) => refused_finally(refusal),
        None if *status == OrderStatus::Cancelled => {
            Problem::new(Code::WrongStatus, "the order of this key is CANCELLED; order again with a new key")
        }
        None => {
            let detail = "this Idempotency-Key was used for another drink; use a new key for each order";
            Problem::new(Code::IdempotencyKeyReused, detail).with_field("Idempotency-Key")
        }
    }
}

/// Problem of a request that ordered nothing.
fn refused_early(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Closed => {
            let detail = "the shop takes no orders now, and nothing was ordered; open it, then send the same key again";
            Problem::new(Code::ShopClosed, detail)
        }
        Refusal::Full | Refusal::CustomerLimit => {
            let detail = "the shop has no capacity left, and nothing was ordered; complete or cancel an order, \
                          then send the same key again";
            Problem::new(Code::ShopFull, detail).with_retry_after(30)
        }
    }
}

/// Problem of an order that admission refused. Each repetition with its key has the same answer.
fn refused_finally(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Closed => {
            Problem::new(Code::ShopClosed, "this order was refused: the shop was closed; open it, then use a new key")
        }
        Refusal::Full | Refusal::CustomerLimit => {
            let detail = "this order was refused: the shop had no capacity left; complete or cancel an order, \
                          then use a new key";
            Problem::new(Code::ShopFull, detail)
        }
    }
}
