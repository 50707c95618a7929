//! Items of one shop, and the values that they hold.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::qr_code::QrKey;
use domain::shop::{Catalog, ShopSettings, ShopState};

use super::{CONFIG, LOGO, SECRET, STATE, StoredLogo};
use crate::error::AdapterError;

type Item = HashMap<String, AttributeValue>;

/// Items of a shop by sort key.
#[derive(Debug, Default)]
pub(super) struct Items(HashMap<String, Item>);

impl Items {
    pub(super) fn new(items: Vec<Item>) -> Self {
        let name = |item: &Item| item.get("item").and_then(|name| name.as_s().ok()).cloned().unwrap_or_default();
        Self(items.into_iter().map(|item| (name(&item), item)).collect())
    }

    pub(super) fn add(&mut self, name: &str, item: Option<Item>) {
        self.0.extend(item.map(|item| (name.to_owned(), item)));
    }

    pub(super) fn with(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns the state from the item `STATE`, or from `CONFIG`, where an earlier version of the
    /// program stored it.
    pub(super) fn state(&self) -> Result<Option<ShopState>, AdapterError> {
        let previous = || self.0.get(CONFIG).filter(|item| item.contains_key("storeOpen"));
        let item = self.0.get(STATE).or_else(previous).cloned();
        item.map(serde_dynamo::from_item)
            .transpose()
            .map_err(|error| AdapterError::unreadable("the shop's state", error))
    }

    pub(super) fn catalog(&self) -> Result<Catalog, AdapterError> {
        let item = self.0.get(CONFIG).cloned();
        let catalog = item.map(serde_dynamo::from_item).transpose();
        Ok(catalog
            .map_err(|error| AdapterError::unreadable("the menu, links or look of the shop", error))?
            .unwrap_or_default())
    }

    pub(super) fn settings(&self) -> Result<ShopSettings, AdapterError> {
        Ok(ShopSettings { state: self.state()?.unwrap_or_default(), catalog: self.catalog()? })
    }

    pub(super) fn logo(&self) -> Result<Option<StoredLogo>, AdapterError> {
        let logo = self.0.get(LOGO).cloned().map(serde_dynamo::from_item).transpose();
        logo.map_err(|error| AdapterError::unreadable("the logo", error))
    }

    pub(super) fn qr_key(&self) -> Result<Option<QrKey>, AdapterError> {
        let Some(item) = self.0.get(SECRET) else { return Ok(None) };
        let bytes = item.get("qrKey").and_then(|key| key.as_b().ok()).map(AsRef::<[u8]>::as_ref).unwrap_or_default();
        bytes.try_into().map(Some).map_err(|error| AdapterError::unreadable("the QR key", error))
    }

    /// Returns a count; 0 if the item or the attribute is missing, or is not a count.
    pub(super) fn count(&self, name: &str, attribute: &str) -> u32 {
        let number = self.0.get(name).and_then(|item| item.get(attribute)).and_then(|number| number.as_n().ok());
        number.and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}
