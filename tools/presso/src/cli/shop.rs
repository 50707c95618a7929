//! Arguments of commands for a shop.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::text::Name;

use super::pasting;

/// Customers: of presso, or those whose scans a shop accepts.
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
    pub(crate) key: Option<String>,
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
