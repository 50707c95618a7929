//! A crowd: many customers, each with one order, some of them at once.

pub(crate) mod limits;
pub(crate) mod report;
mod visit;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use client::Error;
use client::api::Api;
use domain::drink::DrinkRequest;
use domain::ids::ShopId;
use domain::shop::ShopSettings;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::limits::Limits;
use self::report::Report;
use self::visit::{Customer, Manner};
use crate::Context;
use crate::cli::{RoleName, RushArgs};
use crate::ending::Ending;
use crate::identity::Identity;

/// What every visit needs.
struct Rush {
    shop_id: ShopId,
    display: Api,
    barista: Api,
    report: Mutex<Report>,
    progress: ProgressBar,
    next: AtomicU32,
    orders: u32,
    attempts: u32,
    patience: Duration,
    ending: Ending,
}

pub(crate) async fn rush(context: &Context, args: &RushArgs, ending: &Ending) -> Result<(), Error> {
    if !matches!(context.identity, Identity::Local(_)) {
        return Err(Error::Usage("a crowd needs a token for each customer, which a local key alone can mint".into()));
    }
    let admin = context.identity.call(&context.api, RoleName::Admin, "presso-admin")?;
    let deadline = Instant::now() + Duration::from_secs(args.patience);
    let settings = visit::patiently(args.attempts, deadline, || context.api.config(&context.shop_id));
    let settings = ending.or_give_up(settings).await?.settings;
    let mut limits = None;
    if args.raise_limits {
        // Whatever comes, an edit is waited for: what it did must be known to be undone.
        limits = Some(Limits::raise(&admin, &context.shop_id, args).await?);
    }
    let crowd = serve_crowd(context, args, &settings, ending).await;
    if let Some(limits) = limits {
        limits.put_back(&admin, &context.shop_id).await?;
    }
    let mut report = crowd?;
    if ending.has_come() {
        return Err(report.interrupted(args.raise_limits));
    }
    let left = i64::from(report.left());
    report.in_flight = Some(ending.or_give_up(report::in_flight(context, left)).await?);
    report.print(context.json)
}

async fn serve_crowd(
    context: &Context,
    args: &RushArgs,
    settings: &ShopSettings,
    ending: &Ending,
) -> Result<Report, Error> {
    let drinks = settings.menu.iter().filter(|item| item.available).map(|item| item.drink.clone());
    let wishes: Vec<_> = drinks.map(|drink| DrinkRequest { drink, modifiers: Vec::new() }).collect();
    if wishes.is_empty() {
        return Err(Error::Usage("every drink is sold out: presso menu available DRINK".into()));
    }
    let style = ProgressStyle::with_template("{bar:40.cyan} {pos}/{len} orders  {elapsed}  {msg}");
    let rush = Arc::new(Rush {
        shop_id: context.shop_id.clone(),
        display: context.identity.call(&context.api, RoleName::Admin, "presso-admin")?,
        barista: context.identity.call(&context.api, RoleName::Barista, "presso-barista")?,
        report: Mutex::new(Report::new(args.orders)?),
        progress: ProgressBar::new(u64::from(args.orders))
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())),
        next: AtomicU32::new(0),
        orders: args.orders,
        attempts: args.attempts,
        patience: Duration::from_secs(args.patience),
        ending: ending.clone(),
    });
    let crowd = format!("rush-{:08x}", fastrand::u32(..));
    let customers = (0..args.orders)
        .zip(wishes.into_iter().cycle())
        .map(|(number, wish)| {
            let name = format!("{crowd}-{number}");
            let api = context.identity.call(&context.api, RoleName::Customer, &name)?;
            Ok(Customer { api, name, wish, manner: Manner::of(number, args) })
        })
        .collect::<Result<Vec<Customer>, Error>>()?;
    let customers = Arc::new(customers);
    let begin = Instant::now();
    let mut at_once = JoinSet::new();
    for _ in 0..args.concurrency.min(args.orders) {
        at_once.spawn(one_after_another(Arc::clone(&rush), Arc::clone(&customers)));
    }
    while at_once.join_next().await.is_some() {}
    rush.progress.finish_and_clear();
    let mut report = rush.report.lock().await.clone();
    report.elapsed = begin.elapsed();
    Ok(report)
}

async fn one_after_another(rush: Arc<Rush>, customers: Arc<Vec<Customer>>) {
    while !rush.ending.has_come() {
        let number = rush.next.fetch_add(1, Ordering::Relaxed);
        let Some(customer) = customers.get(number as usize).filter(|_| number < rush.orders) else { return };
        let visited = visit::visit(&rush, customer).await;
        let mut report = rush.report.lock().await;
        match visited {
            Ok(()) => report.ended(customer.manner),
            Err(Error::Interrupted(_)) => return,
            Err(error) => report.refuse(&error),
        }
        rush.progress.inc(1);
        if report.refused() > 0 {
            rush.progress.set_message(format!("{} refused", report.refused()));
        }
    }
}
