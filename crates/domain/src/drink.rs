//! Drinks: as a customer requests them, and as the barista receives them.

use serde::{Deserialize, Serialize};

/// Drink that a customer requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrinkRequest {
    /// Name of the drink on the menu.
    pub drink: String,
    /// Options by name, at most one of each modifier.
    #[serde(default)]
    pub modifiers: Vec<String>,
}

/// Drink that the menu offers, as the barista receives it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DrinkOrder {
    /// Name of the drink on the menu.
    pub drink: String,
    /// Chosen options, in the order of the menu.
    pub modifiers: Vec<String>,
    /// Icon of the drink on the menu.
    pub icon: String,
}
