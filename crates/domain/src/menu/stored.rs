//! Reads menus that another version of the program may have stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::{Icon, MenuItem, Modifier, available};
use crate::names::Names;
use crate::text::Name;

#[derive(Deserialize)]
struct StoredItem {
    drink: String,
    #[serde(default)]
    names: StoredNames,
    #[serde(default)]
    icon: String,
    #[serde(default = "available")]
    available: bool,
    #[serde(default)]
    modifiers: Vec<StoredModifier>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredModifier {
    name: String,
    #[serde(default)]
    names: StoredNames,
    options: Vec<String>,
    #[serde(default)]
    option_names: BTreeMap<String, StoredNames>,
}

#[derive(Default, Deserialize)]
struct StoredNames {
    es: Option<String>,
    #[serde(rename = "pt-BR")]
    pt_br: Option<String>,
}

impl StoredItem {
    fn cleaned(self) -> MenuItem {
        MenuItem {
            drink: Name::cleaned(&self.drink),
            names: self.names.cleaned(),
            icon: Icon::cleaned(&self.icon),
            available: self.available,
            modifiers: self.modifiers.into_iter().map(StoredModifier::cleaned).collect(),
        }
    }
}

impl StoredModifier {
    fn cleaned(self) -> Modifier {
        let option_names = self.option_names.into_iter();
        Modifier {
            name: Name::cleaned(&self.name),
            names: self.names.cleaned(),
            options: self.options.iter().map(|option| Name::cleaned(option)).collect(),
            option_names: option_names.map(|(option, names)| (Name::cleaned(&option), names.cleaned())).collect(),
        }
    }
}

impl StoredNames {
    fn cleaned(self) -> Names {
        let name = |text: Option<String>| text.as_deref().map(Name::cleaned);
        Names { es: name(self.es), pt_br: name(self.pt_br) }
    }
}

/// Reads a menu that another version of the program may have stored, so that the shop can still be
/// read. Texts of an earlier version that violate today's rule are cleaned; fields of a later one
/// are ignored.
pub(crate) fn read_stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<MenuItem>, D::Error> {
    Ok(Vec::<StoredItem>::deserialize(deserializer)?.into_iter().map(StoredItem::cleaned).collect())
}
