//! Reads the results of a burst from the tables and the workflow, and cancels its orders.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use aws_sdk_sfn::primitives::DateTime;
use client::Error;
use client::error::causes;
use client::tables::{Item, Tables, text};
use domain::admission::Refusal;
use domain::ids::{OrderId, ShopId};
use domain::order::OrderStatus;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

use crate::cli::RoleName;
use crate::{Context, output, shutdown};

/// Maximum time of each wait. An emulator needs longer for a thousand orders than AWS.
const TIMEOUT: Duration = Duration::from_mins(3);
const PAUSE: Duration = Duration::from_millis(250);
const POLL: Duration = Duration::from_millis(50);

/// Maximum number of keys in one call of `BatchGetItem`.
const KEYS: usize = 100;

/// The outcome of an acknowledged order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// The order was admitted, and its status is `CREATED` or `WAITING`.
    Admitted,
    /// The order was refused, for this reason.
    Refused(String),
    /// The order was completed, or cancelled for a reason that is not a refusal.
    Ended(String),
    /// The order was not in the table in time, or its status was still `ADMITTED`.
    Lost,
}

impl Outcome {
    /// Returns the outcome of a stored order; `None` while its status is `ADMITTED`.
    fn from_item(item: &Item) -> Option<Self> {
        match OrderStatus::parse(text(item, "status"))? {
            OrderStatus::Admitted => None,
            OrderStatus::Created | OrderStatus::Waiting => Some(Self::Admitted),
            OrderStatus::Completed => Some(Self::Ended("completed".to_owned())),
            OrderStatus::Cancelled => {
                let reason = text(item, "reason").to_owned();
                let refused = Refusal::ALL.iter().any(|refusal| refusal.as_str() == reason);
                Some(if refused { Self::Refused(reason) } else { Self::Ended(reason) })
            }
        }
    }
}

/// Waits for the outcomes of these orders, at most for [`TIMEOUT`].
pub(super) async fn outcomes(context: &Context, orders: Vec<OrderId>) -> Result<HashMap<OrderId, Outcome>, Error> {
    let client = aws_sdk_dynamodb::Client::new(&context.stack.aws);
    let deadline = Instant::now() + TIMEOUT;
    let mut outcomes = HashMap::new();
    let mut open = orders;
    loop {
        for some in open.chunks(KEYS) {
            for item in stored(&client, &context.stack.orders_table, some).await? {
                let order_id = text(&item, "orderId").parse().ok();
                if let (Some(order_id), Some(outcome)) = (order_id, Outcome::from_item(&item)) {
                    outcomes.insert(order_id, outcome);
                }
            }
        }
        open.retain(|order_id| !outcomes.contains_key(order_id));
        if open.is_empty() || Instant::now() >= deadline {
            outcomes.extend(open.into_iter().map(|order_id| (order_id, Outcome::Lost)));
            return Ok(outcomes);
        }
        sleep(PAUSE).await;
    }
}

async fn stored(client: &aws_sdk_dynamodb::Client, table: &str, orders: &[OrderId]) -> Result<Vec<Item>, Error> {
    let unread = |error| Error::failed("the orders cannot be read", error);
    let key = |order_id: &OrderId| Item::from([("orderId".to_owned(), AttributeValue::S(order_id.to_string()))]);
    let keys = KeysAndAttributes::builder().set_keys(Some(orders.iter().map(key).collect())).consistent_read(true);
    let keys = keys.build().map_err(|error| Error::failed("the orders cannot be read", error))?;
    let answer = client.batch_get_item().request_items(table, keys).send().await.map_err(unread)?;
    Ok(answer.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default())
}

/// Cancels the open orders, including those whose scan had no answer, until none is left or
/// [`TIMEOUT`] has passed.
pub(super) async fn clear(context: &Context) -> Result<(), Error> {
    let barista = context.identity.call(&context.api.with_attempts(5), RoleName::Barista, "presso-barista")?;
    let (deadline, tables) = (Instant::now() + TIMEOUT, Tables::new(&context.stack));
    while tables.in_flight(&context.shop_id).await? > 0 && Instant::now() < deadline {
        let mut cancelling = JoinSet::new();
        for status in [OrderStatus::Admitted, OrderStatus::Created, OrderStatus::Waiting] {
            for order in barista.queue(&context.shop_id, status, 100, None).await?.orders {
                let barista = barista.clone();
                cancelling.spawn(async move { shutdown::cancel(&barista, &order.order_id, "end of the burst").await });
            }
        }
        while let Some(cancelled) = cancelling.join_next().await {
            if let Ok(Err(error)) = cancelled {
                output::note(causes(&error));
            }
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

/// The number of executions since the start of the burst, by status, in the whole stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Executions(pub(super) BTreeMap<String, usize>);

impl Executions {
    /// Waits until there are at least as many executions as orders, and at most `in_flight` run, or
    /// [`TIMEOUT`] has passed.
    pub(super) async fn settled(
        context: &Context,
        since: SystemTime,
        orders: usize,
        in_flight: i64,
    ) -> Result<Self, Error> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let found = Self::since(context, since.into()).await?;
            let running = i64::try_from(found.count("RUNNING")).unwrap_or(i64::MAX);
            let settled = found.0.values().sum::<usize>() >= orders && running <= in_flight;
            if settled || Instant::now() >= deadline {
                return Ok(found);
            }
            sleep(PAUSE).await;
        }
    }

    pub(super) async fn since(context: &Context, since: DateTime) -> Result<Self, Error> {
        let client = aws_sdk_sfn::Client::new(&context.stack.aws);
        let call = client.list_executions().state_machine_arn(&context.stack.order_processor_arn);
        let mut pages = call.into_paginator().items().send();
        let mut found = Self::default();
        // The executions are listed newest first.
        while let Some(execution) = pages.next().await {
            let execution = execution.map_err(|error| Error::failed("the executions cannot be listed", error))?;
            if execution.start_date.secs() < since.secs() {
                break;
            }
            *found.0.entry(execution.status.as_str().to_owned()).or_default() += 1;
        }
        Ok(found)
    }

    pub(super) fn total(&self) -> usize {
        self.0.values().sum()
    }

    pub(super) fn count(&self, status: &str) -> usize {
        self.0.get(status).copied().unwrap_or(0)
    }
}

/// A task that polls the number of orders in flight.
pub(super) struct CapacityWatch {
    stop: oneshot::Sender<()>,
    polling: JoinHandle<Result<i64, Error>>,
}

impl CapacityWatch {
    pub(super) fn start(tables: Tables, shop_id: ShopId) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let polling = tokio::spawn(async move {
            let mut highest = 0;
            while stopped.try_recv().is_err() {
                highest = highest.max(tables.in_flight(&shop_id).await?);
                sleep(POLL).await;
            }
            Ok(highest)
        });
        Self { stop, polling }
    }

    /// Ends the task and returns the highest number of orders in flight that it read.
    pub(super) async fn highest(self) -> Result<i64, Error> {
        self.stop.send(()).ok();
        self.polling.await.map_err(|error| Error::failed("the orders in flight were not polled", error))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(status: &str, reason: &str) -> Item {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        Item::from([("status".to_owned(), text(status)), ("reason".to_owned(), text(reason))])
    }

    #[test]
    fn a_stored_order_has_the_outcome_of_its_status_and_reason() {
        assert_eq!(Outcome::from_item(&item("ADMITTED", "")), None);
        assert_eq!(Outcome::from_item(&item("CREATED", "")), Some(Outcome::Admitted));
        assert_eq!(Outcome::from_item(&item("CANCELLED", "full")), Some(Outcome::Refused("full".into())));
        assert_eq!(Outcome::from_item(&item("CANCELLED", "failed")), Some(Outcome::Ended("failed".into())));
        assert_eq!(Outcome::from_item(&Item::new()), None);
    }
}
