//! Manages the displays of a shop, and returns the board that they show.

mod admin;
mod pairing;

use adapters::orders::BoardOrders;
use adapters::shops::{FindDisplay, ManageDisplays, PairDisplay, ReadScanContext};
use domain::board::{Board, BoardShop, READ_BACK};
use domain::ids::ShopId;
use domain::timestamp::Timestamp;
use http_api::display::require_display_or_barista;
use http_api::identity::Authenticator;
use http_api::{Handler, Problem, Request, Response};

/// Function `displays` with the adapters that it uses.
#[derive(Debug)]
pub struct DisplayService<S, O> {
    /// Shop table: displays, pairings and the state of the shop.
    pub shops: S,
    /// Orders table, for the board.
    pub orders: O,
    /// Verifier of bearer credentials.
    pub authenticator: Authenticator,
    /// Clock of the function.
    pub now: fn() -> Timestamp,
}

/// Operation behind a route of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Starts a pairing, for anyone.
    Pair,
    /// Lists the displays; for admins.
    List,
    /// Creates or activates a display; for admins.
    Create,
    /// Revokes a display; for admins.
    Revoke,
    /// Returns the board; for displays of the shop and staff.
    Board,
}

/// Routes of this function: method and resource as `openapi.yaml` names them, and the operation.
pub const ROUTES: &[(&str, Operation)] = &[
    ("POST /displays/pair", Operation::Pair),
    ("GET /displays", Operation::List),
    ("POST /displays", Operation::Create),
    ("DELETE /displays/{displayId}", Operation::Revoke),
    ("GET /board", Operation::Board),
];

impl<S, O> Handler for DisplayService<S, O>
where
    S: ReadScanContext + FindDisplay + ManageDisplays + PairDisplay,
    O: BoardOrders,
{
    async fn handle(&self, request: &Request) -> Result<Response, Problem> {
        match request.find_in(ROUTES)? {
            Operation::Pair => self.pair(request).await,
            Operation::List => self.list(request).await,
            Operation::Create => self.create(request).await,
            Operation::Revoke => self.revoke(request).await,
            Operation::Board => self.board(request).await,
        }
    }
}

impl<S: ReadScanContext + FindDisplay, O: BoardOrders> DisplayService<S, O> {
    async fn board(&self, request: &Request) -> Result<Response, Problem> {
        let now = (self.now)();
        require_display_or_barista(request, &self.authenticator, &self.shops, now).await?;
        let shop_id = shop_of(request)?;
        let context = self.shops.scan_context(&shop_id, None).await?;
        if context.key.is_none() {
            return Err(Problem::never_opened(&shop_id));
        }
        // An order that is completed between these two reads is in both lists. If the reads were
        // swapped, it would be in neither.
        let waiting = self.orders.waiting(&shop_id).await?;
        let completed = self.orders.completed(&shop_id, now.minus(READ_BACK)).await?;
        let full = context.in_flight >= context.state.max_orders_in_queue;
        let shop = BoardShop { shop_id, open: context.state.open, full };
        Response::json(200, &Board::new(shop, &waiting, &completed, now))
    }
}

fn shop_of(request: &Request) -> Result<ShopId, Problem> {
    request.only(&["eventId"])?;
    request.query("eventId")
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], Problem> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| Problem::internal(&error))?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
