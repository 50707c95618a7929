//! A shop, its customers and its barista.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use client::Error;
use client::api::Api;
use client::stack::Stack;
use client::token::SigningKey;
use domain::caller::Role;
use domain::drink::DrinkRequest;
use domain::ids::{EventId, OrderId};
use domain::order::{OrderStatus, Step};
use domain::shop::SettingsEdit;
use domain::timestamp::Timestamp;
use tokio::time::{Instant, sleep};

use crate::growth::stored::{Item, Stored};

const LIFETIME: Duration = Duration::from_hours(1);
const PATIENCE: Duration = Duration::from_mins(2);
const GOOD: Duration = Duration::from_secs(30);
/// More than any crowd here.
const ROOM: u32 = 1_000;

/// A shop.
pub struct Bar {
    /// Which.
    pub shop: EventId,
    /// Who works the queue.
    pub barista: Api,
    api: Api,
    key: Arc<SigningKey>,
    stored: Stored,
    admin: Api,
    code: String,
    /// Between two looks at an order.
    pause: Duration,
}

impl Bar {
    /// A new shop with room for `crowd` customers at once.
    pub async fn open(stack: &Stack, key: &Arc<SigningKey>, stored: Stored, crowd: u32) -> Result<Self, Error> {
        let shop = format!("growth-{:08x}", fastrand::u32(..)).parse();
        let shop: EventId = shop.map_err(|error: domain::ids::InvalidId| Error::failed("no shop", error))?;
        let api = Api::new(&stack.api_url)?.with_attempts(5);
        let admin = api.with_token(key.mint("admin", &[Role::Admin], LIFETIME)?);
        let barista = api.with_token(key.mint("bea", &[Role::Barista], LIFETIME)?);
        admin.set_open(&shop, true).await?;
        let room =
            SettingsEdit { max_orders_in_queue: Some(ROOM), drinks_per_barcode: Some(ROOM), ..SettingsEdit::default() };
        admin.edit(&shop, &room, None).await?;
        // The looks of many customers are work of the emulator too.
        let pause = Duration::from_millis(50 + 5 * u64::from(crowd));
        Ok(Self { shop, barista, api, key: Arc::clone(key), stored, admin, code: String::new(), pause })
    }

    /// The API, as a customer.
    pub fn customer(&self, name: &str) -> Result<Api, Error> {
        Ok(self.api.with_token(self.key.mint(name, &[], LIFETIME)?))
    }

    /// A scan of what the display shows; and how long its customer waited.
    pub async fn scan(&self, customer: &Api) -> Result<(OrderId, Duration), Error> {
        let began = Instant::now();
        let scan = customer.scan(&self.shop, &self.code).await?;
        Ok((scan.order_id, began.elapsed()))
    }

    /// Looks at the display, which is no customer's work: what it shows then is good for half a minute and more.
    pub async fn show(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.admin.qr_code(&self.shop).await?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let now = Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
            if shown.expires_at.since(now) >= GOOD || Instant::now() > deadline {
                self.code = shown.code;
                return Ok(());
            }
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// The choice of a drink, once the workflow waits for it; and how long its customer waited for the answer.
    pub async fn submit(&self, customer: &Api, order_id: &OrderId) -> Result<Duration, Error> {
        self.until(order_id, OrderStatus::Created, Some(Step::Customer)).await?;
        let latte = DrinkRequest { drink: "Latte".into(), modifiers: vec!["Oat".into()] };
        let began = Instant::now();
        customer.submit(order_id, &latte).await?;
        Ok(began.elapsed())
    }

    /// Waits until the order is in the queue.
    pub async fn queued(&self, order_id: &OrderId) -> Result<(), Error> {
        self.until(order_id, OrderStatus::Waiting, Some(Step::Barista)).await.map(|_| ())
    }

    /// Serves an order, and gives it as it is then.
    pub async fn serve(&self, order_id: &OrderId) -> Result<Item, Error> {
        self.queued(order_id).await?;
        self.barista.complete(order_id).await?;
        self.until(order_id, OrderStatus::Completed, None).await
    }

    /// Reads the table beside the functions, so that waiting is no work of theirs.
    async fn until(&self, order_id: &OrderId, status: OrderStatus, step: Option<Step>) -> Result<Item, Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let order = self.stored.read(order_id.as_str()).await?;
            let text = |name: &str| order.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str);
            if text("status") == status.as_str() && step.is_none_or(|step| text("tokenStep") == step.as_str()) {
                return Ok(order);
            }
            if Instant::now() > deadline {
                let stands = text("status");
                return Err(Error::TimedOut(format!("the order {order_id} is {stands:?}, not {}", status.as_str())));
            }
            sleep(self.pause).await;
        }
    }
}
