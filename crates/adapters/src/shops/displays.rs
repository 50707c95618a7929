//! Stores displays (`DISPLAY#` and the hash of the secret) and pairings (`PAIRING#` and the code on
//! the screen) in the shop table. Both items have a time to live.

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use domain::display::{Display, Pairing, PairingCode};
use domain::ids::{DisplayId, ShopId};
use serde::Serialize;

use super::{ShopTable, key};
use crate::error::AdapterError;
use crate::orders::retryable;

const DISPLAY: &str = "DISPLAY#";
const PAIRING: &str = "PAIRING#";

/// A pairing is kept for an hour after its end, so that an admin who enters its code
/// learns that it has expired.
const PAIRING_KEPT_SECS: i64 = 60 * 60;

/// Finds displays by the hashes of their secrets.
pub trait FindDisplay: Send + Sync {
    /// Returns the shop's display whose secret has this hash, read consistently; `None` if there is
    /// none. It may have expired.
    fn display(
        &self,
        shop_id: &ShopId,
        hash: &str,
    ) -> impl Future<Output = Result<Option<Display>, AdapterError>> + Send;
}

/// Creates, lists and revokes displays.
pub trait ManageDisplays: Send + Sync {
    /// Inserts a display under the `hash` of its secret.
    fn create_display(
        &self,
        shop_id: &ShopId,
        hash: &str,
        display: &Display,
    ) -> impl Future<Output = Result<(), AdapterError>> + Send;

    /// Returns the shop's displays. Expired ones may be among them.
    fn displays(&self, shop_id: &ShopId) -> impl Future<Output = Result<Vec<Display>, AdapterError>> + Send;

    /// Deletes a display, if it exists.
    fn revoke_display(
        &self,
        shop_id: &ShopId,
        display_id: &DisplayId,
    ) -> impl Future<Output = Result<(), AdapterError>> + Send;
}

/// Pairs screens.
pub trait PairDisplay: Send + Sync {
    /// Inserts a pairing. Returns false if the shop has a pairing with this code.
    fn offer_pairing(
        &self,
        shop_id: &ShopId,
        pairing: &Pairing,
    ) -> impl Future<Output = Result<bool, AdapterError>> + Send;

    /// Returns the pairing with this code, read consistently.
    fn pairing(
        &self,
        shop_id: &ShopId,
        code: &PairingCode,
    ) -> impl Future<Output = Result<Option<Pairing>, AdapterError>> + Send;

    /// Marks the pairing as activated and inserts the display, in one transaction. Returns false if
    /// the pairing was activated before, or no longer exists.
    fn activate_display(
        &self,
        shop_id: &ShopId,
        pairing: &Pairing,
        display: &Display,
    ) -> impl Future<Output = Result<bool, AdapterError>> + Send;
}

type Item = HashMap<String, AttributeValue>;

/// Item with the keys of the table, the attributes of `value`, and a time to live. An error names
/// the item as `what`.
fn item(
    what: &'static str,
    shop_id: &ShopId,
    sort_key: &str,
    value: &impl Serialize,
    ttl: i64,
) -> Result<Item, AdapterError> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(|error| AdapterError::not_serialised(what, error))?;
    item.extend(key(shop_id, sort_key));
    item.insert("ttl".to_owned(), AttributeValue::N(ttl.to_string()));
    Ok(item)
}

fn display_item(shop_id: &ShopId, hash: &str, display: &Display) -> Result<Item, AdapterError> {
    item("the display", shop_id, &display_key(hash), display, display.expires_at.as_secs())
}

fn display_key(hash: &str) -> String {
    format!("{DISPLAY}{hash}")
}

fn pairing_key(code: &PairingCode) -> String {
    format!("{PAIRING}{}", code.as_str())
}

fn display_of(item: Item) -> Result<Display, AdapterError> {
    serde_dynamo::from_item(item).map_err(|error| AdapterError::unreadable("the display", error))
}

impl ShopTable {
    /// Returns the items of the shop's displays. One page of the query has room for far more than
    /// `MAX_DISPLAYS`.
    async fn display_items(&self, shop_id: &ShopId) -> Result<Vec<Item>, AdapterError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("eventId = :shop AND begins_with(#item, :display)")
            .expression_attribute_names("#item", "item")
            .expression_attribute_values(":shop", AttributeValue::S(shop_id.to_string()))
            .expression_attribute_values(":display", AttributeValue::S(DISPLAY.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("Query displays", error))?;
        Ok(answer.items.unwrap_or_default())
    }

    fn activation(
        &self,
        shop_id: &ShopId,
        pairing: &Pairing,
        display: &Display,
    ) -> Result<[TransactWriteItem; 2], AdapterError> {
        let built = |error| AdapterError::failed("TransactWriteItems display", error);
        let used = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(shop_id, &pairing_key(&pairing.pairing_code))))
            .update_expression("SET activatedAt = :now")
            .condition_expression("displayId = :display AND attribute_not_exists(activatedAt)")
            .expression_attribute_values(":now", AttributeValue::S(display.created_at.to_string()))
            .expression_attribute_values(":display", AttributeValue::S(pairing.display_id.to_string()));
        let put =
            Put::builder().table_name(&self.name).set_item(Some(display_item(shop_id, &pairing.secret_hash, display)?));
        Ok([
            TransactWriteItem::builder().update(used.build().map_err(built)?).build(),
            TransactWriteItem::builder().put(put.build().map_err(built)?).build(),
        ])
    }

    async fn try_activate(&self, items: &[TransactWriteItem]) -> Result<bool, AdapterError> {
        let call = self.client.transact_write_items().set_transact_items(Some(items.to_vec()));
        let Err(error) = call.send().await else { return Ok(true) };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
            return Err(AdapterError::from_sdk("TransactWriteItems display", error));
        };
        let reasons = cancelled.cancellation_reasons();
        if reasons.first().and_then(|reason| reason.code()) == Some("ConditionalCheckFailed") {
            return Ok(false);
        }
        Err(retryable("TransactWriteItems display", reasons)
            .unwrap_or_else(|| AdapterError::failed("TransactWriteItems display", error)))
    }
}

impl FindDisplay for ShopTable {
    async fn display(&self, shop_id: &ShopId, hash: &str) -> Result<Option<Display>, AdapterError> {
        self.item(shop_id, &display_key(hash), true).await?.map(display_of).transpose()
    }
}

impl ManageDisplays for ShopTable {
    async fn create_display(&self, shop_id: &ShopId, hash: &str, display: &Display) -> Result<(), AdapterError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(display_item(shop_id, hash, display)?));
        put.send().await.map(drop).map_err(|error| AdapterError::from_sdk("PutItem display", error))
    }

    async fn displays(&self, shop_id: &ShopId) -> Result<Vec<Display>, AdapterError> {
        self.display_items(shop_id).await?.into_iter().map(display_of).collect()
    }

    async fn revoke_display(&self, shop_id: &ShopId, display_id: &DisplayId) -> Result<(), AdapterError> {
        let wanted = AttributeValue::S(display_id.to_string());
        for found in self.display_items(shop_id).await? {
            if found.get("displayId") != Some(&wanted) {
                continue;
            }
            let key = found.into_iter().filter(|(name, _)| name == "eventId" || name == "item").collect();
            let delete = self.client.delete_item().table_name(&self.name).set_key(Some(key));
            delete.send().await.map_err(|error| AdapterError::from_sdk("DeleteItem display", error))?;
        }
        Ok(())
    }
}

impl PairDisplay for ShopTable {
    async fn offer_pairing(&self, shop_id: &ShopId, pairing: &Pairing) -> Result<bool, AdapterError> {
        let ttl = pairing.expires_at.as_secs() + PAIRING_KEPT_SECS;
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item("the pairing", shop_id, &pairing_key(&pairing.pairing_code), pairing, ttl)?))
            .condition_expression("attribute_not_exists(#item)")
            .expression_attribute_names("#item", "item");
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(false)
            }
            Err(error) => Err(AdapterError::from_sdk("PutItem pairing", error)),
        }
    }

    async fn pairing(&self, shop_id: &ShopId, code: &PairingCode) -> Result<Option<Pairing>, AdapterError> {
        let found = self.item(shop_id, &pairing_key(code), true).await?;
        let read = |item| serde_dynamo::from_item(item).map_err(|error| AdapterError::unreadable("the pairing", error));
        found.map(read).transpose()
    }

    async fn activate_display(
        &self,
        shop_id: &ShopId,
        pairing: &Pairing,
        display: &Display,
    ) -> Result<bool, AdapterError> {
        let items = self.activation(shop_id, pairing, display)?;
        self.budget.begin().retry(|| self.try_activate(&items)).await
    }
}
