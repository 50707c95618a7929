//! Validates menus, and checks a customer's choice against a menu.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::drink::{DrinkOrder, DrinkRequest};

const MAX_DRINKS: usize = 50;
const MAX_MODIFIERS: usize = 10;
const MAX_OPTIONS: usize = 20;
const MAX_NAME: usize = 60;

/// Drink on a menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MenuItem {
    /// Name, unique on the menu.
    pub drink: String,
    /// Name of a picture that screens show.
    #[serde(default)]
    pub icon: String,
    /// False if the drink is sold out.
    #[serde(default = "available")]
    pub available: bool,
    /// Modifiers that a customer may choose an option of.
    #[serde(default)]
    pub modifiers: Vec<Modifier>,
}

/// Property of a drink that a customer may choose, such as the milk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Modifier {
    /// Name, unique for the drink.
    pub name: String,
    /// Options to choose from, each unique for the drink.
    pub options: Vec<String>,
}

const fn available() -> bool {
    true
}

/// Error of a menu that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct InvalidMenu {
    /// Path of the field at fault, such as `menu[2].modifiers[0].options`.
    pub field: String,
    /// Rule that the field violates.
    pub rule: String,
}

/// Error of a drink request that the menu does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDrink {
    /// The menu has no drink of this name.
    #[error("{0} is not on the menu")]
    NotOnMenu(String),
    /// The drink is on the menu but not available.
    #[error("{0} is sold out")]
    SoldOut(String),
    /// None of the drink's modifiers has this option.
    #[error("{drink} is not offered with {option}")]
    NotOffered {
        /// Name of the drink.
        drink: String,
        /// Option that the drink does not have.
        option: String,
    },
    /// The request names two options of one modifier.
    #[error("choose at most one option of {modifier}")]
    ChosenTwice {
        /// Name of the modifier.
        modifier: String,
    },
}

impl InvalidDrink {
    /// Name of the request's field at fault.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NotOnMenu(_) | Self::SoldOut(_) => "drink",
            Self::NotOffered { .. } | Self::ChosenTwice { .. } => "modifiers",
        }
    }
}

/// Validates a menu. The error names the first field at fault.
pub fn validate(menu: &[MenuItem]) -> Result<(), InvalidMenu> {
    if menu.is_empty() || menu.len() > MAX_DRINKS {
        return Err(invalid("menu", format!("must have 1 to {MAX_DRINKS} drinks")));
    }
    let mut drinks = HashSet::new();
    for (index, item) in menu.iter().enumerate() {
        let at = format!("menu[{index}]");
        name(&item.drink, format!("{at}.drink"))?;
        if item.icon.chars().count() > MAX_NAME || item.icon.chars().any(char::is_control) {
            return Err(invalid(format!("{at}.icon"), format!("must be at most {MAX_NAME} printable characters")));
        }
        if !drinks.insert(item.drink.as_str()) {
            return Err(invalid(format!("{at}.drink"), "is on the menu twice"));
        }
        validate_modifiers(item, &at)?;
    }
    Ok(())
}

fn validate_modifiers(item: &MenuItem, at: &str) -> Result<(), InvalidMenu> {
    if item.modifiers.len() > MAX_MODIFIERS {
        return Err(invalid(format!("{at}.modifiers"), format!("must have at most {MAX_MODIFIERS} modifiers")));
    }
    let mut names = HashSet::new();
    let mut options = HashSet::new();
    for (index, modifier) in item.modifiers.iter().enumerate() {
        let at = format!("{at}.modifiers[{index}]");
        name(&modifier.name, format!("{at}.name"))?;
        if !names.insert(modifier.name.as_str()) {
            return Err(invalid(format!("{at}.name"), "is the name of another modifier of this drink"));
        }
        if modifier.options.is_empty() || modifier.options.len() > MAX_OPTIONS {
            return Err(invalid(format!("{at}.options"), format!("must have 1 to {MAX_OPTIONS} options")));
        }
        for (index, option) in modifier.options.iter().enumerate() {
            let at = format!("{at}.options[{index}]");
            name(option, at.clone())?;
            if !options.insert(option.as_str()) {
                return Err(invalid(at, "is offered twice for this drink"));
            }
        }
    }
    Ok(())
}

fn name(text: &str, field: String) -> Result<(), InvalidMenu> {
    let length = text.chars().count();
    if length == 0 || length > MAX_NAME || text.trim() != text || text.chars().any(char::is_control) {
        return Err(invalid(
            field,
            format!("must be 1 to {MAX_NAME} printable characters, without spaces at either end"),
        ));
    }
    Ok(())
}

fn invalid(field: impl Into<String>, rule: impl Into<String>) -> InvalidMenu {
    InvalidMenu { field: field.into(), rule: rule.into() }
}

/// Checks `request` against `menu` and returns the order. Options come out in the order of the
/// menu, so equal choices give equal orders.
pub fn accept(menu: &[MenuItem], request: &DrinkRequest) -> Result<DrinkOrder, InvalidDrink> {
    let item = menu
        .iter()
        .find(|item| item.drink == request.drink)
        .ok_or_else(|| InvalidDrink::NotOnMenu(request.drink.clone()))?;
    if !item.available {
        return Err(InvalidDrink::SoldOut(item.drink.clone()));
    }
    let offered = |option: &String| item.modifiers.iter().any(|modifier| modifier.options.contains(option));
    if let Some(option) = request.modifiers.iter().find(|option| !offered(option)) {
        return Err(InvalidDrink::NotOffered { drink: item.drink.clone(), option: option.clone() });
    }
    let mut chosen = Vec::new();
    for modifier in &item.modifiers {
        let mut options = request.modifiers.iter().filter(|option| modifier.options.contains(option));
        chosen.extend(options.next().cloned());
        if options.next().is_some() {
            return Err(InvalidDrink::ChosenTwice { modifier: modifier.name.clone() });
        }
    }
    Ok(DrinkOrder { drink: item.drink.clone(), modifiers: chosen, icon: item.icon.clone() })
}

#[cfg(test)]
#[path = "menu_tests.rs"]
mod tests;
