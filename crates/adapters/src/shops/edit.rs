//! Edits of settings. They are updates only, so that an edit cannot reset a setting that it does
//! not name.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::ids::ShopId;
use domain::shop::{SettingsEdit, ShopSettings};
use serde::Serialize;

use super::{CONFIG, EditSettings, Edited, SECRET, ShopTable, key, settings_of};
use crate::error::AdapterError;

#[derive(Clone)]
struct Assignment {
    name: &'static str,
    value: AttributeValue,
    /// Overwrite an existing value; otherwise the value is a default for a missing attribute.
    overwrite: bool,
}

fn assignment(
    name: &'static str,
    edited: Option<&impl Serialize>,
    default: &impl Serialize,
) -> Result<Assignment, AdapterError> {
    let value = match edited {
        Some(value) => serde_dynamo::to_attribute_value(value),
        None => serde_dynamo::to_attribute_value(default),
    };
    let value = value.map_err(|error| AdapterError::unreadable("the edit", error))?;
    Ok(Assignment { name, value, overwrite: edited.is_some() })
}

fn assignments(edit: &SettingsEdit, open: Option<bool>) -> Result<[Assignment; 5], AdapterError> {
    let default = ShopSettings::default();
    Ok([
        assignment("storeOpen", open.as_ref(), &default.open)?,
        assignment("menu", edit.menu.as_ref(), &default.menu)?,
        assignment("drinksPerBarcode", edit.drinks_per_barcode.as_ref(), &default.drinks_per_barcode)?,
        assignment("maxOrdersInQueue", edit.max_orders_in_queue.as_ref(), &default.max_orders_in_queue)?,
        assignment("maxOrdersPerUser", edit.max_orders_per_user.as_ref(), &default.max_orders_per_user)?,
    ])
}

impl ShopTable {
    async fn update(
        &self,
        shop_id: &ShopId,
        assignments: [Assignment; 5],
        expected: Option<u64>,
    ) -> Result<Edited, AdapterError> {
        let mut call = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(shop_id, CONFIG)))
            .return_values(ReturnValue::AllNew)
            .expression_attribute_values(":zero", AttributeValue::N("0".into()))
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .expression_attribute_names("#version", "version");
        let mut expression = "SET #version = if_not_exists(#version, :zero) + :one".to_owned();
        for Assignment { name, value, overwrite } in assignments {
            let value_or = if overwrite { format!(":{name}") } else { format!("if_not_exists(#{name}, :{name})") };
            expression.extend([", #", name, " = ", &value_or]);
            call = call
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        call = match expected {
            None => call,
            Some(0) => call.condition_expression("attribute_not_exists(#version)"),
            Some(version) => call
                .condition_expression("#version = :expected")
                .expression_attribute_values(":expected", AttributeValue::N(version.to_string())),
        };
        match call.update_expression(expression).send().await {
            Ok(answer) => {
                let settings = settings_of(answer.attributes.unwrap_or_default())?;
                Ok(Edited::Done(Box::new(settings)))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(Edited::Stale),
                _ => Err(AdapterError::from_sdk("UpdateItem settings", error)),
            },
        }
    }

    async fn ensure_key(&self, shop_id: &ShopId) -> Result<(), AdapterError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| AdapterError::failed("generating a QR key", error))?;
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(shop_id, SECRET)))
            .update_expression("SET qrKey = if_not_exists(qrKey, :key)")
            .expression_attribute_values(":key", AttributeValue::B(bytes.to_vec().into()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| AdapterError::from_sdk("UpdateItem QR key", error))
    }
}

impl EditSettings for ShopTable {
    async fn edit(&self, shop_id: &ShopId, edit: &SettingsEdit, expected: Option<u64>) -> Result<Edited, AdapterError> {
        let assignments = assignments(edit, None)?;
        self.budget.begin().retry(|| self.update(shop_id, assignments.clone(), expected)).await
    }

    async fn set_open(&self, shop_id: &ShopId, open: bool) -> Result<ShopSettings, AdapterError> {
        // The key is written first, so that every open shop has one.
        let mut attempts = self.budget.begin();
        if open {
            attempts.retry(|| self.ensure_key(shop_id)).await?;
        }
        let assignments = assignments(&SettingsEdit::default(), Some(open))?;
        match attempts.retry(|| self.update(shop_id, assignments.clone(), None)).await? {
            Edited::Done(settings) => Ok(*settings),
            Edited::Stale => Err(AdapterError::Contended { operation: "UpdateItem settings" }),
        }
    }
}
