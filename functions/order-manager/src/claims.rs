//! Commands `make` and `unmake`: each changes the claim at most once. A repetition publishes the
//! event of the change again.

use adapters::bus::{Entry, Publish};
use adapters::orders::{ClaimOrder, Updated};
use domain::caller::Caller;
use domain::claim::{self, Claim, ClaimAction, ClaimDecision};
use domain::command::Conflict;
use domain::ids::OrderId;
use domain::order::StoredOrder;
use http_api::request::SMALL_BODY;
use http_api::{Code, Problem, Request, Response, identity};
use serde::Serialize;

use crate::commands::NoBody;
use crate::{OrderManager, Reader, conflict, not_found};

/// Maximum number of tries to change a claim. A try fails if the order changes between its read and
/// its write.
const ATTEMPTS: u32 = 3;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimAnswer<'a> {
    order_id: &'a OrderId,
    #[serde(flatten)]
    claim: Claim,
}

/// Parses the parameter `from` of `action=make`. Other actions have none.
pub(crate) fn from(request: &Request, action: Option<&str>) -> Result<Option<u64>, Problem> {
    let from = request.query_digits("from", 0..=u64::MAX)?;
    if from.is_some() && action != Some("make") {
        return Err(Problem::new(Code::InvalidParameter, "only action=make has the parameter from").with_field("from"));
    }
    Ok(from)
}

impl<O: ClaimOrder, S, W, P: Publish> OrderManager<O, S, W, P> {
    pub(crate) async fn claim(
        &self,
        request: &Request,
        caller: &Caller,
        stored: StoredOrder,
        action: ClaimAction,
    ) -> Result<Response, Problem> {
        identity::require_barista(caller)?;
        request.json_or_default::<NoBody>(SMALL_BODY)?;
        let stored = self.change_claim(caller, stored, action).await?;
        self.publish_claim(&stored).await?;
        Response::json(200, &ClaimAnswer { order_id: &stored.order.order_id, claim: Claim::of(&stored.order) })
    }

    /// Changes the claim, unless it is as requested already. Returns the order with the requested
    /// claim.
    async fn change_claim(
        &self,
        caller: &Caller,
        mut stored: StoredOrder,
        action: ClaimAction,
    ) -> Result<StoredOrder, Problem> {
        for _ in 0..ATTEMPTS {
            let decision = claim::decide(&stored.order, action, caller, (self.now)())
                .map_err(|why| conflict(&why, Reader::Barista))?;
            let ClaimDecision::Change(change) = decision else { return Ok(stored) };
            match self.orders.claim(&stored.order.order_id, &change).await? {
                Updated::Changed(claimed) => return Ok(*claimed),
                Updated::Unchanged(Some(current)) => stored = *current,
                Updated::Unchanged(None) => return Err(not_found()),
            }
        }
        Err(conflict(&Conflict::NotReady, Reader::Barista))
    }

    pub(crate) async fn publish_claim(&self, stored: &StoredOrder) -> Result<(), Problem> {
        Ok(self.bus.publish(vec![Entry::new(&claim::event(stored))?]).await?)
    }
}
