//! What a customer orders.

use serde::{Deserialize, Serialize};

/// A drink as a customer asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrinkRequest {
    /// The drink's name on the menu.
    pub drink: String,
    /// At most one option of each modifier group.
    #[serde(default)]
    pub modifiers: Vec<String>,
}

/// A drink that the menu offers, as it goes to the barista.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DrinkOrder {
    /// The drink's name on the menu.
    pub drink: String,
    /// The chosen options, in the menu's order.
    pub modifiers: Vec<String>,
    /// The menu's icon for the drink.
    pub icon: String,
}
