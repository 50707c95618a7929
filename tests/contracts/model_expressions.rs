//! The rules that stand in expressions, held to the model: for every order, event, claim, admission and scan that the exploration
//! meets, the shipped expression runs on whatever `AWS_ENDPOINT_URL` names, and must give the domain's answer.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use adapters::buckets::{BucketsTable, TakeToken};
use adapters::orders::{
    Admission, AdmitOrder, ClaimOrder, Claimed, OpenOrders, OrderBook, OrdersTable, ProjectOrder, RecordLost,
    RecordRefusal, item,
};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::bucket;
use domain::claim;
use domain::ids::{EventId, OrderId};
use domain::order::{OPEN_SHARDS, StoredOrder};
use domain::projection::{self, Applied, Change};
use domain::qr_code::Window;
use domain::shop::ShopSettings;
use domain::timestamp::Timestamp;
use domain::workflow::AdmissionRequest;
use end_to_end::tables::{Item, Tables, texts, with_tables};
use futures::{StreamExt, stream};
use model::people::{self, Scan};
use model::reached::{self, Move, Reached, Record};
use model::shapes::SHORT;
use model::told::{self, Chosen, Told, Who};
use model::workflow::{Decided, Memory, TaskResult, ways};

const AT_ONCE: usize = 16;

/// All the bars; where `MODEL_ONLY` has parts of names, parted by commas, those with such a name.
fn explored() -> &'static [Arc<Reached>] {
    static EXPLORED: std::sync::OnceLock<Vec<Arc<Reached>>> = std::sync::OnceLock::new();
    EXPLORED.get_or_init(|| {
        let only = std::env::var("MODEL_ONLY").unwrap_or_default();
        let wanted = SHORT.iter().filter(|shape| only.split(',').any(|part| shape.name.contains(part)));
        wanted.map(|shape| model::explore::explore(shape, |_| {}).reached).collect()
    })
}

/// What was met in any of the bars, each once.
fn met<T: Eq + std::hash::Hash>(of: impl Fn(&Reached) -> Vec<T>) -> Vec<T> {
    explored().iter().flat_map(|reached| of(reached)).collect::<HashSet<T>>().into_iter().collect()
}

async fn client() -> Client {
    let endpoint = std::env::var("AWS_ENDPOINT_URL").unwrap_or_default();
    assert!(!endpoint.is_empty(), "AWS_ENDPOINT_URL names no emulator: run `make up` and `. .local/env` first");
    Client::new(&client::stack::aws().await)
}

/// Asks about each case, some at once, and fails with all the cases that differ from the model.
async fn ask<T, F: Future<Output = Result<(), String>>>(what: &str, cases: Vec<T>, ask: impl Fn(usize, T) -> F) {
    assert!(!cases.is_empty(), "the model met no {what}");
    let count = cases.len();
    let asked = stream::iter(cases.into_iter().enumerate()).map(|(number, case)| ask(number, case));
    let answers: Vec<Result<(), String>> = asked.buffer_unordered(AT_ONCE).collect().await;
    let differ: Vec<String> = answers.into_iter().filter_map(Result::err).collect();
    println!("{what}: {count} asked, {} differ from the model", differ.len());
    assert!(differ.is_empty(), "{} of {count} {what} differ from the model; the first:\n{}", differ.len(), differ[0]);
}

/// The case's own shop and order, so that no two cases meet.
fn own_names(number: usize, stored: &mut StoredOrder) {
    stored.order.event_id = event_id(number);
    stored.order.order_id = order_id(number);
}

fn event_id(number: usize) -> EventId {
    format!("case-{number}").parse().unwrap()
}

fn order_id(number: usize) -> OrderId {
    format!("case-{number}").parse().unwrap()
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    case: &impl std::fmt::Debug,
    is: &T,
    model: &T,
) -> Result<(), String> {
    if is == model { Ok(()) } else { Err(format!("{case:#?}\n{what}: {is:#?}\nthe model: {model:#?}")) }
}

fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

impl Case<'_> {
    async fn counts(&self, user: &str) -> [Option<String>; 2] {
        let count = async |item: &str, name: &str| {
            let key = texts(&[("eventId", &self.name), ("item", item)]);
            self.tables.get(&self.tables.shops, key).await?.remove(name)?.as_n().ok().cloned()
        };
        [count("FLOOR", "inFlight").await, count(&format!("USER#{user}"), "openOrders").await]
    }

    async fn put_counts(&self, user: &str, in_flight: u32, open_orders: u32) {
        for (item, name, count) in
            [("FLOOR".to_owned(), "inFlight", in_flight), (format!("USER#{user}"), "openOrders", open_orders)]
        {
            let mut counter = texts(&[("eventId", &self.name), ("item", &item)]);
            counter.insert(name.to_owned(), number(count));
            self.tables.put(&self.tables.shops, counter).await;
        }
    }

    async fn order(&self) -> Option<Item> {
        self.tables.get(&self.tables.orders, texts(&[("orderId", &self.name)])).await
    }
}

struct Case<'a> {
    tables: &'a Tables,
    name: String,
}

impl<'a> Case<'a> {
    fn new(tables: &'a Tables, number: usize) -> Self {
        Self { tables, name: format!("case-{number}") }
    }
}

/// The same event, told of another shop or another customer: it is about no order of theirs.
fn foreign(change: &Change) -> [Change; 2] {
    let [mut of_shop, mut of_customer] = [change.clone(), change.clone()];
    of_shop.about.event_id = "another".parse().unwrap();
    of_customer.about.user_id = "another".parse().unwrap();
    [of_shop, of_customer]
}

fn book(tables: &Tables) -> OrderBook {
    OrderBook::new(tables.client.clone(), tables.orders.clone(), tables.shops.clone())
}

async fn projected(tables: &Tables, number: usize, case: reached::Projection) -> Result<(), String> {
    let scan = Scan { customer: 0, window: u8::try_from(case.slot).unwrap() };
    let mut change = Change::from(told::order_event(case.told, scan).unwrap());
    (change.about.order_id, change.about.event_id) = (order_id(number), event_id(number));
    let mut expected = case.stored.clone();
    if let Some(stored) = &mut expected {
        own_names(number, stored);
        change.about.user_id = stored.order.user_id.clone();
        tables.put(&tables.orders, item::write(stored).unwrap()).await;
    }
    let here = Case::new(tables, number);
    let user = change.about.user_id.to_string();
    here.put_counts(&user, 1, 1).await;
    let book = book(tables);
    let before = here.order().await;
    for foreign in foreign(&change) {
        same(
            "of another shop or customer, the table said",
            &case,
            &book.project(&foreign).await.unwrap(),
            &Applied::Nothing,
        )?;
        same("of another shop or customer, the item", &case, &here.order().await, &before)?;
    }
    let applied = book.project(&change).await.unwrap();
    let model = expected.as_mut().map_or(Applied::Nothing, |stored| projection::apply(stored, &change));
    same("the table said", &case, &applied, &model)?;
    let model_item = expected.as_ref().map(|stored| item::write(stored).unwrap());
    same("the item", &case, &here.order().await, &model_item)?;
    let left = if model == Applied::Ended { "0" } else { "1" };
    same("the counts", &case, &here.counts(&user).await, &[Some(left.to_owned()), Some(left.to_owned())])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_makes_of_every_order_what_the_model_says() {
    with_tables(client().await, |tables| async move {
        ask("events that met an order", met(Reached::projections), |number, case| projected(&tables, number, case))
            .await;
    })
    .await;
}

async fn claimed(tables: &Tables, number: usize, case: reached::Claim) -> Result<(), String> {
    let mut expected = case.stored.clone();
    own_names(number, &mut expected);
    tables.put(&tables.orders, item::write(&expected).unwrap()).await;
    let barista = people::barista(case.barista);
    let orders = OrdersTable::new(tables.client.clone(), tables.orders.clone());
    let claimed = orders.claim(&order_id(number), case.action, &barista).await.unwrap();
    let changed = claim::change(&mut expected.order, case.action, &barista);
    same("the table changed it", &case, &matches!(claimed, Claimed::Changed(_)), &changed)?;
    let (Claimed::Changed(now) | Claimed::Unchanged(Some(now))) = claimed else {
        return Err(format!("{case:?}: no order"));
    };
    same("the order that came back", &case, &*now, &expected)?;
    same("the item", &case, &Case::new(tables, number).order().await, &Some(item::write(&expected).unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_claim_is_granted_or_refused_as_the_model_says() {
    with_tables(client().await, |tables| async move {
        ask("claims", met(Reached::claims), |number, case| claimed(&tables, number, case)).await;
    })
    .await;
}

fn request(number: usize) -> AdmissionRequest {
    AdmissionRequest {
        order_id: order_id(number),
        user_id: people::customer(0),
        event_id: event_id(number),
        execution_arn: "mine".into(),
    }
}

async fn admitted(tables: &Tables, number: usize, case: reached::Admission) -> Result<(), String> {
    let here = Case::new(tables, number);
    let request = request(number);
    let mut config = texts(&[("eventId", &here.name), ("item", "CONFIG")]);
    config.insert("storeOpen".into(), AttributeValue::Bool(case.places.store_open));
    tables.put(&tables.shops, config).await;
    here.put_counts(request.user_id.as_str(), case.places.in_flight, case.places.open_orders).await;
    let another = AdmissionRequest { execution_arn: "another".into(), ..request.clone() };
    if case.order_exists {
        let there = domain::admission::admitted(&another, Timestamp::from_millis(0));
        tables.put(&tables.orders, item::write(&there).unwrap()).await;
    }
    let before = here.order().await;
    let (max_orders_in_queue, max_orders_per_user) = (case.max_orders_in_queue, case.max_orders_per_user);
    let settings = ShopSettings { max_orders_in_queue, max_orders_per_user, ..ShopSettings::default() };
    let now = Timestamp::from_millis(7);
    let admission = book(tables).admit(&request, &settings, now).await.unwrap();
    let lets_in = case.failed.obstacle().is_none();
    let model = if lets_in { Admission::Admitted } else { Admission::Failed(case.failed) };
    same("the table said", &case, &admission, &model)?;
    let more = u32::from(lets_in);
    let counts = [case.places.in_flight + more, case.places.open_orders + more].map(|count| Some(count.to_string()));
    same("the counts", &case, &here.counts(request.user_id.as_str()).await, &counts)?;
    let written = item::write(&domain::admission::admitted(&request, now)).unwrap();
    same("the item", &case, &here.order().await, &if lets_in { Some(written) } else { before })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_admission_is_granted_or_refused_as_the_model_says() {
    with_tables(client().await, |tables| async move {
        ask("admissions", met(Reached::admissions), |number, case| admitted(&tables, number, case)).await;
    })
    .await;
}

async fn recorded(tables: &Tables, number: usize, case: (Option<StoredOrder>, Record)) -> Result<(), String> {
    let (mut expected, record) = case.clone();
    if let Some(stored) = &mut expected {
        own_names(number, stored);
        tables.put(&tables.orders, item::write(stored).unwrap()).await;
    }
    let request = request(number);
    let now = Timestamp::from_millis(7);
    let orders = OrdersTable::new(tables.client.clone(), tables.orders.clone());
    match record {
        Record::Refused(refusal) => {
            book(tables).record_refusal(&request, refusal.as_str(), now).await.unwrap();
            expected.get_or_insert_with(|| domain::admission::not_admitted(&request, refusal.as_str(), now));
        }
        Record::Lost => {
            let recorded = orders.record_lost(&request, now).await.unwrap();
            same("the table recorded it", &case, &recorded, &expected.is_none())?;
            expected.get_or_insert_with(|| domain::sweep::record(&request, now));
        }
        Record::Told => {
            orders.told(&request.order_id).await.unwrap();
            if let Some(stored) = &mut expected {
                domain::sweep::note_told(stored);
            }
        }
    }
    let model_item = expected.as_ref().map(|stored| item::write(stored).unwrap());
    same("the item", &case, &Case::new(tables, number).order().await, &model_item)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_that_is_not_let_in_is_recorded_as_the_model_says() {
    with_tables(client().await, |tables| async move {
        // Told of once more, when the order is open, gone, or has ended, changes nothing but the record.
        let stored: HashSet<Option<StoredOrder>> =
            met(Reached::projections).into_iter().map(|case| case.stored).collect();
        let cases = stored.into_iter().map(|stored| (stored, Record::Told));
        let cases: HashSet<_> = cases.chain(met(Reached::records)).collect();
        ask("records", cases.into_iter().collect(), |number, case| recorded(&tables, number, case)).await;
    })
    .await;
}

async fn taken(tables: &Tables, number_of_case: usize, case: reached::Taken) -> Result<(), String> {
    let (event_id, window) = (event_id(number_of_case), Window::at(Timestamp::from_millis(0)));
    let mut key = texts(&[("eventId", event_id.as_str())]);
    key.insert("window".into(), number(window.number()));
    if !case.takers.is_empty() {
        let mut bucket = key.clone();
        let takers = case.takers.iter().map(ToString::to_string).collect();
        bucket.insert("takers".into(), AttributeValue::Ss(takers));
        tables.put(&tables.buckets, bucket).await;
    }
    let buckets = BucketsTable::new(tables.client.clone(), tables.buckets.clone());
    let take = buckets.take(&event_id, window, &case.user_id, case.capacity).await.unwrap();
    same("the table said", &case, &take, &case.take)?;
    let mut expected = case.takers.clone();
    bucket::take(&mut expected, &case.user_id, case.capacity);
    let bucket = tables.get(&tables.buckets, key).await;
    let takers = bucket.and_then(|item| item.get("takers")?.as_ss().ok().cloned()).unwrap_or_default();
    let takers: BTreeSet<String> = takers.into_iter().collect();
    same("the takers", &case, &takers, &expected.iter().map(ToString::to_string).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scan_takes_a_token_or_none_as_the_model_says() {
    with_tables(client().await, |tables| async move {
        let cases: Vec<_> = explored().iter().flat_map(|reached| reached.takes()).collect();
        ask("scans", cases, |number, case| taken(&tables, number, case)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_s_index_lists_every_order_that_is_open_and_overdue_and_no_other() {
    with_tables(client().await, |tables| async move {
        let orders: HashSet<StoredOrder> =
            met(Reached::projections).into_iter().filter_map(|case| case.stored).collect();
        let mut overdue = BTreeSet::new();
        let deadline = Timestamp::from_millis(300_010);
        for (number, mut stored) in orders.into_iter().enumerate() {
            own_names(number, &mut stored);
            tables.put(&tables.orders, item::write(&stored).unwrap()).await;
            if stored.order.expires_at.is_some_and(|expires_at| expires_at < deadline) {
                overdue.insert(stored.order.order_id);
            }
        }
        let table = OrdersTable::new(tables.client.clone(), tables.orders.clone());
        let mut listed = BTreeSet::new();
        for shard in 0..OPEN_SHARDS {
            listed.extend(table.overdue(shard, deadline).await.unwrap());
        }
        assert!(!overdue.is_empty());
        assert_eq!(listed, overdue);
    })
    .await;
}

/// One drink, one barista, one number: what differs in no expression.
fn plain(step: Move) -> Move {
    let result = match step.result {
        TaskResult::Chosen(_) => TaskResult::Chosen(0),
        TaskResult::HandedOver(_) => TaskResult::HandedOver(0),
        TaskResult::Cancelled(Who::Barista(_)) => TaskResult::Cancelled(Who::Barista(0)),
        other => other,
    };
    let what = step.memory.outcome.map(|decided| match decided.what {
        Told::Completed { .. } => Told::Completed { chosen: Chosen { drink: 0, number: 1 }, barista: 0 },
        Told::Cancelled { chosen, by } => {
            let by = if let Who::Barista(_) = by { Who::Barista(0) } else { by };
            Told::Cancelled { chosen: chosen.map(|_| Chosen { drink: 0, number: 1 }), by }
        }
        Told::TimedOut { step, chosen } => {
            Told::TimedOut { step, chosen: chosen.map(|_| Chosen { drink: 0, number: 1 }) }
        }
        other => other,
    });
    let outcome = step.memory.outcome.zip(what).map(|(decided, what)| Decided { what, ..decided });
    let memory = Memory { drink: step.memory.drink.map(|_| 0), number: step.memory.number.map(|_| 1), outcome };
    Move { memory, result, ..step }
}

/// The suite walks each of the ways, through the shipped expressions.
#[test]
fn every_step_of_the_workflow_that_was_met_is_on_one_of_the_ways() {
    let walked: HashSet<Move> = ways()
        .into_iter()
        .flat_map(|way| way.steps)
        .map(|(task, result, memory)| plain(Move { task, memory, result }))
        .collect();
    let met: HashSet<Move> = explored().iter().flat_map(|reached| reached.workflow_moves()).map(plain).collect();
    println!("steps of the workflow: {} met, {} walked in {} ways", met.len(), walked.len(), ways().len());
    let missing: Vec<&Move> = met.difference(&walked).collect();
    assert!(missing.is_empty() && !met.is_empty(), "no way has {missing:#?}");
}
