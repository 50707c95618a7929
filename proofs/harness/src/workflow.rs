//! The workflow of the stack: its definition, its executions and their histories.

use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus, HistoryEvent};
use client::error::Cause;
use client::{Error, Stack};

pub const DEFINITION: &str = include_str!("../../../statemachines/order-processor.asl.json");

pub async fn define(stack: &Stack, definition: &str) -> Result<(), Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    let update = client.update_state_machine().state_machine_arn(&stack.order_processor_arn).definition(definition);
    update.send().await.map(drop).map_err(|error| Error::failed("the workflow cannot be defined", error))
}

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
