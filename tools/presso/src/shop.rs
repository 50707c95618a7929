//! Runs the commands for a shop: open, close, sign-in, counter and menu.

use std::path::Path;
use std::time::Duration;

use client::problem::Problem;
use client::{Api, Error, wait};
use domain::drink::DrinkRequest;
use domain::ids::ShopId;
use domain::menu::MenuItem;
use domain::shop::{CustomerSignIn, SettingsEdit, Shop};
use domain::text::Name;
use tokio::time::Instant;

use crate::Context;
use crate::cli::{CounterArgs, Customers, DEFAULT_SHOP, MenuAction, RoleName};
use crate::output;

/// Maximum time for which an order at the counter is retried.
const COUNTER_TIMEOUT: Duration = Duration::from_secs(30);

fn admin(context: &Context) -> Result<Api, Error> {
    context.identity.call(&context.api, RoleName::Admin, "presso-admin")
}

fn barista(context: &Context) -> Result<Api, Error> {
    context.identity.call(&context.api, RoleName::Barista, "presso-barista")
}

pub(crate) async fn open(context: &Context, new_code: bool) -> Result<(), Error> {
    let api = barista(context)?;
    let shop = if new_code {
        api.open_with_new_code(&context.shop_id).await?
    } else {
        api.set_open(&context.shop_id, true).await?
    };
    print_state(context, &shop)?;
    if new_code && !context.json {
        output::line("the codes that were shown before are invalid")?;
    }
    Ok(())
}

/// Adds help if the shop is closed or was never opened: the command that opens it.
pub(crate) fn with_opening(error: Error, shop_id: &ShopId) -> Error {
    let closed = |problem: &&Problem| matches!(problem.code.as_str(), "shop_not_found" | "store_closed");
    let Some(detail) = error.problem().filter(closed).map(|problem| problem.detail.clone()) else { return error };
    let detail = if detail.is_empty() { detail } else { format!("{detail}. ") };
    error.with_help(format!("{detail}To open the shop: presso {}open", option(shop_id)))
}

/// Returns the option that selects the shop, with a blank; empty for the default shop.
pub(crate) fn option(shop_id: &ShopId) -> String {
    if shop_id.as_str() == DEFAULT_SHOP { String::new() } else { format!("--event-id {shop_id} ") }
}

pub(crate) async fn close(context: &Context) -> Result<(), Error> {
    print_state(context, &barista(context)?.set_open(&context.shop_id, false).await?)
}

fn print_state(context: &Context, shop: &Shop) -> Result<(), Error> {
    if context.json {
        return output::json(shop);
    }
    let state = &shop.settings.state;
    let word = if state.open { "open" } else { "closed" };
    output::line(format_args!("{} is {word}; its capacity is {} orders", shop.shop_id, state.max_orders_in_queue))
}

pub(crate) async fn sign_in(context: &Context, customers: Customers) -> Result<(), Error> {
    let (customer_sign_in, word) = match customers {
        Customers::Guest => (CustomerSignIn::Guest, "guests and customers with an account"),
        Customers::Account => (CustomerSignIn::Account, "customers with an account"),
    };
    let edit = SettingsEdit { customer_sign_in: Some(customer_sign_in), ..SettingsEdit::default() };
    let shop = admin(context)?.edit(&context.shop_id, &edit, None).await?;
    if context.json {
        return output::json(&shop);
    }
    output::line(format_args!("{} accepts scans of {word}", shop.shop_id))
}

pub(crate) async fn counter(context: &Context, args: &CounterArgs) -> Result<(), Error> {
    let drink = DrinkRequest { drink: args.drink.clone(), modifiers: args.modifiers.clone() };
    let key = args.idempotency_key.clone().unwrap_or_else(|| format!("presso-{:016x}", fastrand::u64(..)));
    let api = barista(context)?;
    let order = || api.order_at_counter(&context.shop_id, &key, &drink);
    let order_id =
        wait::when_ready(Instant::now() + COUNTER_TIMEOUT, order).await.map_err(|error| with_key(error, &key))?;
    if context.json {
        return output::json(&serde_json::json!({ "orderId": order_id, "key": key }));
    }
    output::line(format_args!("ordered {}: order {order_id}", args.drink))
}

/// Adds the idempotency key as help if the order may exist although its id is not known.
fn with_key(error: Error, key: &str) -> Error {
    match error.problem() {
        Some(problem) if problem.code.as_str() != "not_ready" && problem.status < 500 => error,
        _ => error.with_help(format!("to continue the same order, repeat the command with --idempotency-key {key}")),
    }
}

pub(crate) async fn menu(context: &Context, action: Option<&MenuAction>) -> Result<(), Error> {
    let shop = context.api.config(&context.shop_id).await?;
    let menu = match action {
        None | Some(MenuAction::Show) => return print_menu(context, &shop),
        Some(MenuAction::Set { file }) => read_menu(file)?,
        Some(MenuAction::SoldOut { drink }) => return set_available(context, &shop, drink, false).await,
        Some(MenuAction::Available { drink }) => return set_available(context, &shop, drink, true).await,
    };
    let edit = SettingsEdit { menu: Some(menu), ..SettingsEdit::default() };
    let version = Some(shop.settings.state.version);
    print_menu(context, &admin(context)?.edit(&context.shop_id, &edit, version).await?)
}

fn read_menu(file: &Path) -> Result<Vec<MenuItem>, Error> {
    let wrong = |why: String| {
        let error = Error::Usage(format!("cannot read a menu from {}: {why}", file.display()));
        error.with_help("presso menu show --json prints a menu in the expected format")
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
}

async fn set_available(context: &Context, shop: &Shop, drink: &str, available: bool) -> Result<(), Error> {
    let item = shop.settings.catalog.menu.iter().find(|item| item.drink.as_str().eq_ignore_ascii_case(drink));
    let missing = || {
        let names: Vec<&str> = shop.settings.catalog.menu.iter().map(|item| item.drink.as_str()).collect();
        Error::Usage(format!("{drink} is not on the menu")).with_help(format!("the drinks are {}", names.join(", ")))
    };
    let item = item.ok_or_else(missing)?;
    print_menu(context, &barista(context)?.set_available(&context.shop_id, item.drink.as_str(), available).await?)
}

fn print_menu(context: &Context, shop: &Shop) -> Result<(), Error> {
    if context.json {
        return output::json(&shop.settings.catalog.menu);
    }
    let mut table = output::table(&["drink", "available", "choices"]);
    for item in &shop.settings.catalog.menu {
        let choices: Vec<String> = item
            .modifiers
            .iter()
            .map(|modifier| {
                let options: Vec<&str> = modifier.options.iter().map(Name::as_str).collect();
                format!("{}: {}", modifier.name, options.join(" | "))
            })
            .collect();
        table.add_row([item.drink.as_str(), if item.available { "yes" } else { "sold out" }, &choices.join("; ")]);
    }
    output::print_table(&table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_an_order_that_may_exist_names_the_key_that_continues_it() {
        let refused = |status: u16, code: &str| {
            let body = format!(r#"{{"status": {status}, "code": "{code}", "title": "No", "detail": ""}}"#);
            with_key(Error::from(serde_json::from_str::<Problem>(&body).unwrap()), "k1")
        };
        for error in
            [refused(409, "not_ready"), refused(503, "unavailable"), with_key(Error::TimedOut("no".into()), "k1")]
        {
            assert!(error.help().unwrap().ends_with("--idempotency-key k1"), "{error}");
        }
        assert!(refused(409, "store_full").help().is_none_or(|help| !help.contains("k1")));
    }

    #[test]
    fn a_refusal_by_a_closed_shop_names_the_command_that_opens_it() {
        let refused = |code: &str| {
            let body =
                format!(r#"{{"status": 409, "code": "{code}", "title": "Closed", "detail": "scan again later"}}"#);
            Error::from(serde_json::from_str::<Problem>(&body).unwrap())
        };
        let help = |code: &str, shop: &str| {
            let error = with_opening(refused(code), &shop.parse().unwrap());
            assert_eq!(error.exit_code(), 3);
            error.help().unwrap().to_owned()
        };
        assert_eq!(help("shop_not_found", DEFAULT_SHOP), "scan again later. To open the shop: presso open");
        assert_eq!(help("store_closed", "corner"), "scan again later. To open the shop: presso --event-id corner open");
        assert_eq!(help("store_full", "corner"), "scan again later");
    }
}
