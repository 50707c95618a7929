use super::*;

#[test]
fn the_error_of_an_invalid_edit_names_the_field() {
    for (text, field) in [
        (r#"{"drinksPerBarcode":0}"#, "drinksPerBarcode"),
        (r#"{"maxOrdersInQueue":10001}"#, "maxOrdersInQueue"),
        (r#"{"maxOrdersPerUser":0}"#, "maxOrdersPerUser"),
        (r#"{"menu":[]}"#, "menu"),
        (r#"{"name":""}"#, "name"),
        (r#"{"name":"\u200b"}"#, "name"),
        (r##"{"colours":{"primary":"#fff","accent":"red"}}"##, "colours.primary"),
        (r##"{"colours":{"primary":"#ffffff","accent":"red"}}"##, "colours.accent"),
    ] {
        let edit: SettingsDraft = serde_json::from_str(text).unwrap();
        assert_eq!(edit.parse().unwrap_err().field(), field);
    }
}

#[test]
fn an_edit_changes_what_it_names_and_nothing_else() {
    let mut before = ShopSettings::default();
    before.state.open = true;
    let edit = SettingsEdit { max_orders_in_queue: Some(7), ..SettingsEdit::default() };
    let after = ShopChange::Edit(Box::new(edit)).apply(&before).unwrap();
    before.state.max_orders_in_queue = 7;
    before.state.version = 1;
    assert_eq!(after, before);
}

#[test]
fn an_edit_of_colours_replaces_all_of_them_and_keeps_the_name() {
    let parse = |text: &str| serde_json::from_str::<SettingsDraft>(text).unwrap().parse().unwrap();
    let apply = |text: &str, before: &ShopSettings| ShopChange::Edit(Box::new(parse(text))).apply(before).unwrap();
    let first = apply(r##"{"name":" Bar \u0041 ","colours":{"primary":"#0b6b43"}}"##, &ShopSettings::default());
    let shown = serde_json::to_value(&first).unwrap();
    assert_eq!((&shown["name"], &shown["colours"]), (&"Bar A".into(), &serde_json::json!({"primary": "#0b6b43"})));
    let second = serde_json::to_value(apply(r##"{"colours":{"accent":"#FFFFFF"}}"##, &first)).unwrap();
    assert_eq!((&second["name"], &second["colours"]), (&"Bar A".into(), &serde_json::json!({"accent": "#FFFFFF"})));
}

#[test]
fn an_edit_with_a_null_or_a_wrong_type_is_refused() {
    for wrong in [r#"{"name":null}"#, r#"{"colours":null}"#, r#"{"colours":{"primary":null}}"#, r#"{"colours":[]}"#] {
        assert!(serde_json::from_str::<SettingsDraft>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_settings_contain_the_hash_of_the_logo() {
    let logo = Logo { svg: "<svg/>".into() };
    let with = ShopChange::SetLogo(Some(logo.clone())).apply(&ShopSettings::default()).unwrap();
    assert_eq!((with.catalog.logo.as_ref(), with.state.version), (Some(&logo.tag()), 1));
    let without = ShopChange::SetLogo(None).apply(&with).unwrap();
    assert_eq!((without.catalog.logo, without.state.version), (None, 2));
}

#[test]
fn opening_increments_the_code_version_only_on_request() {
    let opened = |new_code| ShopChange::Open { new_code }.apply(&ShopSettings::default()).unwrap().state;
    assert_eq!((opened(false).open, opened(false).code_version), (true, 0));
    assert_eq!((opened(true).open, opened(true).code_version), (true, 1));
}

#[test]
fn a_drink_of_the_menu_is_sold_out_and_available_again() {
    let set = |drink: &str, available| ShopChange::SetAvailable { drink: drink.parse().unwrap(), available };
    let after = set("Latte", false).apply(&ShopSettings::default()).unwrap();
    let sold_out: Vec<_> =
        after.catalog.menu.iter().filter(|item| !item.available).map(|item| item.drink.as_str()).collect();
    assert_eq!(sold_out, ["Latte"]);
    assert_eq!(set("Latte", true).apply(&after).unwrap().catalog.menu, ShopSettings::default().catalog.menu);
    assert_eq!(set("Tea", true).apply(&after), Err(NotOnMenu("Tea".parse().unwrap())));
}

#[test]
fn settings_that_an_earlier_release_stored_are_read() {
    let mut stored = serde_json::to_value(ShopSettings::default()).unwrap();
    for added in ["customerSignIn", "codeVersion", "links", "name", "colours"] {
        stored.as_object_mut().unwrap().remove(added).unwrap();
    }
    assert_eq!(serde_json::from_value::<ShopSettings>(stored).unwrap(), ShopSettings::default());
}

#[test]
fn an_edit_with_an_unknown_field_is_refused() {
    for unknown in [r#"{"storeOpen":true}"#, r#"{"logo":"x"}"#] {
        assert!(serde_json::from_str::<SettingsDraft>(unknown).is_err(), "{unknown}");
    }
}

#[test]
fn a_limit_is_a_whole_number_in_any_spelling() {
    let read = |number: &str| serde_json::from_str::<SettingsDraft>(&format!(r#"{{"maxOrdersInQueue":{number}}}"#));
    for number in ["30", "30.0", "3e1", "300e-1"] {
        assert_eq!(read(number).unwrap().max_orders_in_queue, Some(30), "{number}");
    }
    for other in ["30.5", "\"30\"", "1e400", "-30", "4294967296", "null", "[30]"] {
        assert!(read(other).is_err(), "{other}");
    }
}

#[test]
fn a_menu_that_an_earlier_release_stored_is_read_with_clean_texts() {
    let stored = r#"{"storeOpen":true,"menu":[
        {"drink":"La\u200btte","icon":" latte\u202e","available":true,
         "modifiers":[{"name":"Mi\tlk","options":["\u200b","Oat"]}]},
        {"drink":"Tea","icon":"","available":false,"modifiers":[]}],
        "drinksPerBarcode":10,"maxOrdersInQueue":20,"maxOrdersPerUser":1,"version":4}"#;
    let settings: ShopSettings = serde_json::from_str(stored).unwrap();
    let menu = serde_json::to_value(&settings.catalog.menu).unwrap();
    let latte = serde_json::json!({
        "drink": "Latte", "icon": "latte", "available": true,
        "modifiers": [{"name": "Milk", "options": ["?", "Oat"]}],
    });
    assert_eq!(menu[0], latte);
    assert_eq!(menu[1]["drink"], "Tea");
    let catalog: Catalog = serde_json::from_str(stored).unwrap();
    assert_eq!(catalog.menu, settings.catalog.menu);
}

#[test]
fn settings_that_a_later_release_stored_are_read_without_its_fields() {
    let stored = r##"{"storeOpen":true,"new":1,"drinksPerBarcode":10,"maxOrdersInQueue":20,"maxOrdersPerUser":1,"version":4,
        "colours":{"primary":"#0b6b43","new":1},"links":[{"title":"Site","url":"https://a.example/","new":1}],
        "menu":[{"drink":"Latte","new":1,"names":{"es":"Leche","new":"x"},"modifiers":[
            {"name":"Milk","new":1,"names":{"pt-BR":"Leite","new":"x"},"options":["Oat"],
             "optionNames":{"Oat":{"es":"Avena","new":"x"}}}]}]}"##;
    let catalog = serde_json::from_str::<ShopSettings>(stored).unwrap().catalog;
    let read = serde_json::to_value(&catalog).unwrap();
    assert_eq!(read["colours"], serde_json::json!({"primary": "#0b6b43"}));
    assert_eq!(read["links"], serde_json::json!([{"title": "Site", "url": "https://a.example/"}]));
    let latte = serde_json::json!({
        "drink": "Latte", "icon": "", "available": true, "names": {"es": "Leche"},
        "modifiers": [{
            "name": "Milk", "names": {"pt-BR": "Leite"}, "options": ["Oat"], "optionNames": {"Oat": {"es": "Avena"}},
        }],
    });
    assert_eq!(read["menu"], serde_json::json!([latte]));
    let edit = r#"{"menu":[{"drink":"Latte","new":1}]}"#;
    assert!(
        serde_json::from_str::<SettingsDraft>(edit).is_err(),
        "an unknown field is ignored only in stored settings"
    );
}
