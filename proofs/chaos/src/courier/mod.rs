//! The courier delivers events in place of EventBridge, with retries, dead-letter messages and
//! mishaps, and the shop table's stream in place of Lambda. A mishap is a delivery that is late,
//! repeated, retried or rejected. The courier invokes the projector asynchronously, so Lambda
//! retries a failed invocation and writes its dead-letter message.

mod dead_letter;
mod stream;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sqs::types::Message;
use client::error::{Cause, causes};
use client::{Error, Resources, Stack};
use fastrand::Rng;
use harness::function::Function;
use harness::named_enum;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use self::dead_letter::DeadLetterQueue;
use crate::coverage::Coverage;
use crate::overrides::{Queues, Route};

const RETRIES: u32 = 3;

const CONCURRENCY: usize = 48;

const FAULTY_ROUTES: [Route; 2] = [Route::NewOrder, Route::Projection];

named_enum! {
    Mishap {
        Twice = "twice",
        Late = "late",
        Retried = "retried",
        /// The event goes to the rule's dead-letter queue, as if the target had rejected every
        /// attempt.
        DeadLetter = "dead letter",
    }
}

impl Mishap {
    const fn rate(self, route: Route) -> f64 {
        match (self, route) {
            (_, Route::Failure) => 0.0,
            (Self::Twice | Self::Late, _) => 0.07,
            (Self::Retried, _) => 0.05,
            (Self::DeadLetter, Route::NewOrder) => 0.04,
            (Self::DeadLetter, Route::Projection) => 0.015,
        }
    }
}

pub type Mishaps = BTreeMap<(Route, Mishap), u32>;

struct Shared {
    stack: Stack,
    projector: String,
    dead_letters: BTreeMap<Route, DeadLetterQueue>,
    sqs: aws_sdk_sqs::Client,
    lambda: aws_sdk_lambda::Client,
    workflows: aws_sdk_sfn::Client,
    slots: Semaphore,
    random: Mutex<Rng>,
    minimum: u32,
    mishaps: Mutex<Mishaps>,
    delivered: Mutex<BTreeMap<Route, u32>>,
    faulty: AtomicBool,
    in_progress: Arc<AtomicUsize>,
}

pub struct Courier {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Courier {
    pub async fn start(
        stack: &Stack,
        resources: &Resources,
        queues: &Queues,
        minimum: u32,
        seed: u64,
    ) -> Result<Self, Error> {
        let mut dead_letters = BTreeMap::new();
        for route in FAULTY_ROUTES {
            dead_letters.insert(route, DeadLetterQueue::find(stack, resources, route).await?);
        }
        let shared = Arc::new(Shared {
            stack: stack.clone(),
            projector: Function::OrderProjector.deployed_name(resources)?.to_owned(),
            dead_letters,
            sqs: aws_sdk_sqs::Client::new(&stack.aws),
            lambda: aws_sdk_lambda::Client::new(&stack.aws),
            workflows: aws_sdk_sfn::Client::new(&stack.aws),
            slots: Semaphore::new(CONCURRENCY),
            random: Mutex::new(Rng::with_seed(seed)),
            minimum,
            mishaps: Mutex::default(),
            delivered: Mutex::default(),
            faulty: AtomicBool::new(false),
            in_progress: Arc::default(),
        });
        let pollers = [(Route::NewOrder, 1), (Route::Projection, 3), (Route::Failure, 1)];
        let tasks = pollers.into_iter().flat_map(|(route, count)| std::iter::repeat_n(route, count)).map(|route| {
            let url = queues.url(route).to_owned();
            tokio::spawn(Arc::clone(&shared).poll(route, url))
        });
        let mut tasks: Vec<_> = tasks.collect();
        let stream = stream::StreamPoller::new(stack, resources).await?;
        tasks.push(tokio::spawn(stream.run(Arc::clone(&shared.in_progress))));
        Ok(Self { shared, tasks })
    }

    pub fn set_faulty(&self, faulty: bool) {
        self.shared.faulty.store(faulty, Ordering::SeqCst);
    }

    pub fn mishaps(&self) -> Mishaps {
        self.shared.mishaps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn delivered(&self) -> BTreeMap<Route, u32> {
        self.shared.delivered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn missing(&self) -> Vec<(Route, Mishap, u32)> {
        self.counts().into_iter().filter(|(.., count)| *count < self.shared.minimum).collect()
    }

    pub fn coverage(&self) -> Coverage {
        Coverage::new(self.counts().into_iter().map(|(.., count)| count), self.shared.minimum)
    }

    fn counts(&self) -> Vec<(Route, Mishap, u32)> {
        let mishaps = self.mishaps();
        let count = |route, mishap| mishaps.get(&(route, mishap)).copied().unwrap_or(0);
        let all = FAULTY_ROUTES.into_iter().flat_map(|route| Mishap::ALL.iter().map(move |mishap| (route, *mishap)));
        all.map(|(route, mishap)| (route, mishap, count(route, mishap))).collect()
    }

    pub fn in_progress(&self) -> usize {
        self.shared.in_progress.load(Ordering::SeqCst)
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    async fn poll(self: Arc<Self>, route: Route, url: String) {
        loop {
            let request = self.sqs.receive_message().queue_url(&url).max_number_of_messages(10).wait_time_seconds(2);
            let Ok(answer) = request.send().await else {
                sleep(Duration::from_millis(300)).await;
                continue;
            };
            for message in answer.messages.unwrap_or_default() {
                self.in_progress.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(Arc::clone(&self).take(route, url.clone(), message));
            }
        }
    }

    async fn take(self: Arc<Self>, route: Route, url: String, message: Message) {
        if let Err(error) = self.deliver_with_mishaps(route, message.body().unwrap_or_default()).await {
            // The checks at the end of the run report an order that lost its event.
            eprintln!("the courier lost an event: {}", causes(&error));
        }
        if let Some(handle) = message.receipt_handle() {
            self.sqs.delete_message().queue_url(url).receipt_handle(handle).send().await.ok();
        }
        self.in_progress.fetch_sub(1, Ordering::SeqCst);
    }

    async fn deliver_with_mishaps(&self, route: Route, event: &str) -> Result<(), Error> {
        if self.happens(route, Mishap::DeadLetter) {
            return self.send_dead_letter(route, event, "the target was throttled").await;
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

    async fn deliver(&self, route: Route, event: &str) -> Result<(), Error> {
        let mut attempt = 0;
        let mut rejected = self.happens(route, Mishap::Retried);
        loop {
            let result = if rejected {
                Err(Cause::from("the target was throttled"))
            } else {
                self.hand_over(route, event).await
            };
            let Err(error) = result else {
                *self.delivered.lock().unwrap_or_else(PoisonError::into_inner).entry(route).or_default() += 1;
                return Ok(());
            };
            rejected = false;
            attempt += 1;
            if attempt > RETRIES {
                return self.send_dead_letter(route, event, &error.to_string()).await;
            }
            sleep(Duration::from_millis(self.number(50..300) << attempt)).await;
        }
    }

    async fn hand_over(&self, route: Route, event: &str) -> Result<(), Cause> {
        let _slot = self.slots.acquire().await?;
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

    /// Fails an attempt of a state, as Step Functions does when `PutEvents` rejects an entry.
    async fn fail_attempt(&self, event: &str) -> Result<(), Cause> {
        let event: Value = serde_json::from_str(event)?;
        let detail = |name: &str| {
            event.pointer(&format!("/detail/{name}")).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let fail = self.workflows.send_task_failure().task_token(detail("TaskToken")).error("EventBridge.FailedEntry");
        match fail.cause(detail("cause")).send().await {
            Ok(_) => Ok(()),
            // The task has ended before: by a command or by its time-out.
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

    async fn send_dead_letter(&self, route: Route, event: &str, message: &str) -> Result<(), Error> {
        match self.dead_letters.get(&route) {
            Some(queue) => queue.send(&self.sqs, event, RETRIES, message).await,
            None => Err(Error::failed("an attempt of a workflow state could not be made to fail", message.to_owned())),
        }
    }

    fn number(&self, range: std::ops::Range<u64>) -> u64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).u64(range)
    }

    /// Decides whether a mishap happens: at its rate, or at twice its rate until it has happened
    /// the minimum number of times. Counts it if it happens.
    fn happens(&self, route: Route, mishap: Mishap) -> bool {
        if route == Route::Failure || !self.faulty.load(Ordering::SeqCst) {
            return false;
        }
        let mut mishaps = self.mishaps.lock().unwrap_or_else(PoisonError::into_inner);
        let count = mishaps.entry((route, mishap)).or_default();
        let rate = mishap.rate(route) * if *count < self.minimum { 2.0 } else { 1.0 };
        let happens = self.random.lock().unwrap_or_else(PoisonError::into_inner).f64() < rate;
        *count += u32::from(happens);
        happens
    }
}
