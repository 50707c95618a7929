use std::collections::BTreeSet;

use domain::timestamp::Timestamp;
use end_to_end::venue::{TestVenue, refused};
use end_to_end::{FunctionLogs, eventually};
use serde_json::{Value, json};

/// Route, outcome and event by which the lines about the scan of an order are found.
const SCANNED: [&str; 3] = ["POST /qr-code", "admitted", "OrderProcessor.WorkflowStarted"];

fn text<'a>(line: &'a Value, member: &str) -> &'a str {
    line[member].as_str().unwrap_or_else(|| panic!("no {member}: {line}"))
}

fn is_about(line: &Value, what: &str) -> bool {
    ["route", "event", "outcome"].iter().any(|member| line[*member] == what)
}

pub(crate) async fn each_invocation_about_an_order_writes_one_line_that_names_its_shop_and_no_person(venue: TestVenue) {
    let logs = FunctionLogs::begin(&venue).await;
    let order_id = venue.choosing(&venue.customer("anna")).await;
    let about_order = async || {
        let lines = logs.lines().await.into_iter().filter(|line| line.contains(order_id.as_str()));
        let parsed: Vec<Value> = lines.filter_map(|line| serde_json::from_str(line.trim()).ok()).collect();
        SCANNED.iter().all(|what| parsed.iter().any(|line| is_about(line, what))).then_some(parsed)
    };
    let lines = eventually("the lines are written", about_order).await;

    // Lines about reads by staff have the hashes of other users.
    let of_scan = lines.iter().filter(|line| SCANNED.iter().any(|what| is_about(line, what)));
    let users: BTreeSet<&str> = of_scan.filter_map(|line| line["user"].as_str()).collect();
    assert_eq!(users.len(), 1, "one hash of one user: {users:?}");
    for line in &lines {
        assert!(text(line, "timestamp").parse::<Timestamp>().is_ok(), "Lambda cannot read the time: {line}");
        assert_eq!(text(line, "level"), "INFO", "{line}");
        // The shop of an order that is not recorded yet is not known.
        if line["outcome"] != "order_not_found" {
            assert_eq!(text(line, "shop"), venue.shop_id.as_str(), "{line}");
        }
        assert!(!text(line, "function").is_empty() && line["ms"].is_u64(), "{line}");
        assert!(!line.to_string().contains("anna"), "a line names a person: {line}");
        let of_request = lines.iter().filter(|other| other["request"] == line["request"]).count();
        assert_eq!(of_request, 1, "an invocation wrote several lines: {line}");
    }
    a_refused_scan_is_counted_on_its_line(&venue, &logs).await;
}

/// The used capacity is on some lines, and on each line about a full shop.
async fn a_refused_scan_is_counted_on_its_line(venue: &TestVenue, logs: &FunctionLogs) {
    venue.limits(10, 1, 1).await;
    assert_eq!(refused(venue.scan(&venue.customer("ben")).await).code, "store_full");
    let counted = async || {
        let lines = logs.lines().await.into_iter().filter(|line| line.contains(venue.shop_id.as_str()));
        let mut parsed = lines.filter_map(|line| serde_json::from_str::<Value>(line.trim()).ok());
        parsed.find(|line| line.get("RefusedShopFull").is_some())
    };
    let line = eventually("the refused scan is counted", counted).await;
    assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Serverlesspresso", "{line}");
    assert_eq!(line["CapacityUsed"], json!([100.0]), "{line}");
    assert!(text(&line, "FunctionName").contains(text(&line, "function")), "{line}");
}
