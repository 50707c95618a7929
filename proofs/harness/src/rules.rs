//! Enables and disables rules of a deployed stack.

use client::error::Cause;
use client::{Error, Stack};

/// Enables or disables a rule of `bus`; `None` is the account's default bus.
pub(crate) async fn set_enabled(stack: &Stack, rule: &str, bus: Option<&str>, enabled: bool) -> Result<(), Error> {
    let failed = |error: Cause| Error::failed(format!("the rule {rule} cannot be changed"), error);
    let (events, bus) = (aws_sdk_eventbridge::Client::new(&stack.aws), bus.map(str::to_owned));
    if enabled {
        let enable = events.enable_rule().name(rule).set_event_bus_name(bus);
        enable.send().await.map(drop).map_err(|error| failed(error.into()))
    } else {
        let disable = events.disable_rule().name(rule).set_event_bus_name(bus);
        disable.send().await.map(drop).map_err(|error| failed(error.into()))
    }
}
