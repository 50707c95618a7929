//! Settings of a shop, their defaults, and edits by an admin.

use serde::{Deserialize, Serialize};

use crate::ids::ShopId;
use crate::menu::{self, InvalidMenu, MenuItem, Modifier};

const MAX_DRINKS_PER_BARCODE: u32 = 1_000;
const MAX_ORDERS_IN_QUEUE: u32 = 10_000;
const MAX_ORDERS_PER_USER: u32 = 100;

/// Settings of a shop. `Default` gives those of a shop that was never edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShopSettings {
    /// True if the shop takes orders.
    #[serde(rename = "storeOpen")]
    pub open: bool,
    /// Drinks that the shop serves.
    pub menu: Vec<MenuItem>,
    /// Number of orders that one QR code allows.
    pub drinks_per_barcode: u32,
    /// Number of orders that may be open in the shop at once.
    pub max_orders_in_queue: u32,
    /// Number of orders that one customer may have open at once.
    pub max_orders_per_user: u32,
    /// Number of edits so far; the ETag of the API.
    pub version: u64,
}

/// Settings together with the id of the shop, as the API and `ConfigChanged` present them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Shop {
    /// Id of the shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// Settings of the shop.
    #[serde(flatten)]
    pub settings: ShopSettings,
}

/// Edit of settings. Absent fields stay unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsEdit {
    /// The complete new menu.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub menu: Option<Vec<MenuItem>>,
    /// Number of orders that one QR code allows: 1 to 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drinks_per_barcode: Option<u32>,
    /// Number of orders that may be open at once: 1 to 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_orders_in_queue: Option<u32>,
    /// Number of orders that one customer may have open at once: 1 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_orders_per_user: Option<u32>,
}

/// Error of an edit that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEdit {
    /// The menu is not valid.
    #[error(transparent)]
    Menu(#[from] InvalidMenu),
    /// A number is out of its range.
    #[error("{field} must be 1 to {max}")]
    Limit {
        /// Name of the setting.
        field: &'static str,
        /// Largest allowed value.
        max: u32,
    },
}

impl InvalidEdit {
    /// Path of the field at fault.
    pub fn field(&self) -> &str {
        match self {
            Self::Menu(error) => &error.field,
            Self::Limit { field, .. } => field,
        }
    }
}

impl SettingsEdit {
    /// Validates the fields that are present.
    pub fn validate(&self) -> Result<(), InvalidEdit> {
        if let Some(menu) = &self.menu {
            menu::validate(menu)?;
        }
        let limits = [
            ("drinksPerBarcode", self.drinks_per_barcode, MAX_DRINKS_PER_BARCODE),
            ("maxOrdersInQueue", self.max_orders_in_queue, MAX_ORDERS_IN_QUEUE),
            ("maxOrdersPerUser", self.max_orders_per_user, MAX_ORDERS_PER_USER),
        ];
        for (field, value, max) in limits {
            if value.is_some_and(|value| value == 0 || value > max) {
                return Err(InvalidEdit::Limit { field, max });
            }
        }
        Ok(())
    }
}

impl Default for ShopSettings {
    fn default() -> Self {
        Self {
            open: false,
            menu: default_menu(),
            drinks_per_barcode: 10,
            max_orders_in_queue: 20,
            max_orders_per_user: 1,
            version: 0,
        }
    }
}

fn default_menu() -> Vec<MenuItem> {
    let milk =
        || Modifier { name: "Milk".into(), options: vec!["Regular".into(), "Oat".into(), "Lactose free".into()] };
    let drinks = [
        ("Espresso", "espresso", false),
        ("Double Espresso", "double-espresso", false),
        ("Americano", "americano", true),
        ("Flat White", "flat-white", true),
        ("Cappuccino", "cappuccino", true),
        ("Latte", "latte", true),
    ];
    drinks
        .into_iter()
        .map(|(drink, icon, with_milk)| MenuItem {
            drink: drink.into(),
            icon: icon.into(),
            available: true,
            modifiers: with_milk.then(milk).into_iter().collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_out_of_range_is_refused_by_name() {
        for (text, field) in [
            (r#"{"drinksPerBarcode":0}"#, "drinksPerBarcode"),
            (r#"{"maxOrdersInQueue":10001}"#, "maxOrdersInQueue"),
            (r#"{"maxOrdersPerUser":0}"#, "maxOrdersPerUser"),
            (r#"{"menu":[]}"#, "menu"),
        ] {
            let edit: SettingsEdit = serde_json::from_str(text).unwrap();
            assert_eq!(edit.validate().unwrap_err().field(), field);
        }
    }

    #[test]
    fn an_edit_knows_no_other_fields() {
        assert!(serde_json::from_str::<SettingsEdit>(r#"{"storeOpen":true}"#).is_err());
        assert!(serde_json::from_str::<SettingsEdit>(r#"{"maxOrdersPerUser":-1}"#).is_err());
    }
}
