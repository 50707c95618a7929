//! One order, from scan to pick-up, as the bus tells it.

use std::time::Duration;

use client::api::Api;
use client::bus::{BusEvent, Scope, Tap};
use client::error::causes;
use client::{Error, wait};
use domain::drink::DrinkRequest;
use domain::event::{
    Detail, OrderCancelled, OrderCompleted, OrderFailed, OrderFinished, OrderTimeOut, ShopUnavailable,
    WaitingCompletion, WorkflowStarted,
};
use domain::ids::OrderId;
use domain::order::{Order, OrderStatus};
use owo_colors::{OwoColorize, Stream};
use serde::Serialize;
use tokio::time::Instant;

use crate::cli::{OrderArgs, RoleName};
use crate::ending::{self, Ending};
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

pub(crate) async fn walk(context: &Context, args: &OrderArgs, ending: &Ending) -> Result<(), Error> {
    let user = format!("presso-{:08x}", fastrand::u32(..));
    let people = People {
        display: context.identity.call(&context.api, RoleName::Admin, "presso-admin")?,
        customer: context.identity.call(&context.api, RoleName::Customer, &user)?,
        barista: context.identity.call(&context.api, RoleName::Barista, "presso-barista")?,
    };
    let wish = ending.or_give_up(wish(context, args)).await?;
    let mut tap = ending.or_soon(Tap::open(&context.stack, Scope::Public)).await?;
    let walked = scan_and_walk(context, args, &people, &wish, &mut tap, ending).await;
    ending::leave(tap, walked).await
}

async fn wish(context: &Context, args: &OrderArgs) -> Result<DrinkRequest, Error> {
    if let Some(drink) = &args.drink {
        return Ok(DrinkRequest { drink: drink.clone(), modifiers: args.modifiers.clone() });
    }
    let menu = context.api.config(&context.shop_id).await?.settings.menu;
    let drink = menu.into_iter().find(|item| item.available).map(|item| item.drink);
    let drink = drink.ok_or_else(|| Error::Usage("every drink is sold out: presso menu available DRINK".into()))?;
    Ok(DrinkRequest { drink, modifiers: args.modifiers.clone() })
}

async fn scan_and_walk(
    context: &Context,
    args: &OrderArgs,
    people: &People,
    wish: &DrinkRequest,
    tap: &mut Tap,
    ending: &Ending,
) -> Result<(), Error> {
    let begin = Instant::now();
    let code = ending.or_give_up(people.display.qr_code(&context.shop_id)).await?.code;
    let order_id = ending.or_soon(people.customer.scan(&context.shop_id, &code)).await?.order_id;
    let walk = async { tokio::try_join!(steps(args, people, wish, &order_id), print(context, tap, begin, &order_id)) };
    match ending.or_give_up(walk).await {
        Ok((order, ())) => print_end(context, &order, begin),
        Err(error) => Err(call_off(&people.customer, &order_id, error).await),
    }
}

/// Cancels the order, since nobody goes on with it. What became of it belongs to the answer only where somebody interrupted.
async fn call_off(customer: &Api, order_id: &OrderId, error: Error) -> Error {
    let cancelled = ending::cancel(customer, order_id).await;
    match (error, cancelled) {
        (Error::Interrupted(what), Ok(())) => Error::Interrupted(format!("{what}; the order {order_id} is off")),
        (Error::Interrupted(what), Err(why)) => {
            Error::Interrupted(format!("{what}; the order {order_id} is still open: {}", causes(&why)))
        }
        (error, Ok(()) | Err(_)) => error,
    }
}

fn print_end(context: &Context, order: &Order, begin: Instant) -> Result<(), Error> {
    if context.json {
        return Ok(());
    }
    let number = order.order_number.map(|number| format!("#{number} ")).unwrap_or_default();
    let status = order.status.as_str().if_supports_color(Stream::Stdout, |text| text.green()).to_string();
    let took = begin.elapsed().as_millis();
    output::line(format_args!("order {number}{} is {status} after {took} ms", order.order_id))
}

async fn steps(args: &OrderArgs, people: &People, wish: &DrinkRequest, order_id: &OrderId) -> Result<Order, Error> {
    let deadline = Instant::now() + PATIENCE;
    let customer = &people.customer;
    wait::order_is(customer, order_id, OrderStatus::Created, deadline).await?;
    if args.cancel {
        wait::when_ready(deadline, || customer.cancel(order_id, "changed my mind")).await?;
        return wait::order_is(customer, order_id, OrderStatus::Cancelled, deadline).await;
    }
    wait::when_ready(deadline, || customer.submit(order_id, wish)).await?;
    wait::order_is(customer, order_id, OrderStatus::Waiting, deadline).await?;
    wait::when_ready(deadline, || people.barista.make(order_id)).await?;
    wait::when_ready(deadline, || people.barista.complete(order_id)).await?;
    wait::order_is(customer, order_id, OrderStatus::Completed, deadline).await
}

/// Prints the order's events until the last one, from those on that came before the scan's answer.
async fn print(context: &Context, tap: &mut Tap, begin: Instant, order_id: &OrderId) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE + LAST_EVENTS;
    while let Some(event) = tap.next(deadline).await {
        if event.order_id() != Some(order_id.as_str()) {
            continue;
        }
        print_line(context, &event, begin, order_id)?;
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
    output::line(format_args!("{elapsed_ms:>7} ms  {name} {}", status.unwrap_or_default()))
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
