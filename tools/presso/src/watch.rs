//! Prints the events on the bus as they arrive.

use std::time::Duration;

use client::Error;
use client::bus::{BusEvent, Scope, Tap};
use owo_colors::{OwoColorize, Stream};
use tokio::time::Instant;

use crate::shutdown::{self, Shutdown};
use crate::{Context, output};

const YEAR: Duration = Duration::from_hours(24 * 365);

pub(crate) async fn watch(context: &Context, seconds: Option<u64>, shutdown: &Shutdown) -> Result<(), Error> {
    let mut tap = shutdown.finish_within_grace(Tap::open(&context.stack, Scope::Public)).await?;
    output::note(format_args!("listening to {}; Ctrl-C stops", context.stack.bus_name));
    let deadline = Instant::now() + seconds.map_or(YEAR, Duration::from_secs);
    let printed = tokio::select! {
        biased;
        () = shutdown.requested() => Ok(()),
        printed = print_until(deadline, context, &mut tap) => printed,
    };
    shutdown::remove_tap(tap, printed).await
}

async fn print_until(deadline: Instant, context: &Context, tap: &mut Tap) -> Result<(), Error> {
    while let Some(event) = tap.next(deadline).await {
        print(context, &event)?;
    }
    Ok(())
}

fn print(context: &Context, event: &BusEvent) -> Result<(), Error> {
    if context.json {
        return output::json(event);
    }
    let at = event.detail.get("at").and_then(|at| at.as_str()).unwrap_or_default();
    let message = event.detail.get("Message").and_then(|message| message.as_str()).unwrap_or_default();
    let about = event.order_id().or_else(|| event.shop_id()).unwrap_or_default();
    let name = event.detail_type.if_supports_color(Stream::Stdout, |text| text.cyan()).to_string();
    output::line(format_args!("{at}  {about:<27}  {name}  {message}"))
}
