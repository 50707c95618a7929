//! Shops: settings, QR key and capacity, each an item under the shop's id.

mod edit;

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::ids::ShopId;
use domain::qr_code::QrKey;
use domain::shop::{SettingsEdit, ShopSettings};

use crate::contention::Budget;
use crate::error::AdapterError;

// Sort keys of a shop's items. `orders::user_item` makes the key of a customer's open orders. The
// workflow alone writes `COUNTER`, the last order number: see its state `AssignNumber`.
pub(crate) const CONFIG: &str = "CONFIG";
pub(crate) const FLOOR: &str = "FLOOR";
pub(crate) const SECRET: &str = "SECRET";

/// State of a shop that a scan needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopState {
    /// Settings; the defaults if the shop was never edited.
    pub settings: ShopSettings,
    /// Number of open orders.
    pub in_flight: u32,
    /// Key of the QR codes; `None` until the shop is first opened.
    pub key: Option<QrKey>,
}

/// Reads settings.
pub trait ReadSettings: Send + Sync {
    /// Returns a shop's settings; the defaults if it was never edited.
    fn settings(&self, shop_id: &ShopId) -> impl Future<Output = Result<ShopSettings, AdapterError>> + Send;
}

/// Reads the state of a shop.
pub trait ReadShopState: Send + Sync {
    /// Returns settings, open orders and key, read consistently, as a rule in one call.
    fn shop_state(&self, shop_id: &ShopId) -> impl Future<Output = Result<ShopState, AdapterError>> + Send;
}

/// Result of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// The edit was made; these are the current settings.
    Done(Box<ShopSettings>),
    /// The settings have another version than expected; nothing changed.
    Stale,
}

/// Edits settings. No edit changes a count.
pub trait EditSettings: Send + Sync {
    /// Writes the settings that `edit` names. With `expected`, only if the settings still have this
    /// version.
    fn edit(
        &self,
        shop_id: &ShopId,
        edit: &SettingsEdit,
        expected: Option<u64>,
    ) -> impl Future<Output = Result<Edited, AdapterError>> + Send;

    /// Opens or closes the shop. The first opening creates the key of its QR codes.
    fn set_open(&self, shop_id: &ShopId, open: bool)
    -> impl Future<Output = Result<ShopSettings, AdapterError>> + Send;
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

    /// Reads items, and reads again those that DynamoDB left out under load.
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
}

pub(crate) fn key(shop_id: &ShopId, item: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("eventId".to_owned(), AttributeValue::S(shop_id.to_string())),
        ("item".to_owned(), AttributeValue::S(item.to_owned())),
    ])
}

fn settings_of(item: HashMap<String, AttributeValue>) -> Result<ShopSettings, AdapterError> {
    serde_dynamo::from_item(item).map_err(|error| AdapterError::unreadable("the shop's settings", error))
}

impl ReadSettings for ShopTable {
    async fn settings(&self, shop_id: &ShopId) -> Result<ShopSettings, AdapterError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key(shop_id, CONFIG)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("GetItem settings", error))?;
        answer.item.map_or_else(|| Ok(ShopSettings::default()), settings_of)
    }
}

impl ReadShopState for ShopTable {
    async fn shop_state(&self, shop_id: &ShopId) -> Result<ShopState, AdapterError> {
        let keys = KeysAndAttributes::builder()
            .set_keys(Some([CONFIG, FLOOR, SECRET].map(|item| key(shop_id, item)).to_vec()))
            .consistent_read(true)
            .build()
            .map_err(|error| AdapterError::failed("BatchGetItem shop", error))?;
        shop_state_from(self.read_items(keys).await?)
    }
}

fn shop_state_from(items: Vec<HashMap<String, AttributeValue>>) -> Result<ShopState, AdapterError> {
    let mut state = ShopState { settings: ShopSettings::default(), in_flight: 0, key: None };
    for item in items {
        let kind = item.get("item").and_then(|kind| kind.as_s().ok()).cloned().unwrap_or_default();
        match kind.as_str() {
            CONFIG => state.settings = settings_of(item)?,
            FLOOR => {
                let text = item.get("inFlight").and_then(|number| number.as_n().ok());
                state.in_flight = text.and_then(|text| text.parse().ok()).unwrap_or(0);
            }
            SECRET => {
                let bytes =
                    item.get("qrKey").and_then(|key| key.as_b().ok()).map(AsRef::<[u8]>::as_ref).unwrap_or_default();
                state.key = Some(bytes.try_into().map_err(|error| AdapterError::unreadable("the QR key", error))?);
            }
            _ => {}
        }
    }
    Ok(state)
}
