//! Commands of a barista on one order.

use clap::{Args, Subcommand};
use client::api::Claim;
use client::{Api, Error};
use domain::ids::{OrderId, UserId};
use serde::Serialize;
use serde_json::json;

use crate::cli::{RoleName, pasting};
use crate::{Context, output};

#[derive(Debug, Args)]
pub(crate) struct BaristaArgs {
    /// User id of the barista. After presso login, the user who has signed in acts instead.
    #[arg(long, global = true, default_value = "presso-barista", value_parser = pasting::id::<UserId>)]
    user: UserId,
    /// Act as an admin, who may release the claim of any barista and cancel any open order. After
    /// presso login, the role of the user who has signed in applies instead.
    #[arg(long, global = true)]
    admin: bool,
    #[command(subcommand)]
    action: BaristaAction,
}

#[derive(Debug, Subcommand)]
enum BaristaAction {
    /// Claim an order, or take over its claim.
    Make {
        /// Id of the order.
        #[arg(value_parser = pasting::id::<OrderId>)]
        order: OrderId,
        /// Take over the claim of this version, which presso queue shows.
        #[arg(long, value_name = "VERSION")]
        from: Option<u64>,
    },
    /// Release the claim of an order.
    Unmake {
        /// Id of the order.
        #[arg(value_parser = pasting::id::<OrderId>)]
        order: OrderId,
    },
    /// Complete an order: its drink is ready to be picked up. An order without a claim is claimed
    /// first.
    Complete {
        /// Id of the order.
        #[arg(value_parser = pasting::id::<OrderId>)]
        order: OrderId,
    },
    /// Cancel an order. An unclaimed order in the queue is claimed first.
    Cancel {
        /// Id of the order.
        #[arg(value_parser = pasting::id::<OrderId>)]
        order: OrderId,
        /// Reason, which the customer reads.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Call the customer of an order that was completed in the last ten minutes.
    Call {
        /// Id of the order.
        #[arg(value_parser = pasting::id::<OrderId>)]
        order: OrderId,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimOf<'a> {
    order_id: &'a OrderId,
    #[serde(flatten)]
    claim: &'a Claim,
}

pub(crate) async fn act(context: &Context, args: &BaristaArgs) -> Result<(), Error> {
    let role = if args.admin { RoleName::Admin } else { RoleName::Barista };
    let api = context.identity.call(&context.api, role, args.user.as_str())?;
    match &args.action {
        BaristaAction::Make { order, from: None } => print_claim(context, order, &api.make(order).await?),
        BaristaAction::Make { order, from: Some(from) } => {
            print_claim(context, order, &api.take_over(order, *from).await?)
        }
        BaristaAction::Unmake { order } => print_claim(context, order, &api.unmake(order).await?),
        BaristaAction::Complete { order } => {
            api.complete(order).await?;
            print_done(context, order, "is completed")
        }
        BaristaAction::Cancel { order, reason } => {
            api.cancel(order, reason).await?;
            print_done(context, order, "is cancelled")
        }
        BaristaAction::Call { order } => call(context, order, &api).await,
    }
}

async fn call(context: &Context, order: &OrderId, api: &Api) -> Result<(), Error> {
    let called_at = api.call_customer(order).await?.called_at;
    if context.json {
        return output::json(&json!({ "orderId": order, "calledAt": called_at }));
    }
    output::line(format_args!("{order} was called at {called_at}"))
}

fn print_claim(context: &Context, order: &OrderId, claim: &Claim) -> Result<(), Error> {
    if context.json {
        return output::json(&ClaimOf { order_id: order, claim });
    }
    output::line(claim_line(order, claim))
}

fn claim_line(order: &OrderId, claim: &Claim) -> String {
    let since = claim.claimed_at.map(|at| format!(" since {at}")).unwrap_or_default();
    let state =
        claim.barista_user_id.as_ref().map_or_else(|| "is unclaimed".into(), |who| format!("is made by {who}{since}"));
    format!("{order} {state}; claim version {}", claim.claim_version)
}

fn print_done(context: &Context, order: &OrderId, what: &str) -> Result<(), Error> {
    if context.json {
        return output::json(&json!({ "orderId": order }));
    }
    output::line(format_args!("{order} {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_shown_with_its_holder_and_its_version() {
        let order = "o".parse().unwrap();
        let held = json!({"baristaUserId": "bea", "claimedAt": "2026-11-23T09:31:25.030Z", "claimVersion": 2});
        let line = |claim| claim_line(&order, &serde_json::from_value(claim).unwrap());
        assert_eq!(line(held), "o is made by bea since 2026-11-23T09:31:25.030Z; claim version 2");
        assert_eq!(line(json!({"claimVersion": 3})), "o is unclaimed; claim version 3");
    }
}
