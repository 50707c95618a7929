//! Changes claims, each with one conditional update.

use std::future::Future;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::claim::ClaimAction;
use domain::ids::{OrderId, UserId};
use domain::order::{OrderStatus, StoredOrder};

use super::{OrdersTable, item, key, number, text};
use crate::error::AdapterError;

/// Result of a request to change a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The claim changed; this is the order after the change.
    Changed(Box<StoredOrder>),
    /// The claim did not change; this is the current order, if it exists.
    Unchanged(Option<Box<StoredOrder>>),
}

/// Claims orders and releases claims.
pub trait ClaimOrder: Send + Sync {
    /// Changes the claim if the order is waiting and the claim is free (to make) or held by
    /// `barista` (to unmake).
    fn claim(
        &self,
        order_id: &OrderId,
        action: ClaimAction,
        barista: &UserId,
    ) -> impl Future<Output = Result<Claimed, AdapterError>> + Send;
}

impl ClaimOrder for OrdersTable {
    async fn claim(&self, order_id: &OrderId, action: ClaimAction, barista: &UserId) -> Result<Claimed, AdapterError> {
        let (update, free) = match action {
            ClaimAction::Make => {
                ("SET baristaUserId = :barista ADD claimVersion :one", "attribute_not_exists(baristaUserId)")
            }
            ClaimAction::Unmake => ("REMOVE baristaUserId ADD claimVersion :one", "baristaUserId = :barista"),
        };
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(order_id)))
            .update_expression(update)
            .condition_expression(format!("#status = :waiting AND {free}"))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":waiting", text(OrderStatus::Waiting.as_str()))
            .expression_attribute_values(":barista", text(barista))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(Claimed::Changed(Box::new(item::read(answer.attributes.unwrap_or_default())?))),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    let order = refused.item().filter(|item| !item.is_empty()).cloned().map(item::read).transpose()?;
                    Ok(Claimed::Unchanged(order.map(Box::new)))
                }
                _ => Err(AdapterError::from_sdk("UpdateItem claim", error)),
            },
        }
    }
}
