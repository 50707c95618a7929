//! Orders that were asked for and never let in, because the execution that was to do so broke: their scan was acknowledged.

use adapters::bus::{Entry, Publish};
use adapters::error::AdapterError;
use adapters::orders::{OpenOrders, ReadOrder, RecordFailure};
use adapters::workflow::{FindBroken, InspectExecution};
use domain::order::StoredOrder;
use domain::sweep;
use domain::workflow::{AdmissionRequest, Execution};
use serde::Deserialize;
use serde_json::Value;

use crate::{Sweeper, Swept};

/// The event that started an execution, as far as it matters here.
#[derive(Deserialize)]
struct Input {
    detail: Value,
}

/// What the execution asks admission, from its input; nothing if that is no request for an order.
pub(crate) fn request_from(execution_arn: &str, input: &str) -> Option<AdmissionRequest> {
    let Input { mut detail } = serde_json::from_str(input).ok()?;
    detail.as_object_mut()?.insert("executionArn".into(), execution_arn.into());
    serde_json::from_value(detail).ok()
}

impl<O, W, P> Sweeper<O, W, P>
where
    O: ReadOrder + OpenOrders + RecordFailure,
    W: InspectExecution + FindBroken,
    P: Publish,
{
    /// Records the order as failed and tells so, unless it has been let in meanwhile: then it is open, and has a deadline. Told first,
    /// it could be ended while another execution lets it in. The error: it is not known what became of it.
    pub async fn record_failure(&self, request: &AdmissionRequest) -> Result<Swept, AdapterError> {
        let Execution::Broken { at, .. } = self.executions.describe(&request.execution_arn).await? else {
            return Ok(Swept::LeftToWorkflow);
        };
        let at = at.unwrap_or_else(self.now);
        tracing::error!(order_id = %request.order_id, execution_arn = request.execution_arn, "an order was never let in");
        if !self.orders.record_failure(request, at).await? {
            return Ok(Swept::NothingToDo);
        }
        self.announce_failure(&sweep::failure_record(request, at)).await
    }

    /// Tells of a record until the bus has taken it; it is the same however often it is told, whatever becomes of its execution.
    pub(crate) async fn announce_failure(&self, record: &StoredOrder) -> Result<Swept, AdapterError> {
        let event = sweep::failure_announcement(record);
        self.bus.publish(vec![Entry::new(&event)?]).await?;
        self.orders.mark_announced(&record.order.order_id).await?;
        Ok(Swept::Published)
    }
}
