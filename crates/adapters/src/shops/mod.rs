//! Items of shops: state, menu, logo, QR key, capacity, displays and pairings.

mod displays;
mod edit;
mod items;

pub use displays::{FindDisplay, ManageDisplays, PairDisplay};

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::ids::{ShopId, UserId};
use domain::look::Logo;
use domain::qr_code::QrKey;
use domain::shop::{Catalog, NotOnMenu, ShopChange, ShopSettings, ShopState};
use serde::{Deserialize, Serialize};

use self::items::Items;
use crate::contention::Budget;
use crate::error::AdapterError;

// Sort keys of a shop's items. `user_item` makes the key of a customer's open orders, `displays`
// those of displays and pairings. The workflow alone writes `COUNTER`, the last order number: see
// its state `AssignNumber`. An earlier version of the program stored the state of a shop in
// `CONFIG`, with the menu.
pub(crate) const STATE: &str = "STATE";
pub(crate) const CONFIG: &str = "CONFIG";
pub(crate) const FLOOR: &str = "FLOOR";
pub(crate) const LOGO: &str = "LOGO";
pub(crate) const SECRET: &str = "SECRET";

/// Number of admissions and ends so far, in [`FLOOR`]. While it is unchanged, so are the open
/// orders of the shop and of its customers: `presso recount` depends on it.
pub(crate) const CHANGES: &str = "changes";

pub(crate) fn user_item(user_id: &UserId) -> String {
    format!("USER#{user_id}")
}

/// Values of a shop and of a customer that a scan needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanContext {
    /// State and limits; the defaults if the shop was never changed.
    pub state: ShopState,
    /// Number of the shop's open orders.
    pub in_flight: u32,
    /// Number of the customer's open orders; 0 if the context was read without a customer.
    pub open_orders: u32,
    /// Key of the QR codes; `None` until the shop is first opened.
    pub key: Option<QrKey>,
}

/// Reads the context of scans.
pub trait ReadScanContext: Send + Sync {
    /// Returns state, number of open orders and key of a shop; with a customer, also the number of
    /// their open orders. The read is eventually consistent, because admission checks again.
    fn scan_context(
        &self,
        shop_id: &ShopId,
        customer: Option<&UserId>,
    ) -> impl Future<Output = Result<ScanContext, AdapterError>> + Send;
}

/// Reads the keys of shops.
pub trait ReadKey: Send + Sync {
    /// Returns the key of a shop's codes and tickets; `None` until the shop is first opened. The
    /// read is eventually consistent.
    fn key(&self, shop_id: &ShopId) -> impl Future<Output = Result<Option<QrKey>, AdapterError>> + Send;
}

/// Reads the state of a shop.
pub trait ReadShopState: Send + Sync {
    /// Returns a shop's state; the default if it was never changed. Copies a state that an earlier
    /// version of the program stored in `CONFIG` to the item `STATE`.
    fn state(&self, shop_id: &ShopId) -> impl Future<Output = Result<ShopState, AdapterError>> + Send;
}

/// Reads what shops present to people.
pub trait ReadCatalog: Send + Sync {
    /// Returns menu, links, name and look of a shop; the defaults if they were never edited. The
    /// read is eventually consistent.
    fn catalog(&self, shop_id: &ShopId) -> impl Future<Output = Result<Catalog, AdapterError>> + Send;
}

/// Reads what shops present to people, after an edit.
pub trait ReadLatestCatalog: Send + Sync {
    /// Returns menu, links, name and look of a shop, read consistently; the defaults if they were
    /// never edited.
    fn latest_catalog(&self, shop_id: &ShopId) -> impl Future<Output = Result<Catalog, AdapterError>> + Send;
}

/// Reads settings.
pub trait ReadSettings: Send + Sync {
    /// Returns a shop's settings; the defaults if it was never changed. The read is eventually
    /// consistent.
    fn settings(&self, shop_id: &ShopId) -> impl Future<Output = Result<ShopSettings, AdapterError>> + Send;
}

/// Logo that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLogo {
    /// The image, in SVG.
    pub svg: String,
    /// Hash of the image.
    pub tag: String,
}

impl From<&Logo> for StoredLogo {
    fn from(logo: &Logo) -> Self {
        Self { svg: logo.svg.clone(), tag: logo.tag() }
    }
}

/// Reads logos.
pub trait ReadLogo: Send + Sync {
    /// Returns a shop's logo, if it has one. The read is eventually consistent.
    fn logo(&self, shop_id: &ShopId) -> impl Future<Output = Result<Option<StoredLogo>, AdapterError>> + Send;
}

/// Result of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// The change was made; these are the settings after it.
    Done(Box<ShopSettings>),
    /// The settings have another version than expected; nothing changed.
    Stale,
    /// The change names a drink that the menu does not have; nothing changed.
    NotOnMenu(NotOnMenu),
}

/// Changes shops.
pub trait EditShop: Send + Sync {
    /// Reads the settings, and writes the changed ones in one transaction. If another change is
    /// written in between, reads and writes again. With `expected`, changes nothing if the settings
    /// have another version. The first opening creates the key of the shop's QR codes; a new code
    /// version replaces it.
    fn edit(
        &self,
        shop_id: &ShopId,
        change: &ShopChange,
        expected: Option<u64>,
    ) -> impl Future<Output = Result<Edited, AdapterError>> + Send;
}

/// DynamoDB table of shops.
#[derive(Debug, Clone)]
pub struct ShopTable {
    client: Client,
    name: String,
    budget: Budget,
}

impl ShopTable {
    /// Uses the table called `name`, and retries for the time of `budget`.
    pub const fn new(client: Client, name: String, budget: Budget) -> Self {
        Self { client, name, budget }
    }

    /// Reads items, and reads again those that DynamoDB left unprocessed.
    async fn read_items(&self, keys: KeysAndAttributes) -> Result<Vec<HashMap<String, AttributeValue>>, AdapterError> {
        let operation = "BatchGetItem shop";
        let (mut attempts, mut items) = (self.budget.begin(), Vec::new());
        let mut left = HashMap::from([(self.name.clone(), keys)]);
        loop {
            let read = self.client.batch_get_item().set_request_items(Some(left)).send().await;
            let answer = read.map_err(|error| AdapterError::from_sdk(operation, error))?;
            items.extend(answer.responses.and_then(|mut tables| tables.remove(&self.name)).unwrap_or_default());
            left = answer.unprocessed_keys.unwrap_or_default();
            if left.is_empty() {
                return Ok(items);
            }
            attempts.pause(AdapterError::Throttled { operation }).await?;
        }
    }

    async fn read(&self, shop_id: &ShopId, names: Vec<String>, consistent: bool) -> Result<Items, AdapterError> {
        let keys = names.iter().map(|item| key(shop_id, item)).collect();
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(consistent)
            .build()
            .map_err(|error| AdapterError::failed("BatchGetItem shop", error))?;
        let items = self.read_items(keys).await?;
        Ok(Items::new(items))
    }

    async fn item(
        &self,
        shop_id: &ShopId,
        item: &str,
        consistent: bool,
    ) -> Result<Option<HashMap<String, AttributeValue>>, AdapterError> {
        let call = self.client.get_item().table_name(&self.name).set_key(Some(key(shop_id, item)));
        let answer = call.consistent_read(consistent).send().await;
        Ok(answer.map_err(|error| AdapterError::from_sdk("GetItem shop", error))?.item)
    }

    /// Copies a state that an earlier version of the program stored in `CONFIG` to `STATE`, unless
    /// an edit has written that item meanwhile.
    async fn copy_state(&self, shop_id: &ShopId, state: &ShopState) -> Result<(), AdapterError> {
        let item: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(state).map_err(|error| AdapterError::not_serialised("the shop's state", error))?;
        let mut call = self.client.update_item().table_name(&self.name).set_key(Some(key(shop_id, STATE)));
        let mut sets = Vec::new();
        for (name, value) in item {
            sets.push(format!("#{name} = :{name}"));
            call = call
                .expression_attribute_names(format!("#{name}"), &name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        sets.sort_unstable();
        let call = call.update_expression(format!("SET {}", sets.join(", ")));
        match call.condition_expression("attribute_not_exists(#version)").send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(AdapterError::from_sdk("UpdateItem shop state", error)),
        }
    }
}

pub(crate) fn key(shop_id: &ShopId, item: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("eventId".to_owned(), AttributeValue::S(shop_id.to_string())),
        ("item".to_owned(), AttributeValue::S(item.to_owned())),
    ])
}

impl ReadScanContext for ShopTable {
    async fn scan_context(&self, shop_id: &ShopId, customer: Option<&UserId>) -> Result<ScanContext, AdapterError> {
        let names = [STATE, FLOOR, SECRET].map(ToOwned::to_owned).into_iter().chain(customer.map(user_item));
        let mut items = self.read(shop_id, names.collect(), false).await?;
        let key = items.qr_key()?;
        if key.is_some() && !items.has(STATE) {
            items.add(CONFIG, self.item(shop_id, CONFIG, false).await?);
        }
        Ok(ScanContext {
            state: items.state()?.unwrap_or_default(),
            in_flight: items.count(FLOOR, "inFlight"),
            open_orders: customer.map_or(0, |user_id| items.count(&user_item(user_id), "openOrders")),
            key,
        })
    }
}

impl ReadKey for ShopTable {
    async fn key(&self, shop_id: &ShopId) -> Result<Option<QrKey>, AdapterError> {
        let mut items = Items::default();
        items.add(SECRET, self.item(shop_id, SECRET, false).await?);
        items.qr_key()
    }
}

impl ReadShopState for ShopTable {
    async fn state(&self, shop_id: &ShopId) -> Result<ShopState, AdapterError> {
        let mut items = Items::default();
        items.add(STATE, self.item(shop_id, STATE, false).await?);
        if let Some(state) = items.state()? {
            return Ok(state);
        }
        items.add(CONFIG, self.item(shop_id, CONFIG, true).await?);
        let Some(state) = items.state()? else { return Ok(ShopState::default()) };
        self.copy_state(shop_id, &state).await?;
        Ok(state)
    }
}

impl ReadCatalog for ShopTable {
    async fn catalog(&self, shop_id: &ShopId) -> Result<Catalog, AdapterError> {
        let mut items = Items::default();
        items.add(CONFIG, self.item(shop_id, CONFIG, false).await?);
        items.catalog()
    }
}

impl ReadLatestCatalog for ShopTable {
    async fn latest_catalog(&self, shop_id: &ShopId) -> Result<Catalog, AdapterError> {
        let mut items = Items::default();
        items.add(CONFIG, self.item(shop_id, CONFIG, true).await?);
        items.catalog()
    }
}

impl ReadLogo for ShopTable {
    async fn logo(&self, shop_id: &ShopId) -> Result<Option<StoredLogo>, AdapterError> {
        self.read(shop_id, vec![LOGO.to_owned()], false).await?.logo()
    }
}

impl ReadSettings for ShopTable {
    async fn settings(&self, shop_id: &ShopId) -> Result<ShopSettings, AdapterError> {
        self.read(shop_id, vec![STATE.to_owned(), CONFIG.to_owned()], false).await?.settings()
    }
}
