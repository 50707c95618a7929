//! The courier: delivers events as EventBridge does on a bad day. It retries, gives up and writes a letter, delivers twice, late,
//! and in another order. To the projector it delivers as EventBridge does to any function, by asynchronous invocation, whose own
//! retries and letters are Lambda's.

mod letter;
mod stream;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sqs::types::Message;
use client::Error;
use client::error::{Cause, causes};
use client::stack::Stack;
use fastrand::Rng;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use self::letter::Letter;
use crate::fault::Function;
use crate::setting::{Parts, Queues, Route};

/// How often a delivery is tried before it becomes a letter.
const ATTEMPTS: u32 = 3;

/// How many deliveries are under way at once.
const AT_ONCE: usize = 48;

/// What can happen to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mishap {
    /// The event is delivered twice.
    Twice,
    /// The event is delivered late, and so after what was published after it.
    Late,
    /// The target does not take it at first.
    Retried,
    /// The target does not take it at all: a letter in the rule's queue.
    Letter,
}

impl Mishap {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Twice, Self::Late, Self::Retried, Self::Letter];

    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Twice => "twice",
            Self::Late => "late",
            Self::Retried => "retried",
            Self::Letter => "letter",
        }
    }

    /// How often it happens to a delivery.
    const fn rate(self, route: Route) -> f64 {
        match (self, route) {
            (_, Route::Failure) => 0.0,
            (Self::Twice | Self::Late, _) => 0.07,
            (Self::Retried, _) => 0.05,
            (Self::Letter, Route::NewOrder) => 0.04,
            (Self::Letter, Route::Projection) => 0.015,
        }
    }
}

/// How often what has happened.
pub type Mishaps = BTreeMap<(Route, Mishap), u32>;

struct Shared {
    stack: Stack,
    projector: String,
    letters: BTreeMap<Route, Letter>,
    sqs: aws_sdk_sqs::Client,
    lambda: aws_sdk_lambda::Client,
    workflows: aws_sdk_sfn::Client,
    at_once: Semaphore,
    dice: Mutex<Rng>,
    minimum: u32,
    mishaps: Mutex<Mishaps>,
    delivered: Mutex<BTreeMap<Route, u32>>,
    careless: AtomicBool,
    under_way: Arc<AtomicUsize>,
    idle_since: Mutex<Instant>,
}

/// Delivers until it is dropped.
pub struct Courier {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Courier {
    /// Begins to deliver. Each mishap is to happen `minimum` times on each way.
    pub async fn start(stack: &Stack, parts: &Parts, queues: &Queues, minimum: u32, seed: u64) -> Result<Self, Error> {
        let letters = BTreeMap::from([
            (Route::NewOrder, Letter::of(stack, parts, Route::NewOrder).await?),
            (Route::Projection, Letter::of(stack, parts, Route::Projection).await?),
        ]);
        let shared = Arc::new(Shared {
            stack: stack.clone(),
            projector: parts.functions.get(&Function::OrderProjector).cloned().unwrap_or_default(),
            letters,
            sqs: aws_sdk_sqs::Client::new(&stack.aws),
            lambda: aws_sdk_lambda::Client::new(&stack.aws),
            workflows: aws_sdk_sfn::Client::new(&stack.aws),
            at_once: Semaphore::new(AT_ONCE),
            dice: Mutex::new(Rng::with_seed(seed)),
            minimum,
            mishaps: Mutex::default(),
            delivered: Mutex::default(),
            careless: AtomicBool::new(false),
            under_way: Arc::default(),
            idle_since: Mutex::new(Instant::now()),
        });
        // The failures must overtake the choice of the customer.
        let pollers = [(Route::NewOrder, 1), (Route::Projection, 3), (Route::Failure, 1)];
        let tasks = pollers.into_iter().flat_map(|(route, count)| std::iter::repeat_n(route, count)).map(|route| {
            let url = queues.url(route).to_owned();
            tokio::spawn(Arc::clone(&shared).carry(route, url))
        });
        let mut tasks: Vec<_> = tasks.collect();
        let follower = stream::Follower::of(stack, parts).await?;
        tasks.push(tokio::spawn(follower.follow(Arc::clone(&shared.under_way))));
        Ok(Self { shared, tasks })
    }

    /// Begins or ends to have mishaps.
    pub fn careless(&self, on: bool) {
        self.shared.careless.store(on, Ordering::SeqCst);
    }

    /// What has happened so far.
    pub fn mishaps(&self) -> Mishaps {
        self.shared.mishaps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many events were delivered, by their way.
    pub fn delivered(&self) -> BTreeMap<Route, u32> {
        self.shared.delivered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Mishaps that have not happened often enough.
    pub fn behind(&self) -> Vec<(Route, Mishap, u32)> {
        let mishaps = self.mishaps();
        let all = [Route::NewOrder, Route::Projection]
            .into_iter()
            .flat_map(|route| Mishap::ALL.map(|mishap| (route, mishap)));
        let counted = all.map(|(route, mishap)| (route, mishap, mishaps.get(&(route, mishap)).copied().unwrap_or(0)));
        counted.filter(|(.., count)| *count < self.shared.minimum).collect()
    }

    /// Whether nothing has been under way for some time.
    pub fn is_idle(&self, for_long: Duration) -> bool {
        let since = *self.shared.idle_since.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.under_way.load(Ordering::SeqCst) == 0 && since.elapsed() >= for_long
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    /// Takes events off a queue and delivers each on its own.
    async fn carry(self: Arc<Self>, route: Route, url: String) {
        loop {
            let request = self.sqs.receive_message().queue_url(&url).max_number_of_messages(10).wait_time_seconds(2);
            let Ok(answer) = request.send().await else {
                sleep(Duration::from_millis(300)).await;
                continue;
            };
            for message in answer.messages.unwrap_or_default() {
                self.under_way.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(Arc::clone(&self).take(route, url.clone(), message));
            }
        }
    }

    async fn take(self: Arc<Self>, route: Route, url: String, message: Message) {
        let event = message.body().unwrap_or_default();
        if let Err(error) = self.deliver_somehow(route, event).await {
            // What cannot even be written down would be lost; the checks at the end find the order that it was about.
            eprintln!("the courier lost an event: {}", causes(&error));
        }
        if let Some(handle) = message.receipt_handle() {
            self.sqs.delete_message().queue_url(url).receipt_handle(handle).send().await.ok();
        }
        *self.idle_since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.under_way.fetch_sub(1, Ordering::SeqCst);
    }

    async fn deliver_somehow(&self, route: Route, event: &str) -> Result<(), Error> {
        if self.happens(route, Mishap::Letter) {
            return self.write_letter(route, event, ATTEMPTS, "the target was throttled").await;
        }
        let twice = self.happens(route, Mishap::Twice);
        if self.happens(route, Mishap::Late) {
            sleep(Duration::from_millis(self.number(400..4_000))).await;
        }
        self.deliver(route, event).await?;
        if twice {
            sleep(Duration::from_millis(self.number(0..1_500))).await;
            self.deliver(route, event).await?;
        }
        Ok(())
    }

    /// Delivers an event, with retries; a letter if they do not help.
    async fn deliver(&self, route: Route, event: &str) -> Result<(), Error> {
        let mut attempt = 0;
        let mut hurdle = self.happens(route, Mishap::Retried);
        loop {
            let delivered =
                if hurdle { Err(Cause::from("the target was throttled")) } else { self.hand_over(route, event).await };
            let Err(error) = delivered else {
                *self.delivered.lock().unwrap_or_else(PoisonError::into_inner).entry(route).or_default() += 1;
                return Ok(());
            };
            hurdle = false;
            attempt += 1;
            if attempt > ATTEMPTS {
                return self.write_letter(route, event, ATTEMPTS, &error.to_string()).await;
            }
            sleep(Duration::from_millis(self.number(50..300) << attempt)).await;
        }
    }

    async fn hand_over(&self, route: Route, event: &str) -> Result<(), Cause> {
        let _permit = self.at_once.acquire().await?;
        match route {
            Route::NewOrder => {
                let start = self.workflows.start_execution().state_machine_arn(&self.stack.order_processor_arn);
                start.input(event).send().await?;
            }
            Route::Projection => {
                let invoke = self.lambda.invoke().function_name(&self.projector).invocation_type(InvocationType::Event);
                invoke.payload(Blob::new(event)).send().await?;
            }
            Route::Failure => self.fail_attempt(event).await?,
        }
        Ok(())
    }

    /// An attempt of a state fails, as Step Functions fails it where `PutEvents` has not taken every entry.
    async fn fail_attempt(&self, event: &str) -> Result<(), Cause> {
        let event: Value = serde_json::from_str(event)?;
        let detail = |name: &str| {
            event.pointer(&format!("/detail/{name}")).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let fail = self.workflows.send_task_failure().task_token(detail("TaskToken")).error("EventBridge.FailedEntry");
        match fail.cause(detail("cause")).send().await {
            Ok(_) => Ok(()),
            // The customer was faster: the attempt has succeeded.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_task_does_not_exist() || error.is_task_timed_out()) =>
            {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn write_letter(&self, route: Route, event: &str, retries: u32, why: &str) -> Result<(), Error> {
        match self.letters.get(&route) {
            Some(letter) => letter.write(&self.sqs, event, retries, why).await,
            None => Err(Error::failed("an attempt could not be failed", why.to_owned())),
        }
    }

    fn number(&self, range: std::ops::Range<u64>) -> u64 {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).u64(range)
    }

    /// Whether a mishap happens: at its rate, and more often where it is behind.
    fn happens(&self, route: Route, mishap: Mishap) -> bool {
        if route == Route::Failure || !self.careless.load(Ordering::SeqCst) {
            return false;
        }
        let mut mishaps = self.mishaps.lock().unwrap_or_else(PoisonError::into_inner);
        let count = mishaps.entry((route, mishap)).or_default();
        let rate = mishap.rate(route) * if *count < self.minimum { 2.0 } else { 1.0 };
        let happens = self.dice.lock().unwrap_or_else(PoisonError::into_inner).f64() < rate;
        *count += u32::from(happens);
        happens
    }
}
