//! Runs a burst: many scans within seconds, at a shop with capacity for a few orders.

mod aftermath;
mod loops;
mod report;

use std::time::Duration;

use client::tables::Tables;
use client::{Api, Error};
use domain::ids::{OrderId, ShopId};
use reqwest::Method;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use self::aftermath::{CapacityWatch, Executions};
use self::report::BurstReport;
use crate::Context;
use crate::cli::{BurstArgs, RoleName};
use crate::output::Progress;
use crate::rush;
use crate::rush::limits::Limits;
use crate::shutdown::Shutdown;

/// The answer to one scan.
#[derive(Debug, Clone)]
struct ScanAnswer {
    /// The HTTP status; `None` if there was no answer.
    status: Option<u16>,
    /// The code of the problem, or a text for another answer, such as `order`.
    code: String,
    order_id: Option<OrderId>,
    took: Duration,
}

pub(crate) async fn burst(context: &Context, args: &BurstArgs, shutdown: &Shutdown) -> Result<(), Error> {
    context.require_customers()?;
    loops::require_empty(context).await?;
    if let Some(kind) = args.kind {
        return loops::run(context, args, kind, shutdown).await;
    }
    let admin = context.identity.call(&context.api, RoleName::Admin, "presso-admin")?;
    let limits = Limits::change(&admin, &context.shop_id, |before| Limits::for_burst(before, args)).await?;
    let report = scan_and_settle(context, args, &admin, shutdown).await;
    limits.restore(&admin, &context.shop_id).await?;
    let report = report?;
    if shutdown.is_requested() {
        return Err(Error::Interrupted("interrupted; the orders are cancelled and the limits restored".into()));
    }
    report.print(context.json)
}

/// Runs the burst and collects its results. Then cancels the admitted orders, also if the burst
/// failed. A signal interrupts only the wait for a code.
async fn scan_and_settle(
    context: &Context,
    args: &BurstArgs,
    admin: &Api,
    shutdown: &Shutdown,
) -> Result<BurstReport, Error> {
    let crowd = format!("burst-{:08x}", fastrand::u32(..));
    let customers = (0..args.scans)
        .map(|number| Ok(context.customer(&format!("{crowd}-{number}"))?.0))
        .collect::<Result<Vec<Api>, Error>>()?;
    let sending = Duration::from_secs(args.within.into());
    let code = shutdown.race(rush::lasting_code(admin, &context.shop_id, sending)).await?;
    let settled = scan_and_wait(context, args, &customers, &code).await;
    let progress = Progress::step("cancelling the admitted orders");
    aftermath::clear(context).await?;
    drop(progress);
    let mut report = settled?;
    report.left_in_flight = rush::in_flight(context, 0).await?;
    Ok(report)
}

/// Sends the scans, and waits until every order is admitted or refused.
async fn scan_and_wait(
    context: &Context,
    args: &BurstArgs,
    customers: &[Api],
    code: &str,
) -> Result<BurstReport, Error> {
    let (tables, since) = (Tables::new(&context.stack), std::time::SystemTime::now());
    let watch = CapacityWatch::start(tables.clone(), context.shop_id.clone());
    let mut report = BurstReport::new(args);
    for answer in scan_all(context, args, customers, code).await {
        report.add(answer)?;
    }
    let _progress = Progress::step("waiting until every order is admitted or refused");
    let outcomes = aftermath::outcomes(context, report.acknowledged().to_vec()).await?;
    report.in_flight = tables.in_flight(&context.shop_id).await?;
    report.executions = Executions::settled(context, since, outcomes.len(), report.in_flight).await?;
    report.most_in_flight = watch.highest().await?;
    report.add_outcomes(outcomes.into_values());
    Ok(report)
}

/// Sends one scan per customer, spread evenly over `args.within` seconds. No scan waits for the
/// answer to another one.
async fn scan_all(context: &Context, args: &BurstArgs, customers: &[Api], code: &str) -> Vec<ScanAnswer> {
    let progress = Progress::count(args.scans as usize, "scans answered");
    let (begin, apart) = (Instant::now(), Duration::from_secs(args.within.into()) / args.scans.max(1));
    let mut scans = JoinSet::new();
    for (number, api) in customers.iter().enumerate() {
        let (api, shop_id, code) = (api.clone(), context.shop_id.clone(), code.to_owned());
        scans.spawn(async move {
            sleep_until(begin + apart.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX))).await;
            scan(&api, &shop_id, &code).await
        });
    }
    let mut answers = Vec::with_capacity(customers.len());
    while let Some(answer) = scans.join_next().await {
        progress.inc(1);
        answers.extend(answer.ok());
    }
    answers
}

async fn scan(api: &Api, shop_id: &ShopId, code: &str) -> ScanAnswer {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Scanned {
        order_id: OrderId,
    }
    let begin = Instant::now();
    let request = api.request(Method::POST, "/qr-code").query(&[("eventId", shop_id.as_str()), ("token", code)]);
    let answer = api.send(request).await;
    let took = begin.elapsed();
    let Ok(answer) = answer else {
        return ScanAnswer { status: None, code: "no answer".into(), order_id: None, took };
    };
    let order_id = serde_json::from_str::<Scanned>(&answer.body).ok().map(|scanned| scanned.order_id);
    let code = match (&order_id, answer.problem()) {
        (Some(_), _) => "order".to_owned(),
        (None, Ok(problem)) => problem.code,
        (None, Err(_)) => report::NOT_A_PROBLEM.to_owned(),
    };
    ScanAnswer { status: Some(answer.status), code, order_id, took }
}
