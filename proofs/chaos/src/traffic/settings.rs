//! Plays an admin who edits the settings of a shop again and again.

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
        // An edit may have succeeded without an answer; the final check reads the table.
        admin.edit(&shop, &edit, None).await.ok();
        admin.config(&shop).await.ok();
        admin.set_open(&shop, true).await.ok();
        sleep(Duration::from_millis(250)).await;
    }
}
