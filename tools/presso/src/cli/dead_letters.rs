//! Arguments of the commands for dead-letter messages.

use clap::Args;
use client::dead_letters::Selection;
use domain::ids::{OrderId, ShopId};

use super::pasting;

#[derive(Debug, Args)]
pub(crate) struct SelectionArgs {
    /// Only messages in this queue, such as NewOrderDeadLetters.
    #[arg(long, value_parser = pasting::text())]
    pub(crate) queue: Option<String>,
    /// Only messages about this order.
    #[arg(long, value_parser = pasting::id::<OrderId>)]
    pub(crate) order: Option<OrderId>,
    /// Only messages about this shop.
    #[arg(long, value_parser = pasting::id::<ShopId>)]
    pub(crate) shop: Option<ShopId>,
    /// Only the message with this messageId, which dead-letters --json shows.
    #[arg(long, value_name = "ID", value_parser = pasting::text())]
    pub(crate) message_id: Option<String>,
}

impl SelectionArgs {
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            queue: self.queue.clone(),
            order: self.order.as_ref().map(ToString::to_string),
            shop: self.shop.as_ref().map(ToString::to_string),
            message_id: self.message_id.clone(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Delete the message, for example one that no redrive can deliver.
    #[arg(long, requires = "message_id")]
    pub(crate) delete: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RedriveArgs {
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Only print the deliveries that would be made.
    #[arg(long)]
    pub(crate) dry_run: bool,
}
