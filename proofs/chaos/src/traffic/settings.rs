//! An admin who changes settings all the time.

use std::time::Duration;

use domain::ids::ShopId;
use domain::shop::SettingsEdit;
use harness::function::Function;
use tokio::time::sleep;

use super::Traffic;
use crate::coverage::Rounds;

const MOST_IDLE_EDITS: u32 = 300;

pub(super) async fn edit(traffic: Traffic, shop: ShopId) {
    let admin = &traffic.venue.admin;
    let mut rounds = Rounds::new(MOST_IDLE_EDITS);
    while rounds.start(traffic.coverage(|call| matches!(call.function, Function::Config | Function::ConfigChanged))) {
        let edit = SettingsEdit { max_orders_in_queue: Some(20 + rounds.number % 100), ..SettingsEdit::default() };
        // An edit without an answer may have been made. The checks compare the table with the
        // events.
        admin.edit(&shop, &edit, None).await.ok();
        admin.config(&shop).await.ok();
        admin.set_open(&shop, true).await.ok();
        sleep(Duration::from_millis(250)).await;
    }
}
