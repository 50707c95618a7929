//! Records failed admissions: orders that were requested, but whose execution failed before
//! admission, so that they have no item.

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::orders::{OpenOrders, ReadOrder, RecordFailure};
use adapters::workflow::{FindFailed, InspectExecution};
use domain::order::StoredOrder;
use domain::sweep;
use domain::workflow::{AdmissionRequest, Execution};
use serde::Deserialize;
use serde_json::Value;

use crate::{Sweeper, Swept};

/// Input of an execution: the event that started the execution.
#[derive(Deserialize)]
struct Input {
    detail: Value,
}

/// Returns the admission request in the input of an execution; `None` if the input requests no
/// order.
pub(crate) fn request_from(execution_arn: &str, input: &str) -> Option<AdmissionRequest> {
    let Input { mut detail } = serde_json::from_str(input).ok()?;
    detail.as_object_mut()?.insert("executionArn".into(), execution_arn.into());
    serde_json::from_value(detail).ok()
}

impl<O, W, P> Sweeper<O, W, P>
where
    O: ReadOrder + OpenOrders + RecordFailure,
    W: InspectExecution + FindFailed,
    P: Publish,
{
    /// Records the order as failed and publishes `OrderFailed`, if the execution has failed and no
    /// other execution admitted the order. An admitted order is swept after its deadline. Recording
    /// comes first: otherwise the projector could end an order that another execution is admitting.
    /// `Err` means that the outcome is unknown.
    pub async fn record_failure(&self, request: &AdmissionRequest) -> Result<Swept, AdapterError> {
        let Execution::Failed { at, .. } = self.executions.describe(&request.execution_arn).await? else {
            return Ok(Swept::LeftToWorkflow);
        };
        let at = at.unwrap_or_else(self.now);
        if !self.orders.record_failure(request, at).await? {
            return Ok(Swept::NothingToDo);
        }
        tracing::error!(order = %request.order_id, execution = request.execution_arn, "failed before admission");
        self.announce_failure(&sweep::failure_record(request, at)).await
    }

    /// Publishes a recorded failure and marks it as announced. Each repetition publishes the same
    /// event, even if the state of the execution has changed.
    pub(crate) async fn announce_failure(&self, record: &StoredOrder) -> Result<Swept, AdapterError> {
        let event = sweep::failure_announcement(record);
        self.bus.publish(vec![Entry::new(&event)?]).await?;
        self.orders.mark_announced(&record.order.order_id).await?;
        Ok(Swept::Published)
    }
}
