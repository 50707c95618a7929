use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::shop::{SettingsDraft, ShopSettings};
use crate::testing::cases;

fn names<const N: usize>(texts: [&str; N]) -> Vec<Name> {
    texts.map(|text| text.parse().unwrap()).to_vec()
}

fn request<const N: usize>(drink: &str, modifiers: [&str; N]) -> DrinkRequest {
    DrinkRequest { drink: drink.parse().unwrap(), modifiers: names(modifiers) }
}

fn draft() -> Vec<ItemDraft> {
    let group = |name: &str, options: [&str; 2]| Modifier {
        name: name.to_owned(),
        names: Names { es: None, pt_br: Some(format!("{name} em outra língua")) },
        options: options.map(str::to_owned).to_vec(),
        option_names: BTreeMap::from([(options[0].to_owned(), spanish("Otra"))]),
    };
    vec![
        MenuItem {
            drink: "Latte".into(),
            names: spanish("Café con leche"),
            icon: "latte".into(),
            available: true,
            modifiers: vec![group("Milk", ["Regular", "Oat"]), group("Size", ["Small", "Large"])],
        },
        MenuItem {
            drink: "Mocha".into(),
            names: Names::default(),
            icon: String::new(),
            available: false,
            modifiers: vec![],
        },
    ]
}

fn spanish(text: &str) -> Names<String> {
    Names { es: Some(text.to_owned()), pt_br: None }
}

fn menu() -> Vec<MenuItem> {
    parse(&draft()).unwrap()
}

/// The menu as an admin would write it.
fn as_draft(menu: &[MenuItem]) -> Vec<ItemDraft> {
    serde_json::from_value(serde_json::to_value(menu).unwrap()).unwrap()
}

#[test]
fn the_default_menu_is_valid() {
    let menu = ShopSettings::default().catalog.menu;
    assert_eq!(parse(&as_draft(&menu)), Ok(menu));
}

#[test]
fn options_are_returned_in_the_order_of_the_menu() {
    let order = accept(&menu(), &request("Latte", ["Large", "Oat"])).unwrap();
    assert_eq!(order.modifiers, ["Oat", "Large"]);
    assert_eq!(order.icon, "latte");
}

#[test]
fn a_request_that_the_menu_does_not_allow_is_refused_with_the_reason() {
    let refused = |request: DrinkRequest| accept(&menu(), &request).unwrap_err();
    assert_eq!(refused(request("Milkshake", [])), InvalidDrink::NotOnMenu("Milkshake".into()));
    assert_eq!(refused(request("Mocha", [])), InvalidDrink::SoldOut("Mocha".into()));
    assert_eq!(refused(request("Latte", ["Soy"])).field(), "modifiers");
    assert_eq!(refused(request("Latte", ["Oat", "Regular"])), InvalidDrink::ChosenTwice { modifier: "Milk".into() });
    assert_eq!(refused(request("Latte", ["Oat", "Oat"])), InvalidDrink::ChosenTwice { modifier: "Milk".into() });
}

#[test]
fn the_error_of_an_invalid_menu_names_the_field_at_fault() {
    type Spoil = fn(&mut Vec<ItemDraft>);
    let cases: [(&str, Spoil); 22] = [
        ("menu", Vec::clear),
        ("menu[1].drink", |menu| menu[1].drink.clear()),
        ("menu[1].drink", |menu| menu[1].drink = "Latte".into()),
        ("menu[1].drink", |menu| menu[1].drink = "\t Latte ".into()),
        ("menu[1].drink", |menu| menu[1].drink = "Mo\u{200b}cha".into()),
        ("menu[1].drink", |menu| menu[1].drink = "\u{202e}ahcoM".into()),
        ("menu[0].icon", |menu| menu[0].icon = "lat\u{ad}te".into()),
        ("menu[0].modifiers[1].options[1]", |menu| menu[0].modifiers[1].options[1] = "  Small ".into()),
        ("menu[0].icon", |menu| menu[0].icon = "x".repeat(61)),
        ("menu[0].modifiers[1].name", |menu| menu[0].modifiers[1].name = "Milk".into()),
        ("menu[0].modifiers[0].options", |menu| menu[0].modifiers[0].options.clear()),
        ("menu[0].modifiers[1].options[0]", |menu| menu[0].modifiers[1].options[0] = "Oat".into()),
        ("menu[0].modifiers[0].options[1]", |menu| menu[0].modifiers[0].options[1] = "a\nb".into()),
        ("menu[1].names.es", |menu| menu[1].names = spanish(" ")),
        ("menu[0].modifiers[0].names.pt-BR", |menu| menu[0].modifiers[0].names.pt_br = Some("x".repeat(61))),
        ("menu[0].modifiers[0].optionNames.Soy", |menu| {
            menu[0].modifiers[0].option_names.insert("Soy".into(), spanish("Soja"));
        }),
        ("menu[0].modifiers[0].optionNames.Small", |menu| {
            menu[0].modifiers[0].option_names.insert("Small".into(), spanish("Chico"));
        }),
        ("menu[0].modifiers[0].optionNames.Regular", |menu| {
            menu[0].modifiers[0].option_names.insert(" Regular".into(), spanish("Entera"));
            menu[0].modifiers[0].option_names.insert("Regular".into(), spanish("Entera"));
        }),
        ("menu[0].modifiers[0].optionNames", |menu| {
            menu[0].modifiers[0].option_names.insert("x".repeat(61), spanish("Soja"));
        }),
        ("menu[0].modifiers[0].optionNames", |menu| {
            menu[0].modifiers[0].option_names.insert("\u{202e}taO".into(), spanish("Avena"));
        }),
        ("menu[0].modifiers[0].optionNames.Oat.es", |menu| {
            menu[0].modifiers[0].option_names.insert("Oat".into(), spanish("a\nb"));
        }),
        ("menu[0].modifiers", |menu| {
            let modifier = menu[0].modifiers[0].clone();
            menu[0].modifiers = vec![modifier; 11];
        }),
    ];
    for (field, spoil) in cases {
        let mut menu = draft();
        spoil(&mut menu);
        assert_eq!(parse(&menu).unwrap_err().field, field);
    }
}

#[test]
fn two_spellings_of_one_name_are_one_drink() {
    let item = |drink: &str| MenuItem { drink: drink.to_owned(), ..draft().swap_remove(1) };
    for (one, other) in
        [("Caf\u{e9}", "Cafe\u{301}"), ("Flat White", "\u{2003}Flat \u{a0}White\n"), ("\u{2615}", "\u{2615}\u{fe0f}")]
    {
        let refused = parse(&[item(one), item(other)]).unwrap_err();
        assert_eq!(refused.to_string(), "menu[1].drink: is on the menu twice");
        let menu = parse(&[MenuItem { available: true, ..item(one) }]).unwrap();
        assert_eq!(accept(&menu, &request(other, [])).unwrap().drink, one);
    }
    assert!(
        parse(&[item("Latte"), item("latte"), item("L\u{430}tte")]).is_ok(),
        "names that differ in case or script are different"
    );
}

#[test]
fn a_translation_belongs_to_the_option_as_the_menu_spells_it() {
    let mut menu = draft();
    menu[0].modifiers[0].option_names = BTreeMap::from([("\u{2003}Oat".into(), spanish(" Avena "))]);
    let parsed = parse(&menu).unwrap();
    let json = serde_json::to_value(&parsed[0].modifiers[0]).unwrap();
    assert_eq!(json["optionNames"], serde_json::json!({"Oat": {"es": "Avena"}}));
    assert_eq!(
        serde_json::to_value(&parsed[1]).unwrap().get("names"),
        None,
        "a drink without translations has no member `names`"
    );
    let order = accept(&parsed, &request("Latte", ["Oat"])).unwrap();
    assert_eq!((order.drink.as_str(), &order.modifiers[..]), ("Latte", &["Oat".to_owned()][..]));
}

#[test]
fn an_option_is_found_in_each_spelling_and_returned_as_the_menu_spells_it() {
    let mut menu = draft();
    menu[0].modifiers[0].options[1] = "Avoine \u{e9}paisse".into();
    let order = accept(&parse(&menu).unwrap(), &request("Latte", ["Avoine  e\u{301}paisse"])).unwrap();
    assert_eq!(order.modifiers, ["Avoine \u{e9}paisse"]);
}

/// Short names, so that some collide, and names that a menu must not have.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => "[a-f]{1,2}",
        1 => Just(String::new()),
        1 => "[ -~]{58,63}",
        1 => "[\u{e9}\u{1f95b}\u{202e}]{1,3}",
        1 => "(\u{e9}|e\u{301}|e|\u{200b}){1,2}",
        1 => " ?[a-b]{1,2}[ \\t\\n]?",
        1 => "[a\\x00]{2}",
    ]
}

fn any_modifier() -> impl Strategy<Value = Modifier<String>> {
    let few = proptest::collection::vec(any_name(), 0..4);
    let options = prop_oneof![9 => few, 1 => proptest::collection::vec(any_name(), 19..23)];
    let named = proptest::option::of(any_names());
    (any_name(), any_names(), options, named).prop_map(|(name, names, options, named)| Modifier {
        name,
        names,
        option_names: options.first().cloned().zip(named).into_iter().collect(),
        options,
    })
}

fn any_names() -> impl Strategy<Value = Names<String>> {
    (proptest::option::of(any_name()), proptest::option::of(any_name())).prop_map(|(es, pt_br)| Names { es, pt_br })
}

fn any_item() -> impl Strategy<Value = ItemDraft> {
    let few = proptest::collection::vec(any_modifier(), 0..3);
    let modifiers = prop_oneof![19 => few, 1 => proptest::collection::vec(any_modifier(), 9..12)];
    (any_name(), any_names(), any_name(), any::<bool>(), modifiers)
        .prop_map(|(drink, names, icon, available, modifiers)| MenuItem { drink, names, icon, available, modifiers })
}

fn any_menu() -> impl Strategy<Value = Vec<ItemDraft>> {
    let few = proptest::collection::vec(any_item(), 0..5);
    prop_oneof![19 => few, 1 => proptest::collection::vec(any_item(), 48..53)]
}

/// A valid menu: any menu, repaired where it is at fault.
fn valid_menu() -> impl Strategy<Value = Vec<MenuItem>> {
    any_menu().prop_map(|menu| parse(&repaired(menu).0).unwrap())
}

/// Repairs the field that the validation names until the menu is valid. Also returns the number of
/// repairs.
fn repaired(mut menu: Vec<ItemDraft>) -> (Vec<ItemDraft>, usize) {
    for times in 0..20_000 {
        let Err(error) = parse(&menu) else { return (menu, times) };
        repair(&mut menu, &error.field, &format!("new {times}"));
    }
    panic!("repairing the named fields does not help: {:?}", parse(&menu));
}

/// Changes the field of the menu at the path `field`, and no other.
fn repair(menu: &mut Vec<ItemDraft>, field: &str, replacement: &str) {
    let words: Vec<&str> = field.split(['.', '[', ']']).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| word.parse::<usize>().unwrap();
    match words[..] {
        ["menu"] if menu.is_empty() => *menu = draft(),
        ["menu"] => menu.truncate(MAX_DRINKS),
        ["menu", item, "drink"] => menu[number(item)].drink = replacement.to_owned(),
        ["menu", item, "names", language] => repair_names(&mut menu[number(item)].names, language, replacement),
        ["menu", item, "modifiers", modifier, "names", language] => {
            repair_names(&mut menu[number(item)].modifiers[number(modifier)].names, language, replacement);
        }
        ["menu", item, "modifiers", modifier, "optionNames", ..] => {
            menu[number(item)].modifiers[number(modifier)].option_names.clear();
        }
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

fn repair_names(names: &mut Names<String>, language: &str, replacement: &str) {
    let name = if language == "es" { &mut names.es } else { &mut names.pt_br };
    *name = Some(replacement.to_owned());
}

/// Combinations of options of a drink: none or one of each modifier. Keeps the first and the last
/// `most / 2` if there are more than `most`.
fn choices(item: &MenuItem, most: usize) -> Vec<Vec<Name>> {
    let mut choices = vec![Vec::new()];
    for modifier in &item.modifiers {
        let with = |choice: &Vec<Name>, option: &Name| [choice.clone(), vec![option.clone()]].concat();
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
        let parsed = parse(&menu);
        prop_assert_eq!(times == 0, parsed.is_ok());
        let menu_in_order = parse(&repaired).unwrap();
        prop_assert_eq!(parse(&as_draft(&menu_in_order)), Ok(menu_in_order), "parsing a valid menu does not change it");
        let draft = SettingsDraft { menu: Some(menu), ..SettingsDraft::default() };
        let named = draft.parse().err().map(|error| error.field().to_owned());
        prop_assert_eq!(named, parsed.err().map(|error| error.field));
    }

    #[test]
    fn choices_that_a_menu_offers_can_be_ordered_and_read_back(menu in valid_menu(), turn in any::<usize>()) {
        let text = serde_json::to_string(&menu).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Vec<MenuItem>>(&text).unwrap(), &menu);
        for item in &menu {
            for mut modifiers in choices(item, 40) {
                let in_order = modifiers.clone();
                let length = modifiers.len().max(1);
                modifiers.rotate_left(turn % length);
                let order = accept(&menu, &DrinkRequest { drink: item.drink.clone(), modifiers });
                if !item.available {
                    prop_assert_eq!(order, Err(InvalidDrink::SoldOut(item.drink.to_string())));
                    continue;
                }
                let expected = DrinkOrder {
                    drink: item.drink.to_string(),
                    modifiers: in_order.iter().map(Name::to_string).collect(),
                    icon: item.icon.to_string(),
                };
                let order = order.unwrap();
                prop_assert_eq!(&order, &expected, "the order in which the options are named does not matter");
                let text = serde_json::to_string(&order).unwrap();
                prop_assert_eq!(&serde_json::from_str::<DrinkOrder>(&text).unwrap(), &order);
                let again = DrinkRequest {
                    drink: order.drink.parse().unwrap(),
                    modifiers: order.modifiers.iter().map(|option| option.parse().unwrap()).collect(),
                };
                prop_assert!(order.is_for(&again));
                prop_assert_eq!(accept(&menu, &again), Ok(order));
            }
        }
    }

    #[test]
    fn a_request_is_accepted_unchanged_or_refused_with_one_of_its_fields(
        menu in valid_menu(), drink in any_name(), modifiers in proptest::collection::vec(any_name(), 0..4)
    ) {
        let request = DrinkRequest {
            drink: Name::cleaned(&drink),
            modifiers: modifiers.iter().map(|option| Name::cleaned(option)).collect(),
        };
        match accept(&menu, &request) {
            Ok(order) => prop_assert!(order.is_for(&request)),
            Err(refused) => {
                let named = serde_json::to_value(&request).unwrap()[refused.field()].clone();
                prop_assert!(named != Value::Null, "{} is no field of the request", refused.field());
            }
        }
    }
}
