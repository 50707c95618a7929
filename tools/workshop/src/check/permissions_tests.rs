use std::path::Path;

use super::*;
use crate::lint::parse_template;

/// Returns the template of the application with changes, each from one text to another.
fn template(changes: &[(&str, &str)]) -> Node {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let mut text = std::fs::read_to_string(path).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    parse_template(&text).unwrap()
}

#[test]
fn a_rule_may_send_to_a_queue_only_if_a_policy_names_both_and_allows_sending() {
    let sends = |from: &str, to: &str| may_send(&template(&[(from, to)]), "NewOrderRule", "NewOrderDeadLetters");
    assert!(sends("", ""));
    assert!(!sends("aws:SourceArn: !GetAtt NewOrderRule.Arn", "aws:SourceArn: !GetAtt SweepRule.Arn"));
    assert!(!sends("Queues: [!Ref NewOrderDeadLetters]", "Queues: []"));
    let action = |name: &str| format!("Action: {name}\n          Resource: !GetAtt NewOrderDeadLetters.Arn");
    assert!(!sends(&action("sqs:SendMessage"), &action("sqs:ReceiveMessage")));
    assert!(sends(&action("sqs:SendMessage"), &action("sqs:*")));
}

#[test]
fn a_rule_may_invoke_a_function_only_with_a_permission_for_it() {
    assert!(may_invoke(&template(&[]), "ProjectionRule", "OrderProjector"));
    assert!(!may_invoke(&template(&[]), "ProjectionRule", "Sweeper"));
    let other = [("SourceArn: !GetAtt ProjectionRule.Arn", "SourceArn: !GetAtt SweepRule.Arn")];
    assert!(!may_invoke(&template(&other), "ProjectionRule", "OrderProjector"));
}

#[test]
fn a_role_may_do_what_its_statements_allow() {
    let own = template(&[]);
    assert!(role_may(&own, "NewOrderRole", "states:StartExecution", "OrderProcessor"));
    assert!(!role_may(&own, "NewOrderRole", "states:StopExecution", "OrderProcessor"));
    assert!(events_may_assume(&own, "NewOrderRole") && !events_may_assume(&own, "OrderProcessorRole"));
    assert!(function_may(&own, "OrderProjector", "dynamodb:UpdateItem", "OrdersTable"));
    assert!(!function_may(&own, "OrderProjector", "dynamodb:Scan", "OrdersTable"));
}

#[test]
fn targets_and_queues_of_rules_are_found_by_their_logical_ids() {
    let own = template(&[]);
    let target = rules_with_target(&own, "OrderProcessor").next().unwrap();
    assert_eq!(target.rule, "NewOrderRule");
    assert_eq!(target.reference(&["RoleArn"]).as_deref(), Some("NewOrderRole"));
    assert_eq!(target.reference(&["DeadLetterConfig", "Arn"]).as_deref(), Some("NewOrderDeadLetters"));
    assert_eq!(queues_of_rules(&own), []);
    let arn = ("Arn: !GetAtt Sweeper.Arn", "Arn: !GetAtt SweepDeadLetters.Arn");
    assert_eq!(queues_of_rules(&template(&[arn])), [("ExecutionEndedRule", "SweepDeadLetters".to_owned())]);
}
