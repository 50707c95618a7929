//! What became of a burst, as the tables and the workflow tell it.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use aws_sdk_sfn::primitives::DateTime;
use client::Error;
use client::error::causes;
use domain::admission::Refusal;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

use crate::cli::RoleName;
use crate::{Context, ending, output};

/// An emulator works through a thousand orders more slowly than AWS.
const PATIENCE: Duration = Duration::from_mins(3);
const PAUSE: Duration = Duration::from_millis(250);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// As many keys as one call takes.
const KEYS: usize = 100;

type Item = HashMap<String, AttributeValue>;

/// What became of an order that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It got in.
    Admitted,
    /// Admission refused it, for this reason.
    Refused(String),
    /// It ended otherwise.
    Ended(String),
    /// Nothing was heard of it.
    Lost,
}

impl Fate {
    /// The fate of a stored order, once it is decided.
    fn of(item: &Item) -> Option<Self> {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str);
        match OrderStatus::parse(text("status"))? {
            OrderStatus::Admitted => None,
            OrderStatus::Created | OrderStatus::Waiting => Some(Self::Admitted),
            OrderStatus::Completed => Some(Self::Ended("completed".to_owned())),
            OrderStatus::Cancelled => {
                let reason = text("reason").to_owned();
                let refused = Refusal::ALL.iter().any(|refusal| refusal.as_str() == reason);
                Some(if refused { Self::Refused(reason) } else { Self::Ended(reason) })
            }
        }
    }
}

/// What becomes of these orders.
pub(super) async fn fates(context: &Context, orders: Vec<OrderId>) -> Result<HashMap<OrderId, Fate>, Error> {
    let client = aws_sdk_dynamodb::Client::new(&context.stack.aws);
    let deadline = Instant::now() + PATIENCE;
    let mut fates = HashMap::new();
    let mut open = orders;
    loop {
        for some in open.chunks(KEYS) {
            for item in stored(&client, &context.stack.orders_table, some).await? {
                let order_id = item.get("orderId").and_then(|id| id.as_s().ok()).and_then(|id| id.parse().ok());
                if let (Some(order_id), Some(fate)) = (order_id, Fate::of(&item)) {
                    fates.insert(order_id, fate);
                }
            }
        }
        open.retain(|order_id| !fates.contains_key(order_id));
        if open.is_empty() || Instant::now() >= deadline {
            fates.extend(open.into_iter().map(|order_id| (order_id, Fate::Lost)));
            return Ok(fates);
        }
        sleep(PAUSE).await;
    }
}

async fn stored(client: &aws_sdk_dynamodb::Client, table: &str, orders: &[OrderId]) -> Result<Vec<Item>, Error> {
    let unread = |error| Error::failed("the orders cannot be read", error);
    let key = |order_id: &OrderId| Item::from([("orderId".to_owned(), AttributeValue::S(order_id.to_string()))]);
    let keys = KeysAndAttributes::builder().set_keys(Some(orders.iter().map(key).collect())).consistent_read(true);
    let keys = keys.build().map_err(|error| Error::failed("the orders cannot be asked for", error))?;
    let answer = client.batch_get_item().request_items(table, keys).send().await.map_err(unread)?;
    Ok(answer.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default())
}

/// Cancels every order that is in the shop, also those whose customers never heard of them, as long as there are any.
pub(super) async fn clear(context: &Context) -> Result<(), Error> {
    let barista = context.identity.call(&context.api.with_attempts(5), RoleName::Barista, "presso-barista")?;
    let (deadline, floor) = (Instant::now() + PATIENCE, Floor::of(context));
    while floor.count().await? > 0 && Instant::now() < deadline {
        let mut leaving = JoinSet::new();
        for status in [OrderStatus::Admitted, OrderStatus::Created, OrderStatus::Waiting] {
            for order in barista.queue(&context.shop_id, status, 100, None).await?.orders {
                let barista = barista.clone();
                leaving.spawn(async move { ending::cancel(&barista, &order.order_id).await });
            }
        }
        while let Some(left) = leaving.join_next().await {
            if let Ok(Err(error)) = left {
                output::note(causes(&error));
            }
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

/// Executions of the whole stack that started with the burst, by status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Executions(pub(super) BTreeMap<String, usize>);

impl Executions {
    /// Once there are as many as orders, and no more of them run than are inside; or when it has taken too long.
    pub(super) async fn settled(
        context: &Context,
        since: SystemTime,
        orders: usize,
        inside: i64,
    ) -> Result<Self, Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = Self::since(context, since.into()).await?;
            let running = i64::try_from(found.count("RUNNING")).unwrap_or(i64::MAX);
            let settled = found.0.values().sum::<usize>() >= orders && running <= inside;
            if settled || Instant::now() >= deadline {
                return Ok(found);
            }
            sleep(PAUSE).await;
        }
    }

    async fn since(context: &Context, since: DateTime) -> Result<Self, Error> {
        let client = aws_sdk_sfn::Client::new(&context.stack.aws);
        let call = client.list_executions().state_machine_arn(&context.stack.order_processor_arn);
        let mut pages = call.into_paginator().items().send();
        let mut found = Self::default();
        // They come newest first.
        while let Some(execution) = pages.next().await {
            let execution = execution.map_err(|error| Error::failed("the executions cannot be listed", error))?;
            if execution.start_date.secs() < since.secs() {
                break;
            }
            *found.0.entry(execution.status.as_str().to_owned()).or_default() += 1;
        }
        Ok(found)
    }

    pub(super) fn count(&self, status: &str) -> usize {
        self.0.get(status).copied().unwrap_or(0)
    }
}

/// How many orders a shop counts.
#[derive(Clone)]
pub(super) struct Floor {
    client: aws_sdk_dynamodb::Client,
    table: String,
    shop_id: String,
}

/// Somebody who looks at the floor time and again.
pub(super) struct Watch {
    stop: oneshot::Sender<()>,
    looking: JoinHandle<Result<i64, Error>>,
}

impl Floor {
    pub(super) fn of(context: &Context) -> Self {
        Self {
            client: aws_sdk_dynamodb::Client::new(&context.stack.aws),
            table: context.stack.shop_table.clone(),
            shop_id: context.shop_id.to_string(),
        }
    }

    pub(super) async fn count(&self) -> Result<i64, Error> {
        let call = self.client.get_item().table_name(&self.table).consistent_read(true);
        let call = call.key("eventId", AttributeValue::S(self.shop_id.clone()));
        let answer = call.key("item", AttributeValue::S("FLOOR".into())).send().await;
        let answer = answer.map_err(|error| Error::failed("the shop's count cannot be read", error))?;
        let count = answer.item().and_then(|item| item.get("inFlight")).and_then(|count| count.as_n().ok());
        Ok(count.and_then(|count| count.parse().ok()).unwrap_or(0))
    }

    pub(super) fn watch(self) -> Watch {
        let (stop, mut stopped) = oneshot::channel();
        let looking = tokio::spawn(async move {
            let mut most = 0;
            while stopped.try_recv().is_err() {
                most = most.max(self.count().await?);
                sleep(LOOK_EVERY).await;
            }
            Ok(most)
        });
        Watch { stop, looking }
    }
}

impl Watch {
    /// The most that were seen.
    pub(super) async fn most(self) -> Result<i64, Error> {
        self.stop.send(()).ok();
        self.looking.await.map_err(|error| Error::failed("nobody looked at the shop's count", error))?
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
    fn an_order_is_admitted_refused_or_ended_otherwise() {
        assert_eq!(Fate::of(&item("ADMITTED", "")), None);
        assert_eq!(Fate::of(&item("CREATED", "")), Some(Fate::Admitted));
        assert_eq!(Fate::of(&item("CANCELLED", "full")), Some(Fate::Refused("full".into())));
        assert_eq!(Fate::of(&item("CANCELLED", "failed")), Some(Fate::Ended("failed".into())));
        assert_eq!(Fate::of(&Item::new()), None);
    }
}
