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

/// As `docs/operations.md` names them; the shapes are those of AWS's documentation.
fn event() -> Value {
    json!({
        "version": "0", "id": "6f3d4a", "source": "awsserverlessda.serverlesspresso",
        "detail-type": "OrderProcessor.TokenIssued",
        "detail": {"orderId": "o-1", "eventId": "bar", "userId": "u", "TaskToken": TOKEN}
    })
}

#[test]
fn a_rules_letter_goes_to_the_target_that_it_names() {
    let attributes = [
        ("RULE_ARN", "arn:aws:events:us-east-1:1:rule/bus/rule"),
        ("TARGET_ARN", "arn:aws:states:us-east-1:1:stateMachine:m"),
        ("ERROR_CODE", "SDK_CLIENT_ERROR"),
        ("ERROR_MESSAGE", &format!("nothing takes {TOKEN}")),
        ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
        ("RETRY_ATTEMPTS", "20"),
    ];
    let (letter, errand) = read("NewOrderDeadLetters", &message(&event(), &attributes), NOW);
    assert_eq!((letter.sender, letter.age_seconds), (Sender::Rule, 90));
    assert_eq!(letter.detail_type.as_deref(), Some("OrderProcessor.TokenIssued"));
    assert_eq!((letter.order_id.as_deref(), letter.shops.join(",").as_str()), (Some("o-1"), "bar"));
    assert_eq!(letter.error.code.as_deref(), Some("SDK_CLIENT_ERROR"));
    assert_eq!(letter.error.condition.as_deref(), Some("MaximumRetryAttempts"));
    assert_eq!(letter.error.attempts, Some(20));
    assert!(!serde_json::to_string(&letter).unwrap().contains(TOKEN));
    let Errand::Event { rule_arn, target_arn, payload, bus_id } = errand else { panic!("it is an event") };
    assert_eq!(rule_arn, "arn:aws:events:us-east-1:1:rule/bus/rule");
    assert_eq!(target_arn, "arn:aws:states:us-east-1:1:stateMachine:m");
    assert_eq!(serde_json::from_str::<Value>(&payload).unwrap(), event(), "the event is sent as it was, token and all");
    assert_eq!(bus_id.as_deref(), Some("6f3d4a"));
}

#[test]
fn a_functions_letter_goes_to_the_function_with_what_it_failed_on() {
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
    let (letter, errand) = read("ProjectionDeadLetters", &message(&body, &[]), NOW);
    assert_eq!((letter.sender, letter.order_id.as_deref()), (Sender::Function, Some("o-1")));
    assert_eq!((letter.error.code.as_deref(), letter.error.attempts), (Some("NotProjected"), Some(3)));
    assert!(!serde_json::to_string(&letter).unwrap().contains(TOKEN));
    let Errand::Invocation { function_arn, payload } = errand else { panic!("it is an invocation") };
    assert_eq!(function_arn, "arn:aws:lambda:us-east-1:1:function:f:$LATEST");
    assert_eq!(serde_json::from_str::<Value>(&payload).unwrap(), event());
}

#[test]
fn a_letter_about_a_failed_execution_names_the_order_of_its_input() {
    let body = json!({
        "requestContext": {"functionArn": "arn:aws:lambda:us-east-1:1:function:f"},
        "requestPayload": {
            "detail-type": "Step Functions Execution Status Change",
            "detail": {"executionArn": "arn", "status": "FAILED", "input": event().to_string()}
        }
    });
    let (letter, _) = read("SweepDeadLetters", &message(&body, &[]), NOW);
    assert_eq!((letter.order_id.as_deref(), letter.shops.join(",").as_str()), (Some("o-1"), "bar"));
    assert!(!letter.body.to_string().contains(TOKEN));
}

#[test]
fn a_streams_letter_says_where_its_records_are() {
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
    let (letter, errand) = read("ConfigChangedDeadLetters", &message(&body, &[]), NOW);
    assert_eq!((letter.sender, letter.error.attempts), (Sender::Stream, Some(5)));
    assert!(letter.error.message.unwrap().contains("shops"));
    assert!(matches!(errand, Errand::Records { function_arn: Some(_), .. }));
}

#[test]
fn what_nobody_understands_is_shown_and_sent_nowhere() {
    for body in [json!("not a letter"), json!({"hello": 1}), json!({"requestPayload": {}}), json!(null)] {
        let (letter, errand) = read("NewOrderDeadLetters", &message(&body, &[]), NOW);
        assert_eq!((letter.sender, letter.target), (Sender::Unknown, None));
        assert!(matches!(errand, Errand::Unknown), "{body}");
    }
    let nothing = Message::builder().build();
    assert!(matches!(read("NewOrderDeadLetters", &nothing, NOW).1, Errand::Unknown));
}
