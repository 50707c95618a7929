//! One run: each level is prepared and measured, then the stack is put back.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cost::meter::{Meter, Seen};
use chaos::fault::Function;
use chaos::setting::{Parts, SERVICES, set_variables, sweep_on_schedule};
use client::Error;
use client::api::Api;
use client::stack::{self, Stack};
use client::token::SigningKey;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use futures::{StreamExt, TryStreamExt};
use reqwest::Method;
use tokio::time::Instant;

use crate::growth::bar::Bar;
use crate::growth::figures::{All, Cpu, Figures, Level, Operation};
use crate::growth::processes::{Moment, Processes};
use crate::growth::stored::Stored;

/// Orders stored.
pub const STORED: [u32; 4] = [10, 100, 1_000, 10_000];
/// Customers at once, and how many orders are measured then.
pub const AT_ONCE: [(u32, u32); 4] = [(1, 20), (10, 40), (30, 60), (100, 100)];
/// Stored while customers come at once.
const STORED_FOR_CROWDS: u32 = 1_000;
/// How often an operation is measured.
const TIMES: u32 = 20;
/// Orders that wait in the queue all the while, and orders that are served before anything is measured.
const WAITING: u32 = 5;
const WARM: u32 = 3;
/// A customer with many orders.
const REGULAR: &str = "rita";
const PAGE: u32 = 25;
/// So many are stored of the regular at the first level: what a page holds may not grow.
const PAGE_OF_REGULAR: &str = "2";

/// A stack whose calls are seen.
pub struct Run {
    stack: Stack,
    parts: Parts,
    key: Arc<SigningKey>,
    stored: Stored,
    processes: Processes,
    endpoint: String,
}

/// What is being measured: the calls and CPU times before it.
struct Before<'a> {
    names: Vec<&'a str>,
    calls: usize,
    moment: Moment,
}

impl Run {
    /// In `stack`; the emulator's process id is in `emulator`, if it was started here.
    pub async fn in_stack(stack: Stack, key: SigningKey, emulator: &Path) -> Result<Self, Error> {
        let endpoint = stack::emulator();
        let endpoint =
            endpoint.ok_or_else(|| Error::Usage("AWS_ENDPOINT_URL is not set: . .local/env sets it".into()))?;
        let parts = Parts::find(&stack).await?;
        let stored = Stored::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.orders_table.clone());
        let names: BTreeSet<String> = parts.functions.values().cloned().collect();
        let processes = Processes::of(names, emulator);
        Ok(Self { stack, parts, key: Arc::new(key), stored, processes, endpoint })
    }

    /// Measures every level, and puts the stack back, whatever came of it.
    pub async fn go(&self, interrupted: impl Future<Output = ()>, say: impl Fn(&str, u32)) -> Result<All, Error> {
        let measured = tokio::select! {
            biased;
            () = interrupted => Err(Error::Interrupted("interrupted; the stack is as it was".into())),
            measured = self.measure(say) => measured,
        };
        let functions = set_variables(&self.stack, &self.parts, &SERVICES, |_| HashMap::new()).await;
        let schedule = sweep_on_schedule(&self.stack, &self.parts, true).await;
        let measured = measured?;
        functions.and(schedule).map(|()| measured)
    }

    async fn measure(&self, say: impl Fn(&str, u32)) -> Result<All, Error> {
        let mut all = All { stored: Vec::new(), at_once: Vec::new() };
        // A sweep in the middle would be counted.
        sweep_on_schedule(&self.stack, &self.parts, false).await?;
        let meter = Meter::before(&self.endpoint, &self.stack).await?;
        self.connect(&meter).await?;
        for level in STORED {
            say("orders stored", level);
            all.stored.push(self.stored_level(&meter, level).await?);
        }
        let meter = Meter::before_a_crowd(&self.endpoint, &self.stack).await?;
        self.connect(&meter).await?;
        for (crowd, orders) in AT_ONCE {
            say("customers at once", crowd);
            all.at_once.push(self.crowd_level(&meter, crowd, orders).await?);
        }
        self.stored.clear().await?;
        Ok(all)
    }

    async fn connect(&self, meter: &Meter) -> Result<(), Error> {
        let addresses =
            |function| SERVICES.iter().map(|service| ((*service).to_owned(), meter.url_for(function))).collect();
        set_variables(&self.stack, &self.parts, &SERVICES, addresses).await
    }

    /// A new shop with so many orders stored, some of which wait; every function has run.
    async fn prepare(&self, level: u32, crowd: u32) -> Result<(Bar, Vec<OrderId>), Error> {
        self.stored.clear().await?;
        let mut bar = Bar::open(&self.stack, &self.key, self.stored.clone(), crowd).await?;
        bar.show().await?;
        let mut served = None;
        for number in 0..WARM {
            let customer = bar.customer(&format!("w{number}"))?;
            let (order_id, _) = bar.scan(&customer).await?;
            bar.submit(&customer, &order_id).await?;
            served = Some(bar.serve(&order_id).await?);
            customer.my_orders(&bar.shop).await?;
        }
        let mut waiting = Vec::new();
        for number in 0..WAITING {
            let customer = bar.customer(&format!("q{number}"))?;
            let (order_id, _) = bar.scan(&customer).await?;
            bar.submit(&customer, &order_id).await?;
            bar.queued(&order_id).await?;
            waiting.push(order_id);
        }
        let copies = level.saturating_sub(WARM + WAITING);
        self.stored.fill(&served.unwrap_or_default(), &bar.shop, REGULAR, copies).await?;
        let stored = self.stored.count().await?;
        if stored == level {
            bar.show().await?;
            return Ok((bar, waiting));
        }
        Err(Error::Left(format!("{stored} orders are stored, not {level}: is somebody else in this stack?")))
    }

    async fn stored_level(&self, meter: &Meter, level: u32) -> Result<Level, Error> {
        let (bar, waiting) = self.prepare(level, 1).await?;
        let regular = bar.customer(REGULAR)?;
        let mut figures = Vec::new();
        for operation in [Operation::Queue, Operation::MyOrders] {
            let before = self.begin(meter, &[])?;
            let mut walls = Vec::new();
            for _ in 0..TIMES {
                let began = Instant::now();
                if operation == Operation::Queue {
                    bar.barista.queue(&bar.shop, OrderStatus::Waiting, PAGE, None).await?;
                } else {
                    let page = [("eventId", bar.shop.as_str()), ("maxItems", PAGE_OF_REGULAR)];
                    regular.send(regular.request(Method::GET, "/myOrders").query(&page)).await?;
                }
                walls.push(began.elapsed());
            }
            figures.push(self.end(meter, &before, operation, &walls)?);
        }
        figures.extend(self.orders_one_by_one(meter, &bar).await?);
        for order_id in waiting {
            bar.serve(&order_id).await?;
        }
        Ok(Level { level, figures })
    }

    /// Each step of all orders before the next, so that a step's work is told apart.
    async fn orders_one_by_one(&self, meter: &Meter, bar: &Bar) -> Result<Vec<Figures>, Error> {
        let customers = (0..TIMES).map(|number| bar.customer(&format!("c{number}")));
        let customers = customers.collect::<Result<Vec<Api>, Error>>()?;
        let whole = self.begin(meter, &[])?;
        let scan = self.begin(meter, &[Function::Validator])?;
        let (mut orders, mut scans, mut submits, mut served) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for customer in &customers {
            let (order_id, wall) = bar.scan(customer).await?;
            orders.push(order_id);
            scans.push(wall);
        }
        let mut figures = vec![self.end_of(meter, &scan, Operation::Scan, Function::Validator, &scans)?];
        let submit = self.begin(meter, &[Function::OrderManager])?;
        for (customer, order_id) in customers.iter().zip(&orders) {
            submits.push(bar.submit(customer, order_id).await?);
        }
        figures.push(self.end_of(meter, &submit, Operation::Submit, Function::OrderManager, &submits)?);
        for order_id in &orders {
            let began = Instant::now();
            bar.serve(order_id).await?;
            served.push(began.elapsed());
        }
        let walls: Vec<Duration> =
            scans.iter().zip(&submits).zip(&served).map(|((scan, submit), served)| *scan + *submit + *served).collect();
        figures.push(self.end(meter, &whole, Operation::Order, &walls)?);
        Ok(figures)
    }

    async fn crowd_level(&self, meter: &Meter, crowd: u32, orders: u32) -> Result<Level, Error> {
        let (mut bar, waiting) = self.prepare(STORED_FOR_CROWDS, crowd).await?;
        // Lambda starts a function once for each customer at once: that is not what an order takes.
        bar = crowded(bar, "v", crowd, crowd).await?.0;
        bar.show().await?;
        let before = self.begin(meter, &[])?;
        let (bar, walls) = crowded(bar, "c", crowd, orders).await?;
        let whole: Vec<Duration> = walls.iter().map(|(.., whole)| *whole).collect();
        let order = self.end(meter, &before, Operation::Order, &whole)?;
        for order_id in waiting {
            bar.serve(&order_id).await?;
        }
        // What a caller waits for is told for each; its work is part of the whole.
        let told = |operation, walls: Vec<Duration>| Figures::of(operation, &walls, &[], Cpu::default());
        let scans = told(Operation::Scan, walls.iter().map(|(scan, ..)| *scan).collect());
        let submits = told(Operation::Submit, walls.iter().map(|(_, submit, _)| *submit).collect());
        Ok(Level { level: crowd, figures: vec![scans, submits, order] })
    }

    fn begin(&self, meter: &Meter, only: &[Function]) -> Result<Before<'_>, Error> {
        let names = only.iter().filter_map(|function| self.parts.functions.get(function)).map(String::as_str);
        let names: Vec<&str> = names.collect();
        Ok(Before { calls: meter.count(), moment: self.processes.now(&names)?, names })
    }

    fn end(
        &self,
        meter: &Meter,
        before: &Before<'_>,
        operation: Operation,
        walls: &[Duration],
    ) -> Result<Figures, Error> {
        let seen = meter.seen_after(before.calls);
        self.figures(before, operation, walls, &seen.iter().collect::<Vec<_>>())
    }

    fn end_of(
        &self,
        meter: &Meter,
        before: &Before<'_>,
        operation: Operation,
        function: Function,
        walls: &[Duration],
    ) -> Result<Figures, Error> {
        let seen = meter.seen_after(before.calls);
        let own: Vec<&Seen> = seen.iter().filter(|seen| seen.function == function).collect();
        self.figures(before, operation, walls, &own)
    }

    fn figures(
        &self,
        before: &Before<'_>,
        operation: Operation,
        walls: &[Duration],
        calls: &[&Seen],
    ) -> Result<Figures, Error> {
        let cpu = self.processes.now(&before.names)?.since(&before.moment);
        Ok(Figures::of(operation, walls, calls, cpu))
    }
}

/// How long a customer waited for the scan, the choice and the whole order.
type Walls = (Duration, Duration, Duration);

/// So many orders, by so many customers at once.
async fn crowded(bar: Bar, prefix: &str, crowd: u32, orders: u32) -> Result<(Bar, Vec<Walls>), Error> {
    let customers = (0..orders).map(|number| bar.customer(&format!("{prefix}{number}")));
    let customers = customers.collect::<Result<Vec<Api>, Error>>()?;
    let visits = futures::stream::iter(customers.iter().map(|customer| one_order(&bar, customer)));
    let walls = visits.buffer_unordered(crowd as usize).try_collect().await?;
    Ok((bar, walls))
}

async fn one_order(bar: &Bar, customer: &Api) -> Result<Walls, Error> {
    let began = Instant::now();
    let (order_id, scan) = bar.scan(customer).await?;
    let submit = bar.submit(customer, &order_id).await?;
    bar.serve(&order_id).await?;
    Ok((scan, submit, began.elapsed()))
}
