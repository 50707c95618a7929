//! Arguments of the recount.

use clap::Args;
use domain::ids::ShopId;

use super::pasting;

#[derive(Debug, Args)]
pub(crate) struct RecountArgs {
    /// Id of the shop.
    #[arg(value_name = "SHOP", value_parser = pasting::id::<ShopId>)]
    pub(crate) shop: ShopId,
    /// Only compare. Fails if a counter is wrong.
    #[arg(long)]
    pub(crate) dry_run: bool,
}
