//! Performs a chaos run: from the first change of the stack to the last check.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use client::bus::{self, Scope};
use client::dead_letters;
use client::record::Record;
use client::{Error, Resources, SigningKey, Stack};
use domain::ids::{OrderId, ShopId};
use harness::environment::emulator;
use harness::function::Function;
use harness::interrupt::interruptible;
use harness::progress::{bar, note};
use indicatif::ProgressBar;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::courier::Courier;
use crate::crowd::{Accepted, Crowd};
use crate::facts::Facts;
use crate::histories::Histories;
use crate::matrix::Matrix;
use crate::overrides::StackOverrides;
use crate::proxy::Proxy;
use crate::report::ChaosReport;
use crate::settle::{self, Settled};
use crate::traffic::{Target, Traffic};
use crate::{verify, workflow};

/// Seconds between two lines of progress if no progress bar is shown.
const LINE_EVERY: u64 = 5;

#[derive(Debug, Clone)]
pub struct Plan {
    pub orders: u32,
    pub concurrency: u32,
    pub minimum: u32,
    /// Share of the functions' calls that are hit once the minimum is reached.
    pub rate: f64,
    /// Share of the orders that each failure of a workflow state hits.
    pub share: f64,
    /// Time-out of the waits for the customer and the barista, in seconds.
    pub waits: u32,
    pub seed: u64,
    pub presso: PathBuf,
}

pub struct ChaosRun {
    plan: Plan,
    endpoint: String,
    stack: Stack,
    resources: Resources,
    key: SigningKey,
    began: Instant,
    since: SystemTime,
    progress: ProgressBar,
    line_at: AtomicU64,
}

struct Injectors {
    proxy: Arc<Proxy>,
    courier: Arc<Courier>,
}

impl Injectors {
    fn set_active(&self, active: bool) {
        self.proxy.matrix().set_active(active);
        self.courier.set_faulty(active);
    }
}

impl ChaosRun {
    pub async fn new(stack: Stack, key: SigningKey, plan: Plan) -> Result<Self, Error> {
        let endpoint = emulator()?;
        let resources = Resources::find(&stack).await?;
        let goal = Matrix::new(plan.minimum, 0.0, 0).coverage(|_| true).goal;
        let progress = bar(goal as usize, " hits");
        let (began, since) = (Instant::now(), SystemTime::now());
        Ok(Self { plan, endpoint, stack, resources, key, began, since, progress, line_at: AtomicU64::new(0) })
    }

    pub async fn run(&self) -> Result<ChaosReport, Error> {
        let deployed = harness::workflow::deployed(&self.stack, &self.resources)?;
        let failing = workflow::failing(&deployed, self.plan.waits, self.plan.share)?;
        self.progress.set_message("preparing");
        let overrides = StackOverrides::new(&self.stack, &self.resources).await?;
        // The record has its own rule and queue in the stack; both must be removed in every case.
        let record = Record::start(&self.stack, Scope::Public).await?;
        let result = interruptible(Box::pin(self.run_with_faults(&overrides, &failing, &record))).await;
        let (stopped, restored) = (record.stop().await, overrides.restore(&deployed).await);
        self.progress.finish_and_clear();
        let report = result?;
        stopped.and(restored).map(|()| report)
    }

    async fn run_with_faults(
        &self,
        overrides: &StackOverrides,
        definition: &str,
        record: &Record,
    ) -> Result<ChaosReport, Error> {
        overrides.prepare(definition).await?;
        let Plan { minimum, rate, seed, .. } = self.plan;
        let names = Function::deployed_names(&self.resources)?;
        let proxy = Proxy::start(&self.endpoint, Matrix::new(minimum, rate, seed), names).await?;
        overrides.connect(&proxy.server).await?;
        let courier = Courier::start(&self.stack, &self.resources, &overrides.queues, minimum, seed).await?;
        let injectors = Injectors { proxy: Arc::new(proxy), courier: Arc::new(courier) };
        let (mut facts, settled) = self.drive_traffic(&injectors).await?;
        drain(&self.stack, record).await?;
        facts.events = record.events();
        facts.dead_letters = dead_letters::count(&self.stack).await?.into_iter().collect();
        let histories = Histories::read(&self.stack, self.since.into()).await?;
        facts.running = histories.running();
        Ok(self.report(&facts, settled, &injectors, histories))
    }

    async fn drive_traffic(&self, injectors: &Injectors) -> Result<(Facts, Settled), Error> {
        let Injectors { proxy, courier } = injectors;
        let target = Target { minimum: self.plan.minimum, share: self.plan.share, since: self.since };
        let traffic = Traffic::new(&self.stack, &self.key, Arc::clone(proxy), Arc::clone(courier), target).await?;
        let shops = traffic.shops.clone();
        let faults_began = Instant::now();
        injectors.set_active(true);
        let accepted = self.inject_faults(traffic, &shops.crowd, injectors).await;
        injectors.set_active(false);
        let accepted = accepted?;
        let faults_seconds = faults_began.elapsed().as_secs();
        let say = |message| self.say(message);
        let (stack, presso) = (&self.stack, &self.plan.presso);
        let settled = settle::settle(stack, &shops.all(), courier, presso, say).await?;
        let mut facts = Facts::read(&self.stack, &shops.all()).await?;
        facts.accepted = accepted;
        Ok((facts, Settled { faults_seconds, ..settled }))
    }

    /// Runs the crowd and the other traffic to their ends, and shows the progress of the faults.
    async fn inject_faults(
        &self,
        traffic: Traffic,
        crowd_shop: &ShopId,
        injectors: &Injectors,
    ) -> Result<BTreeMap<OrderId, Accepted>, Error> {
        let crowd = Crowd {
            presso: self.plan.presso.clone(),
            stack: self.stack.name.clone(),
            shop: crowd_shop.to_string(),
            orders: self.plan.orders,
            concurrency: self.plan.concurrency,
        };
        tokio::select! {
            accepted = async { tokio::try_join!(crowd.run(), traffic.run()) } => {
                let (mut accepted, others) = accepted?;
                accepted.extend(others);
                Ok(accepted)
            }
            never = self.show(injectors) => match never {},
        }
    }

    async fn show(&self, injectors: &Injectors) -> std::convert::Infallible {
        loop {
            let (hits, total, missing) = {
                let matrix = injectors.proxy.matrix();
                (matrix.coverage(|_| true).hits, matrix.total(), matrix.missing())
            };
            let next = missing.first().map(|(call, fault, _)| format!(" ({call} {}, …)", fault.as_str()));
            let rare = missing.len() + injectors.courier.missing().len();
            self.progress.set_position(u64::from(hits));
            self.say(format!("{total} faults injected; combinations too rare: {rare}{}", next.unwrap_or_default()));
            sleep(Duration::from_millis(250)).await;
        }
    }

    /// Shows a message beside the progress bar. Without a bar, prints at most one line every few
    /// seconds.
    fn say(&self, message: String) {
        let seconds = self.began.elapsed().as_secs();
        if self.progress.is_hidden() && seconds >= self.line_at.load(Ordering::SeqCst) {
            self.line_at.store(seconds + LINE_EVERY, Ordering::SeqCst);
            note(&format!("{seconds} s: {message}"));
        }
        self.progress.set_message(message);
    }

    fn report(
        &self,
        facts: &Facts,
        settled: Settled,
        Injectors { proxy, courier }: &Injectors,
        histories: Histories,
    ) -> ChaosReport {
        let minimum = self.plan.minimum;
        let calls = proxy.matrix().missing().into_iter();
        let calls = calls.map(|(call, fault, count)| format!("{call} {} {count} times", fault.as_str()));
        let states = histories.missing(minimum).into_iter();
        let states = states.map(|(state, failure, count)| format!("{state} {} {count} times", failure.as_str()));
        let deliveries = courier.missing().into_iter();
        let deliveries =
            deliveries.map(|(route, mishap, count)| format!("{route:?} {} {count} times", mishap.as_str()));
        let missing = calls.chain(states).chain(deliveries).collect();
        let mut ends = BTreeMap::new();
        for stored in facts.orders.values() {
            let reason = stored.order.reason.as_deref().unwrap_or_default();
            *ends.entry(format!("{} ({reason})", stored.order.status.as_str())).or_default() += 1;
        }
        ChaosReport {
            seed: self.plan.seed,
            minimum,
            missing,
            mishaps: courier.mishaps(),
            delivered: courier.delivered(),
            histories,
            settled,
            ends,
            acknowledged: facts.accepted.len(),
            unannounced_refusals: verify::unannounced_refusals(facts),
            violations: verify::violations(facts),
            seconds: self.began.elapsed().as_secs(),
            matrix: std::mem::replace(&mut *proxy.matrix(), Matrix::new(0, 0.0, 0)),
        }
    }
}

/// Waits until the record has every event that was published before: publishes markers until two
/// markers arrive without an event between them.
async fn drain(stack: &Stack, record: &Record) -> Result<(), Error> {
    const MARKER: &str = "Chaos.Marker";
    const MOST_MARKERS: u32 = 100;
    const MOST_LOOKS: u32 = 3_000;
    let markers = || record.events().iter().filter(|event| event.detail_type == MARKER).count();
    for sent in 1..=MOST_MARKERS {
        let before = record.count();
        bus::publish(stack, MARKER, &json!({})).await?;
        let mut looks = 0;
        while markers() < sent as usize {
            looks += 1;
            if looks == MOST_LOOKS {
                return Err(Error::TimedOut("the record of the bus does not receive a marker".into()));
            }
            sleep(Duration::from_millis(100)).await;
        }
        if sent > 1 && record.count() == before + 1 {
            return Ok(());
        }
    }
    Err(Error::TimedOut("the bus does not become quiet".into()))
}
