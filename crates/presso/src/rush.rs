//! A crowd: many customers, each with one order, some of them at once.

mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::drink::DrinkRequest;
use domain::ids::EventId;
use domain::order::OrderStatus;
use domain::shop::{SettingsEdit, ShopSettings};
use indicatif::{ProgressBar, ProgressStyle};
use presso::api::Api;
use presso::{Error, wait};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::report::{Report, Step};
use crate::Context;
use crate::cli::{RoleName, RushArgs};
use crate::identity::Identity;

const PATIENCE: Duration = Duration::from_mins(2);

/// What every visit needs.
struct Rush {
    event_id: EventId,
    display: Api,
    barista: Api,
    wish: DrinkRequest,
    report: Mutex<Report>,
    progress: ProgressBar,
    next: AtomicU32,
    orders: u32,
}

pub(crate) async fn rush(context: &Context, args: &RushArgs) -> Result<(), Error> {
    if !matches!(context.identity, Identity::Local(_)) {
        return Err(Error::Usage("a crowd needs a token for each customer, which a local key alone can mint".into()));
    }
    let admin = context.identity.call(&context.api, RoleName::Admin, "presso-admin")?;
    let before = context.api.config(&context.event_id).await?.settings;
    if args.raise_limits {
        admin.edit(&context.event_id, &raised(&before, args), None).await?;
    }
    let crowd = tokio::select! {
        crowd = serve_crowd(context, args, &before) => crowd,
        _ = tokio::signal::ctrl_c() => Err(Error::TimedOut("interrupted".into())),
    };
    if args.raise_limits {
        admin.edit(&context.event_id, &limits_of(&before), None).await?;
    }
    let mut report = crowd?;
    report.in_flight = Some(report::in_flight(context).await?);
    report.print(context.json)
}

fn raised(before: &ShopSettings, args: &RushArgs) -> SettingsEdit {
    SettingsEdit {
        menu: None,
        drinks_per_barcode: Some(before.drinks_per_barcode.max(args.orders.saturating_mul(2)).min(1_000)),
        max_orders_in_queue: Some(before.max_orders_in_queue.max(args.concurrency.saturating_mul(2)).min(10_000)),
        max_orders_per_user: None,
    }
}

fn limits_of(before: &ShopSettings) -> SettingsEdit {
    SettingsEdit {
        menu: None,
        drinks_per_barcode: Some(before.drinks_per_barcode),
        max_orders_in_queue: Some(before.max_orders_in_queue),
        max_orders_per_user: None,
    }
}

async fn serve_crowd(context: &Context, args: &RushArgs, settings: &ShopSettings) -> Result<Report, Error> {
    let drink = settings.menu.iter().find(|item| item.available).map(|item| item.drink.clone());
    let drink = drink.ok_or_else(|| Error::Usage("every drink is sold out: presso menu available DRINK".into()))?;
    let style = ProgressStyle::with_template("{bar:40.cyan} {pos}/{len} orders  {elapsed}  {msg}");
    let rush = Arc::new(Rush {
        event_id: context.event_id.clone(),
        display: context.identity.call(&context.api, RoleName::Admin, "presso-admin")?,
        barista: context.identity.call(&context.api, RoleName::Barista, "presso-barista")?,
        wish: DrinkRequest { drink, modifiers: Vec::new() },
        report: Mutex::new(Report::new(args.orders)?),
        progress: ProgressBar::new(u64::from(args.orders))
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())),
        next: AtomicU32::new(0),
        orders: args.orders,
    });
    let crowd = format!("rush-{:08x}", fastrand::u32(..));
    let customers = (0..args.orders)
        .map(|number| context.identity.call(&context.api, RoleName::Customer, &format!("{crowd}-{number}")))
        .collect::<Result<Vec<Api>, Error>>()?;
    let customers = Arc::new(customers);
    let begin = Instant::now();
    let mut at_once = JoinSet::new();
    for _ in 0..args.concurrency.min(args.orders) {
        at_once.spawn(one_after_another(Arc::clone(&rush), Arc::clone(&customers)));
    }
    at_once.join_all().await;
    rush.progress.finish_and_clear();
    let mut report = rush.report.lock().await.clone();
    report.elapsed = begin.elapsed();
    Ok(report)
}

async fn one_after_another(rush: Arc<Rush>, customers: Arc<Vec<Api>>) {
    loop {
        let number = rush.next.fetch_add(1, Ordering::Relaxed);
        let Some(customer) = customers.get(number as usize).filter(|_| number < rush.orders) else { return };
        let visited = visit(&rush, customer).await;
        let mut report = rush.report.lock().await;
        match visited {
            Ok(()) => report.served += 1,
            Err(error) => report.refuse(&error),
        }
        rush.progress.inc(1);
        if report.refused() > 0 {
            rush.progress.set_message(format!("{} refused", report.refused()));
        }
    }
}

/// One customer's way, with the time that each step took.
async fn visit(rush: &Rush, customer: &Api) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    let code = rush.display.qr_code(&rush.event_id).await?.code;
    let arrived = Instant::now();
    let order_id = timed(rush, Step::Scan, customer.scan(&rush.event_id, &code)).await?.order_id;
    timed(rush, Step::Admitted, wait::order_is(customer, &order_id, OrderStatus::Created, deadline)).await?;
    timed(rush, Step::Submit, wait::when_ready(deadline, || customer.submit(&order_id, &rush.wish))).await?;
    timed(rush, Step::Queued, wait::order_is(customer, &order_id, OrderStatus::Waiting, deadline)).await?;
    timed(rush, Step::Complete, wait::when_ready(deadline, || rush.barista.complete(&order_id))).await?;
    timed(rush, Step::Completed, wait::order_is(customer, &order_id, OrderStatus::Completed, deadline)).await?;
    rush.report.lock().await.record(Step::Whole, arrived.elapsed());
    Ok(())
}

async fn timed<T>(rush: &Rush, step: Step, doing: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let begin = Instant::now();
    let done = doing.await?;
    rush.report.lock().await.record(step, begin.elapsed());
    Ok(done)
}
