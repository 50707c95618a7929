//! Menu of a shop that was never edited.

use std::collections::BTreeMap;

use crate::menu::{Icon, MenuItem, Modifier};
use crate::names::Names;
use crate::text::Name;

/// Returns the menu of a shop that was never edited. A drink whose name is the same in all
/// languages has no translations.
pub(crate) fn default_menu() -> Vec<MenuItem> {
    let drinks = [
        ("Espresso", None, "espresso", false),
        ("Double Espresso", Some(("Espresso doble", "Espresso duplo")), "double-espresso", false),
        ("Americano", None, "americano", true),
        ("Flat White", None, "flat-white", true),
        ("Cappuccino", Some(("Capuchino", "Cappuccino")), "cappuccino", true),
        ("Latte", Some(("Café con leche", "Café com leite")), "latte", true),
    ];
    let item = |(drink, others, icon, with_milk): (&str, Option<(&str, &str)>, &str, bool)| MenuItem {
        drink: Name::cleaned(drink),
        names: others.map(names).unwrap_or_default(),
        icon: Icon::cleaned(icon),
        available: true,
        modifiers: with_milk.then(milk).into_iter().collect(),
    };
    drinks.into_iter().map(item).collect()
}

fn milk() -> Modifier {
    let options = [
        ("Regular", ("Entera", "Integral")),
        ("Oat", ("De avena", "De aveia")),
        ("Lactose free", ("Sin lactosa", "Sem lactose")),
    ];
    Modifier {
        name: Name::cleaned("Milk"),
        names: names(("Leche", "Leite")),
        options: options.map(|(option, _)| Name::cleaned(option)).to_vec(),
        option_names: BTreeMap::from(options.map(|(option, others)| (Name::cleaned(option), names(others)))),
    }
}

fn names((es, pt_br): (&str, &str)) -> Names {
    Names { es: Some(Name::cleaned(es)), pt_br: Some(Name::cleaned(pt_br)) }
}
