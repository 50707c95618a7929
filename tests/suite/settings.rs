use client::wait;
use data_encoding::BASE64;
use domain::drink::DrinkRequest;
use domain::look::{LogoDraft, LogoType};
use domain::order::OrderStatus;
use domain::shop::{SettingsEdit, Shop, ShopSettings};
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::{deadline, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::requests::put;

fn edit(max_orders_in_queue: u32) -> SettingsEdit {
    SettingsEdit { max_orders_in_queue: Some(max_orders_in_queue), ..SettingsEdit::default() }
}

async fn published(venue: &TestVenue, version: u64) -> Value {
    eventually(&format!("version {version} is published"), || async {
        let events = venue.recorder().public.events();
        let changes = events.into_iter().filter(|event| event.detail_type == "ConfigService.ConfigChanged");
        changes
            .map(|event| event.detail)
            .find(|detail| detail["eventId"] == venue.shop_id.as_str() && detail["NewImage"]["version"] == version)
    })
    .await
}

pub(crate) async fn an_unopened_shop_shows_the_defaults(venue: TestVenue) {
    let shop = answered(venue.anonymous.config(&venue.shop_id).await);
    assert_eq!(shop.settings, ShopSettings::default());
    assert_eq!(refused(venue.admin.qr_code(&venue.shop_id).await).code, "shop_not_found");
    let problem = refused(venue.customer("anna").scan(&venue.shop_id, "AAAAAAAAAAAAAAAA").await);
    assert_eq!((problem.status, problem.code.as_str()), (404, "shop_not_found"));
    assert!(
        venue.shop_item("STATE").await.is_none() && venue.shop_item("SECRET").await.is_none(),
        "reading created a shop"
    );
}

pub(crate) async fn the_first_opening_creates_the_shop(venue: TestVenue) {
    answered(venue.admin.edit(&venue.shop_id, &edit(7), Some(0)).await);
    assert_eq!(refused(venue.admin.qr_code(&venue.shop_id).await).code, "shop_not_found");
    let shop = answered(venue.admin.set_open(&venue.shop_id, true).await);
    assert_eq!((shop.settings.state.max_orders_in_queue, shop.settings.state.version), (7, 2));
    let secret = venue.shop_item("SECRET").await;
    answered(venue.admin.set_open(&venue.shop_id, false).await);
    answered(venue.admin.set_open(&venue.shop_id, true).await);
    assert_eq!(venue.shop_item("SECRET").await, secret, "the key changed");
}

pub(crate) async fn a_change_is_published_without_secrets(venue: TestVenue) {
    let shop = venue.limits(3, 4, 5).await;
    let detail = published(&venue, shop.settings.state.version).await;
    assert_eq!(detail["NewImage"], serde_json::to_value(&shop).unwrap());
    answered(venue.admin.set_open(&venue.shop_id, false).await);
    assert_eq!(published(&venue, shop.settings.state.version + 1).await["NewImage"]["storeOpen"], false);
}

pub(crate) async fn name_colours_and_names_in_other_languages_are_shown_and_published(venue: TestVenue) {
    let body = json!({
        "name": " Bar\u{a0}7 ",
        "colours": {"primary": "#0b6b43"},
        "menu": [{
            "drink": "Latte", "names": {"es": "Café con leche", "pt-BR": "Café com leite"},
            "modifiers": [{
                "name": "Milk", "names": {"es": "Leche"}, "options": ["Oat", "Regular"],
                "optionNames": {"Oat": {"es": "De avena"}},
            }],
        }],
    });
    let config = format!("/config?eventId={}", venue.shop_id);
    let shop = answered(put(&venue.admin, &config, body.to_string()).await.json());
    assert_eq!((&shop["name"], &shop["colours"]), (&"Bar 7".into(), &body["colours"]));
    let names = |shop: &Value| {
        let latte = &shop["menu"][0];
        (latte["names"].clone(), latte["modifiers"][0]["names"].clone(), latte["modifiers"][0]["optionNames"].clone())
    };
    assert_eq!(names(&shop), names(&body));
    let version = shop["version"].as_u64().unwrap();
    assert_eq!(published(&venue, version).await["NewImage"], shop);
    let read = serde_json::to_value(answered(venue.anonymous.config(&venue.shop_id).await)).unwrap();
    assert_eq!(read, shop);
    for (wrong, status, code, field) in [
        (json!({"name": "\u{200b}"}), 422, "invalid_name", "name"),
        (json!({"colours": {"accent": "red"}}), 422, "invalid_colour", "colours.accent"),
        (json!({"menu": [{"drink": "Tea", "names": {"es": ""}}]}), 422, "invalid_menu", "menu[0].names.es"),
        (json!({"logo": "x"}), 400, "malformed_body", "logo"),
    ] {
        let problem = answered(put(&venue.admin, &config, wrong.to_string()).await.json());
        assert_eq!(
            (&problem["status"], &problem["code"], &problem["field"]),
            (&status.into(), &code.into(), &field.into())
        );
    }
    // An order has the name on the menu, whatever the language of the page.
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    let oat = DrinkRequest { drink: "Latte".parse().unwrap(), modifiers: vec!["Oat".parse().unwrap()] };
    answered(wait::when_ready(deadline(), || anna.submit(&order_id, &oat)).await);
    let order = answered(wait::order_is(&anna, &order_id, OrderStatus::Waiting, deadline()).await);
    let drink = order.drink_order.unwrap();
    assert_eq!((drink.drink.as_str(), &drink.modifiers[..]), ("Latte", &["Oat".to_owned()][..]));
    venue.cancel(&anna, &order_id).await;
}

pub(crate) async fn a_logo_is_shown_replaced_and_removed(venue: TestVenue) {
    let get = async |known: &str| {
        let request = venue.anonymous.request(Method::GET, "/logo").query(&[("eventId", venue.shop_id.as_str())]);
        let answer = answered(venue.anonymous.send(request.header("if-none-match", known)).await);
        (answer.status, answer)
    };
    assert_eq!(get("").await.0, 404);
    let svg = |side: u32| format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"/>"#);
    let logo = |data: &str| LogoDraft { content_type: LogoType::Svg, data: BASE64.encode(data.as_bytes()) };
    let first = answered(venue.admin.set_logo(&venue.shop_id, &logo(&svg(8))).await);
    let tag = |shop: &Shop| format!("\"{}\"", shop.settings.catalog.logo.clone().unwrap());
    assert_eq!(
        published(&venue, first.settings.state.version).await["NewImage"]["logo"],
        first.settings.catalog.logo.clone().unwrap()
    );
    let shown =
        eventually("the logo is shown", || async { Some(get("").await).filter(|(status, _)| *status == 200) }).await;
    assert_eq!(shown.1.body, svg(8));
    assert_eq!(get(&tag(&first)).await.0, 304);
    let second = answered(venue.admin.set_logo(&venue.shop_id, &logo(&svg(16))).await);
    assert_ne!(tag(&first), tag(&second));
    eventually("the new logo is shown", || async { (get(&tag(&first)).await.1.body == svg(16)).then_some(()) }).await;
    let problem = refused(venue.admin.set_logo(&venue.shop_id, &logo("<svg onload='x'/>")).await);
    assert_eq!((problem.status, problem.code.as_str()), (422, "invalid_logo"));
    let without = answered(venue.admin.remove_logo(&venue.shop_id).await);
    assert_eq!(without.settings.catalog.logo, None);
    eventually("the logo is gone", || async { (get("").await.0 == 404).then_some(()) }).await;
}

pub(crate) async fn an_edit_of_a_stale_version_is_refused(venue: TestVenue) {
    let version = answered(venue.anonymous.config(&venue.shop_id).await).settings.state.version;
    answered(venue.admin.edit(&venue.shop_id, &edit(5), Some(version)).await);
    let problem = refused(venue.admin.edit(&venue.shop_id, &edit(6), Some(version)).await);
    assert_eq!((problem.status, problem.code.as_str()), (412, "version_mismatch"));
    assert_eq!(answered(venue.anonymous.config(&venue.shop_id).await).settings.state.max_orders_in_queue, 5);
}

pub(crate) async fn no_edit_resets_a_counter(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.queued(&anna).await;
    venue.limits(30, 30, 3).await;
    answered(venue.admin.set_open(&venue.shop_id, false).await);
    answered(venue.admin.set_open(&venue.shop_id, true).await);
    assert_eq!((venue.in_flight().await, venue.open_orders_of("anna").await), (1, 1));
    venue.cancel(&anna, &order_id).await;
    let next = venue.queued(&venue.customer("bert")).await;
    assert_eq!(venue.order(&next).await.order_number, Some(2));
    venue.cancel(&venue.barista, &next).await;
}

pub(crate) async fn an_invalid_menu_or_limit_is_refused(venue: TestVenue) {
    let before = answered(venue.anonymous.config(&venue.shop_id).await);
    let mut twice = before.settings.catalog.menu.clone();
    twice.extend(before.settings.catalog.menu.first().cloned());
    for (menu, field) in [(vec![], "menu"), (twice, "menu[6].drink")] {
        let edit = SettingsEdit { menu: Some(menu), ..SettingsEdit::default() };
        let problem = refused(venue.admin.edit(&venue.shop_id, &edit, None).await);
        assert_eq!((problem.status, problem.code.as_str()), (422, "invalid_menu"));
        assert_eq!(problem.field.as_deref(), Some(field));
    }
    let problem = refused(venue.admin.edit(&venue.shop_id, &edit(0), None).await);
    assert_eq!((problem.status, problem.code.as_str()), (422, "invalid_limit"));
    assert_eq!(answered(venue.anonymous.config(&venue.shop_id).await), before);
}

pub(crate) async fn texts_and_numbers_are_accepted_in_each_spelling(venue: TestVenue) {
    let config = format!("/config?eventId={}", venue.shop_id);
    for (body, status, field) in [
        (r#"{"menu":[{"drink":"\u200b"}]}"#, 422, "menu[0].drink"),
        (r#"{"menu":[{"drink":"Tea"},{"drink":"\u202eaeT"}]}"#, 422, "menu[1].drink"),
        (r#"{"menu":[{"drink":"Caf\u00e9"},{"drink":"Cafe\u0301"}]}"#, 422, "menu[1].drink"),
        (r#"{"maxOrdersInQueue":30.5}"#, 400, "maxOrdersInQueue"),
        (r#"{"maxOrdersInQueue":1e400}"#, 400, "maxOrdersInQueue"),
    ] {
        let answer = put(&venue.admin, &config, body).await;
        assert_eq!((answer.status, &answered(answer.json())["field"]), (status, &field.into()), "{body}");
    }
    let menu = format!(r#"{{"maxOrdersInQueue":3e1,"menu":[{{"drink":"{}"}}]}}"#, " Cafe\u{301}\u{a0} noir\u{2003}");
    let shop = answered(put(&venue.admin, &config, menu).await.json());
    assert_eq!((&shop["maxOrdersInQueue"], &shop["menu"][0]["drink"]), (&30.into(), &"Caf\u{e9} noir".into()));
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    let path = format!("/orders/{order_id}");
    eventually("the drink is accepted", || async {
        (put(&anna, &path, r#"{"drink":"Cafe\u0301  noir"}"#).await.status == 202).then_some(())
    })
    .await;
    let order = answered(wait::order_is(&anna, &order_id, OrderStatus::Waiting, deadline()).await);
    assert_eq!(order.drink_order.map(|drink| drink.drink), Some("Caf\u{e9} noir".into()));
    assert_eq!(put(&anna, &format!("{path}?action=cancel"), r#"{"reason":"\u202e"}"#).await.status, 400);
    venue.cancel(&anna, &order_id).await;
}
