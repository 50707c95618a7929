//! Scan of a code: takes a bucket token and requests an order. A repeated scan gets the same order,
//! or a new one if the order ended without a drink.

use std::time::Duration;

use adapters::bus::{Entry, Publish};
use adapters::orders::ReadOrderStatus;
use adapters::shops::ScanContext;
use bootstrap::metric;
use bootstrap::record;
use domain::bucket::{self, BucketId, MAX_WRONG_CODES, Place, RepeatDecision, Take, WrongCodesId};
use domain::event::{About, CodeWindow, NewOrder};
use domain::ids::{OrderId, ShopId, UserId};
use domain::live::{Live, Ticket, Topic};
use domain::qr_code::{self, QrKey, Window};
use domain::shop::{Catalog, CustomerSignIn};
use domain::timestamp::Timestamp;
use http_api::{Code, Problem, Request, Response};
use serde::Serialize;
use tokio::time::Instant;

use crate::{Buckets, Shops, Validator};

/// Capacity used by a full shop, in percent.
const FULL: f64 = 100.0;

/// Time between two reads of an order that is not recorded yet.
const PAUSE: Duration = Duration::from_millis(250);

/// Answer of `POST /qr-code`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Scanned {
    order_id: OrderId,
    /// Menu, links, name and look, so that a phone needs no second request.
    #[serde(flatten)]
    catalog: Catalog,
    /// Socket that receives messages about the customer's orders; absent without realtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Live>,
}

/// Scan with a valid code.
struct Scan {
    bucket: BucketId,
    user_id: UserId,
    /// End of the customer's credential, if it ends.
    credential_ends: Option<Timestamp>,
    key: QrKey,
    capacity: u32,
    /// Refusal of a request for a new order, if the shop or the customer can have none now.
    refusal: Option<Problem>,
}

impl Scan {
    fn order_id(&self, attempt: u32) -> Result<OrderId, Problem> {
        let BucketId { shop_id, window, .. } = &self.bucket;
        let order_id = qr_code::order_id(&self.key, shop_id, *window, &self.user_id, attempt);
        let order_id = order_id.ok_or_else(|| Problem::new(Code::Internal, "the order id could not be derived"))?;
        record::order(&order_id);
        Ok(order_id)
    }
}

impl<S: Shops, B: Buckets, O: ReadOrderStatus, P: Publish> Validator<S, B, O, P> {
    pub(crate) async fn scan(&self, request: &Request) -> Result<Response, Problem> {
        let scan = self.valid_scan(request).await?;
        // A customer who can have no new order now takes no bucket token. With a place, the scan is
        // a repetition.
        let (place, left) = if let Some(refusal) = &scan.refusal {
            let place = self.buckets.place(&scan.bucket, &scan.user_id).await?;
            let (place, taken) = place.ok_or_else(|| refusal.clone())?;
            (place, scan.capacity.saturating_sub(taken))
        } else {
            match self.buckets.take(&scan.bucket, &scan.user_id, scan.capacity, (self.now)()).await? {
                Take::Taken { left } => return self.request(&scan, 1, left, 201).await,
                Take::AlreadyTaken { place, left } => (place, left),
                Take::NoneLeft => return Err(self.none_left(scan.bucket.window)),
            }
        };
        self.repeat(&scan, place, left).await
    }

    async fn valid_scan(&self, request: &Request) -> Result<Scan, Problem> {
        let (caller, credential_ends) = self.authenticator.caller_until(request).await?;
        request.only(&["eventId", "token"])?;
        let shop_id: ShopId = request.query("eventId")?;
        let code: String = request.query("token")?;
        let (context, key) = self.scan_context(&shop_id, Some(&caller.user_id)).await?;
        self.record_capacity(&context);
        if caller.is_guest() && context.state.customer_sign_in == CustomerSignIn::Account {
            let detail = "the shop takes orders from customers with an account alone; sign in, then scan again";
            return Err(Problem::new(Code::AccountNeeded, detail));
        }
        let window = self.redeem(&key, &shop_id, &caller.user_id, &code).await?;
        Ok(Scan {
            bucket: BucketId { shop_id, code_version: context.state.code_version, window },
            user_id: caller.user_id,
            credential_ends,
            key,
            capacity: context.state.drinks_per_barcode,
            refusal: early_refusal(&context),
        })
    }

    /// Returns the window of a valid code, and counts a wrong one. After too many wrong codes, a
    /// short code is refused without a check.
    async fn redeem(&self, key: &QrKey, shop_id: &ShopId, user_id: &UserId, code: &str) -> Result<Window, Problem> {
        let now = (self.now)();
        let id = WrongCodesId { shop_id: shop_id.clone(), user_id: user_id.clone(), window: Window::at(now) };
        if qr_code::is_short(code) && self.buckets.wrong_codes(&id).await? >= MAX_WRONG_CODES {
            return Err(self.too_many_wrong_codes(id.window));
        }
        if let Some(window) = qr_code::redeem(key, shop_id, code, now) {
            return Ok(window);
        }
        if self.buckets.count_wrong_code(&id).await? > MAX_WRONG_CODES {
            return Err(self.too_many_wrong_codes(id.window));
        }
        Err(Problem::new(Code::InvalidCode, "this code is invalid or has expired; scan the display again"))
    }

    /// Answers a scan of a customer who has a place. Decides again if another scan of the same
    /// customer changed the place, and while an order that was requested a moment ago is not
    /// recorded. An answer without a recorded order would acknowledge a request that may not have
    /// been published.
    async fn repeat(&self, scan: &Scan, mut place: Place, left: u32) -> Result<Response, Problem> {
        let deadline = Instant::now() + self.patience;
        loop {
            let order_id = scan.order_id(place.attempt)?;
            let order = self.orders.status(&order_id).await?;
            let (next, status) = match bucket::repeat(place, order, (self.now)()) {
                RepeatDecision::Answer => return self.answer(scan, order_id, 200).await,
                RepeatDecision::NotRecorded(left) if Instant::now() + PAUSE > deadline => {
                    return Err(not_recorded(left));
                }
                RepeatDecision::NotRecorded(_) => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                RepeatDecision::TooManyAttempts => return Err(self.too_many_attempts(scan.bucket.window)),
                RepeatDecision::PublishAgain(next) => (next, 200),
                RepeatDecision::NewAttempt(next) => match &scan.refusal {
                    Some(refusal) => return Err(refusal.clone()),
                    None => (next, 201),
                },
            };
            if self.buckets.replace(&scan.bucket, &scan.user_id, place, next).await? {
                return self.request(scan, next.attempt, left, status).await;
            }
            let current = self.buckets.place(&scan.bucket, &scan.user_id).await?;
            (place, _) = current.ok_or_else(|| self.none_left(scan.bucket.window))?;
        }
    }

    /// Publishes the request of an order and acknowledges it with `status`.
    async fn request(&self, scan: &Scan, attempt: u32, left: u32, status: u16) -> Result<Response, Problem> {
        let order_id = scan.order_id(attempt)?;
        let event = self.new_order(scan, order_id.clone(), left);
        self.bus.publish(vec![Entry::new(&event)?]).await?;
        self.answer(scan, order_id, status).await
    }

    async fn answer(&self, scan: &Scan, order_id: OrderId, status: u16) -> Result<Response, Problem> {
        let catalog = self.shops.catalog(&scan.bucket.shop_id).await?;
        let live = self.live.as_ref().and_then(|address| {
            let topic = Topic::Customer(scan.bucket.shop_id.clone(), scan.user_id.clone());
            Live::new(address, &Ticket::new(topic, scan.credential_ends, (self.now)()), &scan.key)
        });
        Response::json(status, &Scanned { order_id, catalog, live })
    }

    fn new_order(&self, scan: &Scan, order_id: OrderId, left: u32) -> NewOrder {
        let BucketId { shop_id, window, .. } = &scan.bucket;
        NewOrder {
            about: About {
                order_id,
                user_id: scan.user_id.clone(),
                shop_id: shop_id.clone(),
                message: "A customer scanned the code".to_owned(),
                at: (self.now)(),
            },
            bucket: Some(CodeWindow {
                window: window.number(),
                starts_at: window.starts_at(),
                ends_at: window.ends_at(),
                available_tokens: left,
            }),
        }
    }

    fn none_left(&self, window: Window) -> Problem {
        let detail = "all orders of this code are taken; scan again when the display shows the next code";
        Problem::new(Code::NoTokens, detail).with_retry_after(self.seconds_left(window))
    }

    fn too_many_attempts(&self, window: Window) -> Problem {
        let detail = "your orders with this code ended without a drink; scan the display's next code";
        Problem::new(Code::TooManyAttempts, detail).with_retry_after(self.seconds_left(window))
    }

    fn too_many_wrong_codes(&self, window: Window) -> Problem {
        let detail = "you have entered too many wrong codes; scan the display, whose full code still works, or enter its next code";
        Problem::new(Code::TooManyWrongCodes, detail).with_retry_after(self.seconds_left(window))
    }

    /// Records the capacity that the shop uses. A full shop is not sampled: its alarm needs each
    /// value.
    fn record_capacity(&self, context: &ScanContext) {
        match capacity_used(context) {
            full if full >= FULL => metric::value(metric::CAPACITY_USED, full),
            used => self.capacity_used.value(metric::CAPACITY_USED, used),
        }
    }

    /// Returns a number of seconds after which the next window has begun.
    fn seconds_left(&self, window: Window) -> u32 {
        let left = window.ends_at().since((self.now)()).as_secs().saturating_add(1);
        u32::try_from(left).unwrap_or(u32::MAX)
    }
}

fn not_recorded(left: Duration) -> Problem {
    let detail = "your order was requested a moment ago and is not recorded yet; scan again in some seconds";
    let seconds = u32::try_from(left.as_secs()).unwrap_or(u32::MAX);
    Problem::new(Code::NotReady, detail).with_retry_after(seconds.saturating_add(1))
}

/// Returns the open orders of the shop in percent of `maxOrdersInQueue`, rounded down.
fn capacity_used(context: &ScanContext) -> f64 {
    let most = f64::from(context.state.max_orders_in_queue.max(1));
    (FULL * f64::from(context.in_flight) / most).floor()
}

/// Returns the metric that counts a refused scan.
pub(crate) const fn counted_as(refusal: Code) -> Option<&'static str> {
    match refusal {
        Code::ShopClosed => Some(metric::REFUSED_SHOP_CLOSED),
        Code::ShopFull => Some(metric::REFUSED_SHOP_FULL),
        Code::CustomerLimit => Some(metric::REFUSED_CUSTOMER_LIMIT),
        Code::NoTokens | Code::TooManyAttempts => Some(metric::REFUSED_NO_TOKENS),
        Code::InvalidCode | Code::TooManyWrongCodes => Some(metric::REFUSED_WRONG_CODE),
        _ => None,
    }
}

/// Returns the reason for which admission would refuse an order now. Several reasons have the same
/// precedence as in admission.
fn early_refusal(context: &ScanContext) -> Option<Problem> {
    let ScanContext { state, in_flight, open_orders, .. } = context;
    if !state.open {
        Some(Problem::new(Code::ShopClosed, "the shop takes no orders now; scan again when it is open"))
    } else if *open_orders >= state.max_orders_per_user {
        Some(Problem::new(Code::CustomerLimit, "you have an open order already; fetch or cancel it, then scan again"))
    } else if *in_flight >= state.max_orders_in_queue {
        let detail = "the shop has no capacity left; scan again in a minute";
        Some(Problem::new(Code::ShopFull, detail).with_retry_after(30))
    } else {
        None
    }
}
