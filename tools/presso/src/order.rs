//! Serves one order from scan to completion or cancellation, and prints its events on the bus.

use std::time::Duration;

use client::bus::{BusEvent, Scope, Tap};
use client::error::causes;
use client::{Api, Error, wait};
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
use crate::shutdown::{self, Shutdown};
use crate::stuck::Progress;
use crate::{Context, output};

/// Maximum time of an order. An order without delays takes far less time.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Maximum delay of the last events after the last answer.
const LAST_EVENTS: Duration = Duration::from_secs(15);

/// Clients of the API for the display, the customer and the barista of an order.
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

pub(crate) async fn serve(context: &Context, args: &OrderArgs, shutdown: &Shutdown) -> Result<(), Error> {
    let user = format!("presso-{:08x}", fastrand::u32(..));
    let people = People {
        display: context.identity.call(&context.api, RoleName::Admin, "presso-admin")?,
        customer: context.customer(&user)?.0,
        barista: context.identity.call(&context.api, RoleName::Barista, "presso-barista")?,
    };
    let wish = shutdown.race(wish(context, args)).await?;
    let mut tap = shutdown.finish_within_grace(Tap::open(&context.stack, Scope::Public)).await?;
    let served = scan_and_serve(context, args, &people, &wish, &mut tap, shutdown).await;
    shutdown::remove_tap(tap, served).await
}

/// Returns the drink that the arguments name, or the first available one.
async fn wish(context: &Context, args: &OrderArgs) -> Result<DrinkRequest, Error> {
    if let Some(drink) = &args.drink {
        return Ok(DrinkRequest { drink: drink.clone(), modifiers: args.modifiers.clone() });
    }
    let menu = context.api.config(&context.shop_id).await?.settings.catalog.menu;
    let drink = menu.into_iter().find(|item| item.available).map(|item| item.drink);
    let drink = drink.ok_or_else(sold_out)?;
    Ok(DrinkRequest { drink, modifiers: args.modifiers.clone() })
}

/// Returns the error of a menu on which every drink is sold out.
pub(crate) fn sold_out() -> Error {
    Error::Usage("every drink is sold out".into()).with_help("presso menu available DRINK")
}

async fn scan_and_serve(
    context: &Context,
    args: &OrderArgs,
    people: &People,
    wish: &DrinkRequest,
    tap: &mut Tap,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    let begin = Instant::now();
    let code = shutdown.race(people.display.qr_code(&context.shop_id)).await?.code;
    let order_id = shutdown.finish_within_grace(people.customer.scan(&context.shop_id, &code)).await?.order_id;
    let progress = Progress::begin();
    let steps = async {
        tokio::try_join!(order_steps(args, people, wish, &order_id), print(context, tap, begin, &order_id, &progress),)
    };
    let served = async {
        tokio::select! {
            served = steps => served,
            stuck = progress.until_stuck(&order_id), if context.stack.name == workshop::STACK => Err(stuck),
        }
    };
    match shutdown.race(served).await {
        Ok((order, ())) => print_end(context, &order, begin),
        // A cancellation would also wait for the missing part of the bar.
        Err(error) if progress.is_stuck() => Err(error),
        Err(error) => Err(cancel_order(&people.customer, &order_id, error).await),
    }
}

/// Cancels the order after `error`. To an interruption, adds whether the order was cancelled.
async fn cancel_order(customer: &Api, order_id: &OrderId, error: Error) -> Error {
    let cancelled = shutdown::cancel(customer, order_id, "interrupted").await;
    match (error, cancelled) {
        (Error::Interrupted(what), Ok(())) => Error::Interrupted(format!("{what}; the order {order_id} is cancelled")),
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

async fn order_steps(
    args: &OrderArgs,
    people: &People,
    wish: &DrinkRequest,
    order_id: &OrderId,
) -> Result<Order, Error> {
    let deadline = Instant::now() + TIMEOUT;
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

/// Prints the order's events up to the last one, including those before the answer to the scan.
async fn print(
    context: &Context,
    tap: &mut Tap,
    begin: Instant,
    order_id: &OrderId,
    progress: &Progress,
) -> Result<(), Error> {
    let deadline = Instant::now() + TIMEOUT + LAST_EVENTS;
    while let Some(event) = tap.next(deadline).await {
        if event.order_id() != Some(order_id.as_str()) {
            continue;
        }
        progress.record(&event.detail_type);
        print_line(context, &event, begin, order_id)?;
        if event.detail_type == OrderFinished::DETAIL_TYPE || event.detail_type == OrderFailed::DETAIL_TYPE {
            return Ok(());
        }
    }
    let error = Error::TimedOut(format!("the last event of the order {order_id} did not arrive in time"));
    Err(error.with_help("presso watch shows the events on the bus"))
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

/// Returns the status that an event gives its order, if it changes the status.
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
