use super::*;
use crate::shop::ShopSettings;

fn wish(drink: &str, modifiers: &[&str]) -> DrinkRequest {
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
fn the_default_menu_can_be_served() {
    assert_eq!(validate(&ShopSettings::default().menu), Ok(()));
}

#[test]
fn options_come_out_in_the_menus_order() {
    let order = accept(&menu(), &wish("Latte", &["Large", "Oat"])).unwrap();
    assert_eq!(order.modifiers, ["Oat", "Large"]);
    assert_eq!(order.icon, "latte");
}

#[test]
fn a_wish_that_the_menu_does_not_grant_is_refused_with_its_field() {
    let refused = |request| accept(&menu(), &request).unwrap_err();
    assert_eq!(refused(wish("Milkshake", &[])), InvalidDrink::NotOnMenu("Milkshake".into()));
    assert_eq!(refused(wish("Mocha", &[])), InvalidDrink::SoldOut("Mocha".into()));
    assert_eq!(refused(wish("Latte", &["Soy"])).field(), "modifiers");
    assert_eq!(refused(wish("Latte", &["Oat", "Regular"])), InvalidDrink::ChosenTwice { modifier: "Milk".into() });
    assert_eq!(refused(wish("Latte", &["Oat", "Oat"])), InvalidDrink::ChosenTwice { modifier: "Milk".into() });
}

#[test]
fn a_menu_that_cannot_be_served_names_the_field_at_fault() {
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
