//! QR codes: `GET /qr-code` returns the current code, `POST /qr-code` takes a scan and requests an
//! order.

use adapters::buckets::{ReadBucket, TakeBucketToken};
use adapters::bus::{Entry, Publish};
use adapters::shops::{ReadShopState, ShopState};
use domain::bucket::Take;
use domain::event::{About, CodeWindow, NewOrder};
use domain::ids::{OrderId, ShopId, UserId};
use domain::qr_code::{self, QrKey, Window};
use domain::timestamp::Timestamp;
use http_api::identity::{self, Authenticator};
use http_api::{Code, Handler, Problem, Request, Response};
use serde::Serialize;

/// Function `validator` with the adapters that it uses.
#[derive(Debug)]
pub struct Validator<S, B, P> {
    /// Shop table: settings, key and open orders.
    pub shops: S,
    /// Token buckets of QR codes.
    pub buckets: B,
    /// Event bus on which orders are requested.
    pub bus: P,
    /// Verifier of bearer tokens.
    pub authenticator: Authenticator,
    /// Page that a phone opens when it scans the code. If empty, the QR code holds a relative
    /// reference.
    pub order_page_url: String,
    /// Clock of the function.
    pub now: fn() -> Timestamp,
}

/// Answer of `GET /qr-code`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QrCode {
    code: String,
    url: String,
    expires_at: Timestamp,
    available_tokens: u32,
}

/// Answer of `POST /qr-code`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Scanned {
    order_id: OrderId,
}

/// Scan with a valid code.
struct Scan {
    shop_id: ShopId,
    user_id: UserId,
    order_id: OrderId,
    window: Window,
}

/// Operation behind a route of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Returns the current code, to admins.
    Show,
    /// Takes a scan, from any signed-in caller.
    Scan,
}

/// Routes of this function: method and resource as `openapi.yaml` names them, and the operation.
pub const ROUTES: &[(&str, Operation)] = &[("GET /qr-code", Operation::Show), ("POST /qr-code", Operation::Scan)];

impl<S: ReadShopState, B: TakeBucketToken + ReadBucket, P: Publish> Handler for Validator<S, B, P> {
    async fn handle(&self, request: &Request) -> Result<Response, Problem> {
        match request.find_in(ROUTES)? {
            Operation::Show => self.show(request).await,
            Operation::Scan => self.scan(request).await,
        }
    }
}

impl<S: ReadShopState, B: TakeBucketToken + ReadBucket, P: Publish> Validator<S, B, P> {
    async fn show(&self, request: &Request) -> Result<Response, Problem> {
        let caller = self.authenticator.caller(request).await?;
        identity::require_admin(&caller)?;
        request.only(&["eventId"])?;
        let shop_id: ShopId = request.query("eventId")?;
        let (state, key) = self.shop_state(&shop_id).await?;
        let window = Window::at((self.now)());
        let taken = self.buckets.taken(&shop_id, window).await?;
        let code = qr_code::code(&key, &shop_id, window);
        let shown = QrCode {
            url: self.order_page(&shop_id, &code),
            code,
            expires_at: window.ends_at(),
            available_tokens: state.settings.drinks_per_barcode.saturating_sub(taken),
        };
        Response::json(200, &shown)
    }

    async fn scan(&self, request: &Request) -> Result<Response, Problem> {
        let caller = self.authenticator.caller(request).await?;
        request.only(&["eventId", "token"])?;
        let shop_id: ShopId = request.query("eventId")?;
        let code: String = request.query("token")?;
        let (state, key) = self.shop_state(&shop_id).await?;
        let window = qr_code::redeem(&key, &shop_id, &code, (self.now)()).ok_or_else(|| {
            Problem::new(Code::InvalidCode, "this code is invalid or has expired; scan the display again")
        })?;
        let order_id = qr_code::order_id(&key, &shop_id, window, &caller.user_id)
            .ok_or_else(|| Problem::new(Code::Internal, "the order id could not be derived"))?;
        tracing::Span::current().record("order_id", order_id.as_str());
        let scan = Scan { shop_id, user_id: caller.user_id, order_id, window };
        self.refuse_early(&state, &scan).await?;
        let capacity = state.settings.drinks_per_barcode;
        let (status, left) = match self.buckets.take(&scan.shop_id, window, &scan.user_id, capacity).await? {
            Take::Taken { left } => (201, left),
            Take::AlreadyTaken { left } => (200, left),
            Take::NoneLeft => return Err(self.none_left(window)),
        };
        // A repeated scan publishes again, because an earlier try may have failed here. Admission
        // ignores the duplicate.
        let event = self.new_order(&scan, left);
        self.bus.publish(vec![Entry::new(&event)?]).await?;
        Response::json(status, &Scanned { order_id: scan.order_id })
    }

    async fn shop_state(&self, shop_id: &ShopId) -> Result<(ShopState, QrKey), Problem> {
        let mut state = self.shops.shop_state(shop_id).await?;
        let key = state.key.take().ok_or_else(|| {
            let detail = format!("the shop {shop_id} was never opened; an admin opens it with PUT /store?state=open");
            Problem::new(Code::ShopNotFound, detail)
        })?;
        Ok((state, key))
    }

    /// Refuses before a bucket token is taken. A customer who has one of this window gets the first
    /// answer again.
    async fn refuse_early(&self, state: &ShopState, scan: &Scan) -> Result<(), Problem> {
        let problem = if !state.settings.open {
            Problem::new(Code::ShopClosed, "the shop takes no orders now; scan again when it is open")
        } else if state.in_flight >= state.settings.max_orders_in_queue {
            Problem::new(Code::ShopFull, "the shop has no capacity left; scan again in a minute").with_retry_after(30)
        } else {
            return Ok(());
        };
        if self.buckets.has_taken(&scan.shop_id, scan.window, &scan.user_id).await? { Ok(()) } else { Err(problem) }
    }

    fn none_left(&self, window: Window) -> Problem {
        let wait = window.ends_at().since((self.now)()).as_secs().saturating_add(1);
        Problem::new(
            Code::NoTokens,
            "all orders of this code are taken; scan again when the display shows the next code",
        )
        .with_retry_after(u32::try_from(wait).unwrap_or(u32::MAX))
    }

    fn new_order(&self, scan: &Scan, left: u32) -> NewOrder {
        NewOrder {
            about: About {
                order_id: scan.order_id.clone(),
                user_id: scan.user_id.clone(),
                shop_id: scan.shop_id.clone(),
                message: "A customer scanned the code".to_owned(),
                at: (self.now)(),
            },
            bucket: Some(CodeWindow {
                window: scan.window.number(),
                starts_at: scan.window.starts_at(),
                ends_at: scan.window.ends_at(),
                available_tokens: left,
            }),
        }
    }

    fn order_page(&self, shop_id: &ShopId, code: &str) -> String {
        let page = &self.order_page_url;
        let joint = if page.contains('?') { '&' } else { '?' };
        format!("{page}{joint}eventId={shop_id}&token={code}")
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
