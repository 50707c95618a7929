//! Conditional update of one order, and its result.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::order::StoredOrder;

use super::item;
use crate::error::AdapterError;

/// Result of a conditional update of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Updated {
    /// The order changed; this is the order after the change.
    Changed(Box<StoredOrder>),
    /// The condition failed; this is the current order, if it exists.
    Unchanged(Option<Box<StoredOrder>>),
}

/// Sends `update`, and reads the order that it returns.
pub(super) async fn updated(operation: &'static str, update: UpdateItemFluentBuilder) -> Result<Updated, AdapterError> {
    let answer = update
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match answer {
        Ok(answer) => Ok(Updated::Changed(Box::new(item::read(answer.attributes.unwrap_or_default())?))),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                let order = refused.item().filter(|item| !item.is_empty()).cloned().map(item::read).transpose()?;
                Ok(Updated::Unchanged(order.map(Box::new)))
            }
            _ => Err(AdapterError::from_sdk(operation, error)),
        },
    }
}
