//! Traffic beside the crowd, for calls that a crowd makes rarely or never: released claims, lists,
//! edits of settings, refused orders, executions that are stopped or hang, and sweeps.
//! Most kinds of traffic end when each of their faults was injected often enough, or after many
//! rounds without a new fault. At most eight executions are stopped. `aimed` places orders for each
//! failure of a workflow state until it has occurred often enough, in at most eight passes.

mod aimed;
mod customers;
mod settings;
mod sweeps;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use client::venue::{Venue, Waiting};
use client::{Api, Error, SigningKey, Stack, wait};
use domain::ids::{OrderId, ShopId};
use domain::shop::SettingsEdit;
use harness::orders::{new_order_id, request_order};
use tokio::task::JoinSet;

use crate::courier::Courier;
use crate::coverage::Coverage;
use crate::crowd::Accepted;
use crate::fault::CallKind;
use crate::proxy::Proxy;

const PAUSE: Duration = Duration::from_millis(200);

/// Maximum wait for one step of an order, so that a lost order does not block its worker for ever.
const STEP_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
pub struct Shops {
    pub crowd: ShopId,
    pub open: ShopId,
    pub closed: ShopId,
    pub edited: Vec<ShopId>,
}

impl Shops {
    fn new(open: &ShopId) -> Result<Self, Error> {
        let id = |name: &str| {
            format!("{open}-{name}").parse().map_err(|error| Error::failed("the id of a shop is not valid", error))
        };
        let edited = (0..3).map(|number| id(&format!("edited-{number}"))).collect::<Result<_, _>>()?;
        Ok(Self { crowd: id("crowd")?, open: open.clone(), closed: id("closed")?, edited })
    }

    pub fn all(&self) -> Vec<ShopId> {
        [&self.crowd, &self.open, &self.closed].into_iter().chain(&self.edited).cloned().collect()
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Number of times that each failure must occur in executions that started after `since`.
    pub minimum: u32,
    /// Share of the orders that each failure of a state hits.
    pub share: f64,
    pub since: SystemTime,
}

#[derive(Clone)]
pub struct Traffic {
    pub shops: Shops,
    venue: Venue,
    proxy: Arc<Proxy>,
    courier: Arc<Courier>,
    accepted: Arc<Mutex<BTreeMap<OrderId, Accepted>>>,
    target: Target,
}

impl Traffic {
    pub async fn new(
        stack: &Stack,
        key: &SigningKey,
        proxy: Arc<Proxy>,
        courier: Arc<Courier>,
        target: Target,
    ) -> Result<Self, Error> {
        let is_retryable = |error: &Error| wait::is_transient(error) || wait::is_early(error);
        let waiting = Waiting { is_retryable, ..Waiting::by_api(STEP_TIMEOUT) };
        let venue = Venue::new(stack, key, "chaos", Api::new(&stack.api_url)?, waiting)?;
        let shops = Shops::new(&venue.shop_id)?;
        for shop in shops.all().into_iter().filter(|shop| *shop != shops.closed) {
            venue.at(shop).open().await?;
        }
        let limits = SettingsEdit {
            drinks_per_barcode: Some(1_000),
            max_orders_in_queue: Some(10_000),
            ..SettingsEdit::default()
        };
        for shop in [&shops.crowd, &shops.open] {
            venue.at(shop.clone()).edit(&limits).await?;
        }
        Ok(Self { shops, venue, proxy, courier, accepted: Arc::default(), target })
    }

    pub async fn run(self) -> Result<BTreeMap<OrderId, Accepted>, Error> {
        let accepted = Arc::clone(&self.accepted);
        let mut workers = JoinSet::new();
        for number in 0..4 {
            workers.spawn(customers::serve(self.clone(), number));
        }
        workers.spawn(customers::refuse(self.clone()));
        for shop in self.shops.edited.clone() {
            workers.spawn(settings::edit(self.clone(), shop));
        }
        workers.spawn(sweeps::stop_some(self.clone()));
        workers.spawn(sweeps::cover(self.clone()));
        workers.spawn(aimed::fail_each(self));
        while let Some(ended) = workers.join_next().await {
            ended.map_err(|error| Error::failed("a worker failed", error))?;
        }
        Ok(std::mem::take(&mut *accepted.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn coverage(&self, selected: fn(CallKind) -> bool) -> Coverage {
        self.proxy.matrix().coverage(selected)
    }

    fn note_accepted(&self, order_id: &OrderId, change: impl FnOnce(&mut Accepted)) {
        let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        change(accepted.entry(order_id.clone()).or_default());
    }

    async fn request(&self, shop: &ShopId, user: &str) -> Result<OrderId, Error> {
        self.request_as(&new_order_id(), shop, user).await
    }

    async fn request_as(&self, order_id: &str, shop: &ShopId, user: &str) -> Result<OrderId, Error> {
        let order_id = request_order(&self.venue.stack, order_id, shop, user).await?;
        self.note_accepted(&order_id, |_| {});
        Ok(order_id)
    }
}
