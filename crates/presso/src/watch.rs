//! The bus, live.

use std::time::Duration;

use owo_colors::{OwoColorize, Stream};
use presso::Error;
use presso::bus::{BusEvent, Scope, Tap};
use tokio::time::Instant;

use crate::{Context, output};

const A_YEAR: Duration = Duration::from_hours(24 * 365);

pub(crate) async fn watch(context: &Context, seconds: Option<u64>) -> Result<(), Error> {
    let mut tap = Tap::open(&context.stack, Scope::Public).await?;
    eprintln!("listening to {}; Ctrl-C ends it", context.stack.bus_name);
    let deadline = Instant::now() + seconds.map_or(A_YEAR, Duration::from_secs);
    let printed = loop {
        let event = tokio::select! {
            event = tap.next(deadline) => event,
            _ = tokio::signal::ctrl_c() => None,
        };
        match event {
            None => break Ok(()),
            Some(event) => {
                if let Err(error) = print(context, &event) {
                    break Err(error);
                }
            }
        }
    };
    tap.remove().await?;
    printed
}

fn print(context: &Context, event: &BusEvent) -> Result<(), Error> {
    if context.json {
        return output::json(event);
    }
    let at = event.detail.get("at").and_then(|at| at.as_str()).unwrap_or_default();
    let message = event.detail.get("Message").and_then(|message| message.as_str()).unwrap_or_default();
    let about = event.order_id().or_else(|| event.event_id()).unwrap_or_default();
    let name = event.detail_type.if_supports_color(Stream::Stdout, |text| text.cyan()).to_string();
    println!("{at}  {about:<27}  {name}  {message}");
    Ok(())
}
