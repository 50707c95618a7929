//! Runs a rush: many customers with one order each, several of them at the same time.

mod customer;
pub(crate) mod limits;
mod report;
mod visit;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use client::{Api, Error, now};
use domain::drink::DrinkRequest;
use domain::ids::ShopId;
use domain::shop::ShopSettings;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::customer::{Behavior, Customer};
use self::limits::Limits;
use self::report::RushReport;
use self::visit::{Rush, retry, serve_customers};
use crate::Context;
use crate::cli::{RoleName, RushArgs};
use crate::order::sold_out;
use crate::output::{self, Progress};
use crate::shutdown::Shutdown;

/// Time within which capacity must be released after the last order has ended.
const RELEASE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(250);

/// Minimum remaining validity of the code when requests begin, in addition to the time in which
/// they are sent.
const CODE_VALIDITY: Duration = Duration::from_secs(30);

pub(crate) async fn rush(context: &Context, args: &RushArgs, shutdown: &Shutdown) -> Result<(), Error> {
    context.require_customers()?;
    let admin = context.identity.call(&context.api, RoleName::Admin, "presso-admin")?;
    let deadline = Instant::now() + Duration::from_secs(args.patience);
    let settings = retry(args.attempts, deadline, || context.api.config(&context.shop_id));
    let settings = shutdown.race(settings).await?.settings;
    let mut limits = None;
    if args.raise_limits {
        // The edit is awaited even after a signal, because its result is needed to restore the
        // limits.
        limits = Some(Limits::raise(&admin, &context.shop_id, args).await?);
    }
    let served = serve_crowd(context, args, &settings, shutdown).await;
    if let Some(limits) = limits {
        limits.restore(&admin, &context.shop_id).await?;
    }
    let mut report = served?;
    if shutdown.is_requested() {
        return Err(report.interrupted(args.raise_limits));
    }
    let left = i64::from(report.left());
    report.in_flight = Some(shutdown.race(in_flight(context, left)).await?);
    report.print(context.json)
}

async fn serve_crowd(
    context: &Context,
    args: &RushArgs,
    settings: &ShopSettings,
    shutdown: &Shutdown,
) -> Result<RushReport, Error> {
    let drinks = settings.catalog.menu.iter().filter(|item| item.available).map(|item| item.drink.clone());
    let drinks: Vec<_> = drinks.map(|drink| DrinkRequest { drink, modifiers: Vec::new() }).collect();
    if drinks.is_empty() {
        return Err(sold_out());
    }
    let rush = Arc::new(Rush {
        shop_id: context.shop_id.clone(),
        display: context.identity.call(&context.api, RoleName::Admin, "presso-admin")?,
        barista: context.identity.call(&context.api, RoleName::Barista, "presso-barista")?,
        report: Mutex::new(RushReport::new(args.orders)?),
        progress: Progress::count(args.orders as usize, "orders"),
        next: AtomicU32::new(0),
        attempts: args.attempts,
        patience: Duration::from_secs(args.patience),
        shutdown: shutdown.clone(),
    });
    let crowd = format!("rush-{:08x}", fastrand::u32(..));
    let customers = (0..args.orders)
        .zip(drinks.into_iter().cycle())
        .map(|(number, drink)| {
            let (api, user) = context.customer(&format!("{crowd}-{number}"))?;
            Ok(Customer { api, user, drink, behavior: Behavior::new(number, args) })
        })
        .collect::<Result<Vec<Customer>, Error>>()?;
    let customers = Arc::new(customers);
    // After this wait, a short rush uses one code. If the shop shows no code, the errors of the
    // first scans say why.
    shutdown.race(lasting_code(&rush.display, &context.shop_id, Duration::ZERO)).await.ok();
    let begin = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..args.concurrency.min(args.orders) {
        workers.spawn(serve_customers(Arc::clone(&rush), Arc::clone(&customers)));
    }
    while workers.join_next().await.is_some() {}
    let mut report = rush.report.lock().await.clone();
    report.elapsed = begin.elapsed();
    Ok(report)
}

/// Waits until the code of the display is valid for at least `sending` and [`CODE_VALIDITY`], and
/// returns it.
pub(crate) async fn lasting_code(display: &Api, shop_id: &ShopId, sending: Duration) -> Result<String, Error> {
    loop {
        let shown = display.qr_code(shop_id).await?;
        let left = shown.expires_at.since(now());
        if left >= CODE_VALIDITY + sending {
            return Ok(shown.code);
        }
        output::note(format_args!("the code changes in {} s; waiting for the next one", left.as_secs()));
        sleep(left + Duration::from_millis(500)).await;
    }
}

/// Returns the number of orders in flight, once it is at most `expected` or [`RELEASE`] has passed.
pub(crate) async fn in_flight(context: &Context, expected: i64) -> Result<i64, Error> {
    let (tables, deadline) = (client::tables::Tables::new(&context.stack), Instant::now() + RELEASE);
    let _progress = Progress::step("waiting for the release of capacity");
    loop {
        let count = tables.in_flight(&context.shop_id).await?;
        if count <= expected || Instant::now() >= deadline {
            return Ok(count);
        }
        sleep(PAUSE).await;
    }
}
