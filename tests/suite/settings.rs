use domain::shop::{SettingsEdit, ShopSettings};
use end_to_end::eventually;
use end_to_end::venue::{TestVenue, answered, refused};
use serde_json::Value;

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

pub(crate) async fn an_invalid_menu_is_refused(venue: TestVenue) {
    let before = answered(venue.anonymous.config(&venue.shop_id).await);
    let mut twice = before.settings.menu.clone();
    twice.extend(before.settings.menu.first().cloned());
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
