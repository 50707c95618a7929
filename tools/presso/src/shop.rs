//! Commands for a shop: open, close, menu, queue.

use std::path::Path;

use client::{Api, Error};
use domain::menu::MenuItem;
use domain::order::{Order, OrderStatus};
use domain::shop::{SettingsEdit, Shop};

use crate::Context;
use crate::cli::{MenuAction, RoleName};
use crate::output;

fn admin(context: &Context) -> Result<Api, Error> {
    context.identity.call(&context.api, RoleName::Admin, "presso-admin")
}

pub(crate) async fn set_open(context: &Context, open: bool) -> Result<(), Error> {
    let shop = admin(context)?.set_open(&context.shop_id, open).await?;
    if context.json {
        return output::json(&shop);
    }
    let (word, limit) = (if open { "open" } else { "closed" }, shop.settings.max_orders_in_queue);
    output::line(format_args!("{} is {word}; its capacity is {limit} orders", shop.shop_id))
}

pub(crate) async fn menu(context: &Context, action: Option<&MenuAction>) -> Result<(), Error> {
    let shop = context.api.config(&context.shop_id).await?;
    let menu = match action {
        None | Some(MenuAction::Show) => return print_menu(context, &shop),
        Some(MenuAction::Set { file }) => read_menu(file)?,
        Some(MenuAction::SoldOut { drink }) => with_available(&shop, drink, false)?,
        Some(MenuAction::Available { drink }) => with_available(&shop, drink, true)?,
    };
    let edit = SettingsEdit { menu: Some(menu), ..SettingsEdit::default() };
    let version = Some(shop.settings.version);
    print_menu(context, &admin(context)?.edit(&context.shop_id, &edit, version).await?)
}

fn read_menu(file: &Path) -> Result<Vec<MenuItem>, Error> {
    let wrong = |why: String| {
        let error = Error::Usage(format!("{} is not a menu: {why}", file.display()));
        error.with_help("presso menu show --json prints the form of a menu")
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
}

fn with_available(shop: &Shop, drink: &str, available: bool) -> Result<Vec<MenuItem>, Error> {
    let mut menu = shop.settings.menu.clone();
    let names: Vec<String> = menu.iter().map(|item| item.drink.clone()).collect();
    let item = menu.iter_mut().find(|item| item.drink.eq_ignore_ascii_case(drink));
    let missing = || Error::Usage(format!("{drink} is not on the menu"));
    item.ok_or_else(|| missing().with_help(format!("the drinks are {}", names.join(", "))))?.available = available;
    Ok(menu)
}

fn print_menu(context: &Context, shop: &Shop) -> Result<(), Error> {
    if context.json {
        return output::json(&shop.settings.menu);
    }
    let mut table = output::table(&["drink", "available", "choices"]);
    for item in &shop.settings.menu {
        let choices: Vec<String> = item
            .modifiers
            .iter()
            .map(|modifier| format!("{}: {}", modifier.name, modifier.options.join(" | ")))
            .collect();
        table.add_row([item.drink.as_str(), if item.available { "yes" } else { "sold out" }, &choices.join("; ")]);
    }
    output::line(table)
}

/// All pages of the shop's orders with this status, oldest first.
pub(crate) async fn orders(context: &Context, status: OrderStatus) -> Result<Vec<Order>, Error> {
    let api = context.identity.call(&context.api, RoleName::Barista, "presso-barista")?;
    let mut orders = Vec::new();
    let mut next = None;
    loop {
        let page = api.queue(&context.shop_id, status, 100, next.as_deref()).await?;
        orders.extend(page.orders);
        next = page.next_token;
        if next.is_none() {
            return Ok(orders);
        }
    }
}

pub(crate) async fn queue(context: &Context, status: OrderStatus) -> Result<(), Error> {
    let orders = orders(context, status).await?;
    if context.json {
        return output::json(&orders);
    }
    let mut table = output::table(&["number", "order", "drink", "status", "since", "barista", "claimed", "claim"]);
    for order in &orders {
        table.add_row(row(order));
    }
    output::line(table)?;
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
