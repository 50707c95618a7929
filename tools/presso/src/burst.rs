//! A burst: a crowd that scans within a second or so, at a shop with room for a few of them.

mod aftermath;
mod report;

use std::time::Duration;

use client::Error;
use client::api::Api;
use domain::ids::{ShopId, OrderId};
use domain::timestamp::Timestamp;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Method;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use self::aftermath::{Executions, Floor};
use self::report::Report;
use crate::Context;
use crate::cli::{BurstArgs, RoleName};
use crate::ending::Ending;
use crate::identity::Identity;
use crate::rush::limits::Limits;
use crate::{output, rush};

/// A code must outlast the burst.
const CODE_LASTS: Duration = Duration::from_secs(30);

/// An answer to a scan.
#[derive(Debug, Clone)]
struct Answered {
    /// None where there was no answer.
    status: Option<u16>,
    /// The problem's code, or what the answer is instead.
    code: String,
    order_id: Option<OrderId>,
    took: Duration,
}

pub(crate) async fn burst(context: &Context, args: &BurstArgs, ending: &Ending) -> Result<(), Error> {
    if !matches!(context.identity, Identity::Local(_)) {
        return Err(Error::Usage("a burst needs a token for each customer, which a local key alone can mint".into()));
    }
    let admin = context.identity.call(&context.api, RoleName::Admin, "presso-admin")?;
    let inside = Floor::of(context).count().await?;
    if inside != 0 {
        let shop = &context.shop_id;
        return Err(Error::Usage(format!(
            "{shop} has {inside} orders inside; a burst needs an empty shop: --event-id"
        )));
    }
    let limits = Limits::make(&admin, &context.shop_id, |before| Limits::for_burst(before, args)).await?;
    let report = storm(context, args, &admin, ending).await;
    limits.put_back(&admin, &context.shop_id).await?;
    let report = report?;
    if ending.has_come() {
        return Err(Error::Interrupted("interrupted; the orders are cancelled and the limits put back".into()));
    }
    report.print(context.json)
}

/// The burst, and what became of it. Whoever got in is cancelled in the end, also if somebody asks for the end.
async fn storm(context: &Context, args: &BurstArgs, admin: &Api, ending: &Ending) -> Result<Report, Error> {
    let crowd = format!("burst-{:08x}", fastrand::u32(..));
    let customers = (0..args.scans)
        .map(|number| context.identity.call(&context.api, RoleName::Customer, &format!("{crowd}-{number}")))
        .collect::<Result<Vec<Api>, Error>>()?;
    let code = ending.or_give_up(lasting_code(admin, &context.shop_id)).await?;
    let floor = Floor::of(context).watch();
    let since = std::time::SystemTime::now();
    let mut report = Report::new(args);
    for answered in scan_all(context, args, &customers, &code).await {
        report.answered(answered)?;
    }
    let fates = aftermath::fates(context, report.acknowledged().to_vec()).await?;
    report.inside = Floor::of(context).count().await?;
    report.executions = Executions::settled(context, since, fates.len(), report.inside).await?;
    report.most_in_flight = floor.most().await?;
    report.fates(fates.into_values());
    aftermath::clear(context).await?;
    report.left_in_flight = rush::report::in_flight(context, 0).await?;
    Ok(report)
}

/// The code that the display shows, once it is one that lasts.
async fn lasting_code(admin: &Api, shop_id: &ShopId) -> Result<String, Error> {
    loop {
        let shown = admin.qr_code(shop_id).await?;
        let left = shown.expires_at.since(now());
        if left >= CODE_LASTS {
            return Ok(shown.code);
        }
        output::note(format_args!("the code changes in {} s: waiting for the next one", left.as_secs()));
        sleep(left + Duration::from_millis(500)).await;
    }
}

fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// Every customer scans once, evenly spread over the time; none waits for another.
async fn scan_all(context: &Context, args: &BurstArgs, customers: &[Api], code: &str) -> Vec<Answered> {
    let style = ProgressStyle::with_template("{bar:40.cyan} {pos}/{len} scans answered  {elapsed}");
    let progress =
        ProgressBar::new(u64::from(args.scans)).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
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
    while let Some(answered) = scans.join_next().await {
        progress.inc(1);
        answers.extend(answered.ok());
    }
    progress.finish_and_clear();
    answers
}

async fn scan(api: &Api, shop_id: &ShopId, code: &str) -> Answered {
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
        return Answered { status: None, code: "no answer".into(), order_id: None, took };
    };
    let order_id = serde_json::from_str::<Scanned>(&answer.body).ok().map(|scanned| scanned.order_id);
    let code = match (&order_id, answer.problem()) {
        (Some(_), _) => "order".to_owned(),
        (None, Ok(problem)) => problem.code,
        (None, Err(_)) => report::NO_PROBLEM.to_owned(),
    };
    Answered { status: Some(answer.status), code, order_id, took }
}
