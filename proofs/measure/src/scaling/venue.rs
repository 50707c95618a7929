//! A shop whose customers are timed.

use std::time::Duration;

use client::Error;
use client::api::Api;
use client::stack::Stack;
use client::tables::Item;
use client::token::SigningKey;
use client::venue::{Venue, Waiting, latte};
use domain::ids::OrderId;
use domain::order::OrderStatus;
use domain::shop::SettingsEdit;
use tokio::time::Instant;

const TIMEOUT: Duration = Duration::from_mins(2);
const CODE_VALIDITY: Duration = Duration::from_secs(30);
const CAPACITY: u32 = 1_000;

pub(super) struct TimedVenue {
    pub(super) venue: Venue,
    code: String,
}

impl TimedVenue {
    pub(super) async fn open(stack: &Stack, key: &SigningKey, crowd: u32) -> Result<Self, Error> {
        // Reading the table is work of the emulator too, so a large crowd reads more rarely.
        let pause = Duration::from_millis(50 + 5 * u64::from(crowd));
        let waiting = Waiting::by_table(TIMEOUT, pause).retrying(|_| false);
        let venue = Venue::new(stack, key, "growth", waiting)?.with_attempts(5)?;
        venue.open().await?;
        let capacity = SettingsEdit {
            max_orders_in_queue: Some(CAPACITY),
            drinks_per_barcode: Some(CAPACITY),
            ..SettingsEdit::default()
        };
        venue.edit(&capacity).await?;
        let code = venue.code(CODE_VALIDITY).await?;
        Ok(Self { venue, code })
    }

    pub(super) async fn refresh_code(&mut self) -> Result<(), Error> {
        self.code = self.venue.code(CODE_VALIDITY).await?;
        Ok(())
    }

    /// Scans the code. Returns the order and the duration of the request.
    pub(super) async fn scan(&self, customer: &Api) -> Result<(OrderId, Duration), Error> {
        let began = Instant::now();
        let scan = self.venue.scan_code(customer, &self.code).await?;
        Ok((scan.order_id, began.elapsed()))
    }

    /// Chooses a drink, once the order accepts it. Returns the duration of the request.
    pub(super) async fn submit(&self, customer: &Api, order_id: &OrderId) -> Result<Duration, Error> {
        self.venue.reaches(order_id, OrderStatus::Created).await?;
        let (drink, began) = (latte(), Instant::now());
        customer.submit(order_id, &drink).await?;
        Ok(began.elapsed())
    }

    pub(super) async fn serve(&self, order_id: &OrderId) -> Result<Item, Error> {
        self.venue.complete(order_id).await?;
        self.venue.reaches(order_id, OrderStatus::Completed).await?;
        Ok(self.venue.tables.order(order_id).await?.unwrap_or_default())
    }
}
