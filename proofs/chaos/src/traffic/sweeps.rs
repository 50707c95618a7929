//! Executions that are stopped, executions that hang, and the sweeper, which must end their orders.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use domain::ids::OrderId;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::{Traffic, new_order_id};
use crate::fault::{Function, Operation};
use crate::workflow::{Failure, HUNG, is_hit};

const PATIENCE: Duration = Duration::from_secs(15);

/// How many executions hang at once.
const HANGING: usize = 6;

const ENDS: &[(Function, Operation)] = &[
    (Function::Sweeper, Operation::GetItem),
    (Function::Sweeper, Operation::DescribeExecution),
    (Function::Sweeper, Operation::StopExecution),
    (Function::Sweeper, Operation::PutEvents),
];

/// What the sweeper calls for an order that was never let in.
const LOST: &[(Function, Operation)] = &[
    (Function::Sweeper, Operation::PutItem),
    (Function::Sweeper, Operation::UpdateItem),
    (Function::Sweeper, Operation::GetExecutionHistory),
];

/// How a schedule calls the sweeper.
pub fn schedule() -> Value {
    json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}})
}

fn ended(traffic: &Traffic, order_id: &OrderId, execution_arn: &str) -> Value {
    // The sweeper knows the order by its id; the customer matters for one alone that was never let in.
    let detail = json!({"orderId": order_id, "userId": HUNG, "eventId": traffic.shops.bar});
    let input = json!({"detail": detail}).to_string();
    json!({
        "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
        "detail": {"executionArn": execution_arn, "status": "ABORTED", "input": input},
    })
}

/// Invokes the sweeper as a rule does, or, for an answer, as a person does.
pub async fn invoke(stack: &client::stack::Stack, event: &Value, how: InvocationType) -> bool {
    let lambda = aws_sdk_lambda::Client::new(&stack.aws);
    let invoke = lambda.invoke().function_name(&stack.sweeper_function).invocation_type(how);
    let answer = invoke.payload(Blob::new(event.to_string())).send().await;
    answer.is_ok_and(|answer| answer.function_error().is_none())
}

/// The schedule, faster: sweeps while it is needed.
pub(super) async fn sweep(traffic: Traffic) {
    let needed = [&[(Function::Sweeper, Operation::Query), (Function::Sweeper, Operation::ListExecutions)], ENDS, LOST];
    while !traffic.is_over() && needed.iter().any(|calls| traffic.is_needed(calls)) {
        invoke(&traffic.stack, &schedule(), InvocationType::Event).await;
        sleep(Duration::from_millis(700)).await;
    }
}

/// Asks for orders that admission never lets in, which the sweeper finds on its schedule; again and again while it is needed.
pub(super) async fn lose_some(traffic: Traffic) {
    let (_, share) = traffic.aim;
    let never = |id: &String| is_hit(id, "Admit", Failure::ToTheEnd, share);
    let mut number = 0;
    while !traffic.is_over() && traffic.is_needed(LOST) {
        for id in std::iter::repeat_with(new_order_id).take(100_000).filter(never).take(HANGING) {
            number += 1;
            traffic.ask_for(&id, &traffic.shops.bar, &format!("never-{number}")).await.ok();
        }
        sleep(Duration::from_secs(2)).await;
    }
}

/// Stops some executions in the middle of a wait, as an operator may.
pub(super) async fn stop_some(traffic: Traffic) {
    let workflows = aws_sdk_sfn::Client::new(&traffic.stack.aws);
    for number in 0..8 {
        if traffic.is_over() {
            return;
        }
        let Ok(order_id) = traffic.ask(&traffic.shops.bar, &format!("stopped-{number}")).await else { continue };
        if let Some(execution_arn) = execution_of(&traffic, &order_id).await {
            sleep(Duration::from_millis(500)).await;
            workflows.stop_execution().execution_arn(execution_arn).error("Operator").send().await.ok();
        }
    }
}

/// Has some executions hang, and the sweeper told of them until they have ended; again and again while it is needed.
pub(super) async fn hang_some(traffic: Traffic) {
    let mut number = 0;
    while !traffic.is_over() && traffic.is_needed(ENDS) {
        let mut hanging = BTreeMap::new();
        for _ in 0..HANGING {
            number += 1;
            if let Ok(order_id) = traffic.ask(&traffic.shops.bar, &format!("{HUNG}{number}")).await {
                hanging.insert(order_id, String::new());
            }
        }
        for (order_id, execution_arn) in &mut hanging {
            *execution_arn = execution_of(&traffic, order_id).await.unwrap_or_default();
        }
        let deadline = Instant::now() + PATIENCE;
        while !hanging.is_empty() && Instant::now() < deadline && !traffic.is_over() {
            let mut told = JoinSet::new();
            for (order_id, execution_arn) in hanging.iter().filter(|(_, execution_arn)| !execution_arn.is_empty()) {
                let (stack, event) = (traffic.stack.clone(), ended(&traffic, order_id, execution_arn));
                told.spawn(async move { invoke(&stack, &event, InvocationType::RequestResponse).await });
            }
            told.join_all().await;
            let mut open = BTreeMap::new();
            for (order_id, execution_arn) in hanging {
                if is_open(&traffic, &order_id).await {
                    open.insert(order_id, execution_arn);
                }
            }
            hanging = open;
            sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn item(traffic: &Traffic, order_id: &OrderId) -> Option<std::collections::HashMap<String, AttributeValue>> {
    let tables = aws_sdk_dynamodb::Client::new(&traffic.stack.aws);
    let get = tables.get_item().table_name(&traffic.stack.orders_table).consistent_read(true);
    get.key("orderId", AttributeValue::S(order_id.to_string())).send().await.ok()?.item
}

/// The execution that owns an order, once the order is in.
async fn execution_of(traffic: &Traffic, order_id: &OrderId) -> Option<String> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline && !traffic.is_over() {
        if let Some(item) = item(traffic, order_id).await {
            return item.get("executionArn")?.as_s().ok().cloned();
        }
        sleep(Duration::from_millis(100)).await;
    }
    None
}

async fn is_open(traffic: &Traffic, order_id: &OrderId) -> bool {
    let item = item(traffic, order_id).await;
    let rank = item.and_then(|item| item.get("statusRank")?.as_n().ok()?.parse::<u8>().ok());
    rank.is_some_and(|rank| rank < 3)
}
