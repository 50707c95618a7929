//! The calls that a crowd does not make: claims that are given back, lists, settings that are edited, orders that are refused behind
//! the door, executions that are stopped or hang, and the sweeps for them. Each goes on until no combination needs it any more.

mod aimed;
mod customers;
mod settings;
pub mod sweeps;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::Error;
use client::api::Api;
use client::stack::Stack;
use client::token::SigningKey;
use domain::caller::Role;
use domain::event::{About, Bucket, Detail, NewOrder, SOURCE};
use domain::ids::{EventId, OrderId, UserId};
use domain::qr_code::Window;
use domain::shop::SettingsEdit;
use domain::timestamp::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::crowd::Promise;
use crate::fault::{Function, Operation};
use crate::proxy::Proxy;

const LIFETIME: Duration = Duration::from_hours(1);
const PAUSE: Duration = Duration::from_millis(200);

/// The shops of a run.
#[derive(Debug, Clone)]
pub struct Shops {
    /// Where the crowd comes.
    pub crowd: EventId,
    /// Where the harness's own customers come.
    pub bar: EventId,
    /// Which is never open.
    pub closed: EventId,
    /// Whose settings are edited all the time.
    pub edited: Vec<EventId>,
}

impl Shops {
    /// Shops of a run's own.
    pub fn of(run: &str) -> Result<Self, Error> {
        let name =
            |what: &str| format!("{run}-{what}").parse::<EventId>().map_err(|error| Error::failed("no shop", error));
        let edited = (0..3).map(|number| name(&format!("edited-{number}"))).collect::<Result<_, _>>()?;
        Ok(Self { crowd: name("crowd")?, bar: name("bar")?, closed: name("closed")?, edited })
    }

    /// Each of them.
    pub fn all(&self) -> Vec<EventId> {
        [&self.crowd, &self.bar, &self.closed].into_iter().chain(&self.edited).cloned().collect()
    }
}

/// What the workers share.
#[derive(Clone)]
pub struct Traffic {
    stack: Stack,
    shops: Shops,
    key: Arc<SigningKey>,
    api: Api,
    proxy: Arc<Proxy>,
    promises: Arc<Mutex<BTreeMap<OrderId, Promise>>>,
    stop: watch::Receiver<bool>,
    /// How many orders are to fail in each way of the workflow, and in which share of them.
    aim: (u32, f64),
}

/// The workers, at work.
pub struct Working {
    promises: Arc<Mutex<BTreeMap<OrderId, Promise>>>,
    tell: watch::Sender<bool>,
    workers: JoinSet<()>,
}

impl Traffic {
    /// Opens the shops. Nothing fails yet.
    pub async fn open(
        stack: &Stack,
        shops: &Shops,
        key: Arc<SigningKey>,
        proxy: Arc<Proxy>,
        aim: (u32, f64),
    ) -> Result<(Self, watch::Sender<bool>), Error> {
        let api = Api::new(&stack.api_url)?;
        let (tell, stop) = watch::channel(false);
        let traffic =
            Self { stack: stack.clone(), shops: shops.clone(), key, api, proxy, promises: Arc::default(), stop, aim };
        let admin = traffic.somebody("admin", &[Role::Admin])?;
        for shop in shops.all().iter().filter(|shop| **shop != shops.closed) {
            admin.set_open(shop, true).await?;
        }
        let generous = SettingsEdit {
            drinks_per_barcode: Some(1_000),
            max_orders_in_queue: Some(10_000),
            ..SettingsEdit::default()
        };
        for shop in [&shops.crowd, &shops.bar] {
            admin.edit(shop, &generous, None).await?;
        }
        Ok((traffic, tell))
    }

    /// Begins.
    pub fn begin(self, tell: watch::Sender<bool>) -> Working {
        let promises = Arc::clone(&self.promises);
        let mut workers = JoinSet::new();
        for number in 0..4 {
            workers.spawn(customers::serve(self.clone(), number));
        }
        workers.spawn(customers::refuse(self.clone()));
        workers.spawn(aimed::fail_each(self.clone()));
        for shop in self.shops.edited.clone() {
            workers.spawn(settings::edit(self.clone(), shop));
        }
        workers.spawn(sweeps::stop_some(self.clone()));
        workers.spawn(sweeps::hang_some(self.clone()));
        workers.spawn(sweeps::lose_some(self.clone()));
        workers.spawn(sweeps::sweep(self));
        Working { promises, tell, workers }
    }

    fn somebody(&self, user: &str, roles: &[Role]) -> Result<Api, Error> {
        Ok(self.api.with_token(self.key.mint(user, roles, LIFETIME)?))
    }

    fn is_over(&self) -> bool {
        *self.stop.borrow()
    }

    /// Whether a combination of one of these calls is still behind.
    fn is_needed(&self, calls: &[(Function, Operation)]) -> bool {
        let behind = self.proxy.matrix().behind();
        behind.iter().any(|(call, ..)| calls.contains(&(call.function, call.operation)))
    }

    fn promise(&self, order_id: &OrderId, change: impl FnOnce(&mut Promise)) {
        let mut promises = self.promises.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(promise) = promises.get_mut(order_id) {
            change(promise);
        }
    }

    fn remember(&self, order_id: &OrderId, user: &str) {
        let promise = Promise { user_id: user.to_owned(), submitted: None, completed: false, cancelled: false };
        self.promises.lock().unwrap_or_else(PoisonError::into_inner).entry(order_id.clone()).or_insert(promise);
    }

    /// Asks for an order as any producer may: behind the door.
    async fn ask(&self, shop: &EventId, user: &str) -> Result<OrderId, Error> {
        self.ask_for(&new_order_id(), shop, user).await
    }

    /// Asks for the order of this id.
    async fn ask_for(&self, order_id: &str, shop: &EventId, user: &str) -> Result<OrderId, Error> {
        let order_id = ask_for(&self.stack, order_id, shop, user).await?;
        self.remember(&order_id, user);
        Ok(order_id)
    }
}

/// Asks for the order of this id as any producer may: behind the door.
pub async fn ask_for(stack: &Stack, order_id: &str, shop: &EventId, user: &str) -> Result<OrderId, Error> {
    let failed = |error: aws_sdk_eventbridge::error::BoxError| Error::failed("an order cannot be asked for", error);
    let unreadable = |error: domain::ids::InvalidId| Error::failed("an order cannot be asked for", error);
    let order_id: OrderId = order_id.parse().map_err(unreadable)?;
    let user_id: UserId = user.parse().map_err(unreadable)?;
    let now = now();
    let window = Window::at(now);
    let (event_id, message) = (shop.clone(), "A producer asks".to_owned());
    let detail = NewOrder {
        about: About { order_id: order_id.clone(), user_id, event_id, message, at: now },
        bucket: Bucket {
            window: window.number(),
            starts_at: window.starts_at(),
            ends_at: window.ends_at(),
            available_tokens: 1,
        },
    };
    let text = serde_json::to_string(&detail).map_err(|error| failed(error.into()))?;
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
        .event_bus_name(&stack.bus_name)
        .source(SOURCE)
        .detail_type(NewOrder::DETAIL_TYPE)
        .detail(text)
        .build();
    let events = aws_sdk_eventbridge::Client::new(&stack.aws);
    let answer = events.put_events().entries(entry).send().await.map_err(|error| failed(error.into()))?;
    if answer.failed_entry_count() > 0 {
        return Err(failed("the bus has not taken it".into()));
    }
    Ok(order_id)
}

impl Working {
    /// Has the workers end, and gives what was promised.
    pub async fn end(mut self) -> BTreeMap<OrderId, Promise> {
        self.tell.send_replace(true);
        while self.workers.join_next().await.is_some() {}
        std::mem::take(&mut *self.promises.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An order id that nobody has.
pub fn new_order_id() -> String {
    format!("{:016x}{:08x}", fastrand::u64(..), fastrand::u32(..))
}

fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// Sends a request until it is answered for good, or `deadline` passes.
async fn until_answered<T, F>(deadline: Instant, mut request: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    loop {
        match request().await {
            Err(Error::Unreachable { .. } | Error::Failed { .. }) if Instant::now() < deadline => {}
            Err(Error::Refused(problem))
                if (problem.status >= 500
                    || matches!(problem.code.as_str(), "not_ready" | "order_not_found" | "throttled"))
                    && Instant::now() < deadline => {}
            answer => return answer,
        }
        sleep(PAUSE).await;
    }
}
