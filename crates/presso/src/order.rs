//! One order, from scan to pick-up, as the bus tells it.

use std::time::Duration;

use domain::drink::DrinkRequest;
use domain::event::{
    Detail, OrderCancelled, OrderCompleted, OrderFailed, OrderFinished, OrderTimeOut, ShopUnavailable,
    WaitingCompletion, WorkflowStarted,
};
use domain::ids::OrderId;
use domain::order::{Order, OrderStatus};
use owo_colors::{OwoColorize, Stream};
use presso::api::Api;
use presso::bus::{BusEvent, Scope, Tap};
use presso::{Error, wait};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::cli::{OrderArgs, RoleName};
use crate::{Context, output};

/// The whole way of an order that nobody delays takes far less.
const PATIENCE: Duration = Duration::from_mins(1);

/// The last events of an order may come this much later than its last answer.
const LAST_EVENTS: Duration = Duration::from_secs(15);

/// The three who meet at the counter.
struct People {
    display: Api,
    customer: Api,
    barista: Api,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    elapsed_ms: u128,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    order_id: &'a str,
}

pub(crate) async fn walk(context: &Context, args: &OrderArgs) -> Result<(), Error> {
    let user = format!("presso-{:08x}", fastrand::u32(..));
    let people = People {
        display: context.identity.call(&context.api, RoleName::Admin, "presso-admin")?,
        customer: context.identity.call(&context.api, RoleName::Customer, &user)?,
        barista: context.identity.call(&context.api, RoleName::Barista, "presso-barista")?,
    };
    let wish = wish(context, args).await?;
    let mut tap = Tap::open(&context.stack, Scope::Public).await?;
    let walked = tokio::select! {
        walked = walk_and_print(context, args, &people, &wish, &mut tap) => walked,
        _ = tokio::signal::ctrl_c() => Err(Error::TimedOut("interrupted; the order goes on without a watcher".into())),
    };
    tap.remove().await?;
    walked
}

async fn wish(context: &Context, args: &OrderArgs) -> Result<DrinkRequest, Error> {
    if let Some(drink) = &args.drink {
        return Ok(DrinkRequest { drink: drink.clone(), modifiers: args.modifiers.clone() });
    }
    let menu = context.api.config(&context.event_id).await?.settings.menu;
    let drink = menu.into_iter().find(|item| item.available).map(|item| item.drink);
    let drink = drink.ok_or_else(|| Error::Usage("every drink is sold out: presso menu available DRINK".into()))?;
    Ok(DrinkRequest { drink, modifiers: args.modifiers.clone() })
}

async fn walk_and_print(
    context: &Context,
    args: &OrderArgs,
    people: &People,
    wish: &DrinkRequest,
    tap: &mut Tap,
) -> Result<(), Error> {
    let begin = Instant::now();
    let (scanned, mut order_id) = mpsc::channel(1);
    let steps = steps(context, args, people, wish, scanned);
    let print = print(context, tap, begin, &mut order_id);
    let (served, printed) = tokio::join!(steps, print);
    let order = served?;
    printed?;
    if !context.json {
        let number = order.order_number.map(|number| format!("#{number} ")).unwrap_or_default();
        let status = order.status.as_str().if_supports_color(Stream::Stdout, |text| text.green()).to_string();
        println!("order {number}{} is {status} after {} ms", order.order_id, begin.elapsed().as_millis());
    }
    Ok(())
}

async fn steps(
    context: &Context,
    args: &OrderArgs,
    people: &People,
    wish: &DrinkRequest,
    scanned: mpsc::Sender<OrderId>,
) -> Result<Order, Error> {
    let deadline = Instant::now() + PATIENCE;
    let code = people.display.qr_code(&context.event_id).await?.code;
    let order_id = people.customer.scan(&context.event_id, &code).await?.order_id;
    scanned.send(order_id.clone()).await.ok();
    let customer = &people.customer;
    wait::order_is(customer, &order_id, OrderStatus::Created, deadline).await?;
    if args.cancel {
        wait::when_ready(deadline, || customer.cancel(&order_id, "changed my mind")).await?;
        return wait::order_is(customer, &order_id, OrderStatus::Cancelled, deadline).await;
    }
    wait::when_ready(deadline, || customer.submit(&order_id, wish)).await?;
    wait::order_is(customer, &order_id, OrderStatus::Waiting, deadline).await?;
    wait::when_ready(deadline, || people.barista.make(&order_id)).await?;
    wait::when_ready(deadline, || people.barista.complete(&order_id)).await?;
    wait::order_is(customer, &order_id, OrderStatus::Completed, deadline).await
}

/// Prints the order's events until the last one. Those that come before the scan's answer wait for it.
async fn print(
    context: &Context,
    tap: &mut Tap,
    begin: Instant,
    order_id: &mut mpsc::Receiver<OrderId>,
) -> Result<(), Error> {
    // Without an answer to the scan there is no order to print.
    let Some(order_id) = order_id.recv().await else { return Ok(()) };
    let deadline = Instant::now() + PATIENCE + LAST_EVENTS;
    while let Some(event) = tap.next(deadline).await {
        if event.order_id() != Some(order_id.as_str()) {
            continue;
        }
        print_line(context, &event, begin, &order_id)?;
        if event.detail_type == OrderFinished::DETAIL_TYPE || event.detail_type == OrderFailed::DETAIL_TYPE {
            return Ok(());
        }
    }
    Err(Error::TimedOut(format!(
        "the bus did not tell the end of {order_id} in time: presso watch shows what it tells"
    )))
}

fn print_line(context: &Context, event: &BusEvent, begin: Instant, order_id: &OrderId) -> Result<(), Error> {
    let elapsed_ms = begin.elapsed().as_millis();
    let status = status_after(&event.detail_type);
    if context.json {
        return output::json(&Line { elapsed_ms, event: &event.detail_type, status, order_id: order_id.as_str() });
    }
    let name = format!("{:<34}", event.detail_type);
    let name = name.if_supports_color(Stream::Stdout, |text| text.cyan()).to_string();
    println!("{elapsed_ms:>7} ms  {name} {}", status.unwrap_or_default());
    Ok(())
}

/// The status that an order has after an event, where the event moves it.
fn status_after(detail_type: &str) -> Option<&'static str> {
    let status = match detail_type {
        WorkflowStarted::DETAIL_TYPE => OrderStatus::Created,
        WaitingCompletion::DETAIL_TYPE => OrderStatus::Waiting,
        OrderCompleted::DETAIL_TYPE => OrderStatus::Completed,
        OrderCancelled::DETAIL_TYPE
        | OrderTimeOut::DETAIL_TYPE
        | ShopUnavailable::DETAIL_TYPE
        | OrderFailed::DETAIL_TYPE => OrderStatus::Cancelled,
        _ => return None,
    };
    Some(status.as_str())
}
