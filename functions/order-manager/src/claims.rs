//! The commands `make` and `unmake`. A repetition does not change the claim again, but publishes
//! its event again.

use adapters::bus::{Entry, Publish};
use adapters::orders::{ClaimOrder, Claimed};
use domain::caller::Caller;
use domain::claim::{self, ClaimAction, ClaimDecision};
use domain::command::Conflict;
use domain::event::{About, MakeOrder};
use domain::ids::{OrderId, UserId};
use domain::order::StoredOrder;
use http_api::request::SMALL_BODY;
use http_api::{Problem, Request, Response, identity};
use serde::Serialize;

use crate::commands::NoBody;
use crate::{OrderManager, conflict, not_found};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimAnswer<'a> {
    order_id: &'a OrderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    barista_user_id: Option<&'a UserId>,
    claim_version: u64,
}

impl<O: ClaimOrder, S, W, P: Publish> OrderManager<O, S, W, P> {
    pub(crate) async fn make(
        &self,
        request: &Request,
        caller: &Caller,
        stored: &StoredOrder,
    ) -> Result<Response, Problem> {
        self.claim(request, caller, stored, ClaimAction::Make).await
    }

    pub(crate) async fn unmake(
        &self,
        request: &Request,
        caller: &Caller,
        stored: &StoredOrder,
    ) -> Result<Response, Problem> {
        self.claim(request, caller, stored, ClaimAction::Unmake).await
    }

    async fn claim(
        &self,
        request: &Request,
        caller: &Caller,
        stored: &StoredOrder,
        action: ClaimAction,
    ) -> Result<Response, Problem> {
        identity::require_barista(caller)?;
        request.json_or_default::<NoBody>(SMALL_BODY)?;
        let order = match self.orders.claim(&stored.order.order_id, action, &caller.user_id).await? {
            Claimed::Changed(order) => order,
            Claimed::Unchanged(None) => return Err(not_found()),
            Claimed::Unchanged(Some(order)) => match claim::decide(&order.order, action, &caller.user_id) {
                Ok(ClaimDecision::Repeat) => order,
                // The table refused a change that this reading of the order allows, so the order
                // changed between the two calls.
                Ok(ClaimDecision::Change) => return Err(conflict(&Conflict::NotReady)),
                Err(reason) => return Err(conflict(&reason)),
            },
        };
        self.publish_claim(&order).await?;
        let claim = ClaimAnswer {
            order_id: &order.order.order_id,
            barista_user_id: order.order.barista_user_id.as_ref(),
            claim_version: order.order.claim_version,
        };
        Response::json(200, &claim)
    }

    pub(crate) async fn publish_claim(&self, stored: &StoredOrder) -> Result<(), Problem> {
        let order = &stored.order;
        let holder = order.barista_user_id.as_ref().map(UserId::as_str).unwrap_or_default();
        let event = MakeOrder {
            about: About {
                order_id: order.order_id.clone(),
                user_id: order.user_id.clone(),
                shop_id: order.shop_id.clone(),
                message: if holder.is_empty() { "A barista gave the order back" } else { "A barista makes the order" }
                    .to_owned(),
                at: (self.now)(),
            },
            barista_user_id: holder.to_owned(),
            claim_version: order.claim_version,
            order_number: order.order_number.unwrap_or_default(),
        };
        Ok(self.bus.publish(vec![Entry::new(&event)?]).await?)
    }
}
