//! The events that end an order whose workflow is over.

use adapters::bus::Entry;
use adapters::error::AdapterError;
use domain::event::{About, OrderEvent, OrderFailed};
use domain::order::StoredOrder;
use domain::projection::{Change, ChangeKind};
use domain::timestamp::Timestamp;
use domain::workflow::{ExecutionOutput, OutputEntry};

const LONGEST_CAUSE: usize = 500;

/// Exactly the events that the execution recorded; a failure if none of them ends the order.
pub(crate) fn recorded(stored: &StoredOrder, output: &str) -> Result<Vec<Entry>, AdapterError> {
    match serde_json::from_str::<ExecutionOutput>(output) {
        Ok(output) if output.entries.iter().any(|entry| ends(stored, entry)) => Ok(output
            .entries
            .into_iter()
            .map(|entry| Entry { detail_type: entry.detail_type, detail: entry.detail.to_string() })
            .collect()),
        Ok(_) => failed(stored, None, "the workflow ended without an outcome for this order"),
        Err(error) => failed(stored, None, &format!("the workflow's output cannot be read: {error}")),
    }
}

fn ends(stored: &StoredOrder, entry: &OutputEntry) -> bool {
    OrderEvent::parse(&entry.detail_type, entry.detail.clone())
        .map(Change::from)
        .is_ok_and(|change| change.about.order_id == stored.order.order_id && matches!(change.kind, ChangeKind::End(_)))
}

/// `OrderFailed`, at the time the execution broke. Where that is not known, at the order's deadline: the same on each run.
pub(crate) fn failed(stored: &StoredOrder, at: Option<Timestamp>, cause: &str) -> Result<Vec<Entry>, AdapterError> {
    let order = &stored.order;
    let event = OrderFailed {
        about: About {
            order_id: order.order_id.clone(),
            user_id: order.user_id.clone(),
            event_id: order.event_id.clone(),
            message: "The order's workflow broke".to_owned(),
            at: at.or(order.expires_at).unwrap_or(order.updated_at),
        },
        cause: cause.chars().take(LONGEST_CAUSE).collect(),
    };
    Ok(vec![Entry::of(&event)?])
}
