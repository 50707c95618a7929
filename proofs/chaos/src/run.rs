//! One run, from the first fault to the last check.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use client::Error;
use client::bus::Scope;
use client::record::Record;
use client::stack::{self, Stack};
use client::token::SigningKey;
use domain::ids::OrderId;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::courier::Courier;
use crate::crowd::{Crowd, Promise};
use crate::facts::{self, Facts};
use crate::histories::Histories;
use crate::matrix::Matrix;
use crate::proxy::Proxy;
use crate::report::Report;
use crate::setting::{Parts, Setting};
use crate::settle::{self, Settled};
use crate::traffic::{Shops, Traffic};
use crate::{verify, workflow};

/// How long the crowd may stay once nothing fails any more.
const LEAVING: Duration = Duration::from_mins(2);

/// How often a line is written where no bar is seen.
const TELLING: Duration = Duration::from_secs(20);

/// Somebody asks for the end, with Ctrl-C or as a system does.
pub async fn end() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many customers come.
    pub orders: u32,
    /// How many at once.
    pub concurrency: u32,
    /// How often each combination is to be reached.
    pub minimum: u32,
    /// How often a call is hit beyond that.
    pub rate: f64,
    /// In which share of the orders each call of the workflow fails, in each of its ways.
    pub share: f64,
    /// How long the customer and the barista have, in seconds.
    pub waits: u32,
    /// The dice.
    pub seed: u64,
    /// How long faults may go on.
    pub faults_within: Duration,
    /// How long the end may take after that.
    pub end_within: Duration,
    /// The command-line tool.
    pub presso: PathBuf,
}

/// A stack under faults.
pub struct Run {
    plan: Plan,
    endpoint: String,
    stack: Stack,
    parts: Parts,
    shops: Shops,
    key: Arc<SigningKey>,
    begun: Instant,
    since: SystemTime,
    bar: ProgressBar,
}

impl Run {
    /// A run in this stack.
    pub async fn in_stack(stack: Stack, key: SigningKey, plan: Plan) -> Result<Self, Error> {
        let endpoint = stack::emulator();
        let endpoint =
            endpoint.ok_or_else(|| Error::Usage("AWS_ENDPOINT_URL is not set: . .local/env sets it".into()))?;
        let parts = Parts::find(&stack).await?;
        let shops = Shops::of(&format!("chaos-{:08x}", fastrand::u32(..)))?;
        let style = ProgressStyle::with_template("{bar:40.cyan} {pos}/{len} hits  {elapsed}  {msg}");
        let hits = Matrix::combinations() * plan.minimum as usize;
        let bar = ProgressBar::new(hits as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Ok(Self {
            plan,
            endpoint,
            stack,
            parts,
            shops,
            key: Arc::new(key),
            begun: Instant::now(),
            since: SystemTime::now(),
            bar,
        })
    }

    /// Prepares the stack, lets the faults loose, settles, checks, and puts the stack back, whatever came of it.
    pub async fn go(&self, interrupted: impl Future<Output = ()>) -> Result<Report, Error> {
        let shipped = workflow::shipped(&self.stack, &self.parts)?;
        let failing = workflow::failing(&shipped, self.plan.waits, self.plan.share)?;
        self.bar.set_message("preparing");
        let setting = Setting::of(&self.stack, &self.parts).await?;
        // A rule and a queue in the stack: they go, whatever comes of the rest.
        let record = Record::start(&self.stack, Scope::Public).await?;
        let done = tokio::select! {
            biased;
            () = interrupted => Err(Error::Interrupted("interrupted; the stack is as it was".into())),
            done = self.under_faults(&setting, &failing, &record) => done,
        };
        let (stopped, restored) = (record.stop().await, setting.restore(&shipped).await);
        self.bar.finish_and_clear();
        let report = done?;
        stopped.and(restored).map(|()| report)
    }

    async fn under_faults(&self, setting: &Setting, definition: &str, record: &Record) -> Result<Report, Error> {
        setting.prepare(definition).await?;
        let Plan { minimum, rate, seed, .. } = self.plan;
        let proxy = Arc::new(
            Proxy::before(&self.endpoint, Matrix::new(minimum, rate, seed), self.parts.functions.clone()).await?,
        );
        setting.connect(|function| proxy.url_for(function)).await?;
        let courier = Courier::start(&self.stack, &self.parts, &setting.queues, minimum, seed).await?;
        let (mut facts, settled) = self.with_people(&proxy, &courier).await?;
        until_quiet(record).await;
        facts.events = record.heard();
        facts.letters = facts::letters(&self.stack, &self.parts).await?;
        let histories = Histories::read(&self.stack, self.since.into()).await?;
        facts.running = histories.running();
        Ok(self.report(&facts, settled, &proxy, &courier, histories))
    }

    /// The crowd, the rest of the traffic, the end.
    async fn with_people(&self, proxy: &Arc<Proxy>, courier: &Courier) -> Result<(Facts, Settled), Error> {
        let loose = Instant::now();
        let promises = self.let_loose(proxy, courier).await?;
        let faults_seconds = loose.elapsed().as_secs();
        let deadline = Instant::now() + self.plan.end_within;
        let say = |message| self.bar.set_message(message);
        let shops = self.shops.all();
        let settled =
            settle::settle(&self.stack, &self.parts, &shops, courier, &self.plan.presso, deadline, say).await?;
        let mut facts = Facts::read(&self.stack, &shops).await?;
        facts.promises = promises;
        Ok((facts, Settled { faults_seconds, ..settled }))
    }

    /// Faults, until the crowd has gone and nothing is behind any more.
    async fn let_loose(&self, proxy: &Arc<Proxy>, courier: &Courier) -> Result<BTreeMap<OrderId, Promise>, Error> {
        let key = Arc::clone(&self.key);
        let (traffic, tell) =
            Traffic::open(&self.stack, &self.shops, key, Arc::clone(proxy), (self.plan.minimum, self.plan.share))
                .await?;
        let deadline = Instant::now() + self.plan.faults_within;
        proxy.matrix().switch(true);
        courier.careless(true);
        let working = traffic.begin(tell);
        let crowd = Crowd {
            presso: self.plan.presso.clone(),
            stack: self.stack.name.clone(),
            event_id: self.shops.crowd.to_string(),
            orders: self.plan.orders,
            concurrency: self.plan.concurrency,
        };
        let mut came = pin!(crowd.come());
        let mut rush = None;
        let caught_up = async {
            let crowd = came.as_mut().await;
            let gone = crowd.is_ok();
            rush = Some(crowd);
            while gone && !(proxy.matrix().behind().is_empty() && courier.behind().is_empty()) {
                sleep(Duration::from_millis(300)).await;
            }
        };
        tokio::select! {
            in_time = timeout_at(deadline, caught_up) => if in_time.is_err() { self.bar.println("the time for faults is up") },
            () = self.show(proxy) => {}
        }
        proxy.matrix().switch(false);
        courier.careless(false);
        let mut promises = working.end().await;
        // What the crowd was promised must be known: it leaves soon, now that nothing fails.
        let rush = match rush {
            Some(rush) => rush,
            None => timeout(LEAVING, came).await.map_err(|_| Error::TimedOut("the crowd does not leave".into()))?,
        };
        promises.extend(rush?.visits);
        Ok(promises)
    }

    /// Shows how far it has got: as a bar, or, where nobody watches one, as a line now and then.
    async fn show(&self, proxy: &Proxy) {
        let mut told = Instant::now();
        loop {
            let (behind, total) = {
                let matrix = proxy.matrix();
                (matrix.behind(), matrix.total())
            };
            let missing: u32 = behind.iter().map(|(.., count)| self.plan.minimum - count).sum();
            let message = format!("{total} faults injected, {} combinations behind", behind.len());
            self.bar.set_position(self.bar.length().unwrap_or_default().saturating_sub(u64::from(missing)));
            if self.bar.is_hidden() && told.elapsed() >= TELLING {
                told = Instant::now();
                eprintln!("{} s: {message}", self.begun.elapsed().as_secs());
            }
            self.bar.set_message(message);
            sleep(Duration::from_millis(250)).await;
        }
    }

    fn report(
        &self,
        facts: &Facts,
        settled: Settled,
        proxy: &Proxy,
        courier: &Courier,
        histories: Histories,
    ) -> Report {
        let minimum = self.plan.minimum;
        let calls = proxy
            .matrix()
            .behind()
            .into_iter()
            .map(|(call, fault, count)| format!("{call} {} {count} times", fault.as_str()));
        let states = histories
            .behind(minimum)
            .into_iter()
            .map(|(state, failure, count)| format!("{state} {} {count} times", failure.as_str()));
        let deliveries = courier
            .behind()
            .into_iter()
            .map(|(route, mishap, count)| format!("{route:?} {} {count} times", mishap.as_str()));
        let mut ends = BTreeMap::new();
        for kept in facts.orders.values() {
            let reason = kept.order.reason.as_deref().unwrap_or_default();
            *ends.entry(format!("{} ({reason})", kept.order.status.as_str())).or_default() += 1;
        }
        Report {
            seed: self.plan.seed,
            minimum,
            behind: calls.chain(states).chain(deliveries).collect(),
            mishaps: courier.mishaps(),
            delivered: courier.delivered(),
            histories,
            settled,
            ends,
            acknowledged: facts.promises.len(),
            untold_refusals: verify::untold_refusals(facts),
            violations: verify::violations(facts),
            seconds: self.begun.elapsed().as_secs(),
            matrix: std::mem::replace(&mut *proxy.matrix(), Matrix::new(0, 0.0, 0)),
        }
    }
}

/// Waits until the bus has said what it has to say.
async fn until_quiet(record: &Record) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut heard = (record.count(), Instant::now());
    while heard.1.elapsed() < Duration::from_secs(2) && Instant::now() < deadline {
        sleep(Duration::from_millis(200)).await;
        if record.count() != heard.0 {
            heard = (record.count(), Instant::now());
        }
    }
}
