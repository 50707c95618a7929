//! One run: each level is prepared and measured, then the stack is restored.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use client::Error;
use client::api::Api;
use client::resources::Resources;
use client::stack::Stack;
use client::tables::Item;
use client::token::SigningKey;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use futures::{StreamExt, TryStreamExt};
use harness::environment::{ENDPOINTS, emulator, endpoints, set_variables};
use harness::function::Function;
use harness::interrupt::interruptible;
use harness::sweeper::set_schedule;
use reqwest::Method;
use tokio::time::Instant;

use crate::cost::meter::{Meter, MeteredCall};
use crate::scaling::figures::{Cpu, Figures, Level, Operation, ScalingFigures};
use crate::scaling::processes::{Moment, Processes};
use crate::scaling::stored::StoredOrders;
use crate::scaling::venue::TimedVenue;

pub const STORED: [u32; 4] = [10, 100, 1_000, 10_000];
/// The levels of customers at once, with the orders that are measured at each.
pub const CROWDS: [(u32, u32); 4] = [(1, 20), (10, 40), (30, 60), (100, 100)];
const STORED_FOR_CROWDS: u32 = 1_000;
const TIMES: u32 = 20;
const WAITING: u32 = 5;
/// Orders that are served before a measurement, so that every function has started.
const WARM: u32 = 3;
const REGULAR: &str = "rita";
const PAGE: u32 = 25;
/// The page size of the regular, who has no more orders at the first level: pages must be equal.
const REGULAR_PAGE: &str = "2";

pub struct ScalingRun {
    stack: Stack,
    resources: Resources,
    key: SigningKey,
    stored: StoredOrders,
    names: HashMap<Function, String>,
    processes: Processes,
    endpoint: String,
}

struct Before<'a> {
    names: Vec<&'a str>,
    calls: usize,
    moment: Moment,
}

impl ScalingRun {
    /// `emulator_file` has the emulator's process id, if it was started here.
    pub async fn new(stack: Stack, key: SigningKey, emulator_file: &Path) -> Result<Self, Error> {
        let endpoint = emulator()?;
        let resources = Resources::find(&stack).await?;
        let stored = StoredOrders::new(&stack);
        let names: HashMap<_, _> = Function::deployed_names(&resources)?.into_iter().collect();
        let processes = Processes::new(names.values().cloned().collect::<BTreeSet<_>>(), emulator_file);
        Ok(Self { stack, resources, key, stored, names, processes, endpoint })
    }

    pub async fn run(&self, say: impl Fn(&str, u32)) -> Result<ScalingFigures, Error> {
        let measured = interruptible(self.measure(say)).await;
        let functions = set_variables(&self.stack, &self.resources, &ENDPOINTS, |_| HashMap::new()).await;
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
        set_variables(&self.stack, &self.resources, &ENDPOINTS, endpoints(|function| meter.url_for(function))).await
    }

    /// Opens a shop with `level` stored orders, some of which wait, after every function has run.
    async fn prepare(&self, level: u32, crowd: u32) -> Result<(TimedVenue, Vec<OrderId>), Error> {
        self.stored.clear().await?;
        let mut shop = TimedVenue::open(&self.stack, &self.key, crowd).await?;
        let mut served = Item::new();
        for number in 0..WARM {
            let customer = shop.venue.customer(&format!("w{number}"))?;
            let (order_id, _) = shop.scan(&customer).await?;
            shop.submit(&customer, &order_id).await?;
            served = shop.serve(&order_id).await?;
            customer.my_orders(&shop.venue.shop_id).await?;
        }
        let mut waiting = Vec::new();
        for number in 0..WAITING {
            let customer = shop.venue.customer(&format!("q{number}"))?;
            let (order_id, _) = shop.scan(&customer).await?;
            shop.submit(&customer, &order_id).await?;
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
            "{stored} orders are stored instead of {level}: another program uses this stack"
        )))
    }

    async fn stored_level(&self, meter: &Meter, level: u32) -> Result<Level, Error> {
        let (shop, waiting) = self.prepare(level, 1).await?;
        let (barista, shop_id) = (&shop.venue.barista, &shop.venue.shop_id);
        let regular = shop.venue.customer(REGULAR)?;
        let mut figures = Vec::new();
        for operation in [Operation::Queue, Operation::MyOrders] {
            let before = self.begin(meter, &[])?;
            let mut walls = Vec::new();
            for _ in 0..TIMES {
                let began = Instant::now();
                if operation == Operation::Queue {
                    barista.queue(shop_id, OrderStatus::Waiting, PAGE, None).await?;
                } else {
                    let page = [("eventId", shop_id.as_str()), ("maxItems", REGULAR_PAGE)];
                    regular.send(regular.request(Method::GET, "/myOrders").query(&page)).await?;
                }
                walls.push(began.elapsed());
            }
            figures.push(self.end(meter, &before, operation, None, &walls)?);
        }
        figures.extend(self.orders_in_steps(meter, &shop).await?);
        for order_id in waiting {
            shop.serve(&order_id).await?;
        }
        Ok(Level { level, figures })
    }

    /// Takes each step of all orders before the next step, to measure the steps separately.
    async fn orders_in_steps(&self, meter: &Meter, shop: &TimedVenue) -> Result<Vec<Figures>, Error> {
        let customers = (0..TIMES).map(|number| shop.venue.customer(&format!("c{number}")));
        let customers = customers.collect::<Result<Vec<Api>, Error>>()?;
        let whole = self.begin(meter, &[])?;
        let before = self.begin(meter, &[Function::Validator])?;
        let (mut orders, mut scans, mut submits, mut served) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for customer in &customers {
            let (order_id, wall) = shop.scan(customer).await?;
            orders.push(order_id);
            scans.push(wall);
        }
        let mut figures = vec![self.end(meter, &before, Operation::Scan, Some(Function::Validator), &scans)?];
        let before = self.begin(meter, &[Function::OrderManager])?;
        for (customer, order_id) in customers.iter().zip(&orders) {
            submits.push(shop.submit(customer, order_id).await?);
        }
        figures.push(self.end(meter, &before, Operation::Submit, Some(Function::OrderManager), &submits)?);
        for order_id in &orders {
            let began = Instant::now();
            shop.serve(order_id).await?;
            served.push(began.elapsed());
        }
        let walls: Vec<Duration> =
            scans.iter().zip(&submits).zip(&served).map(|((scan, submit), served)| *scan + *submit + *served).collect();
        figures.push(self.end(meter, &whole, Operation::Order, None, &walls)?);
        Ok(figures)
    }

    async fn crowd_level(&self, meter: &Meter, crowd: u32, orders: u32) -> Result<Level, Error> {
        let (mut shop, waiting) = self.prepare(STORED_FOR_CROWDS, crowd).await?;
        // Lambda starts one environment per concurrent customer, which is no part of an order.
        crowded(&shop, "v", crowd, crowd).await?;
        shop.refresh_code().await?;
        let before = self.begin(meter, &[])?;
        let walls = crowded(&shop, "c", crowd, orders).await?;
        let whole: Vec<Duration> = walls.iter().map(|(.., whole)| *whole).collect();
        let order = self.end(meter, &before, Operation::Order, None, &whole)?;
        for order_id in waiting {
            shop.serve(&order_id).await?;
        }
        // Waits are known for each step; work is known for the whole order only.
        let waits = |operation, walls: Vec<Duration>| Figures::new(operation, &walls, &[], Cpu::default());
        let scans = waits(Operation::Scan, walls.iter().map(|(scan, ..)| *scan).collect());
        let submits = waits(Operation::Submit, walls.iter().map(|(_, submit, _)| *submit).collect());
        Ok(Level { level: crowd, figures: vec![scans, submits, order] })
    }

    /// Begins a measurement of the CPU time of these functions, or of all if there are none.
    fn begin(&self, meter: &Meter, only: &[Function]) -> Result<Before<'_>, Error> {
        let names = only.iter().filter_map(|function| self.names.get(function)).map(String::as_str);
        let names: Vec<&str> = names.collect();
        Ok(Before { calls: meter.count(), moment: self.processes.now(&names)?, names })
    }

    /// Ends a measurement. Counts the calls of `only`, or of all functions.
    fn end(
        &self,
        meter: &Meter,
        before: &Before<'_>,
        operation: Operation,
        only: Option<Function>,
        walls: &[Duration],
    ) -> Result<Figures, Error> {
        let calls = meter.calls_after(before.calls);
        let counted: Vec<&MeteredCall> =
            calls.iter().filter(|call| only.is_none_or(|function| call.function == function)).collect();
        let cpu = self.processes.now(&before.names)?.since(&before.moment);
        Ok(Figures::new(operation, walls, &counted, cpu))
    }
}

/// The waits for a scan, a choice and a whole order.
type Walls = (Duration, Duration, Duration);

async fn crowded(shop: &TimedVenue, prefix: &str, crowd: u32, orders: u32) -> Result<Vec<Walls>, Error> {
    let customers = (0..orders).map(|number| shop.venue.customer(&format!("{prefix}{number}")));
    let customers = customers.collect::<Result<Vec<Api>, Error>>()?;
    let visits = futures::stream::iter(customers.iter().map(|customer| one_order(shop, customer)));
    visits.buffer_unordered(crowd as usize).try_collect().await
}

async fn one_order(shop: &TimedVenue, customer: &Api) -> Result<Walls, Error> {
    let began = Instant::now();
    let (order_id, scan) = shop.scan(customer).await?;
    let submit = shop.submit(customer, &order_id).await?;
    shop.serve(&order_id).await?;
    Ok((scan, submit, began.elapsed()))
}
