//! Parses menus, and checks a customer's choice against a menu.

mod stored;

use std::collections::{BTreeMap, HashSet};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::drink::{DrinkOrder, DrinkRequest};
use crate::names::Names;
use crate::text::{InvalidText, Line, Name};

pub(crate) use self::stored::read_stored;

const MAX_DRINKS: usize = 50;
const MAX_MODIFIERS: usize = 10;
const MAX_OPTIONS: usize = 20;

/// Name of a picture, or an empty text.
pub type Icon = Line<60>;

/// Drink on a menu as an admin writes it: its texts are not checked yet.
pub type ItemDraft = MenuItem<String, String>;

/// Drink on a menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "MenuItem"))]
#[cfg_attr(
    feature = "schema",
    schemars(bound = "N: schemars::JsonSchema + Serialize, I: schemars::JsonSchema + Serialize + Default")
)]
#[serde(deny_unknown_fields, bound(deserialize = "N: Deserialize<'de> + Ord, I: Deserialize<'de> + Default"))]
pub struct MenuItem<N = Name, I = Icon> {
    /// Name, unique on the menu.
    pub drink: N,
    /// Name in other languages.
    #[serde(default = "Names::default", skip_serializing_if = "Names::<N>::is_empty")]
    pub names: Names<N>,
    /// Name of a picture that screens show.
    #[serde(default)]
    pub icon: I,
    /// False if the drink is sold out.
    #[serde(default = "available")]
    pub available: bool,
    /// Modifiers that a customer may choose an option of.
    #[serde(default)]
    pub modifiers: Vec<Modifier<N>>,
}

/// Property of a drink that a customer may choose, such as the milk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Modifier"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound(deserialize = "N: Deserialize<'de> + Ord"))]
pub struct Modifier<N = Name> {
    /// Name, unique for the drink.
    pub name: N,
    /// Name in other languages.
    #[serde(default = "Names::default", skip_serializing_if = "Names::<N>::is_empty")]
    pub names: Names<N>,
    /// Options to choose from, each unique for the drink.
    pub options: Vec<N>,
    /// Names of options in other languages, by the option.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub option_names: BTreeMap<N, Names<N>>,
}

impl Modifier {
    /// Returns the option that has the same name as `name`.
    fn option(&self, name: &Name) -> Option<&Name> {
        self.options.iter().find(|option| option.is_same(name))
    }
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

/// Checks a menu and returns it with normalised texts. The error names the first field at fault.
pub fn parse(draft: &[ItemDraft]) -> Result<Vec<MenuItem>, InvalidMenu> {
    if draft.is_empty() || draft.len() > MAX_DRINKS {
        return Err(invalid("menu", format!("must have 1 to {MAX_DRINKS} drinks")));
    }
    let mut drinks = HashSet::new();
    let items = draft.iter().enumerate().map(|(index, item)| {
        let at = format!("menu[{index}]");
        let drink: Name = text(&item.drink, format!("{at}.drink"))?;
        let icon: Icon = text(&item.icon, format!("{at}.icon"))?;
        if !drinks.insert(drink.key()) {
            return Err(invalid(format!("{at}.drink"), "is on the menu twice"));
        }
        let names = translations(&item.names, &at)?;
        Ok(MenuItem { drink, names, icon, available: item.available, modifiers: parse_modifiers(item, &at)? })
    });
    items.collect()
}

fn parse_modifiers(item: &ItemDraft, at: &str) -> Result<Vec<Modifier>, InvalidMenu> {
    if item.modifiers.len() > MAX_MODIFIERS {
        return Err(invalid(format!("{at}.modifiers"), format!("must have at most {MAX_MODIFIERS} modifiers")));
    }
    let mut names = HashSet::new();
    let mut known = HashSet::new();
    let modifiers = item.modifiers.iter().enumerate().map(|(index, modifier)| {
        let at = format!("{at}.modifiers[{index}]");
        let name: Name = text(&modifier.name, format!("{at}.name"))?;
        if !names.insert(name.key()) {
            return Err(invalid(format!("{at}.name"), "is the name of another modifier of this drink"));
        }
        if modifier.options.is_empty() || modifier.options.len() > MAX_OPTIONS {
            return Err(invalid(format!("{at}.options"), format!("must have 1 to {MAX_OPTIONS} options")));
        }
        let options = modifier.options.iter().enumerate().map(|(index, option)| {
            let at = format!("{at}.options[{index}]");
            let option: Name = text(option, at.clone())?;
            if known.insert(option.key()) { Ok(option) } else { Err(invalid(at, "is offered twice for this drink")) }
        });
        let options = options.collect::<Result<Vec<_>, _>>()?;
        let option_names = parse_option_names(modifier, &options, &at)?;
        Ok(Modifier { name, names: translations(&modifier.names, &at)?, options, option_names })
    });
    modifiers.collect()
}

fn parse_option_names(
    modifier: &Modifier<String>,
    options: &[Name],
    at: &str,
) -> Result<BTreeMap<Name, Names>, InvalidMenu> {
    let mut parsed = BTreeMap::new();
    for (key, drafts) in &modifier.option_names {
        // A field of the problem contains the key only if the key is a name: short and visible.
        let named: Name = text(key, format!("{at}.optionNames"))?;
        let at = format!("{at}.optionNames.{named}");
        let option = options.iter().find(|option| option.is_same(&named));
        let option = option.ok_or_else(|| invalid(&at, "is not an option of this modifier"))?;
        if parsed.insert(option.clone(), translated(drafts, &at)?).is_some() {
            return Err(invalid(at, "names an option twice"));
        }
    }
    Ok(parsed)
}

fn translations(drafts: &Names<String>, at: &str) -> Result<Names, InvalidMenu> {
    translated(drafts, &format!("{at}.names"))
}

fn translated(drafts: &Names<String>, at: &str) -> Result<Names, InvalidMenu> {
    drafts.parse().map_err(|(language, error)| invalid(format!("{at}.{language}"), error.to_string()))
}

fn text<T: FromStr<Err = InvalidText>>(text: &str, field: String) -> Result<T, InvalidMenu> {
    text.parse().map_err(|error: InvalidText| invalid(field, error.to_string()))
}

fn invalid(field: impl Into<String>, rule: impl Into<String>) -> InvalidMenu {
    InvalidMenu { field: field.into(), rule: rule.into() }
}

/// Checks `request` against `menu` and returns the drink to make. Its options are in the order of
/// the menu, so that equal choices give equal values.
pub fn accept(menu: &[MenuItem], request: &DrinkRequest) -> Result<DrinkOrder, InvalidDrink> {
    let item = menu
        .iter()
        .find(|item| item.drink.is_same(&request.drink))
        .ok_or_else(|| InvalidDrink::NotOnMenu(request.drink.to_string()))?;
    let drink = item.drink.to_string();
    if !item.available {
        return Err(InvalidDrink::SoldOut(drink));
    }
    let is_offered = |option: &Name| item.modifiers.iter().any(|modifier| modifier.option(option).is_some());
    if let Some(option) = request.modifiers.iter().find(|option| !is_offered(option)) {
        return Err(InvalidDrink::NotOffered { drink, option: option.to_string() });
    }
    let mut modifiers = Vec::new();
    for modifier in &item.modifiers {
        let mut chosen = request.modifiers.iter().filter_map(|option| modifier.option(option));
        modifiers.extend(chosen.next().map(Name::to_string));
        if chosen.next().is_some() {
            return Err(InvalidDrink::ChosenTwice { modifier: modifier.name.to_string() });
        }
    }
    Ok(DrinkOrder { drink, modifiers, icon: item.icon.to_string() })
}

#[cfg(test)]
#[path = "menu_tests.rs"]
mod tests;
