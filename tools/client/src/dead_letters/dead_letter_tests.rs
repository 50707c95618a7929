use aws_sdk_sqs::types::MessageAttributeValue;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_090_000);
const TOKEN: &str = "AQCEAAAAKgAAAAMA-a-token";

fn message(body: &Value, attributes: &[(&str, &str)]) -> Message {
    let mut message = Message::builder()
        .message_id("m-1")
        .receipt_handle("h-1")
        .body(body.to_string())
        .attributes(MessageSystemAttributeName::SentTimestamp, "1800000000000");
    for (name, value) in attributes {
        let value = MessageAttributeValue::builder().data_type("String").string_value(*value).build().unwrap();
        message = message.message_attributes(*name, value);
    }
    message.build()
}

/// Returns an event with a task token. Except in the test of unknown formats, messages have fields
/// that AWS documents.
fn event() -> Value {
    json!({
        "version": "0", "id": "6f3d4a", "source": "awsserverlessda.serverlesspresso",
        "detail-type": "OrderProcessor.TokenIssued",
        "detail": {"orderId": "o-1", "eventId": "bar", "userId": "u", "TaskToken": TOKEN}
    })
}

#[test]
fn a_message_of_a_rule_is_parsed_as_an_event_for_the_target_in_its_attributes() {
    let attributes = [
        ("RULE_ARN", "arn:aws:events:us-east-1:1:rule/bus/rule"),
        ("TARGET_ARN", "arn:aws:states:us-east-1:1:stateMachine:m"),
        ("ERROR_CODE", "SDK_CLIENT_ERROR"),
        ("ERROR_MESSAGE", &format!("nothing takes {TOKEN}")),
        ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
        ("RETRY_ATTEMPTS", "20"),
    ];
    let (message, redelivery) = read("NewOrderDeadLetters", &message(&event(), &attributes), NOW);
    assert_eq!((message.sender, message.age_seconds), (Sender::Rule, 90));
    assert_eq!(message.detail_type.as_deref(), Some("OrderProcessor.TokenIssued"));
    assert_eq!((message.order_id.as_deref(), message.shops.join(",").as_str()), (Some("o-1"), "bar"));
    assert_eq!(message.error.code.as_deref(), Some("SDK_CLIENT_ERROR"));
    assert_eq!(message.error.condition.as_deref(), Some("MaximumRetryAttempts"));
    assert_eq!(message.error.attempts, Some(20));
    assert!(!serde_json::to_string(&message).unwrap().contains(TOKEN));
    let Redelivery::Event { rule_arn, target_arn, payload, bus_id } = redelivery else { panic!("expected Event") };
    assert_eq!(rule_arn, "arn:aws:events:us-east-1:1:rule/bus/rule");
    assert_eq!(target_arn, "arn:aws:states:us-east-1:1:stateMachine:m");
    assert_eq!(
        serde_json::from_str::<Value>(&payload).unwrap(),
        event(),
        "the payload is the unchanged event, with its token"
    );
    assert_eq!(bus_id.as_deref(), Some("6f3d4a"));
}

#[test]
fn a_message_of_a_function_is_parsed_as_an_invocation_with_the_same_payload() {
    let body = json!({
        "version": "1.0", "timestamp": "2026-11-14T18:16:05.568Z",
        "requestContext": {
            "requestId": "e4b46cbf", "functionArn": "arn:aws:lambda:us-east-1:1:function:f:$LATEST",
            "condition": "RetriesExhausted", "approximateInvokeCount": 3
        },
        "requestPayload": event(),
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorType": "NotProjected", "errorMessage": format!("no item for {TOKEN}")}
    });
    let (message, redelivery) = read("ProjectionDeadLetters", &message(&body, &[]), NOW);
    assert_eq!((message.sender, message.order_id.as_deref()), (Sender::Function, Some("o-1")));
    assert_eq!((message.error.code.as_deref(), message.error.attempts), (Some("NotProjected"), Some(3)));
    assert!(!serde_json::to_string(&message).unwrap().contains(TOKEN));
    let Redelivery::Invocation { function_arn, payload } = redelivery else { panic!("expected Invocation") };
    assert_eq!(function_arn, "arn:aws:lambda:us-east-1:1:function:f:$LATEST");
    assert_eq!(serde_json::from_str::<Value>(&payload).unwrap(), event());
}

#[test]
fn a_message_about_a_failed_execution_has_the_order_id_of_the_executions_input() {
    let body = json!({
        "requestContext": {"functionArn": "arn:aws:lambda:us-east-1:1:function:f"},
        "requestPayload": {
            "detail-type": "Step Functions Execution Status Change",
            "detail": {"executionArn": "arn", "status": "FAILED", "input": event().to_string()}
        }
    });
    let (message, _) = read("SweepDeadLetters", &message(&body, &[]), NOW);
    assert_eq!((message.order_id.as_deref(), message.shops.join(",").as_str()), (Some("o-1"), "bar"));
    assert!(!message.body.to_string().contains(TOKEN));
}

#[test]
fn a_message_of_a_stream_is_parsed_as_a_range_of_records() {
    let body = json!({
        "requestContext": {
            "requestId": "316aa6d0", "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:myfunction",
            "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 5
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0", "timestamp": "2026-11-14T00:13:49.717Z",
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001573689847184-864758bb",
            "startSequenceNumber": "800000000003126276362", "endSequenceNumber": "800000000003126276362",
            "approximateArrivalOfFirstRecord": "2026-11-14T00:13:19Z",
            "approximateArrivalOfLastRecord": "2026-11-14T00:13:19Z", "batchSize": 1,
            "streamArn": "arn:aws:dynamodb:us-east-2:123456789012:table/shops/stream/2026-11-14T00:04:06.388"
        }
    });
    let (message, redelivery) = read("ConfigChangedDeadLetters", &message(&body, &[]), NOW);
    assert_eq!((message.sender, message.error.attempts), (Sender::Stream, Some(5)));
    assert!(message.error.message.unwrap().contains("shops"));
    assert!(matches!(redelivery, Redelivery::Records { function_arn: Some(_), .. }));
}

#[test]
fn a_message_in_an_unknown_format_is_parsed_without_a_target() {
    for body in [json!("no event"), json!({"hello": 1}), json!({"requestPayload": {}}), json!(null)] {
        let (message, redelivery) = read("NewOrderDeadLetters", &message(&body, &[]), NOW);
        assert_eq!((message.sender, message.target), (Sender::Unknown, None));
        assert!(matches!(redelivery, Redelivery::Unknown), "{body}");
    }
    let nothing = Message::builder().build();
    assert!(matches!(read("NewOrderDeadLetters", &nothing, NOW).1, Redelivery::Unknown));
}
