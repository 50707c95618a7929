//! Plays customers in a shop and measures how long their requests take.

use std::time::Duration;

use client::tables::Item;
use client::venue::{Venue, Waiting, latte};
use client::wait::is_early;
use client::{Api, Error, SigningKey, Stack};
use domain::ids::OrderId;
use domain::order::OrderStatus;
use domain::shop::SettingsEdit;
use tokio::time::Instant;

const TIMEOUT: Duration = Duration::from_mins(2);
/// Minimum time for which a code must still be valid before orders are placed with it.
const CODE_VALIDITY: Duration = Duration::from_secs(30);
const CAPACITY: u32 = 1_000;

pub(super) struct TimedVenue {
    pub(super) venue: Venue,
    code: String,
}

pub(super) async fn timed<T>(work: impl Future<Output = Result<T, Error>>) -> Result<(T, Duration), Error> {
    let began = Instant::now();
    Ok((work.await?, began.elapsed()))
}

impl TimedVenue {
    pub(super) async fn open(stack: &Stack, key: &SigningKey, crowd: u32) -> Result<Self, Error> {
        // Reading the table uses the emulator's CPU too, so a large crowd reads it less often.
        let pause = Duration::from_millis(50 + 5 * u64::from(crowd));
        let api = Api::new(&stack.api_url)?.with_attempts(5);
        // An overloaded emulator loses replies; a retry may come before the order shows the
        // command.
        let waiting = Waiting { is_retryable: is_early, ..Waiting::by_table(TIMEOUT, pause) };
        let venue = Venue::new(stack, key, "growth", api, waiting)?;
        venue.open().await?;
        let (max_orders_in_queue, drinks_per_barcode) = (Some(CAPACITY), Some(CAPACITY));
        venue.edit(&SettingsEdit { max_orders_in_queue, drinks_per_barcode, ..SettingsEdit::default() }).await?;
        let code = venue.code(CODE_VALIDITY).await?;
        Ok(Self { venue, code })
    }

    pub(super) async fn refresh_code(&mut self) -> Result<(), Error> {
        self.code = self.venue.code(CODE_VALIDITY).await?;
        Ok(())
    }

    pub(super) async fn scan(&self, customer: &Api) -> Result<(OrderId, Duration), Error> {
        let (scan, wall) = timed(self.venue.scan_code(customer, &self.code)).await?;
        Ok((scan.order_id, wall))
    }

    pub(super) async fn submit(&self, customer: &Api, order_id: &OrderId) -> Result<Duration, Error> {
        self.venue.reaches(order_id, OrderStatus::Created).await?;
        // An attempt that is too early is not measured.
        Ok(self.venue.retry(|| async { timed(customer.submit(order_id, &latte())).await }).await?.1)
    }

    pub(super) async fn place(&self, user: &str) -> Result<(Api, OrderId), Error> {
        let customer = self.venue.customer(user)?;
        let (order_id, _) = self.scan(&customer).await?;
        self.submit(&customer, &order_id).await?;
        Ok((customer, order_id))
    }

    pub(super) async fn serve(&self, order_id: &OrderId) -> Result<Item, Error> {
        self.venue.complete(order_id).await?;
        self.venue.reaches(order_id, OrderStatus::Completed).await?;
        Ok(self.venue.tables.order(order_id).await?.unwrap_or_default())
    }
}
