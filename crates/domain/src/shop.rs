//! Settings of a shop, their defaults, and changes by staff.

use serde::{Deserialize, Deserializer, Serialize};

use crate::default_menu::default_menu;
use crate::ids::ShopId;
use crate::link::{self, InvalidLink, Link, LinkDraft};
use crate::look::{self, Colours, InvalidColour, Logo};
use crate::menu::{self, InvalidMenu, ItemDraft, MenuItem};
use crate::names::not_null;
use crate::text::{InvalidText, Name};
use crate::whole;

const MAX_DRINKS_PER_BARCODE: u32 = 1_000;
const MAX_ORDERS_IN_QUEUE: u32 = 10_000;
const MAX_ORDERS_PER_USER: u32 = 100;

/// Customers whose scans a shop accepts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum CustomerSignIn {
    /// Guests and customers with an account.
    #[default]
    Guest,
    /// Customers with an account.
    Account,
}

/// State and limits of a shop, which scans and admission check. They are stored apart from menu and
/// links, so that the cost of these checks does not depend on the menu. `Default` gives the state
/// of a shop that was never opened.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShopState {
    /// True if the shop takes orders.
    #[serde(rename = "storeOpen")]
    pub open: bool,
    /// Number of customers who can order with one QR code.
    pub drinks_per_barcode: u32,
    /// Number of orders that may be open in the shop at once.
    pub max_orders_in_queue: u32,
    /// Number of orders that one customer may have open at once.
    pub max_orders_per_user: u32,
    /// Customers whose scans the shop accepts.
    #[serde(default)]
    pub customer_sign_in: CustomerSignIn,
    /// Number of times that the key of the QR codes was replaced.
    #[serde(default)]
    pub code_version: u64,
    /// Number of changes so far; the ETag of the API.
    pub version: u64,
}

/// Settings of a shop. `Default` gives those of a shop that was never edited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShopSettings {
    /// State and limits.
    #[serde(flatten)]
    pub state: ShopState,
    /// Catalog: menu, links, name and look.
    #[serde(flatten)]
    pub catalog: Catalog,
}

/// Part of the settings that a shop presents to people: menu, links, name and look. `Default` gives
/// those of a shop that was never edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Catalog {
    /// Name of the shop for people.
    #[serde(default = "default_name", deserialize_with = "read_stored_name")]
    pub name: Name,
    /// Colours of the shop.
    #[serde(default, deserialize_with = "look::read_stored")]
    pub colours: Colours,
    /// Hash of the logo, which changes with it; absent if the shop has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Drinks that the shop serves.
    #[serde(deserialize_with = "menu::read_stored")]
    pub menu: Vec<MenuItem>,
    /// Links that pages show beside an order.
    #[serde(default, deserialize_with = "link::read_stored")]
    pub links: Vec<Link>,
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

/// Edit as an admin writes it: neither texts nor limits are checked yet.
pub type SettingsDraft = SettingsEdit<Vec<ItemDraft>, Vec<LinkDraft>, String, Colours<String>>;

/// Edit of settings. Absent fields stay unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsEdit<M = Vec<MenuItem>, L = Vec<Link>, N = Name, C = Colours> {
    /// Name of the shop for people.
    #[serde(
        default,
        deserialize_with = "not_null",
        skip_serializing_if = "Option::is_none",
        bound(deserialize = "N: Deserialize<'de>")
    )]
    pub name: Option<N>,
    /// The complete new colours.
    #[serde(
        default,
        deserialize_with = "not_null",
        skip_serializing_if = "Option::is_none",
        bound(deserialize = "C: Deserialize<'de>")
    )]
    pub colours: Option<C>,
    /// The complete new menu.
    #[serde(
        default,
        deserialize_with = "not_null",
        skip_serializing_if = "Option::is_none",
        bound(deserialize = "M: Deserialize<'de>")
    )]
    pub menu: Option<M>,
    /// Number of customers who can order with one QR code: 1 to 1,000.
    #[serde(default, deserialize_with = "whole::optional", skip_serializing_if = "Option::is_none")]
    pub drinks_per_barcode: Option<u32>,
    /// Number of orders that may be open at once: 1 to 10,000.
    #[serde(default, deserialize_with = "whole::optional", skip_serializing_if = "Option::is_none")]
    pub max_orders_in_queue: Option<u32>,
    /// Number of orders that one customer may have open at once: 1 to 100.
    #[serde(default, deserialize_with = "whole::optional", skip_serializing_if = "Option::is_none")]
    pub max_orders_per_user: Option<u32>,
    /// Customers whose scans the shop accepts.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub customer_sign_in: Option<CustomerSignIn>,
    /// The complete new list of links.
    #[serde(
        default,
        deserialize_with = "not_null",
        skip_serializing_if = "Option::is_none",
        bound(deserialize = "L: Deserialize<'de>")
    )]
    pub links: Option<L>,
}

impl<M, L, N, C> Default for SettingsEdit<M, L, N, C> {
    fn default() -> Self {
        Self {
            name: None,
            colours: None,
            menu: None,
            drinks_per_barcode: None,
            max_orders_in_queue: None,
            max_orders_per_user: None,
            customer_sign_in: None,
            links: None,
        }
    }
}

/// Change of a shop, by staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShopChange {
    /// Edits settings.
    Edit(Box<SettingsEdit>),
    /// Opens the shop.
    Open {
        /// True to replace the key of the QR codes, so that no code shown before is valid.
        new_code: bool,
    },
    /// Closes the shop.
    Close,
    /// Marks a drink as available or sold out.
    SetAvailable {
        /// Name of the drink.
        drink: Name,
        /// False if the drink is sold out.
        available: bool,
    },
    /// Replaces the logo, or removes it.
    SetLogo(Option<Logo>),
}

/// Error of a change that names a drink which the menu does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not on the menu")]
pub struct NotOnMenu(pub Name);

impl ShopChange {
    /// Returns the settings after this change of `before`, with the next version.
    pub fn apply(&self, before: &ShopSettings) -> Result<ShopSettings, NotOnMenu> {
        let mut after = before.clone();
        after.state.version = before.state.version.saturating_add(1);
        match self {
            Self::Edit(edit) => edit.apply(&mut after),
            Self::Open { new_code } => {
                after.state.open = true;
                after.state.code_version = before.state.code_version.saturating_add(u64::from(*new_code));
            }
            Self::Close => after.state.open = false,
            Self::SetAvailable { drink, available } => {
                let item = after.catalog.menu.iter_mut().find(|item| item.drink.is_same(drink));
                item.ok_or_else(|| NotOnMenu(drink.clone()))?.available = *available;
            }
            Self::SetLogo(logo) => after.catalog.logo = logo.as_ref().map(Logo::tag),
        }
        Ok(after)
    }
}

/// Error of an edit that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEdit {
    /// The name is not valid.
    #[error("name: {0}")]
    Name(#[from] InvalidText),
    /// A colour is not valid.
    #[error("{field}: {InvalidColour}")]
    Colour {
        /// Path of the field at fault.
        field: &'static str,
    },
    /// The menu is not valid.
    #[error(transparent)]
    Menu(#[from] InvalidMenu),
    /// The links are not valid.
    #[error(transparent)]
    Links(#[from] InvalidLink),
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
            Self::Name(_) => "name",
            Self::Menu(error) => &error.field,
            Self::Links(error) => &error.field,
            Self::Limit { field, .. } | Self::Colour { field } => field,
        }
    }
}

impl SettingsDraft {
    /// Checks the fields that are present, and returns the edit with normalised texts.
    pub fn parse(self) -> Result<SettingsEdit, InvalidEdit> {
        let name = self.name.as_deref().map(str::parse).transpose()?;
        let colours = self.colours.as_ref().map(Colours::parse).transpose();
        let colours = colours.map_err(|field| InvalidEdit::Colour { field })?;
        let menu = self.menu.as_deref().map(menu::parse).transpose()?;
        let links = self.links.as_deref().map(link::parse).transpose()?;
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
        Ok(SettingsEdit {
            name,
            colours,
            menu,
            drinks_per_barcode: self.drinks_per_barcode,
            max_orders_in_queue: self.max_orders_in_queue,
            max_orders_per_user: self.max_orders_per_user,
            customer_sign_in: self.customer_sign_in,
            links,
        })
    }
}

impl SettingsEdit {
    fn apply(&self, settings: &mut ShopSettings) {
        fn set<T: Clone>(setting: &mut T, edited: Option<&T>) {
            if let Some(edited) = edited {
                setting.clone_from(edited);
            }
        }
        let ShopSettings { state, catalog: Catalog { name, colours, menu, links, .. } } = settings;
        set(name, self.name.as_ref());
        set(colours, self.colours.as_ref());
        set(menu, self.menu.as_ref());
        set(links, self.links.as_ref());
        set(&mut state.drinks_per_barcode, self.drinks_per_barcode.as_ref());
        set(&mut state.max_orders_in_queue, self.max_orders_in_queue.as_ref());
        set(&mut state.max_orders_per_user, self.max_orders_per_user.as_ref());
        set(&mut state.customer_sign_in, self.customer_sign_in.as_ref());
    }
}

impl Default for ShopState {
    fn default() -> Self {
        Self {
            open: false,
            drinks_per_barcode: 10,
            max_orders_in_queue: 20,
            max_orders_per_user: 1,
            customer_sign_in: CustomerSignIn::default(),
            code_version: 0,
            version: 0,
        }
    }
}

impl Default for Catalog {
    fn default() -> Self {
        Self { name: default_name(), colours: Colours::default(), logo: None, menu: default_menu(), links: Vec::new() }
    }
}

fn default_name() -> Name {
    Name::cleaned("Serverlesspresso")
}

/// Reads a name that is stored. A text that violates today's rule is cleaned.
fn read_stored_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    Ok(Name::cleaned(&String::deserialize(deserializer)?))
}

#[cfg(test)]
#[path = "shop_tests.rs"]
mod tests;
