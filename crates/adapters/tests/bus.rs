//! Tests publishing: the entries that are sent, and that a failed entry never counts as published.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use adapters::bus::{Entry, EventBus, Publish};
use adapters::error::AdapterError;
use aws_sdk_eventbridge::Client;
use aws_smithy_mocks::mock;
use domain::event::{About, Detail, OrderFailed};
use domain::timestamp::Timestamp;
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use support::{Answer, Sent, done, eventbridge, once};

fn entry(detail_type: &str) -> Entry {
    Entry { detail_type: detail_type.into(), detail: "{}".into() }
}

async fn publish(entries: &[Entry], answers: &[Answer]) -> (Result<(), AdapterError>, Sent) {
    let rules = answers.iter().map(|answer| once(mock!(Client::put_events), answer.clone()));
    let (client, sent) = eventbridge(&rules.collect::<Vec<_>>());
    (EventBus::new(client, "bus".into()).publish(entries.to_vec()).await, sent)
}

/// Returns an answer of PutEvents with the error code of each entry; `None` is an accepted entry.
fn answered(codes: &[Option<&str>]) -> Answer {
    let entries = codes.iter().map(|code| match code {
        Some(code) => json!({"ErrorCode": code, "ErrorMessage": "no"}),
        None => json!({"EventId": "id"}),
    });
    let failed = codes.iter().flatten().count();
    done(json!({"FailedEntryCount": failed, "Entries": entries.collect::<Vec<_>>()}))
}

/// Event that cannot be serialised.
#[derive(Deserialize)]
struct NoJson;

impl Serialize for NoJson {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("no JSON"))
    }
}

impl Detail for NoJson {
    const DETAIL_TYPE: &'static str = "Test.NoJson";
}

#[test]
fn an_event_that_cannot_be_serialised_is_an_error() {
    let Err(error) = Entry::new(&NoJson) else { unreachable!("expected an error") };
    assert_eq!(error.to_string(), "the event cannot be serialised");
}

fn detail_types(request: &Value) -> Vec<&str> {
    let entries = request["Entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["DetailType"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_event_is_published_with_its_detail_type_source_and_detail() {
    let about = About {
        order_id: "order".parse().unwrap(),
        user_id: "anna".parse().unwrap(),
        shop_id: "shop".parse().unwrap(),
        message: "gone".into(),
        at: Timestamp::from_millis(0),
    };
    let event = Entry::new(&OrderFailed { about, cause: "aborted".into() }).unwrap();
    let (answer, sent) = publish(&[event], &[answered(&[None])]).await;
    answer.unwrap();
    let mut sent = sent.only();
    let detail: Value = serde_json::from_str(sent["Entries"][0]["Detail"].take().as_str().unwrap()).unwrap();
    let expected = json!({
        "orderId": "order", "userId": "anna", "eventId": "shop", "Message": "gone",
        "at": "1970-01-01T00:00:00.000Z", "cause": "aborted",
    });
    assert_eq!(detail, expected);
    let entry = json!({
        "EventBusName": "bus", "Source": "awsserverlessda.serverlesspresso",
        "DetailType": "OrderProcessor.OrderFailed", "Detail": null,
    });
    assert_eq!(sent, json!({"Entries": [entry]}));
}

#[tokio::test]
async fn several_events_are_published_in_one_call_and_in_order() {
    let (answer, sent) = publish(&[entry("a"), entry("b")], &[answered(&[None, None])]).await;
    answer.unwrap();
    assert_eq!(detail_types(&sent.only()), ["a", "b"]);
}

#[tokio::test]
async fn only_failed_entries_are_published_again() {
    let answers = [answered(&[None, Some("ThrottlingException"), Some("InternalFailure")]), answered(&[None, None])];
    let (answer, sent) = publish(&[entry("a"), entry("b"), entry("c")], &answers).await;
    answer.unwrap();
    let sent = sent.all();
    assert_eq!(sent.len(), 2);
    assert_eq!(detail_types(&sent[1]), ["b", "c"]);
    assert_eq!(
        (&sent[1]["Entries"][0]["EventBusName"], &sent[1]["Entries"][0]["Detail"]),
        (&json!("bus"), &json!("{}"))
    );
}

#[tokio::test]
async fn entries_that_keep_failing_are_an_error_with_count_and_code() {
    let answers = [
        answered(&[None, Some("InternalFailure")]),
        answered(&[Some("InternalFailure")]),
        answered(&[Some("ThrottlingException")]),
    ];
    let (answer, sent) = publish(&[entry("a"), entry("b")], &answers).await;
    let Err(AdapterError::NotPublished { failed, total, code }) = answer else { unreachable!("expected NotPublished") };
    assert_eq!((failed, total, code.as_str()), (1, 2, "ThrottlingException"));
    assert_eq!(sent.count(), 3);
}

#[tokio::test]
async fn a_failed_count_without_an_error_code_is_not_success() {
    for entries in [json!([]), json!([{"EventId": "id"}, {"EventId": "id"}])] {
        let vague = || done(json!({"FailedEntryCount": 1, "Entries": entries}));
        let (answer, sent) = publish(&[entry("a"), entry("b")], &[vague(), vague(), vague()]).await;
        assert!(matches!(answer, Err(AdapterError::NotPublished { failed: 2, total: 2, .. })), "{answer:?}");
        assert_eq!(sent.count(), 3);
        assert!(sent.all().iter().all(|request| detail_types(request) == ["a", "b"]));
    }
}

#[tokio::test]
async fn an_entry_without_a_result_counts_as_failed() {
    let short = done(json!({"FailedEntryCount": 1, "Entries": [{"EventId": "id"}]}));
    let (answer, sent) = publish(&[entry("a"), entry("b")], &[short, answered(&[None])]).await;
    answer.unwrap();
    assert_eq!(detail_types(&sent.all()[1]), ["b"]);
}

#[tokio::test]
async fn a_call_that_failed_is_an_error() {
    support::distinguishes_retryable_from_failed(async |answer| {
        let (answer, sent) = publish(&[entry("a")], &[answer]).await;
        assert_eq!(sent.count(), 1);
        answer
    })
    .await;
}
