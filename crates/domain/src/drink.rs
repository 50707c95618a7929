//! Drinks: as a customer requests them, and as the barista receives them.

use serde::{Deserialize, Serialize};

use crate::text::Name;

/// Drink that a customer requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrinkRequest {
    /// Name of the drink on the menu.
    pub drink: Name,
    /// Options by name, at most one of each modifier.
    #[serde(default)]
    pub modifiers: Vec<Name>,
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

impl DrinkOrder {
    /// Returns true if `request` asks for this drink with these options, in any sequence.
    pub fn is_for(&self, request: &DrinkRequest) -> bool {
        let mut chosen: Vec<String> = self.modifiers.iter().map(|option| Name::cleaned(option).key()).collect();
        let mut requested: Vec<String> = request.modifiers.iter().map(Name::key).collect();
        chosen.sort_unstable();
        requested.sort_unstable();
        Name::cleaned(&self.drink).is_same(&request.drink) && chosen == requested
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drink_is_recognised_in_each_spelling_of_its_names() {
        let order =
            DrinkOrder { drink: "Caf\u{e9}".into(), modifiers: vec!["Oat".into(), "Hot".into()], icon: "x".into() };
        let request = |drink: &str, modifiers: [&str; 2]| DrinkRequest {
            drink: drink.parse().unwrap(),
            modifiers: modifiers.map(|option| option.parse().unwrap()).to_vec(),
        };
        assert!(order.is_for(&request(" Cafe\u{301}", ["Hot", "Oat\u{a0}"])));
        assert!(!order.is_for(&request("Cafe", ["Hot", "Oat"])));
        assert!(!order.is_for(&request("Caf\u{e9}", ["Oat", "Oat"])));
    }
}
