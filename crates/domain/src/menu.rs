//! The menu: what it must look like to be served from, and what it makes of a customer's wish.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::drink::{DrinkOrder, DrinkRequest};

const MAX_DRINKS: usize = 50;
const MAX_MODIFIERS: usize = 10;
const MAX_OPTIONS: usize = 20;
const MAX_NAME: usize = 60;

/// A drink on the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MenuItem {
    /// Its name; no other drink has it.
    pub drink: String,
    /// The name of a picture for screens.
    #[serde(default)]
    pub icon: String,
    /// False when sold out.
    #[serde(default = "available")]
    pub available: bool,
    /// What a customer may choose about it.
    #[serde(default)]
    pub modifiers: Vec<Modifier>,
}

/// A choice about a drink, such as the milk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Modifier {
    /// What is chosen.
    pub name: String,
    /// What there is to choose from; no other modifier of the drink offers the same.
    pub options: Vec<String>,
}

const fn available() -> bool {
    true
}

/// A menu that cannot be served from, with the field at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct InvalidMenu {
    /// Where, such as `menu[2].modifiers[0].options`.
    pub field: String,
    /// What it must be.
    pub rule: String,
}

/// A wish that the menu does not grant, with the field at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDrink {
    /// No such drink.
    #[error("{0} is not on the menu")]
    NotOnMenu(String),
    /// The drink is there, but not today.
    #[error("{0} is sold out")]
    SoldOut(String),
    /// None of the drink's modifiers has this option.
    #[error("{drink} is not offered with {option}")]
    NotOffered {
        /// The drink.
        drink: String,
        /// The option that it does not have.
        option: String,
    },
    /// Two options of one modifier.
    #[error("choose one {modifier} only")]
    ChosenTwice {
        /// The modifier's name.
        modifier: String,
    },
}

impl InvalidDrink {
    /// The field of the request that is at fault.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NotOnMenu(_) | Self::SoldOut(_) => "drink",
            Self::NotOffered { .. } | Self::ChosenTwice { .. } => "modifiers",
        }
    }
}

/// Checks that `menu` can be served from.
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
            return Err(invalid(format!("{at}.drink"), "stands on the menu twice"));
        }
        validate_modifiers(item, &at)?;
    }
    Ok(())
}

fn validate_modifiers(item: &MenuItem, at: &str) -> Result<(), InvalidMenu> {
    if item.modifiers.len() > MAX_MODIFIERS {
        return Err(invalid(format!("{at}.modifiers"), format!("must be at most {MAX_MODIFIERS}")));
    }
    let mut names = HashSet::new();
    let mut options = HashSet::new();
    for (index, modifier) in item.modifiers.iter().enumerate() {
        let at = format!("{at}.modifiers[{index}]");
        name(&modifier.name, format!("{at}.name"))?;
        if !names.insert(modifier.name.as_str()) {
            return Err(invalid(format!("{at}.name"), "names a modifier that the drink already has"));
        }
        if modifier.options.is_empty() || modifier.options.len() > MAX_OPTIONS {
            return Err(invalid(format!("{at}.options"), format!("must be 1 to {MAX_OPTIONS}")));
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
        return Err(invalid(field, format!("must be 1 to {MAX_NAME} printable characters without spaces around")));
    }
    Ok(())
}

fn invalid(field: impl Into<String>, rule: impl Into<String>) -> InvalidMenu {
    InvalidMenu { field: field.into(), rule: rule.into() }
}

/// The order that `menu` makes of `request`. Options come out in the menu's order, so equal wishes are equal orders.
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
