//! Arguments of commands for a shop.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use client::pasted;
use domain::look::Colour;
use domain::order::OrderStatus;
use domain::text::Name;
use domain::timestamp::Timestamp;

use super::pasting;

/// Kind of the customers that presso plays, or whose scans a shop accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Customers {
    /// Guests. A shop that accepts guests also accepts accounts.
    Guest,
    /// Customers with an account.
    Account,
}

#[derive(Debug, Args)]
pub(crate) struct CounterArgs {
    /// Name of the drink on the menu.
    #[arg(value_parser = pasting::name::<Name>)]
    pub(crate) drink: Name,
    /// Options by name, such as Oat.
    #[arg(value_parser = pasting::name::<Name>)]
    pub(crate) modifiers: Vec<Name>,
    /// Idempotency key: repeat it to continue a request that got no answer. Default: a new one.
    #[arg(long, value_name = "TEXT", value_parser = pasting::text())]
    pub(crate) idempotency_key: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MenuAction {
    /// Show the menu.
    Show,
    /// Replace the menu by a JSON file: a list of drinks, as menu show --json prints it.
    Set {
        /// JSON file.
        file: PathBuf,
    },
    /// Mark a drink as sold out.
    SoldOut {
        /// Name of the drink.
        #[arg(value_parser = pasting::name::<String>)]
        drink: String,
    },
    /// Mark a drink as available.
    Available {
        /// Name of the drink.
        #[arg(value_parser = pasting::name::<String>)]
        drink: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct QueueArgs {
    /// Status of the orders.
    #[arg(long, default_value = "WAITING", value_parser = parse_status)]
    pub(crate) status: OrderStatus,
    /// List the newest orders first.
    #[arg(long)]
    pub(crate) newest: bool,
    /// Earliest time of admission, such as 2026-11-23T09:30:00Z.
    #[arg(long, value_name = "TIME", value_parser = pasting::id::<Timestamp>)]
    pub(crate) since: Option<Timestamp>,
}

/// Changes of the look. Without a change, the command shows the look.
#[derive(Debug, Args)]
pub(crate) struct LookArgs {
    /// Name of the shop for people.
    #[arg(long, value_parser = pasting::name::<Name>)]
    pub(crate) name: Option<Name>,
    /// Colour behind the name and of the main buttons, such as #0b6b43.
    #[arg(long, value_name = "COLOUR", value_parser = pasting::id::<Colour>)]
    pub(crate) primary: Option<Colour>,
    /// Colour of highlights.
    #[arg(long, value_name = "COLOUR", value_parser = pasting::id::<Colour>)]
    pub(crate) accent: Option<Colour>,
    /// Use the default colours of the pages again.
    #[arg(long, conflicts_with_all = ["primary", "accent"])]
    pub(crate) no_colours: bool,
    /// SVG or PNG file of at most 20 KB: the logo.
    #[arg(long, value_name = "FILE")]
    pub(crate) logo: Option<PathBuf>,
    /// Remove the logo.
    #[arg(long, conflicts_with = "logo")]
    pub(crate) no_logo: bool,
}

fn parse_status(value: &str) -> Result<OrderStatus, String> {
    OrderStatus::parse(&pasted::text(value).to_uppercase())
        .ok_or_else(|| format!("one of {}", OrderStatus::ALL.map(OrderStatus::as_str).join(", ")))
}
