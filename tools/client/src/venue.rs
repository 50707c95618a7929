//! Plays a shop with staff and customers (a venue), for tests, measurements and exercises.

use std::time::Duration;

use domain::caller::Role;
use domain::drink::DrinkRequest;
use domain::ids::{OrderId, ShopId};
use domain::order::{OrderStatus, Step};
use domain::shop::{SettingsEdit, Shop};
use domain::text::Name;
use tokio::time::{Instant, sleep};

use crate::api::{Api, Scan};
use crate::error::Error;
use crate::stack::Stack;
use crate::tables::{Tables, text};
use crate::token::SigningKey;
use crate::{now, wait};

const TOKEN_LIFETIME: Duration = Duration::from_hours(1);
const DISPLAY_PAUSE: Duration = Duration::from_millis(500);

/// Shop, and clients of the API for its admin, its barista and callers without a token.
#[derive(Clone)]
pub struct Venue {
    /// Stack that has the shop.
    pub stack: Stack,
    /// Id of the shop.
    pub shop_id: ShopId,
    /// Client of the API with the token of an admin.
    pub admin: Api,
    /// Client of the API with the token of a barista.
    pub barista: Api,
    /// Client of the API without a token.
    pub anonymous: Api,
    /// Tables of the stack.
    pub tables: Tables,
    key: SigningKey,
    waiting: Waiting,
}

/// Settings of a venue: the source that it polls for an order, its timeout, the errors after which
/// it sends a request again, and the validity of the codes that it scans.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Maximum time of a wait.
    pub timeout: Duration,
    /// Pause between reads of the orders table, which invoke no function. If `None`, the venue
    /// polls `GET /orders/{id}` instead.
    pub table_pause: Option<Duration>,
    /// Errors after which a request is sent again.
    pub is_retryable: fn(&Error) -> bool,
    /// Minimum remaining validity of a code that is scanned. A retried scan of an expired code is
    /// refused, although the first request may have created the order.
    pub validity: Duration,
}

impl Waiting {
    /// Polls the API, and retries a request after an error for which [`wait::is_early`] is true.
    pub fn by_api(timeout: Duration) -> Self {
        Self { timeout, table_pause: None, is_retryable: wait::is_early, validity: Duration::ZERO }
    }

    /// Polls the table, and retries no request.
    pub fn by_table(timeout: Duration, pause: Duration) -> Self {
        Self { table_pause: Some(pause), is_retryable: |_| false, ..Self::by_api(timeout) }
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }
}

fn signed_in(api: &Api, key: &SigningKey, user: &str, roles: &[Role]) -> Result<Api, Error> {
    Ok(api.with_token(key.mint(user, roles, TOKEN_LIFETIME)?))
}

/// Returns a request for a latte with oat milk, which the default menu has.
pub fn latte() -> DrinkRequest {
    DrinkRequest { drink: Name::cleaned("Latte"), modifiers: vec![Name::cleaned("Oat")] }
}

impl Venue {
    /// Creates a venue for a shop with a new id, which begins with `prefix`. `api` is the client
    /// without a token; `key` signs the tokens of the others. [`Venue::open`] creates the shop.
    pub fn new(stack: &Stack, key: &SigningKey, prefix: &str, api: Api, waiting: Waiting) -> Result<Self, Error> {
        let shop_id = format!("{prefix}-{:012x}", fastrand::u64(..) >> 16).parse();
        let shop_id: ShopId =
            shop_id.map_err(|error| Error::failed(format!("no shop id begins with {prefix}"), error))?;
        Ok(Self {
            stack: stack.clone(),
            shop_id,
            admin: signed_in(&api, key, "admin", &[Role::Admin])?,
            barista: signed_in(&api, key, "barista", &[Role::Barista])?,
            anonymous: api,
            tables: Tables::new(stack),
            key: key.clone(),
            waiting,
        })
    }

    /// Returns the venue of another shop of the same stack, with the same clients.
    #[must_use]
    pub fn at(&self, shop_id: ShopId) -> Self {
        Self { shop_id, ..self.clone() }
    }

    /// Returns a client of the API for a user with these roles.
    pub fn user(&self, user: &str, roles: &[Role]) -> Result<Api, Error> {
        signed_in(&self.anonymous, &self.key, user, roles)
    }

    /// Returns a client of the API for a customer.
    pub fn customer(&self, user: &str) -> Result<Api, Error> {
        self.user(user, &[])
    }

    /// Opens the shop.
    pub async fn open(&self) -> Result<Shop, Error> {
        self.retry(|| self.admin.set_open(&self.shop_id, true)).await
    }

    /// Edits the shop's settings, whatever their version.
    pub async fn edit(&self, edit: &SettingsEdit) -> Result<Shop, Error> {
        self.retry(|| self.admin.edit(&self.shop_id, edit, None)).await
    }

    /// Returns the code of the display, once it is valid for at least `validity`. If the next code
    /// begins after the time-out, returns the current one at once.
    pub async fn code(&self, validity: Duration) -> Result<String, Error> {
        let deadline = self.waiting.deadline();
        loop {
            let shown = self.retry(|| self.admin.qr_code(&self.shop_id)).await?;
            let left = shown.expires_at.since(now());
            if left >= validity || Instant::now() + left > deadline {
                return Ok(shown.code);
            }
            sleep(left + DISPLAY_PAUSE).await;
        }
    }

    /// Scans the code of the display as the customer, once [`Venue::code`] returns it.
    pub async fn scan(&self, customer: &Api) -> Result<Scan, Error> {
        let code = self.code(self.waiting.validity).await?;
        self.scan_code(customer, &code).await
    }

    /// Scans this code as the customer.
    pub async fn scan_code(&self, customer: &Api, code: &str) -> Result<Scan, Error> {
        self.retry(|| customer.scan(&self.shop_id, code)).await
    }

    /// Submits a latte as the customer, as soon as the order accepts a drink.
    pub async fn choose(&self, customer: &Api, order_id: &OrderId) -> Result<(), Error> {
        self.ready(order_id, OrderStatus::Created).await?;
        let drink = latte();
        self.retry(|| customer.submit(order_id, &drink)).await
    }

    /// Claims the order as the barista, as soon as the order is in the queue.
    pub async fn make(&self, order_id: &OrderId) -> Result<(), Error> {
        self.ready(order_id, OrderStatus::Waiting).await?;
        self.retry(|| self.barista.make(order_id)).await.map(|_| ())
    }

    /// Completes the order as the barista, as soon as the order is in the queue.
    pub async fn complete(&self, order_id: &OrderId) -> Result<(), Error> {
        self.ready(order_id, OrderStatus::Waiting).await?;
        self.retry(|| self.barista.complete(order_id)).await
    }

    /// Waits until the order has this status. If this venue polls the table, also waits for the
    /// task token of the step.
    pub async fn reaches(&self, order_id: &OrderId, status: OrderStatus) -> Result<(), Error> {
        if self.waiting.table_pause.is_some() {
            return self.ready(order_id, status).await;
        }
        let deadline = self.waiting.deadline();
        self.retry(|| wait::order_is(&self.barista, order_id, status, deadline)).await.map(|_| ())
    }

    /// Places an order that waits for its customer's choice.
    pub async fn choosing(&self, customer: &Api) -> Result<OrderId, Error> {
        let order_id = self.scan(customer).await?.order_id;
        self.reaches(&order_id, OrderStatus::Created).await?;
        Ok(order_id)
    }

    /// Places an order that is in the barista's queue.
    pub async fn queued(&self, customer: &Api) -> Result<OrderId, Error> {
        let order_id = self.choosing(customer).await?;
        self.choose(customer, &order_id).await?;
        self.reaches(&order_id, OrderStatus::Waiting).await?;
        Ok(order_id)
    }

    /// Waits for the status and its task token if this venue polls the table. Otherwise returns at
    /// once: the API rejects a command that is too early, and the venue retries the command.
    async fn ready(&self, order_id: &OrderId, status: OrderStatus) -> Result<(), Error> {
        let Some(pause) = self.waiting.table_pause else { return Ok(()) };
        let step = match status {
            OrderStatus::Created => Step::Customer.as_str(),
            OrderStatus::Waiting => Step::Barista.as_str(),
            _ => "",
        };
        let deadline = self.waiting.deadline();
        loop {
            let order = self.tables.order(order_id).await?.unwrap_or_default();
            let has_token = step.is_empty() || text(&order, "tokenStep") == step;
            if text(&order, "status") == status.as_str() && has_token {
                return Ok(());
            }
            if Instant::now() > deadline {
                let found = text(&order, "status");
                return Err(Error::TimedOut(format!("the order {order_id} is {found:?}, not {}", status.as_str())));
            }
            sleep(pause).await;
        }
    }

    /// Sends a request, and retries it after the errors that this venue retries.
    pub async fn retry<T, F>(&self, request: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        wait::retry(self.waiting.deadline(), self.waiting.is_retryable, request).await
    }
}
