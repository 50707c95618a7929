//! Runs `measure growth` once: prepares and measures each level, then restores the endpoints of the
//! functions and the sweeper's schedule.

use std::path::Path;
use std::time::Duration;

use client::tables::Item;
use client::{Api, Error, Resources, SigningKey, Stack};
use domain::ids::OrderId;
use domain::order::OrderStatus;
use futures::{StreamExt, TryStreamExt};
use harness::environment::{emulator, route_calls};
use harness::interrupt::interruptible;
use harness::sweeper::set_schedule;
use reqwest::Method;
use tokio::time::Instant;

use crate::cost::meter::{Meter, MeteredCall};
use crate::scaling::figures::{Cpu, Figures, Level, Operation, ScalingFigures};
use crate::scaling::processes::{CpuTimes, Processes};
use crate::scaling::stored::StoredOrders;
use crate::scaling::venue::{TimedVenue, timed};

pub const STORED: [u32; 4] = [10, 100, 1_000, 10_000];
/// Number of customers at once, and number of orders in all.
pub const CROWDS: [(u32, u32); 4] = [(1, 20), (10, 40), (30, 60), (100, 100)];
const STORED_FOR_CROWDS: u32 = 1_000;
/// Number of requests per measurement.
const TIMES: u32 = 20;
/// Number of waiting orders in a prepared shop.
const WAITING: u32 = 5;
/// Number of orders completed before a measurement, so that each function that an order needs has
/// started.
const WARM: u32 = 3;
/// Customer whose list is measured. She owns about a fifth of the stored orders.
const REGULAR: &str = "rita";
/// Page size of the queue.
const PAGE: u32 = 25;
/// Page size of the list of [`REGULAR`]. She has only two orders at the first level, and each level
/// must read pages of the same size.
const REGULAR_PAGE: &str = "2";

pub struct ScalingRun {
    stack: Stack,
    resources: Resources,
    key: SigningKey,
    stored: StoredOrders,
    processes: Processes,
    endpoint: String,
}

struct Before {
    calls: usize,
    cpu: CpuTimes,
}

impl ScalingRun {
    pub async fn new(stack: Stack, key: SigningKey, emulator_file: &Path) -> Result<Self, Error> {
        let endpoint = emulator()?;
        let resources = Resources::find(&stack).await?;
        let stored = StoredOrders::new(&stack);
        let processes = Processes::new(&resources, emulator_file)?;
        Ok(Self { stack, resources, key, stored, processes, endpoint })
    }

    pub async fn run(&self, say: impl Fn(&str, u32)) -> Result<ScalingFigures, Error> {
        let measured = interruptible(Box::pin(self.measure(say))).await;
        let functions = route_calls(&self.stack, &self.resources, None, &[]).await;
        let schedule = set_schedule(&self.stack, &self.resources, true).await;
        let measured = measured?;
        functions.and(schedule).map(|()| measured)
    }

    async fn measure(&self, say: impl Fn(&str, u32)) -> Result<ScalingFigures, Error> {
        let mut figures = ScalingFigures { stored: Vec::new(), at_once: Vec::new() };
        set_schedule(&self.stack, &self.resources, false).await?;
        let meter = Meter::start(&self.endpoint, &self.stack).await?;
        self.connect(&meter).await?;
        for level in STORED {
            say("orders stored", level);
            figures.stored.push(self.stored_level(&meter, level).await?);
        }
        let meter = Meter::start_concurrent(&self.endpoint, &self.stack).await?;
        self.connect(&meter).await?;
        for (crowd, orders) in CROWDS {
            say("customers at once", crowd);
            figures.at_once.push(self.crowd_level(&meter, crowd, orders).await?);
        }
        self.stored.clear().await?;
        Ok(figures)
    }

    async fn connect(&self, meter: &Meter) -> Result<(), Error> {
        route_calls(&self.stack, &self.resources, Some(&meter.server), &[]).await
    }

    /// Opens a shop for `crowd` customers at once, with `level` stored orders. Completes [`WARM`]
    /// orders first. Also returns the ids of the orders that wait.
    async fn prepare(&self, level: u32, crowd: u32) -> Result<(TimedVenue, Vec<OrderId>), Error> {
        self.stored.clear().await?;
        let mut shop = TimedVenue::open(&self.stack, &self.key, crowd).await?;
        let mut served = Item::new();
        for number in 0..WARM {
            let (customer, order_id) = shop.place(&format!("w{number}")).await?;
            served = shop.serve(&order_id).await?;
            customer.my_orders(&shop.venue.shop_id).await?;
        }
        let mut waiting = Vec::new();
        for number in 0..WAITING {
            let (_, order_id) = shop.place(&format!("q{number}")).await?;
            shop.venue.reaches(&order_id, OrderStatus::Waiting).await?;
            waiting.push(order_id);
        }
        let copies = level.saturating_sub(WARM + WAITING);
        self.stored.add_copies(&served, &shop.venue.shop_id, REGULAR, copies).await?;
        let stored = self.stored.count().await?;
        if stored == level {
            shop.refresh_code().await?;
            return Ok((shop, waiting));
        }
        Err(Error::Unexpected(format!(
            "{stored} orders are stored instead of {level}: another program may use this stack"
        )))
    }

    async fn stored_level(&self, meter: &Meter, level: u32) -> Result<Level, Error> {
        let (shop, waiting) = self.prepare(level, 1).await?;
        let (barista, shop_id) = (&shop.venue.barista, &shop.venue.shop_id);
        let regular = shop.venue.customer(REGULAR)?;
        let before = self.begin(meter)?;
        let wall_times = repeated(|| barista.queue(shop_id, OrderStatus::Waiting, PAGE, None)).await?;
        let queue = self.end(meter, &before, Operation::Queue, &wall_times)?;
        let before = self.begin(meter)?;
        let page = [("eventId", shop_id.as_str()), ("maxItems", REGULAR_PAGE)];
        let wall_times = repeated(|| regular.send(regular.request(Method::GET, "/myOrders").query(&page))).await?;
        let my_orders = self.end(meter, &before, Operation::MyOrders, &wall_times)?;
        let mut figures = vec![queue, my_orders];
        figures.extend(self.orders_in_steps(meter, &shop).await?);
        for order_id in waiting {
            shop.serve(&order_id).await?;
        }
        Ok(Level { level, figures })
    }

    /// Takes each step for all orders before the next step, to measure the steps separately.
    async fn orders_in_steps(&self, meter: &Meter, shop: &TimedVenue) -> Result<[Figures; 3], Error> {
        let customers = customers(shop, "c", TIMES)?;
        let (mut orders, mut scans, mut submits, mut totals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let before = self.begin(meter)?;
        for customer in &customers {
            let (order_id, wall) = shop.scan(customer).await?;
            orders.push(order_id);
            scans.push(wall);
        }
        let scan = self.end(meter, &before, Operation::Scan, &scans)?;
        let before_submits = self.begin(meter)?;
        for (customer, order_id) in customers.iter().zip(&orders) {
            submits.push(shop.submit(customer, order_id).await?);
        }
        let submit = self.end(meter, &before_submits, Operation::Submit, &submits)?;
        for ((order_id, scan), submit) in orders.iter().zip(scans).zip(submits) {
            totals.push(scan + submit + timed(shop.serve(order_id)).await?.1);
        }
        Ok([scan, submit, self.end(meter, &before, Operation::Order, &totals)?])
    }

    async fn crowd_level(&self, meter: &Meter, crowd: u32, orders: u32) -> Result<Level, Error> {
        let (mut shop, waiting) = self.prepare(STORED_FOR_CROWDS, crowd).await?;
        // Lambda starts one execution environment per concurrent request; these starts are not
        // measured.
        crowded(&shop, "v", crowd, crowd).await?;
        shop.refresh_code().await?;
        let before = self.begin(meter)?;
        let durations = crowded(&shop, "c", crowd, orders).await?;
        let each = |of: fn(&Durations) -> Duration| durations.iter().map(of).collect::<Vec<_>>();
        let order = self.end(meter, &before, Operation::Order, &each(|one| one.total))?;
        for order_id in waiting {
            shop.serve(&order_id).await?;
        }
        // Waits are measured for each step, but calls and CPU time only for the whole order.
        let waits = |operation, of| Figures::new(operation, &each(of), &[], Cpu::default());
        let scan = waits(Operation::Scan, |one| one.scan);
        let submit = waits(Operation::Submit, |one| one.submit);
        Ok(Level { level: crowd, figures: vec![scan, submit, order] })
    }

    fn begin(&self, meter: &Meter) -> Result<Before, Error> {
        Ok(Before { calls: meter.count(), cpu: self.processes.now()? })
    }

    fn end(
        &self,
        meter: &Meter,
        before: &Before,
        operation: Operation,
        wall_times: &[Duration],
    ) -> Result<Figures, Error> {
        let (calls, only) = (meter.calls_after(before.calls), operation.function());
        let counted: Vec<&MeteredCall> =
            calls.iter().filter(|call| only.is_none_or(|function| call.function == function)).collect();
        let cpu = self.processes.now()?.since(&before.cpu, only);
        Ok(Figures::new(operation, wall_times, &counted, cpu))
    }
}

async fn repeated<T, F>(request: impl Fn() -> F) -> Result<Vec<Duration>, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut wall_times = Vec::new();
    for _ in 0..TIMES {
        wall_times.push(timed(request()).await?.1);
    }
    Ok(wall_times)
}

fn customers(shop: &TimedVenue, prefix: &str, count: u32) -> Result<Vec<Api>, Error> {
    (0..count).map(|number| shop.venue.customer(&format!("{prefix}{number}"))).collect()
}

/// Times that one order took: its scan, its choice, and all steps until it was completed.
struct Durations {
    scan: Duration,
    submit: Duration,
    total: Duration,
}

async fn crowded(shop: &TimedVenue, prefix: &str, crowd: u32, orders: u32) -> Result<Vec<Durations>, Error> {
    let customers = customers(shop, prefix, orders)?;
    let visits = futures::stream::iter(customers.iter().map(|customer| one_order(shop, customer)));
    visits.buffer_unordered(crowd as usize).try_collect().await
}

async fn one_order(shop: &TimedVenue, customer: &Api) -> Result<Durations, Error> {
    let began = Instant::now();
    let (order_id, scan) = shop.scan(customer).await?;
    let submit = shop.submit(customer, &order_id).await?;
    shop.serve(&order_id).await?;
    Ok(Durations { scan, submit, total: began.elapsed() })
}
