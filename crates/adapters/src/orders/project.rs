//! Applies events to orders, with conditional writes.

use std::future::Future;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::order::{HeldToken, KEPT_AFTER_END, OrderStatus};
use domain::projection::{Applied, Change, ChangeKind, Chosen, End, Progress};

use super::item::event_status;
use super::{OrderTransactions, key, number, text, user_item};
use crate::error::AdapterError;
use crate::orders::admit::retryable;
use crate::shops;

/// Rank of both final statuses.
const FINAL_RANK: u8 = OrderStatus::Cancelled.rank();

/// Projects events onto orders.
pub trait ProjectOrder: Send + Sync {
    /// Writes `change` if it moves its order forward. An end also releases the order's capacity, in
    /// the same transaction. A choice that arrives after the end adds a missing number and drink.
    fn project(&self, change: &Change) -> impl Future<Output = Result<Applied, AdapterError>> + Send;
}

/// Update of an order, built attribute by attribute.
struct OrderUpdate {
    builder: UpdateBuilder,
    set: Vec<String>,
    /// Clause `REMOVE …` of the expression, or empty.
    remove: &'static str,
}

impl OrderUpdate {
    fn new(builder: UpdateBuilder, remove: &'static str) -> Self {
        Self { builder, set: Vec::new(), remove }
    }

    fn set(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.set.push(format!("#{name} = :{name}"));
        self.builder = self
            .builder
            .expression_attribute_names(format!("#{name}"), name)
            .expression_attribute_values(format!(":{name}"), value);
        self
    }

    fn chosen(self, chosen: Option<&Chosen>) -> Result<Self, AdapterError> {
        let Some(chosen) = chosen else { return Ok(self) };
        let drink = serde_dynamo::to_attribute_value(&chosen.drink_order)
            .map_err(|error| AdapterError::not_serialised("the drink", error))?;
        Ok(self.set("orderNumber", number(chosen.order_number)).set("drinkOrder", drink))
    }

    fn build(self) -> Result<Update, AdapterError> {
        let expression = format!("SET {} {}", self.set.join(", "), self.remove);
        self.builder
            .update_expression(expression)
            .build()
            .map_err(|error| AdapterError::failed("UpdateItem order", error))
    }
}

impl OrderTransactions {
    /// Begins an update of the order under `condition`, which compares with `rank` as `:rank`.
    fn order_update(&self, change: &Change, condition: &str, rank: u8) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.orders)
            .set_key(Some(key(&change.about.order_id)))
            // Without a condition, UpdateItem would insert an order that no longer exists. An event
            // with the shop or the customer of another order must have no effect.
            .condition_expression(format!("eventId = :eventId AND userId = :userId AND {condition}"))
            .expression_attribute_values(":eventId", text(&change.about.shop_id))
            .expression_attribute_values(":userId", text(&change.about.user_id))
            .expression_attribute_values(":rank", number(rank))
    }

    fn task_token(&self, change: &Change, token: &HeldToken) -> Result<Update, AdapterError> {
        let condition = "statusRank < :rank AND (attribute_not_exists(tokenRank) OR tokenRank < :tokenRank)";
        OrderUpdate::new(self.order_update(change, condition, FINAL_RANK), "")
            .set("taskToken", text(token.token.reveal()))
            .set("tokenStep", text(token.step.as_str()))
            .set("tokenRank", number(token.rank))
            .build()
    }

    fn progress(&self, change: &Change, progress: &Progress) -> Result<Update, AdapterError> {
        let status = progress.status;
        OrderUpdate::new(self.order_update(change, "statusRank < :rank", status.rank()), "")
            .set("status", text(status.as_str()))
            .set("statusRank", number(status.rank()))
            .set("eventStatus", event_status(&change.about.shop_id, status))
            .set("updatedAt", text(&change.about.at))
            .set("expiresAt", text(&progress.expires_at))
            .chosen(progress.chosen.as_ref())?
            .build()
    }

    fn end(&self, change: &Change, end: &End) -> Result<Update, AdapterError> {
        let remove = "REMOVE taskToken, tokenStep, tokenRank, expiresAt, openShard";
        OrderUpdate::new(self.order_update(change, "statusRank < :rank", FINAL_RANK), remove)
            .set("status", text(end.status.as_str()))
            .set("statusRank", number(end.status.rank()))
            .set("eventStatus", event_status(&change.about.shop_id, end.status))
            .set("updatedAt", text(&change.about.at))
            .set("reason", text(&end.reason))
            .set("closedBy", text(end.closed_by.as_str()))
            .set("closedByUserId", text(&end.closed_by_user_id))
            .set("ttl", number(change.about.at.plus(KEPT_AFTER_END).as_secs()))
            .chosen(end.chosen.as_ref())?
            .build()
    }

    /// Adds number and drink to an order that ended without them, and changes nothing else.
    fn late_choice(&self, change: &Change, chosen: &Chosen) -> Result<Update, AdapterError> {
        let condition = "statusRank = :rank AND attribute_not_exists(orderNumber)";
        OrderUpdate::new(self.order_update(change, condition, FINAL_RANK), "").chosen(Some(chosen))?.build()
    }

    /// Begins the update that releases capacity: it decrements a count.
    fn release(&self, change: &Change, item: &str, count: &str) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.shops)
            .set_key(Some(shops::key(&change.about.shop_id, item)))
            .update_expression("ADD #count :less")
            .expression_attribute_names("#count", count)
            .expression_attribute_values(":less", number(-1))
    }

    /// Begins the update that releases the shop's capacity and counts the change.
    fn release_floor(&self, change: &Change) -> UpdateBuilder {
        self.release(change, shops::FLOOR, "inFlight")
            .update_expression("ADD #count :less, #changes :one")
            .expression_attribute_names("#changes", shops::CHANGES)
            .expression_attribute_values(":one", number(1))
    }

    fn writes(&self, change: &Change) -> Result<Vec<Update>, AdapterError> {
        match &change.kind {
            ChangeKind::Token(token) => Ok(vec![self.task_token(change, token)?]),
            ChangeKind::Progress(progress) => Ok(vec![self.progress(change, progress)?]),
            ChangeKind::End(end) => {
                let built = |error| AdapterError::failed("UpdateItem release", error);
                let customer = self.release(change, &user_item(&change.about.user_id), "openOrders");
                let floor = self.release_floor(change);
                Ok(vec![self.end(change, end)?, floor.build().map_err(built)?, customer.build().map_err(built)?])
            }
        }
    }

    async fn write(&self, updates: &[Update]) -> Result<bool, AdapterError> {
        match updates {
            [update] => self.update_one(update.clone()).await,
            updates => self.update_all(updates).await,
        }
    }

    async fn update_one(&self, update: Update) -> Result<bool, AdapterError> {
        let answer = self
            .client
            .update_item()
            .table_name(update.table_name)
            .set_key(Some(update.key))
            .update_expression(update.update_expression)
            .set_condition_expression(update.condition_expression)
            .set_expression_attribute_names(update.expression_attribute_names)
            .set_expression_attribute_values(update.expression_attribute_values)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(AdapterError::from_sdk("UpdateItem order", error)),
        }
    }

    async fn update_all(&self, updates: &[Update]) -> Result<bool, AdapterError> {
        let items = updates.iter().map(|update| TransactWriteItem::builder().update(update.clone()).build()).collect();
        let Err(error) = self.client.transact_write_items().set_transact_items(Some(items)).send().await else {
            return Ok(true);
        };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons();
                if let Some(retryable) = retryable("TransactWriteItems release", reasons) {
                    Err(retryable)
                } else if reasons.first().and_then(|reason| reason.code()) == Some("ConditionalCheckFailed") {
                    Ok(false)
                } else {
                    Err(AdapterError::failed("TransactWriteItems release", error))
                }
            }
            _ => Err(AdapterError::from_sdk("TransactWriteItems release", error)),
        }
    }
}

impl ProjectOrder for OrderTransactions {
    async fn project(&self, change: &Change) -> Result<Applied, AdapterError> {
        let writes = self.writes(change)?;
        let mut attempts = self.budget.begin();
        let mut written = attempts.retry(|| self.write(&writes)).await?;
        if let (false, ChangeKind::Progress(Progress { chosen: Some(chosen), .. })) = (written, &change.kind) {
            let late_choice = self.late_choice(change, chosen)?;
            written = attempts.retry(|| self.update_one(late_choice.clone())).await?;
        }
        Ok(match (written, &change.kind) {
            (false, _) => Applied::Nothing,
            (true, ChangeKind::End(_)) => Applied::Ended,
            (true, _) => Applied::Moved,
        })
    }
}
