//! Changes the definition of the stack's workflow, and reads its executions and their histories.

use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus, HistoryEvent};
use client::error::Cause;
use client::{Error, Resources, Stack};

use crate::function::Function;

pub const DEFINITION: &str = include_str!("../../../statemachines/order-processor.asl.json");

const FILE: &str = "statemachines/order-processor.asl.json";

/// Returns [`DEFINITION`] with the values of this stack in place of the placeholders.
pub fn deployed(stack: &Stack, resources: &Resources) -> Result<String, Error> {
    let name = Function::Admission.deployed_name(resources)?;
    let (region_and_account, _) = stack.order_processor_arn.split_once(":stateMachine:").unwrap_or_default();
    let admission = format!("{}:function:{name}", region_and_account.replacen(":states:", ":lambda:", 1));
    let partition = stack.order_processor_arn.split(':').nth(1).unwrap_or_default();
    let filled = DEFINITION
        .replace("${Partition}", partition)
        .replace("${AdmissionFunctionArn}", &admission)
        .replace("${BusName}", &stack.bus_name)
        .replace("${ShopTable}", &stack.shop_table);
    if filled.contains("${") { Err(Error::Unexpected(format!("{FILE} has a new placeholder"))) } else { Ok(filled) }
}

/// Replaces `from` by `to` in the definition. Fails if `from` does not occur exactly once.
pub fn replace_once(definition: &str, from: &str, to: &str) -> Result<String, Error> {
    match definition.matches(from).count() {
        1 => Ok(definition.replace(from, to)),
        count => Err(Error::Unexpected(format!("{FILE} contains {from:?} {count} times instead of once"))),
    }
}

pub async fn define(stack: &Stack, definition: &str) -> Result<(), Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    let update = client.update_state_machine().state_machine_arn(&stack.order_processor_arn).definition(definition);
    update.send().await.map(drop).map_err(|error| Error::failed("the workflow cannot be defined", error))
}

/// Lists the executions with this status; with `None`, all executions.
pub async fn executions(stack: &Stack, status: Option<ExecutionStatus>) -> Result<Vec<ExecutionListItem>, Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    let list = client.list_executions().state_machine_arn(&stack.order_processor_arn).set_status_filter(status);
    list.into_paginator().items().send().try_collect().await.map_err(failed)
}

pub async fn history(stack: &Stack, execution_arn: &str) -> Result<Vec<HistoryEvent>, Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    let pages = client.get_execution_history().execution_arn(execution_arn).max_results(1_000);
    pages.into_paginator().items().send().try_collect().await.map_err(failed)
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the executions cannot be read", source)
}
