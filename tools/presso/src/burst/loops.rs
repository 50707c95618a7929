//! Repeats the requests of one customer with one code. They must start at most as many executions
//! as a customer has attempts.

use std::time::{Duration, SystemTime};

use client::tables::Tables;
use client::wait::when_ready;
use client::{Api, Error, bus, now};
use domain::bucket::MAX_ATTEMPTS;
use domain::event::{About, Detail, NewOrder};
use domain::ids::OrderId;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::aftermath::{self, Executions};
use crate::cli::{BurstArgs, Loop, RoleName};
use crate::output::Progress;
use crate::shutdown::Shutdown;
use crate::{Context, output, rush};

/// Time without a new execution after which no further one is expected.
const QUIET: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_mins(1);
const CONCURRENCY: u32 = 8;

#[derive(Serialize)]
struct LoopReport {
    #[serde(rename = "loop")]
    name: &'static str,
    requests: u32,
    executions: usize,
}

/// Sends the requests of a loop and prints how many executions they started. Fails if these are
/// more than [`MAX_ATTEMPTS`].
pub(super) async fn run(context: &Context, args: &BurstArgs, kind: Loop, shutdown: &Shutdown) -> Result<(), Error> {
    let admin = context.identity.call(&context.api, RoleName::Admin, "presso-admin")?;
    let (customer, user) = context.customer(&format!("loop-{:08x}", fastrand::u32(..)))?;
    if kind == Loop::Limit {
        reach_limit(context, &customer, &user).await?;
    }
    let code = shutdown.race(rush::lasting_code(&admin, &context.shop_id, Duration::ZERO)).await?;
    // Executions are selected by the second in which they started. Earlier executions must not be
    // in the first second of the loop.
    sleep(Duration::from_millis(1_100)).await;
    let since = SystemTime::now();
    let looped = shutdown.race(send(context, kind, &customer, &code, args.requests)).await;
    let executions = settled(context, since).await;
    aftermath::clear(context).await?;
    looped?;
    let report = LoopReport { name: kind.name(), requests: args.requests, executions: executions? };
    if context.json {
        output::json(&report)?;
    } else {
        let LoopReport { name, requests, executions } = &report;
        output::line(format_args!("loop {name}: {requests} requests, {executions} executions"))?;
    }
    if report.executions > MAX_ATTEMPTS as usize {
        return Err(Error::Unexpected(format!("one customer started more than {MAX_ATTEMPTS} executions with a code")));
    }
    Ok(())
}

/// Opens an order of the customer without a code, as any producer on the bus may.
async fn reach_limit(context: &Context, customer: &Api, user: &str) -> Result<(), Error> {
    let order_id: OrderId =
        format!("{user}-first").parse().map_err(|error| Error::failed("the order id is invalid", error))?;
    let about = About {
        order_id: order_id.clone(),
        user_id: user.parse().map_err(|error| Error::failed("the user id is invalid", error))?,
        shop_id: context.shop_id.clone(),
        message: "A producer requests an order".to_owned(),
        at: now(),
    };
    let detail = serde_json::to_value(NewOrder { about, bucket: None })
        .map_err(|error| Error::failed("the event has no JSON form", error))?;
    bus::publish(&context.stack, NewOrder::DETAIL_TYPE, &detail).await?;
    when_ready(Instant::now() + TIMEOUT, || customer.order(&order_id)).await.map(drop)
}

async fn send(context: &Context, kind: Loop, customer: &Api, code: &str, requests: u32) -> Result<(), Error> {
    let progress = Progress::count(requests as usize, "requests answered");
    let mut sent = 0;
    while sent < requests {
        if kind == Loop::Cancel {
            let scanned = customer.scan(&context.shop_id, code).await;
            sent += 1;
            if let (Ok(scan), true) = (&scanned, sent < requests) {
                // The API may refuse to cancel, for example while the order is not ready. The loop
                // continues after every answer.
                let _ = customer.cancel(&scan.order_id, "").await;
                sent += 1;
            }
            unless_refused(scanned.map(drop))?;
        } else {
            let at_once = CONCURRENCY.min(requests - sent);
            let mut scans = JoinSet::new();
            for _ in 0..at_once {
                let (customer, shop_id, code) = (customer.clone(), context.shop_id.clone(), code.to_owned());
                scans.spawn(async move { customer.scan(&shop_id, &code).await.map(drop) });
            }
            for scanned in scans.join_all().await {
                unless_refused(scanned)?;
            }
            sent += at_once;
        }
        progress.set_position(sent.into());
    }
    Ok(())
}

fn unless_refused(answer: Result<(), Error>) -> Result<(), Error> {
    match answer {
        Err(Error::Refused(_)) | Ok(()) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Returns the number of executions since the start of the loop, once none has started for
/// [`QUIET`] or [`TIMEOUT`] has passed.
async fn settled(context: &Context, since: SystemTime) -> Result<usize, Error> {
    let deadline = Instant::now() + TIMEOUT;
    let (mut count, mut changed) = (0, Instant::now());
    while changed.elapsed() < QUIET && Instant::now() < deadline {
        let found = Executions::since(context, since.into()).await?.total();
        if found != count {
            (count, changed) = (found, Instant::now());
        }
        sleep(Duration::from_millis(500)).await;
    }
    Ok(count)
}

/// Fails if the shop has orders in flight. They hold capacity, and [`aftermath::clear`] would
/// cancel them.
pub(super) async fn require_empty(context: &Context) -> Result<(), Error> {
    let in_flight = Tables::new(&context.stack).in_flight(&context.shop_id).await?;
    if in_flight == 0 {
        return Ok(());
    }
    let error = Error::Usage(format!("the shop {} has {in_flight} orders in flight", context.shop_id));
    Err(error.with_help("name an empty shop with --event-id"))
}
