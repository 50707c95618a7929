use client::wait;
use domain::shop::{SettingsEdit, ShopSettings};
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::{deadline, eventually};
use serde_json::Value;

fn edit(max_orders_in_queue: u32) -> SettingsEdit {
    SettingsEdit { max_orders_in_queue: Some(max_orders_in_queue), ..SettingsEdit::default() }
}

async fn announced(bar: &TestVenue, version: u64) -> Value {
    eventually(&format!("version {version} is announced"), || async {
        let heard = bar.recorder().public();
        let changes = heard.into_iter().filter(|event| event.detail_type == "ConfigService.ConfigChanged");
        changes
            .map(|event| event.detail)
            .find(|detail| detail["eventId"] == bar.shop_id.as_str() && detail["NewImage"]["version"] == version)
    })
    .await
}

pub(crate) async fn a_shop_that_nobody_opened_shows_the_defaults(bar: TestVenue) {
    let shop = answered(bar.anonymous.config(&bar.shop_id).await);
    assert_eq!(shop.settings, ShopSettings::default());
    assert_eq!(refused(bar.admin.qr_code(&bar.shop_id).await).code, "shop_not_found");
    let problem = refused(bar.customer("anna").scan(&bar.shop_id, "AAAAAAAAAAAAAAAA").await);
    assert_eq!((problem.status, problem.code.as_str()), (404, "shop_not_found"));
    assert!(bar.shop_item("CONFIG").await.is_none() && bar.shop_item("SECRET").await.is_none(), "reading made a shop");
}

pub(crate) async fn the_first_opening_makes_a_shop(bar: TestVenue) {
    answered(bar.admin.edit(&bar.shop_id, &edit(7), Some(0)).await);
    assert_eq!(refused(bar.admin.qr_code(&bar.shop_id).await).code, "shop_not_found");
    let shop = answered(bar.admin.set_open(&bar.shop_id, true).await);
    assert_eq!((shop.settings.max_orders_in_queue, shop.settings.version), (7, 2));
    let secret = bar.shop_item("SECRET").await;
    answered(bar.admin.set_open(&bar.shop_id, false).await);
    answered(bar.admin.set_open(&bar.shop_id, true).await);
    assert_eq!(bar.shop_item("SECRET").await, secret, "the key stays");
}

pub(crate) async fn a_change_is_announced_without_secrets(bar: TestVenue) {
    let shop = bar.limits(3, 4, 5).await;
    let detail = announced(&bar, shop.settings.version).await;
    assert_eq!(detail["NewImage"], serde_json::to_value(&shop).unwrap());
    answered(bar.admin.set_open(&bar.shop_id, false).await);
    assert_eq!(announced(&bar, shop.settings.version + 1).await["NewImage"]["storeOpen"], false);
}

pub(crate) async fn an_edit_over_a_stale_version_is_refused(bar: TestVenue) {
    let version = answered(bar.anonymous.config(&bar.shop_id).await).settings.version;
    answered(bar.admin.edit(&bar.shop_id, &edit(5), Some(version)).await);
    let problem = refused(bar.admin.edit(&bar.shop_id, &edit(6), Some(version)).await);
    assert_eq!((problem.status, problem.code.as_str()), (412, "version_mismatch"));
    assert_eq!(answered(bar.anonymous.config(&bar.shop_id).await).settings.max_orders_in_queue, 5);
}

pub(crate) async fn no_edit_resets_a_counter(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = bar.queued(&anna).await;
    bar.limits(30, 30, 3).await;
    answered(bar.admin.set_open(&bar.shop_id, false).await);
    answered(bar.admin.set_open(&bar.shop_id, true).await);
    assert_eq!((bar.in_flight().await, bar.open_orders_of("anna").await), (1, 1));
    answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "")).await);
    bar.empty().await;
    let next = bar.queued(&bar.customer("bert")).await;
    assert_eq!(bar.order(&next).await.order_number, Some(2));
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&next, "")).await);
    bar.empty().await;
}

pub(crate) async fn a_menu_that_cannot_be_served_is_refused(bar: TestVenue) {
    let before = answered(bar.anonymous.config(&bar.shop_id).await);
    let mut twice = before.settings.menu.clone();
    twice.extend(before.settings.menu.first().cloned());
    for (menu, field) in [(vec![], "menu"), (twice, "menu[6].drink")] {
        let edit = SettingsEdit { menu: Some(menu), ..SettingsEdit::default() };
        let problem = refused(bar.admin.edit(&bar.shop_id, &edit, None).await);
        assert_eq!((problem.status, problem.code.as_str()), (422, "invalid_menu"));
        assert_eq!(problem.field.as_deref(), Some(field));
    }
    let problem = refused(bar.admin.edit(&bar.shop_id, &edit(0), None).await);
    assert_eq!((problem.status, problem.code.as_str()), (422, "invalid_limit"));
    assert_eq!(answered(bar.anonymous.config(&bar.shop_id).await), before);
}
