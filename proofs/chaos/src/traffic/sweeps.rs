//! Creates orders whose executions are stopped or hang, and orders that are never admitted. Invokes
//! the sweeper for them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_lambda::types::InvocationType;
use client::tables::{Item, text};
use domain::ids::OrderId;
use domain::order::OrderStatus;
use harness::function::Function;
use harness::orders::new_order_id;
use harness::sweeper::{invoke, scheduled_event, sweep};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Traffic;
use crate::coverage::Rounds;
use crate::fault::{CallKind, Operation};
use crate::workflow::{Failure, HUNG_USER, is_hit};

const PAUSE: Duration = Duration::from_millis(200);

const BATCH_SIZE: usize = 6;

/// Maximum number of reads of one batch of orders whose executions hang, or of one order whose
/// execution is to be stopped. The sweeper is invoked for each open order that a read of a batch
/// finds.
const MOST_LOOKS: u32 = 40;

/// Maximum number of sweeps for one batch of orders whose admission always fails.
const MOST_SWEEPS: u32 = 12;

const MOST_IDLE_BATCHES: u32 = 6;
const MOST_IDLE_SWEEPS: u32 = 100;
const ASYNCHRONOUS_EVERY: u32 = 25;

fn is_sweepers(call: CallKind, operations: &[Operation]) -> bool {
    call.function == Function::Sweeper && operations.contains(&call.operation)
}

fn is_scheduled(call: CallKind) -> bool {
    is_sweepers(call, &[Operation::Query, Operation::ListExecutions])
}

fn ends_hung(call: CallKind) -> bool {
    is_sweepers(
        call,
        &[Operation::GetItem, Operation::DescribeExecution, Operation::StopExecution, Operation::PutEvents],
    )
}

fn records_lost(call: CallKind) -> bool {
    is_sweepers(call, &[Operation::PutItem, Operation::UpdateItem, Operation::GetExecutionHistory])
}

pub(super) async fn cover(traffic: Traffic) {
    let sweeps = AtomicU32::new(0);
    let batches = async { tokio::join!(hang_some(&traffic), lose_some(&traffic, &sweeps)) };
    tokio::select! {
        _ = batches => {}
        () = sweep_repeatedly(&traffic, &sweeps) => {}
    }
    let mut rounds = Rounds::new(MOST_IDLE_SWEEPS);
    while rounds.start(traffic.coverage(is_scheduled)) {
        sweep(&traffic.venue.stack).await;
    }
}

/// Sweeps repeatedly, and counts the sweeps. Only one in 25 sweeps is asynchronous, as all
/// scheduled sweeps are: an asynchronous sweep that fails becomes a dead-letter message.
async fn sweep_repeatedly(traffic: &Traffic, sweeps: &AtomicU32) {
    loop {
        let asynchronous = sweeps.fetch_add(1, Ordering::SeqCst).is_multiple_of(ASYNCHRONOUS_EVERY);
        let kind = if asynchronous { InvocationType::Event } else { InvocationType::RequestResponse };
        invoke(&traffic.venue.stack, &scheduled_event(), kind).await;
        sleep(2 * PAUSE).await;
    }
}

async fn hang_some(traffic: &Traffic) {
    let mut rounds = Rounds::new(MOST_IDLE_BATCHES);
    while rounds.start(traffic.coverage(ends_hung)) {
        let mut hung = Vec::new();
        for number in 0..BATCH_SIZE {
            let user = format!("{HUNG_USER}{}-{number}", rounds.number);
            hung.extend(traffic.request(&traffic.shops.open, &user).await);
        }
        for _ in 0..MOST_LOOKS {
            let mut reports = JoinSet::new();
            let mut open = Vec::new();
            for order_id in hung {
                let item = item(traffic, &order_id).await;
                if is_final(&item) {
                    continue;
                }
                // Without an item the order is not admitted yet.
                let execution_arn = text(&item, "executionArn");
                if !execution_arn.is_empty() {
                    let (stack, event) = (traffic.venue.stack.clone(), aborted(traffic, &order_id, execution_arn));
                    reports.spawn(async move { invoke(&stack, &event, InvocationType::RequestResponse).await });
                }
                open.push(order_id);
            }
            reports.join_all().await;
            hung = open;
            if hung.is_empty() || traffic.coverage(ends_hung).is_complete() {
                break;
            }
            sleep(PAUSE).await;
        }
    }
}

async fn lose_some(traffic: &Traffic, sweeps: &AtomicU32) {
    let never = |id: &String| is_hit(id, "Admit", Failure::EveryAttempt, traffic.target.share);
    let mut rounds = Rounds::new(MOST_IDLE_BATCHES);
    while rounds.start(traffic.coverage(records_lost)) {
        let mut lost = Vec::new();
        let ids = std::iter::repeat_with(new_order_id).take(100_000).filter(never);
        for (number, id) in ids.take(2 * BATCH_SIZE).enumerate() {
            let user = format!("never-{}-{number}", rounds.number);
            lost.extend(traffic.request_as(&id, &traffic.shops.open, &user).await);
        }
        let end = sweeps.load(Ordering::SeqCst) + MOST_SWEEPS;
        // The next batch begins once more than half of the orders have ended.
        while lost.len() >= BATCH_SIZE && sweeps.load(Ordering::SeqCst) < end {
            let mut open = Vec::new();
            for order_id in lost {
                if !is_final(&item(traffic, &order_id).await) {
                    open.push(order_id);
                }
            }
            lost = open;
            if traffic.coverage(records_lost).is_complete() {
                break;
            }
            sleep(2 * PAUSE).await;
        }
    }
}

/// Stops at most eight executions after their orders were admitted, as an operator may do.
pub(super) async fn stop_some(traffic: Traffic) {
    let workflows = aws_sdk_sfn::Client::new(&traffic.venue.stack.aws);
    for number in 0..8 {
        let Ok(order_id) = traffic.request(&traffic.shops.open, &format!("stopped-{number}")).await else { continue };
        for _ in 0..MOST_LOOKS {
            sleep(2 * PAUSE).await;
            let item = item(&traffic, &order_id).await;
            let execution_arn = text(&item, "executionArn");
            if !execution_arn.is_empty() {
                workflows.stop_execution().execution_arn(execution_arn).error("Operator").send().await.ok();
                break;
            }
        }
    }
}

fn aborted(traffic: &Traffic, order_id: &OrderId, execution_arn: &str) -> Value {
    // Any customer will do: the sweeper reads the customer only if the order was never admitted.
    let detail = json!({"orderId": order_id, "userId": HUNG_USER, "eventId": traffic.shops.open});
    let input = json!({"detail": detail}).to_string();
    json!({
        "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
        "detail": {"executionArn": execution_arn, "status": "ABORTED", "input": input},
    })
}

async fn item(traffic: &Traffic, order_id: &OrderId) -> Item {
    traffic.venue.tables.order(order_id).await.ok().flatten().unwrap_or_default()
}

fn is_final(item: &Item) -> bool {
    OrderStatus::ALL.iter().any(|status| status.is_final() && status.as_str() == text(item, "status"))
}
