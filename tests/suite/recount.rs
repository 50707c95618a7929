//! Tests `presso recount`: counters that differ from the orders are corrected, also while orders
//! begin and end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use client::wait;
use domain::ids::OrderId;
use end_to_end::deadline;
use end_to_end::tables::number;
use end_to_end::venue::{TestVenue, answered};
use futures::future::join_all;
use serde_json::{Value, json};

const CROWD: usize = 16;

/// Number of places that leaked before the recounts.
const LEAKED: i64 = 7;

async fn presso(venue: &TestVenue, options: &[&str]) -> (Option<i32>, Value, String) {
    let mut command = tokio::process::Command::new("presso");
    command.env_remove("API_URL").env("PRESSO_STACK", &venue.stack.name);
    command.args(["recount", venue.shop_id.as_str(), "--json"]).args(options);
    let ran = command.output().await.expect("presso is on the PATH: . .local/env");
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

/// Customers order and cancel while the counters are corrected again and again. One correction that
/// was written beside an admission or an end would leave a wrong counter.
pub(crate) async fn corrections_beside_orders_are_exact(venue: TestVenue) {
    venue.limits(1_000, 1_000, 3).await;
    venue.set_shop("FLOOR", "inFlight", number(LEAKED)).await;
    let over = AtomicBool::new(false);
    let customer = async |index: usize| -> OrderId {
        tokio::time::sleep(Duration::from_millis(u64::try_from(index).unwrap() * 150)).await;
        let customer = venue.customer(&format!("customer-{index}"));
        let order_id = venue.choosing(&customer).await;
        answered(wait::when_ready(deadline(), || customer.cancel(&order_id, "")).await);
        venue.ended(&order_id).await;
        order_id
    };
    let corrections = async {
        let mut corrected = 0;
        while !over.load(Ordering::Relaxed) {
            // What a lost release would leave.
            venue.set_shop("USER#ghost", "openOrders", number(1)).await;
            corrected += usize::from(presso(&venue, &[]).await.1["corrected"] == true);
        }
        corrected
    };
    let crowd = async {
        let served = join_all((0..CROWD).map(customer)).await;
        over.store(true, Ordering::Relaxed);
        served.len()
    };
    let (corrected, served) = tokio::join!(corrections, crowd);
    assert!(corrected > 1 && served == CROWD, "{corrected} corrections beside {served} orders");
    venue.set_shop("USER#ghost", "openOrders", number(0)).await;
    let (code, found, stderr) = presso(&venue, &["--dry-run"]).await;
    assert_eq!((code, venue.in_flight().await), (Some(0), 0), "after {corrected} corrections: {found} {stderr}");
}
