//! Admission against answers that no emulator gives.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use adapters::error::AdapterError;
use adapters::orders::{Admission, AdmitOrder, OrderBook};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_sdk_dynamodb::types::CancellationReason;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use domain::admission::FailedConditions;
use domain::shop::ShopSettings;
use domain::timestamp::Timestamp;
use domain::workflow::AdmissionRequest;

fn cancelled(codes: [&'static str; 4]) -> Rule {
    mock!(Client::transact_write_items).then_error(move || {
        let reasons = codes.map(|code| CancellationReason::builder().code(code).build());
        let exception = TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons.into()));
        TransactWriteItemsError::TransactionCanceledException(exception.build())
    })
}

async fn admit(rules: &[&Rule]) -> Result<Admission, AdapterError> {
    let client = mock_client!(aws_sdk_dynamodb, RuleMode::Sequential, rules);
    let request = AdmissionRequest {
        order_id: "order".parse().unwrap(),
        user_id: "anna".parse().unwrap(),
        event_id: "shop".parse().unwrap(),
        execution_arn: "execution".into(),
    };
    let book = OrderBook::new(client, "orders".into(), "shops".into());
    book.admit(&request, &ShopSettings::default(), Timestamp::from_millis(0)).await
}

#[tokio::test(start_paused = true)]
async fn a_lost_race_is_run_again() {
    let lost = cancelled(["None", "None", "None", "TransactionConflict"]);
    let throttled = cancelled(["None", "None", "ThrottlingError", "None"]);
    let won = mock!(Client::transact_write_items).then_output(|| TransactWriteItemsOutput::builder().build());
    assert_eq!(admit(&[&lost, &throttled, &won]).await.unwrap(), Admission::Admitted);
    assert_eq!((lost.num_calls(), throttled.num_calls(), won.num_calls()), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_failed_condition_counts_for_more_than_a_conflict_beside_it() {
    let refused = cancelled(["None", "ConditionalCheckFailed", "None", "TransactionConflict"]);
    let closed = FailedConditions { shop_closed: true, ..FailedConditions::default() };
    assert_eq!(admit(&[&refused]).await.unwrap(), Admission::Failed(closed));
    assert_eq!(refused.num_calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn any_other_reason_is_an_error_and_no_refusal() {
    let broken = cancelled(["ValidationError", "None", "None", "None"]);
    assert!(matches!(admit(&[&broken]).await, Err(AdapterError::Failed { .. })));
}
