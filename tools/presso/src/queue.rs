//! Lists the orders of a shop.

use client::Error;
use client::api::Listing;
use domain::order::{Order, OrderStatus};

use crate::Context;
use crate::cli::{QueueArgs, RoleName};
use crate::output;

/// Reads all pages of the shop's orders with this status, oldest first.
pub(crate) async fn orders(context: &Context, status: OrderStatus) -> Result<Vec<Order>, Error> {
    list(context, &Listing { status, newest_first: false, since: None, max_items: 100 }).await
}

async fn list(context: &Context, listing: &Listing) -> Result<Vec<Order>, Error> {
    let api = context.identity.call(&context.api, RoleName::Barista, "presso-barista")?;
    let mut orders = Vec::new();
    let mut next = None;
    loop {
        let page = api.list(&context.shop_id, listing, next.as_deref()).await?;
        orders.extend(page.orders);
        next = page.next_token;
        if next.is_none() {
            return Ok(orders);
        }
    }
}

pub(crate) async fn queue(context: &Context, args: &QueueArgs) -> Result<(), Error> {
    let QueueArgs { status, newest, since } = *args;
    let orders = list(context, &Listing { status, newest_first: newest, since, max_items: 100 }).await?;
    if context.json {
        return output::json(&orders);
    }
    let mut table =
        output::table(&["number", "order", "drink", "status", "updated", "barista", "claimed", "claim version"]);
    for order in &orders {
        table.add_row(row(order));
    }
    output::print_table(&table)?;
    output::line(format_args!("{} {}", orders.len(), if orders.len() == 1 { "order" } else { "orders" }))
}

fn row(order: &Order) -> [String; 8] {
    let drink = order.drink_order.as_ref().map(|drink| {
        let options =
            if drink.modifiers.is_empty() { String::new() } else { format!(" ({})", drink.modifiers.join(", ")) };
        format!("{}{options}", drink.drink)
    });
    [
        order.order_number.map(|number| number.to_string()).unwrap_or_default(),
        order.order_id.to_string(),
        drink.unwrap_or_default(),
        order.status.as_str().to_owned(),
        order.updated_at.to_string(),
        order.barista_user_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        order.claimed_at.map(|at| at.to_string()).unwrap_or_default(),
        order.claim_version.to_string(),
    ]
}
