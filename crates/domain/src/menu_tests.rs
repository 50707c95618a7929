use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::shop::{SettingsEdit, ShopSettings};
use crate::testing::cases;

fn request(drink: &str, modifiers: &[&str]) -> DrinkRequest {
    DrinkRequest { drink: drink.into(), modifiers: modifiers.iter().map(ToString::to_string).collect() }
}

fn menu() -> Vec<MenuItem> {
    let group = |name: &str, options: &[&str]| Modifier {
        name: name.into(),
        options: options.iter().map(ToString::to_string).collect(),
    };
    vec![
        MenuItem {
            drink: "Latte".into(),
            icon: "latte".into(),
            available: true,
            modifiers: vec![group("Milk", &["Regular", "Oat"]), group("Size", &["Small", "Large"])],
        },
        MenuItem { drink: "Mocha".into(), icon: String::new(), available: false, modifiers: vec![] },
    ]
}

#[test]
fn the_default_menu_is_valid() {
    assert_eq!(validate(&ShopSettings::default().menu), Ok(()));
}

#[test]
fn options_are_returned_in_the_order_of_the_menu() {
    let order = accept(&menu(), &request("Latte", &["Large", "Oat"])).unwrap();
    assert_eq!(order.modifiers, ["Oat", "Large"]);
    assert_eq!(order.icon, "latte");
}

#[test]
fn a_drink_that_is_not_offered_is_refused_with_its_field() {
    let refused = |request| accept(&menu(), &request).unwrap_err();
    assert_eq!(refused(request("Milkshake", &[])), InvalidDrink::NotOnMenu("Milkshake".into()));
    assert_eq!(refused(request("Mocha", &[])), InvalidDrink::SoldOut("Mocha".into()));
    assert_eq!(refused(request("Latte", &["Soy"])).field(), "modifiers");
    assert_eq!(refused(request("Latte", &["Oat", "Regular"])), InvalidDrink::ChosenTwice { modifier: "Milk".into() });
    assert_eq!(refused(request("Latte", &["Oat", "Oat"])), InvalidDrink::ChosenTwice { modifier: "Milk".into() });
}

#[test]
fn an_invalid_menu_names_the_field_at_fault() {
    type Spoil = fn(&mut Vec<MenuItem>);
    let cases: [(&str, Spoil); 10] = [
        ("menu", Vec::clear),
        ("menu[1].drink", |menu| menu[1].drink.clear()),
        ("menu[1].drink", |menu| menu[1].drink = "Latte".into()),
        ("menu[1].drink", |menu| menu[1].drink = " Mocha".into()),
        ("menu[0].icon", |menu| menu[0].icon = "x".repeat(61)),
        ("menu[0].modifiers[1].name", |menu| menu[0].modifiers[1].name = "Milk".into()),
        ("menu[0].modifiers[0].options", |menu| menu[0].modifiers[0].options.clear()),
        ("menu[0].modifiers[1].options[0]", |menu| menu[0].modifiers[1].options[0] = "Oat".into()),
        ("menu[0].modifiers[0].options[1]", |menu| menu[0].modifiers[0].options[1] = "a\nb".into()),
        ("menu[0].modifiers", |menu| {
            let modifier = menu[0].modifiers[0].clone();
            menu[0].modifiers = vec![modifier; 11];
        }),
    ];
    for (field, spoil) in cases {
        let mut menu = menu();
        spoil(&mut menu);
        assert_eq!(validate(&menu).unwrap_err().field, field);
    }
}

/// Short names, so that some collide, and names that a menu must not have.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => "[a-f]{1,2}",
        1 => Just(String::new()),
        1 => "[ -~]{58,63}",
        1 => "[\u{e9}\u{1f95b}\u{202e}]{1,3}",
        1 => " ?[a-b]{1,2}[ \\t\\n]?",
        1 => "[a\\x00]{2}",
    ]
}

fn any_modifier() -> impl Strategy<Value = Modifier> {
    let few = proptest::collection::vec(any_name(), 0..4);
    let options = prop_oneof![9 => few, 1 => proptest::collection::vec(any_name(), 19..23)];
    (any_name(), options).prop_map(|(name, options)| Modifier { name, options })
}

fn any_item() -> impl Strategy<Value = MenuItem> {
    let few = proptest::collection::vec(any_modifier(), 0..3);
    let modifiers = prop_oneof![19 => few, 1 => proptest::collection::vec(any_modifier(), 9..12)];
    (any_name(), any_name(), any::<bool>(), modifiers).prop_map(|(drink, icon, available, modifiers)| MenuItem {
        drink,
        icon,
        available,
        modifiers,
    })
}

fn any_menu() -> impl Strategy<Value = Vec<MenuItem>> {
    let few = proptest::collection::vec(any_item(), 0..5);
    prop_oneof![19 => few, 1 => proptest::collection::vec(any_item(), 48..53)]
}

/// A valid menu: any menu, repaired where it is at fault.
fn servable_menu() -> impl Strategy<Value = Vec<MenuItem>> {
    any_menu().prop_map(|menu| repaired(menu).0)
}

/// Repairs the field that the validation names until the menu is valid. Also returns the number of
/// repairs.
fn repaired(mut menu: Vec<MenuItem>) -> (Vec<MenuItem>, usize) {
    for times in 0..20_000 {
        let Err(error) = validate(&menu) else { return (menu, times) };
        repair(&mut menu, &error.field, &format!("new {times}"));
    }
    panic!("repairing the named fields does not help: {:?}", validate(&menu));
}

/// Changes this field and no other.
fn repair(menu: &mut Vec<MenuItem>, field: &str, replacement: &str) {
    let words: Vec<&str> = field.split(['.', '[', ']']).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| word.parse::<usize>().unwrap();
    match words[..] {
        ["menu"] if menu.is_empty() => *menu = self::menu(),
        ["menu"] => menu.truncate(MAX_DRINKS),
        ["menu", item, "drink"] => menu[number(item)].drink = replacement.to_owned(),
        ["menu", item, "icon"] => menu[number(item)].icon.clear(),
        ["menu", item, "modifiers"] => menu[number(item)].modifiers.truncate(MAX_MODIFIERS),
        ["menu", item, "modifiers", modifier, "name"] => {
            menu[number(item)].modifiers[number(modifier)].name = replacement.to_owned();
        }
        ["menu", item, "modifiers", modifier, "options"] => {
            menu[number(item)].modifiers[number(modifier)].options = vec![replacement.to_owned()];
        }
        ["menu", item, "modifiers", modifier, "options", option] => {
            menu[number(item)].modifiers[number(modifier)].options[number(option)] = replacement.to_owned();
        }
        _ => panic!("not a field of a menu: {field}"),
    }
}

/// Combinations of options of a drink: none or one of each modifier. At most `most` of them, from
/// both ends.
fn choices(item: &MenuItem, most: usize) -> Vec<Vec<String>> {
    let mut choices = vec![Vec::new()];
    for modifier in &item.modifiers {
        let with = |choice: &Vec<String>, option: &String| [choice.clone(), vec![option.clone()]].concat();
        let more: Vec<_> =
            choices.iter().flat_map(|choice| modifier.options.iter().map(move |option| with(choice, option))).collect();
        choices.extend(more);
        if choices.len() > most {
            choices.drain(most / 2..choices.len() - most / 2);
        }
    }
    choices
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn an_invalid_menu_becomes_valid_by_repairing_the_fields_that_are_named(menu in any_menu()) {
        let (repaired, times) = repaired(menu.clone());
        prop_assert_eq!(times == 0, validate(&menu).is_ok());
        prop_assert_eq!(validate(&repaired), Ok(()));
        let edit = |menu| SettingsEdit { menu: Some(menu), ..SettingsEdit::default() };
        let named = edit(menu.clone()).validate().err().map(|error| error.field().to_owned());
        prop_assert_eq!(named, validate(&menu).err().map(|error| error.field));
    }

    #[test]
    fn everything_that_a_menu_offers_can_be_ordered_and_read_back(menu in servable_menu(), turn in any::<usize>()) {
        let text = serde_json::to_string(&menu).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Vec<MenuItem>>(&text).unwrap(), &menu);
        for item in &menu {
            for mut modifiers in choices(item, 40) {
                let in_order = modifiers.clone();
                let length = modifiers.len().max(1);
                modifiers.rotate_left(turn % length);
                let order = accept(&menu, &DrinkRequest { drink: item.drink.clone(), modifiers });
                if !item.available {
                    prop_assert_eq!(order, Err(InvalidDrink::SoldOut(item.drink.clone())));
                    continue;
                }
                let expected = DrinkOrder { drink: item.drink.clone(), modifiers: in_order, icon: item.icon.clone() };
                let order = order.unwrap();
                prop_assert_eq!(&order, &expected, "the order in which the options are named does not matter");
                let text = serde_json::to_string(&order).unwrap();
                prop_assert_eq!(&serde_json::from_str::<DrinkOrder>(&text).unwrap(), &order);
                let again = DrinkRequest { drink: order.drink.clone(), modifiers: order.modifiers.clone() };
                prop_assert_eq!(accept(&menu, &again), Ok(order));
            }
        }
    }

    #[test]
    fn a_request_is_accepted_unchanged_or_refused_with_its_field(
        menu in servable_menu(), drink in any_name(), modifiers in proptest::collection::vec(any_name(), 0..4)
    ) {
        let request = DrinkRequest { drink, modifiers };
        match accept(&menu, &request) {
            Ok(order) => {
                let sorted = |options: &[String]| { let mut options = options.to_vec(); options.sort(); options };
                prop_assert_eq!((&order.drink, sorted(&order.modifiers)), (&request.drink, sorted(&request.modifiers)));
            }
            Err(refused) => {
                let named = serde_json::to_value(&request).unwrap()[refused.field()].clone();
                prop_assert!(named != Value::Null, "{} is no field of the request", refused.field());
            }
        }
    }
}
