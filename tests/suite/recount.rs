//! Tests `presso recount`: counters that differ from the orders are corrected, also while orders
//! begin and end.

use std::sync::Arc;

use client::wait;
use end_to_end::deadline;
use end_to_end::proxy::{Hold, Loss, Proxy};
use end_to_end::tables::number;
use end_to_end::venue::{TestVenue, answered};
use serde_json::{Value, json};

async fn presso(venue: &TestVenue, options: &[&str]) -> (Option<i32>, Value, String) {
    presso_at(None, venue, options).await
}

/// Runs `presso recount` with AWS at the address `aws`, or at that of the environment if it is
/// `None`. Returns the exit code, the JSON and the standard error.
async fn presso_at(aws: Option<&str>, venue: &TestVenue, options: &[&str]) -> (Option<i32>, Value, String) {
    let mut command = tokio::process::Command::new("presso");
    command.envs(aws.map(|url| ("AWS_ENDPOINT_URL", url)));
    command.env_remove("API_URL").env("PRESSO_STACK", &venue.stack.name);
    command.args(["recount", venue.shop_id.as_str(), "--json"]).args(options);
    let ran = command.output().await.expect("presso cannot be run; first run `. .local/env`");
    let stderr = String::from_utf8_lossy(&ran.stderr).into_owned();
    (ran.status.code(), serde_json::from_slice(&ran.stdout).unwrap_or_default(), stderr)
}

pub(crate) async fn leaked_and_negative_counters_are_corrected(venue: TestVenue) {
    let order_id = venue.queued(&venue.customer("anna")).await;
    venue.set_shop("FLOOR", "inFlight", number(4)).await;
    venue.set_shop("USER#anna", "openOrders", number(-1)).await;
    venue.set_shop("USER#ghost", "openOrders", number(2)).await;
    let wrong = json!([
        {"item": "FLOOR", "stored": 4, "orders": 1},
        {"item": "USER#anna", "stored": -1, "orders": 1},
        {"item": "USER#ghost", "stored": 2, "orders": 0},
    ]);
    let (code, found, stderr) = presso(&venue, &["--dry-run"]).await;
    assert_eq!((code, &found["wrong"], &found["corrected"]), (Some(1), &wrong, &json!(false)), "{stderr}");
    assert!(stderr.contains(&format!("presso recount {}", venue.shop_id)), "{stderr}");
    assert_eq!(venue.in_flight().await, 4, "a dry run must change nothing");

    let (code, found, stderr) = presso(&venue, &[]).await;
    assert_eq!((code, &found["wrong"], &found["corrected"]), (Some(0), &wrong, &json!(true)), "{stderr}");
    let counts = [venue.in_flight().await, venue.open_orders_of("anna").await, venue.open_orders_of("ghost").await];
    assert_eq!(counts, [1, 1, 0]);
    assert_eq!(presso(&venue, &["--dry-run"]).await.0, Some(0));
    answered(wait::when_ready(deadline(), || venue.barista.complete(&order_id)).await);
    venue.empty().await;
    assert_eq!(venue.open_orders_of("anna").await, 0);
}

/// Orders begin and end after the command has read the counters, and before it writes them.
pub(crate) async fn a_recount_while_orders_begin_and_end_writes_the_counts_of_the_open_orders(venue: TestVenue) {
    venue.limits(10, 20, 3).await;
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    venue.set_shop("FLOOR", "inFlight", number(5)).await;
    venue.set_shop("USER#anna", "openOrders", number(3)).await;
    let hold = Hold::on("TransactWriteItems");
    let proxy = Proxy::losing(Loss::Held(Arc::clone(&hold))).await;
    let meanwhile = async {
        hold.arrived().await;
        answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "")).await);
        venue.ended(&order_id).await;
        for user in ["bob", "carla"] {
            venue.choosing(&venue.customer(user)).await;
        }
        hold.release();
    };
    let ((code, found, stderr), ()) = tokio::join!(presso_at(Some(&proxy.url), &venue, &[]), meanwhile);
    assert_eq!((code, &found["corrected"], &found["readings"]), (Some(0), &json!(true), &json!(2)), "{stderr}");
    let counts = [venue.in_flight().await, venue.open_orders_of("anna").await, venue.open_orders_of("bob").await];
    assert_eq!(counts, [2, 0, 1], "{found}");
    assert_eq!(presso(&venue, &["--dry-run"]).await.0, Some(0));
}
