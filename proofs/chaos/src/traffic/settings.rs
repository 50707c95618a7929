//! An admin who cannot leave the settings alone.

use std::time::Duration;

use domain::caller::Role;
use domain::ids::EventId;
use domain::shop::SettingsEdit;
use tokio::time::sleep;

use super::Traffic;
use crate::fault::{Function, Operation};

const NEEDED_FOR: &[(Function, Operation)] = &[
    (Function::Config, Operation::GetItem),
    (Function::Config, Operation::UpdateItem),
    (Function::ConfigChanged, Operation::PutEvents),
];

/// Edits a shop's settings again and again, and opens it again.
pub(super) async fn edit(traffic: Traffic, shop: EventId) {
    let Ok(admin) = traffic.somebody("admin", &[Role::Admin]) else { return };
    let mut number = 0;
    while !traffic.is_over() && traffic.is_needed(NEEDED_FOR) {
        number += 1;
        let edit = SettingsEdit { max_orders_in_queue: Some(20 + number % 100), ..SettingsEdit::default() };
        // An edit whose answer is lost may have been made: the table has the last word.
        admin.edit(&shop, &edit, None).await.ok();
        admin.config(&shop).await.ok();
        admin.set_open(&shop, true).await.ok();
        sleep(Duration::from_millis(250)).await;
    }
}
