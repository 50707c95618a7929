//! Changes a shop: reads its items, applies the change, and writes the changed items in one
//! transaction. The write is conditional on the version that was read.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Delete, Put, TransactWriteItem};
use domain::ids::ShopId;
use domain::shop::{ShopChange, ShopSettings};
use serde::Serialize;

use super::items::Items;
use super::{CONFIG, EditShop, Edited, LOGO, SECRET, STATE, ShopTable, StoredLogo, key};
use crate::error::AdapterError;
use crate::orders::retryable;

const OPERATION: &str = "TransactWriteItems shop";

/// Change that is ready to be written.
struct Write<'a> {
    shop_id: &'a ShopId,
    change: &'a ShopChange,
    stored: &'a Items,
    before: &'a ShopSettings,
    after: &'a ShopSettings,
}

impl ShopTable {
    /// Reads the items that an edit needs. The state, which has the version, is read before the
    /// others: if another edit is written after this read, the condition of the write fails.
    async fn stored(&self, shop_id: &ShopId) -> Result<Items, AdapterError> {
        let state = self.read(shop_id, vec![STATE.to_owned()], true).await?;
        let others = self.read(shop_id, vec![CONFIG.to_owned(), SECRET.to_owned()], true).await?;
        Ok(state.with(others))
    }

    async fn try_edit(
        &self,
        shop_id: &ShopId,
        change: &ShopChange,
        expected: Option<u64>,
    ) -> Result<Edited, AdapterError> {
        let stored = self.stored(shop_id).await?;
        let before = stored.settings()?;
        if expected.is_some_and(|version| version != before.state.version) {
            return Ok(Edited::Stale);
        }
        let after = match change.apply(&before) {
            Ok(after) => after,
            Err(refused) => return Ok(Edited::NotOnMenu(refused)),
        };
        self.write(&Write { shop_id, change, stored: &stored, before: &before, after: &after }).await?;
        Ok(Edited::Done(Box::new(after)))
    }

    /// Writes the change. The error is retryable if the version has changed since the read, or if
    /// the transaction was contended or throttled.
    async fn write(&self, write: &Write<'_>) -> Result<(), AdapterError> {
        let mut puts = vec![self.put_state(write)?];
        let catalog = &write.after.catalog;
        if !write.stored.has(CONFIG) || *catalog != write.before.catalog {
            puts.push(self.put(write.shop_id, CONFIG, catalog)?);
        }
        puts.extend(self.put_key(write)?);
        let mut items = Vec::new();
        match write.change {
            ShopChange::SetLogo(Some(logo)) => puts.push(self.put(write.shop_id, LOGO, &StoredLogo::from(logo))?),
            ShopChange::SetLogo(None) => items.push(self.delete_logo(write.shop_id)?),
            _ => {}
        }
        for put in puts {
            let put = put.build().map_err(|error| AdapterError::failed(OPERATION, error))?;
            items.push(TransactWriteItem::builder().put(put).build());
        }
        let Err(error) = self.client.transact_write_items().set_transact_items(Some(items)).send().await else {
            return Ok(());
        };
        let retryable = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                retryable_write(cancelled.cancellation_reasons())
            }
            _ => None,
        };
        Err(retryable.unwrap_or_else(|| AdapterError::from_sdk(OPERATION, error)))
    }

    fn put_state(&self, write: &Write<'_>) -> Result<aws_sdk_dynamodb::types::builders::PutBuilder, AdapterError> {
        let put = self.put(write.shop_id, STATE, &write.after.state)?.expression_attribute_names("#version", "version");
        Ok(if write.stored.has(STATE) {
            let version = AttributeValue::N(write.before.state.version.to_string());
            put.condition_expression("#version = :version").expression_attribute_values(":version", version)
        } else {
            put.condition_expression("attribute_not_exists(#version)")
        })
    }

    /// Builds the write of a new QR key, if the shop opens for the first time or the code version
    /// changes.
    fn put_key(
        &self,
        write: &Write<'_>,
    ) -> Result<Option<aws_sdk_dynamodb::types::builders::PutBuilder>, AdapterError> {
        let is_first = write.after.state.open && !write.stored.has(SECRET);
        if !is_first && write.after.state.code_version == write.before.state.code_version {
            return Ok(None);
        }
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| AdapterError::failed("generating a QR key", error))?;
        let mut item = key(write.shop_id, SECRET);
        item.insert("qrKey".to_owned(), AttributeValue::B(bytes.to_vec().into()));
        Ok(Some(Put::builder().table_name(&self.name).set_item(Some(item))))
    }

    fn delete_logo(&self, shop_id: &ShopId) -> Result<TransactWriteItem, AdapterError> {
        let delete = Delete::builder().table_name(&self.name).set_key(Some(key(shop_id, LOGO))).build();
        let delete = delete.map_err(|error| AdapterError::failed(OPERATION, error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    fn put(
        &self,
        shop_id: &ShopId,
        name: &str,
        value: &impl Serialize,
    ) -> Result<aws_sdk_dynamodb::types::builders::PutBuilder, AdapterError> {
        let mut item: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(value).map_err(|error| AdapterError::not_serialised("the change", error))?;
        item.extend(key(shop_id, name));
        Ok(Put::builder().table_name(&self.name).set_item(Some(item)))
    }
}

/// Returns the error of a cancelled write if a retry may succeed. A failed condition means that the
/// version has changed.
fn retryable_write(reasons: &[CancellationReason]) -> Option<AdapterError> {
    if reasons.iter().any(|reason| reason.code() == Some("ConditionalCheckFailed")) {
        return Some(AdapterError::Contended { operation: OPERATION });
    }
    retryable(OPERATION, reasons)
}

impl EditShop for ShopTable {
    async fn edit(&self, shop_id: &ShopId, change: &ShopChange, expected: Option<u64>) -> Result<Edited, AdapterError> {
        self.budget.begin().retry(|| self.try_edit(shop_id, change, expected)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contention::Budget;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Config};
    use serde::Serializer;
    use serde::ser::Error;

    struct NoItem;

    impl Serialize for NoItem {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(S::Error::custom("no item"))
        }
    }

    #[test]
    fn a_value_that_cannot_become_an_item_is_an_error() {
        let client =
            aws_sdk_dynamodb::Client::from_conf(Config::builder().behavior_version(BehaviorVersion::latest()).build());
        let table = ShopTable::new(client, "shops".into(), Budget::seconds(1));
        let error = table.put(&"bar".parse().unwrap(), CONFIG, &NoItem).unwrap_err();
        assert_eq!(error.to_string(), "the change cannot be serialised");
    }
}
