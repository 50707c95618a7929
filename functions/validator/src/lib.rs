//! QR codes: `GET /qr-code` returns the current code, `POST /qr-code` takes a scan and requests an
//! order.

mod picture;
mod scan;

use std::time::Duration;

use adapters::buckets::{CountWrongCodes, ReadBucket, ReplacePlace, TakeBucketToken};
use adapters::bus::Publish;
use adapters::orders::ReadOrderStatus;
use adapters::shops::{FindDisplay, ReadCatalog, ReadScanContext, ScanContext};
use bootstrap::metric::{self, Sampled};
use domain::bucket::BucketId;
use domain::ids::{ShopId, UserId};
use domain::live::SocketAddress;
use domain::order_page::OrderPage;
use domain::qr_code::{self, QrKey, Window};
use domain::timestamp::Timestamp;
use http_api::display::require_display_or_barista;
use http_api::identity::Authenticator;
use http_api::{Handler, Problem, Request, Response};
use serde::Serialize;

/// Function `validator` with the adapters that it uses.
#[derive(Debug)]
pub struct Validator<S, B, O, P> {
    /// Shop table: state, key, open orders, menu and displays.
    pub shops: S,
    /// Buckets of QR codes, and counts of wrong codes.
    pub buckets: B,
    /// Orders table, for the status of an order that was requested before.
    pub orders: O,
    /// Event bus on which orders are requested.
    pub bus: P,
    /// Verifier of bearer tokens and guest secrets.
    pub authenticator: Authenticator,
    /// Address of the pages, of which a phone opens one when it scans the code. If absent, the
    /// parameter `page` of the request gives it; without both, the answer has no address or image.
    pub order_page: Option<OrderPage>,
    /// Address of the WebSocket API, for which a scan gets a ticket. If absent, a scan gets none.
    pub live: Option<SocketAddress>,
    /// Clock of the function.
    pub now: fn() -> Timestamp,
    /// Maximum time for which a repeated scan waits until its order is recorded.
    pub patience: Duration,
    /// Limits [`metric::CAPACITY_USED`] of shops that are not full to one value a minute in each
    /// execution environment.
    pub capacity_used: Sampled,
}

/// Answer of `GET /qr-code`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QrCode {
    code: String,
    short_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    svg: Option<String>,
    expires_at: Timestamp,
    available_tokens: u32,
}

/// Operation behind a route of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Returns the current code, to displays of the shop and staff.
    Show,
    /// Takes a scan of a guest or an account, not of a display.
    Scan,
}

/// Routes of this function: method and resource as `openapi.yaml` names them, and the operation.
pub const ROUTES: &[(&str, Operation)] = &[("GET /qr-code", Operation::Show), ("POST /qr-code", Operation::Scan)];

/// Access to the shop table.
pub trait Shops: ReadScanContext + ReadCatalog + FindDisplay {}

impl<T: ReadScanContext + ReadCatalog + FindDisplay> Shops for T {}

/// Access to the table of token buckets.
pub trait Buckets: TakeBucketToken + ReadBucket + ReplacePlace + CountWrongCodes {}

impl<T: TakeBucketToken + ReadBucket + ReplacePlace + CountWrongCodes> Buckets for T {}

impl<S: Shops, B: Buckets, O: ReadOrderStatus, P: Publish> Handler for Validator<S, B, O, P> {
    async fn handle(&self, request: &Request) -> Result<Response, Problem> {
        match request.find_in(ROUTES)? {
            Operation::Show => self.show(request).await,
            Operation::Scan => self.scan(request).await.inspect_err(|problem| {
                if let Some(refused) = scan::counted_as(problem.code()) {
                    metric::count(refused);
                }
            }),
        }
    }
}

impl<S: Shops, B: Buckets, O: ReadOrderStatus, P: Publish> Validator<S, B, O, P> {
    async fn show(&self, request: &Request) -> Result<Response, Problem> {
        require_display_or_barista(request, &self.authenticator, &self.shops, (self.now)()).await?;
        request.only(&["eventId", "page"])?;
        let shop_id: ShopId = request.query("eventId")?;
        let page: Option<OrderPage> = request.query_optional("page")?;
        let (ScanContext { state, .. }, key) = self.scan_context(&shop_id, None).await?;
        let window = Window::at((self.now)());
        let bucket = BucketId { shop_id: shop_id.clone(), code_version: state.code_version, window };
        let taken = self.buckets.taken(&bucket).await?;
        let code = qr_code::code(&key, &shop_id, window);
        let page = self.order_page.as_ref().or(page.as_ref());
        let url = page.map(|page| page.link(&shop_id, &code));
        let shown = QrCode {
            short_code: qr_code::short_code(&key, &shop_id, window),
            svg: url.as_deref().map(picture::svg).transpose().map_err(|error| Problem::internal(&error))?,
            url,
            code,
            expires_at: window.ends_at(),
            available_tokens: state.drinks_per_barcode.saturating_sub(taken),
        };
        Response::json(200, &shown)
    }

    async fn scan_context(&self, shop_id: &ShopId, customer: Option<&UserId>) -> Result<(ScanContext, QrKey), Problem> {
        let mut context = self.shops.scan_context(shop_id, customer).await?;
        let key = context.key.take().ok_or_else(|| Problem::never_opened(shop_id))?;
        Ok((context, key))
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
