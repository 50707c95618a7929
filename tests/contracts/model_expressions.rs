//! Compares the shipped DynamoDB expressions with the model. For every order, event, claim,
//! admission and scan that the exploration meets, the expression runs at `AWS_ENDPOINT_URL` and
//! must give the domain's result. The same holds for calls of orders, at the edges of the times in
//! which a call is allowed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};

use adapters::buckets::{BucketsTable, ReadBucket, ReplacePlace, TakeBucketToken, write_place};
use adapters::orders::{
    Admission, AdmitOrder, ClaimOrder, OpenOrders, OrdersTable, ProjectOrder, RecordFailure, RecordRefusal, Updated,
    item,
};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::bucket::{self, BucketId, Place, place_name};
use domain::claim;
use domain::ids::{OrderId, ShopId, UserId};
use domain::order::{OPEN_SHARDS, StoredOrder};
use domain::projection::{self, Applied, Change};
use domain::qr_code::Window;
use domain::shop::ShopState;
use domain::timestamp::Timestamp;
use domain::workflow::AdmissionRequest;
use end_to_end::tables::{Item, Tables, aws, number, texts, with_tables};
use futures::{StreamExt, stream};
use model::cases::{self, Cases, Record, WorkflowStep};
use model::events::{self, Actor, Choice, PublishedEvent};
use model::explore::Explored;
use model::people::{self, Scan};
use model::report;
use model::shapes::SHORT;
use model::workflow::{Decision, Memory, TaskResult, paths};

#[path = "model_expressions/calls.rs"]
mod calls;

#[path = "model_expressions/scans.rs"]
mod scans;

const CONCURRENCY: usize = 16;

/// Explores the short shapes; `MODEL_ONLY`, comma-separated parts of names, selects some of them.
fn explored() -> &'static [Explored] {
    static EXPLORED: OnceLock<Vec<Explored>> = OnceLock::new();
    EXPLORED.get_or_init(|| {
        let only = std::env::var("MODEL_ONLY").unwrap_or_default();
        let wanted = SHORT.iter().filter(|shape| only.split(',').any(|part| shape.name.contains(part)));
        let explored = wanted.map(|shape| {
            let explored = model::explore::explore(shape, |_| {});
            println!("{}", report::row(&explored));
            explored
        });
        explored.collect()
    })
}

#[test]
fn every_invariant_holds_in_every_state() {
    let everything = std::env::var_os("MODEL_ONLY").is_none();
    report::verdict(explored(), everything).unwrap_or_else(|why| panic!("{why}"));
    println!("{}", report::totals(explored()));
}

/// Returns the distinct cases of all shapes.
fn distinct<T: Eq + std::hash::Hash>(of: impl Fn(&Cases) -> Vec<T>) -> Vec<T> {
    explored().iter().flat_map(|explored| of(&explored.cases)).collect::<HashSet<T>>().into_iter().collect()
}

/// Checks the cases concurrently, in new tables. Panics if one of them differs from the model.
async fn check<T, F>(what: &'static str, cases: Vec<T>, check: fn(Arc<Tables>, usize, T) -> F)
where
    T: Send + 'static,
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    assert!(!cases.is_empty(), "the model met no {what}");
    with_tables(Client::new(&aws().await), async move |tables| {
        let count = cases.len();
        let checks = cases.into_iter().enumerate().map(|(number, case)| check(Arc::clone(&tables), number, case));
        let results: Vec<Result<(), String>> = stream::iter(checks).buffer_unordered(CONCURRENCY).collect().await;
        let differ: Vec<String> = results.into_iter().filter_map(Result::err).collect();
        println!("{what}: {count} checked, {} differ from the model", differ.len());
        assert!(
            differ.is_empty(),
            "{} of {count} {what} differ from the model; the first:\n{}",
            differ.len(),
            differ[0]
        );
    })
    .await;
}

/// Gives the order of a case its own shop and id, so that concurrent cases do not interfere.
fn isolate(number: usize, stored: &mut StoredOrder) {
    stored.order.shop_id = shop_id(number);
    stored.order.order_id = order_id(number);
}

fn shop_id(number: usize) -> ShopId {
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

struct Case<'a> {
    tables: &'a Tables,
    name: String,
}

impl<'a> Case<'a> {
    fn new(tables: &'a Tables, number: usize) -> Self {
        Self { tables, name: format!("case-{number}") }
    }

    async fn counts(&self, user: &str) -> [Option<String>; 2] {
        let open_orders = self.tables.count(&self.name, &format!("USER#{user}"), "openOrders").await;
        [self.tables.count(&self.name, "FLOOR", "inFlight").await, open_orders]
    }

    async fn put_counts(&self, user: &str, in_flight: u32, open_orders: u32) {
        self.tables.put_shop(&self.name, "FLOOR", "inFlight", number(in_flight)).await;
        self.tables.put_shop(&self.name, &format!("USER#{user}"), "openOrders", number(open_orders)).await;
    }

    async fn order(&self) -> Option<Item> {
        self.tables.get(&self.tables.orders, texts(&[("orderId", &self.name)])).await
    }

    /// Compares the result of a conditional update, and the item after it, with the domain's.
    async fn is_updated(
        &self,
        case: &impl std::fmt::Debug,
        updated: Updated,
        changed: bool,
        expected: &StoredOrder,
    ) -> Result<(), String> {
        same("the change", case, &matches!(updated, Updated::Changed(_)), &changed)?;
        let (Updated::Changed(now) | Updated::Unchanged(Some(now))) = updated else {
            return Err(format!("{case:?}: no order"));
        };
        same("the returned order", case, &*now, expected)?;
        same("the item", case, &self.order().await, &Some(item::write(expected).unwrap()))
    }
}

/// Returns the same change with another shop, and with another customer.
fn foreign(change: &Change) -> [Change; 2] {
    let [mut of_shop, mut of_customer] = [change.clone(), change.clone()];
    of_shop.about.shop_id = "another".parse().unwrap();
    of_customer.about.user_id = "another".parse().unwrap();
    [of_shop, of_customer]
}

async fn projected(tables: Arc<Tables>, number: usize, case: cases::Projection) -> Result<(), String> {
    let scan = Scan { customer: 0, window: u8::try_from(case.slot).unwrap(), attempt: 1 };
    let mut change = Change::from(events::order_event(case.event, scan).unwrap());
    (change.about.order_id, change.about.shop_id) = (order_id(number), shop_id(number));
    let mut expected = case.stored.clone();
    if let Some(stored) = &mut expected {
        isolate(number, stored);
        change.about.user_id = stored.order.user_id.clone();
        tables.put(&tables.orders, item::write(stored).unwrap()).await;
    }
    let here = Case::new(&tables, number);
    let user = change.about.user_id.to_string();
    here.put_counts(&user, 1, 1).await;
    let transactions = tables.transactions();
    let before = here.order().await;
    for foreign in foreign(&change) {
        let applied = transactions.project(&foreign).await.unwrap();
        same("the result for another shop or customer", &case, &applied, &Applied::Nothing)?;
        same("the item after it", &case, &here.order().await, &before)?;
    }
    let applied = transactions.project(&change).await.unwrap();
    let model = expected.as_mut().map_or(Applied::Nothing, |stored| projection::apply(stored, &change));
    same("the result", &case, &applied, &model)?;
    let model_item = expected.as_ref().map(|stored| item::write(stored).unwrap());
    same("the item", &case, &here.order().await, &model_item)?;
    let left = if model == Applied::Ended { "0" } else { "1" };
    same("the counters", &case, &here.counts(&user).await, &[Some(left.to_owned()), Some(left.to_owned())])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_changes_an_order_as_in_the_model() {
    check("deliveries of events", distinct(Cases::projections), projected).await;
}

async fn claimed(tables: Arc<Tables>, number: usize, case: cases::Claim) -> Result<(), String> {
    let mut expected = case.stored.clone();
    isolate(number, &mut expected);
    tables.put(&tables.orders, item::write(&expected).unwrap()).await;
    let orders = OrdersTable::new(tables.client.clone(), tables.orders.clone());
    let updated = orders.claim(&order_id(number), &case.change).await.unwrap();
    let changed = claim::apply(&mut expected, &case.change);
    let here = Case::new(&tables, number);
    here.is_updated(&case, updated, changed, &expected).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_claim_is_granted_or_refused_as_in_the_model() {
    check("claims", distinct(Cases::claims), claimed).await;
}

fn request(number: usize) -> AdmissionRequest {
    AdmissionRequest {
        order_id: order_id(number),
        user_id: people::customer(0),
        shop_id: shop_id(number),
        execution_arn: "mine".into(),
    }
}

async fn admitted(tables: Arc<Tables>, number: usize, case: cases::Admission) -> Result<(), String> {
    let here = Case::new(&tables, number);
    let request = request(number);
    tables.put_shop(&here.name, "STATE", "storeOpen", AttributeValue::Bool(case.counts.open)).await;
    here.put_counts(request.user_id.as_str(), case.counts.in_flight, case.counts.open_orders).await;
    let another = AdmissionRequest { execution_arn: "another".into(), ..request.clone() };
    if case.order_exists {
        let existing = domain::admission::admitted(&another, Timestamp::from_millis(0));
        tables.put(&tables.orders, item::write(&existing).unwrap()).await;
    }
    let before = here.order().await;
    let (max_orders_in_queue, max_orders_per_user) = (case.max_orders_in_queue, case.max_orders_per_user);
    let state = ShopState { max_orders_in_queue, max_orders_per_user, ..ShopState::default() };
    let now = Timestamp::from_millis(7);
    let admission = tables.transactions().admit(&request, &state, now).await.unwrap();
    let admits = case.failed.obstacle().is_none();
    let model = if admits { Admission::Admitted } else { Admission::Refused(case.failed) };
    same("the result", &case, &admission, &model)?;
    let more = u32::from(admits);
    let counts = [case.counts.in_flight + more, case.counts.open_orders + more].map(|count| Some(count.to_string()));
    same("the counters", &case, &here.counts(request.user_id.as_str()).await, &counts)?;
    let written = item::write(&domain::admission::admitted(&request, now)).unwrap();
    same("the item", &case, &here.order().await, &if admits { Some(written) } else { before })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_admission_is_granted_or_refused_as_in_the_model() {
    check("admissions", distinct(Cases::admissions), admitted).await;
}

async fn recorded(tables: Arc<Tables>, number: usize, case: (Option<StoredOrder>, Record)) -> Result<(), String> {
    let (mut expected, record) = case.clone();
    if let Some(stored) = &mut expected {
        isolate(number, stored);
        tables.put(&tables.orders, item::write(stored).unwrap()).await;
    }
    let request = request(number);
    let now = Timestamp::from_millis(7);
    let orders = OrdersTable::new(tables.client.clone(), tables.orders.clone());
    match record {
        Record::Refused(refusal) => {
            tables.transactions().record_refusal(&request, refusal.as_str(), now).await.unwrap();
            expected.get_or_insert_with(|| domain::admission::not_admitted(&request, refusal.as_str(), now));
        }
        Record::Failed => {
            let recorded = orders.record_failure(&request, now).await.unwrap();
            same("the result", &case, &recorded, &expected.is_none())?;
            expected.get_or_insert_with(|| domain::sweep::failure_record(&request, now));
        }
        Record::Announced => {
            orders.mark_announced(&request.order_id).await.unwrap();
            if let Some(stored) = &mut expected {
                domain::sweep::mark_announced(stored);
            }
        }
    }
    let model_item = expected.as_ref().map(|stored| item::write(stored).unwrap());
    same("the item", &case, &Case::new(&tables, number).order().await, &model_item)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_that_is_not_admitted_is_recorded_as_in_the_model() {
    // All orders are tried, because `mark_announced` must change failed records only.
    let stored: HashSet<Option<StoredOrder>> =
        distinct(Cases::projections).into_iter().map(|case| case.stored).collect();
    let cases = stored.into_iter().map(|stored| (stored, Record::Announced));
    let cases: HashSet<_> = cases.chain(distinct(Cases::records)).collect();
    check("records", cases.into_iter().collect(), recorded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_by_deadline_lists_exactly_the_overdue_orders() {
    with_tables(Client::new(&aws().await), |tables| async move {
        let orders: HashSet<StoredOrder> =
            distinct(Cases::projections).into_iter().filter_map(|case| case.stored).collect();
        let mut overdue = BTreeSet::new();
        let deadline = Timestamp::from_millis(300_010);
        for (number, mut stored) in orders.into_iter().enumerate() {
            isolate(number, &mut stored);
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

/// Replaces drink, barista and order number of a step by fixed ones: no expression depends on them.
fn normalised(step: WorkflowStep) -> WorkflowStep {
    const CHOICE: Choice = Choice { drink: 0, number: 1 };
    let result = match step.result {
        TaskResult::Chosen(_) => TaskResult::Chosen(0),
        TaskResult::HandedOver(_) => TaskResult::HandedOver(0),
        TaskResult::Cancelled(Actor::Barista(_)) => TaskResult::Cancelled(Actor::Barista(0)),
        other => other,
    };
    let event = |decision: Decision| match decision.event {
        PublishedEvent::Completed { .. } => PublishedEvent::Completed { choice: CHOICE, barista: 0 },
        PublishedEvent::Cancelled { choice, by } => {
            let by = if let Actor::Barista(_) = by { Actor::Barista(0) } else { by };
            PublishedEvent::Cancelled { choice: choice.map(|_| CHOICE), by }
        }
        PublishedEvent::TimedOut { step, choice } => PublishedEvent::TimedOut { step, choice: choice.map(|_| CHOICE) },
        other => other,
    };
    let decision = step.memory.decision.map(|decision| Decision { event: event(decision), ..decision });
    let memory = Memory { drink: step.memory.drink.map(|_| 0), number: step.memory.number.map(|_| 1), decision };
    WorkflowStep { memory, result, ..step }
}

/// `suite/workflow_paths.rs` runs each path through the shipped workflow.
#[test]
fn every_workflow_step_that_the_model_met_is_on_a_path() {
    let on_paths: HashSet<WorkflowStep> = paths()
        .into_iter()
        .flat_map(|path| path.steps)
        .map(|(task, result, memory)| normalised(WorkflowStep { task, memory, result }))
        .collect();
    let met: HashSet<WorkflowStep> =
        explored().iter().flat_map(|explored| explored.cases.workflow_steps()).map(normalised).collect();
    println!("workflow steps: {} met, {} on {} paths", met.len(), on_paths.len(), paths().len());
    let missing: Vec<&WorkflowStep> = met.difference(&on_paths).collect();
    assert!(missing.is_empty() && !met.is_empty(), "no path has {missing:#?}");
}
