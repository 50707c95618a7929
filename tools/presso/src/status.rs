//! Prints the status of a shop and its stack.

use std::collections::BTreeMap;

use client::dead_letters;
use client::error::Error;
use client::stack::emulator;
use client::tables::Tables;
use comfy_table::Cell;
use domain::order::OrderStatus;
use domain::shop::Shop;
use serde::Serialize;

use crate::dead_letters::counted;
use crate::identity::Identity;
use crate::serve::links::link;
use crate::{Context, output, queue};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    stack: String,
    #[serde(flatten)]
    shop: Shop,
    /// Orders that hold capacity.
    in_flight: i64,
    /// `None` without a bearer token, which the list of orders needs.
    queue: Option<Queue>,
    /// Number of messages by logical id of the queue.
    dead_letters: BTreeMap<String, usize>,
    addresses: Addresses,
}

#[derive(Serialize)]
struct Queue {
    /// Number of orders whose customers choose a drink (`CREATED`).
    choosing: usize,
    /// Number of orders in the queue (`WAITING`).
    waiting: usize,
}

#[derive(Serialize)]
struct Addresses {
    display: String,
    order: String,
    barista: String,
    api: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    emulator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    console: Option<String>,
}

impl Addresses {
    fn new(context: &Context) -> Self {
        let stack = &context.stack;
        let page = |name| link(&context.pages_url, name, &context.shop_id, None);
        let region = stack.aws.region().map_or("us-east-1", AsRef::as_ref);
        let console = || {
            let host = format!("https://{region}.console.aws.amazon.com/cloudformation/home?region={region}");
            format!("{host}#/stacks?filteringText={}", stack.name)
        };
        let emulator = emulator();
        Self {
            display: page("display"),
            order: page("order"),
            barista: page("barista"),
            api: stack.api_url.clone(),
            console: emulator.is_none().then(console),
            emulator,
        }
    }
}

/// Prints the status. Succeeds even if there are dead letters or the shop is closed.
pub(crate) async fn status(context: &Context) -> Result<(), Error> {
    let tables = Tables::new(&context.stack);
    let (shop, in_flight, queue, dead_letters) = tokio::try_join!(
        context.api.config(&context.shop_id),
        tables.in_flight(&context.shop_id),
        open_orders(context),
        dead_letters::count(&context.stack),
    )?;
    let status = Status {
        stack: context.stack.name.clone(),
        shop,
        in_flight,
        queue,
        dead_letters: dead_letters.into_iter().collect(),
        addresses: Addresses::new(context),
    };
    if context.json { output::json(&status) } else { print(&status) }
}

async fn open_orders(context: &Context) -> Result<Option<Queue>, Error> {
    if matches!(context.identity, Identity::Anonymous) {
        return Ok(None);
    }
    let count = async |status| Ok::<_, Error>(queue::orders(context, status).await?.len());
    let (choosing, waiting) = tokio::try_join!(count(OrderStatus::Created), count(OrderStatus::Waiting))?;
    Ok(Some(Queue { choosing, waiting }))
}

fn print(status: &Status) -> Result<(), Error> {
    let mut table = output::table(&[]);
    for (name, value) in rows(status) {
        table.add_row([output::bold(name), Cell::new(value)]);
    }
    output::print_table(&table)
}

fn rows(status: &Status) -> Vec<(&'static str, String)> {
    let Status { shop: Shop { shop_id, settings }, in_flight, addresses, .. } = status;
    let state = if settings.state.open { "open" } else { "closed" };
    let sold_out = settings.catalog.menu.iter().filter(|item| !item.available).count();
    let queue = status.queue.as_ref().map_or_else(
        || "unknown; sign in with presso login".to_owned(),
        |queue| format!("{} waiting for a barista, {} choosing a drink", queue.waiting, queue.choosing),
    );
    let mut rows = vec![
        ("shop", format!("{shop_id} is {state}; {} drinks, {sold_out} sold out", settings.catalog.menu.len())),
        ("capacity", format!("{in_flight} of {} orders in flight", settings.state.max_orders_in_queue)),
        (
            "limits",
            format!(
                "{} customers per QR code, {} orders at once per customer",
                settings.state.drinks_per_barcode, settings.state.max_orders_per_user
            ),
        ),
        ("queue", queue),
    ];
    let total = status.dead_letters.values().sum();
    rows.push(("dead letters", counted(total)));
    let waiting = status.dead_letters.iter().filter(|(_, count)| **count > 0);
    rows.extend(waiting.map(|(queue, count)| ("", format!("{count} in {queue}"))));
    rows.push(("stack", status.stack.clone()));
    rows.push(("display", addresses.display.clone()));
    rows.push(("order", addresses.order.clone()));
    rows.push(("barista", addresses.barista.clone()));
    rows.push(("API", addresses.api.clone()));
    rows.extend(addresses.emulator.clone().map(|url| ("emulator", url)));
    rows.extend(addresses.console.clone().map(|url| ("console", url)));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::shop::ShopSettings;

    #[test]
    fn the_status_shows_capacity_queue_dead_letters_and_addresses() {
        let dead_letters = [("NewOrderDeadLetters".to_owned(), 0), ("SweepDeadLetters".to_owned(), 2)];
        let status = Status {
            stack: "bar".into(),
            shop: Shop { shop_id: "corner".parse().unwrap(), settings: ShopSettings::default() },
            in_flight: 3,
            queue: Some(Queue { choosing: 1, waiting: 2 }),
            dead_letters: dead_letters.into(),
            addresses: Addresses {
                display: "http://localhost:8080/display#e=corner".into(),
                order: "http://localhost:8080/order#e=corner".into(),
                barista: "http://localhost:8080/barista#e=corner".into(),
                api: "http://api/v1".into(),
                emulator: None,
                console: None,
            },
        };
        let rows = rows(&status);
        for row in [
            ("capacity", "3 of 20 orders in flight"),
            ("queue", "2 waiting for a barista, 1 choosing a drink"),
            ("dead letters", "2 dead-letter messages"),
            ("", "2 in SweepDeadLetters"),
            ("order", "http://localhost:8080/order#e=corner"),
            ("API", "http://api/v1"),
        ] {
            assert!(rows.contains(&(row.0, row.1.to_owned())), "{row:?} is not in {rows:?}");
        }
        let json = serde_json::to_value(&status).unwrap();
        assert_eq!((&json["eventId"], &json["deadLetters"]["NewOrderDeadLetters"]), (&"corner".into(), &0.into()));
    }
}
