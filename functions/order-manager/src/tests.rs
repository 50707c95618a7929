use std::sync::Mutex;

use adapters::bus::Entry;
use adapters::error::AdapterError;
use adapters::orders::{Direction, OrderPage, PageRequest, PageToken, StatusFilter, Updated};
use adapters::shops::ScanContext;
use adapters::workflow::Resumed;
use domain::admission::AdmissionCounts;
use domain::call;
use domain::claim::{self, ClaimChange};
use domain::drink::DrinkOrder;
use domain::ids::{ShopId, UserId};
use domain::order::{ClosedBy, HeldToken, OrderStatus, Step, TaskToken};
use domain::shop::{Catalog, ShopState};
use domain::waiting::{Completion, Measured};
use http_api::testing::Issuer;
use serde_json::Value;

use super::*;

/// Fake of the table with one order. After a number of reads it shows the order in `later`, as a
/// late projection does.
struct Orders {
    order: Mutex<StoredOrder>,
    later: Mutex<Option<(usize, StoredOrder)>>,
    /// Orders that replace `order`, one just before each conditional update, the last one first.
    meanwhile: Mutex<Vec<StoredOrder>>,
    /// Maximum number of orders in the last list request of a customer.
    asked: Mutex<Option<u32>>,
    /// Filter of the last list request of a barista.
    filter: Mutex<Option<StatusFilter>>,
    /// Number of orders before `order` in the queue, or a failed read.
    ahead: Result<Option<u64>, ()>,
    completions: Vec<Completion>,
}

impl ReadOrder for Orders {
    async fn order(&self, order_id: &OrderId) -> Result<Option<StoredOrder>, AdapterError> {
        let mut order = self.order.lock().unwrap();
        let mut later = self.later.lock().unwrap();
        match later.take() {
            Some((0, caught_up)) => *order = caught_up,
            Some((reads, caught_up)) => *later = Some((reads - 1, caught_up)),
            None => {}
        }
        Ok((order.order.order_id == *order_id).then(|| order.clone()))
    }
}

impl Orders {
    fn update(&self, apply: impl FnOnce(&mut StoredOrder) -> bool) -> Updated {
        let mut order = self.order.lock().unwrap();
        *order = self.meanwhile.lock().unwrap().pop().unwrap_or_else(|| order.clone());
        let changed = apply(&mut order);
        let now = Box::new(order.clone());
        if changed { Updated::Changed(now) } else { Updated::Unchanged(Some(now)) }
    }
}

impl ClaimOrder for Orders {
    async fn claim(&self, _: &OrderId, change: &ClaimChange) -> Result<Updated, AdapterError> {
        Ok(self.update(|order| claim::apply(order, change)))
    }
}

impl CallOrder for Orders {
    async fn call(&self, _: &OrderId, now: Timestamp) -> Result<Updated, AdapterError> {
        Ok(self.update(|order| call::apply(&mut order.order, now)))
    }
}

impl ReadQueue for Orders {
    async fn ahead(&self, _: &ShopId, _: u64) -> Result<Option<u64>, AdapterError> {
        self.ahead.map_err(|()| AdapterError::Throttled { operation: "Query queue" })
    }

    async fn completions(&self, _: &ShopId, _: &Measured) -> Result<Vec<Completion>, AdapterError> {
        Ok(self.completions.clone())
    }
}

impl ListOrders for Orders {
    async fn by_status(&self, _: &ShopId, filter: StatusFilter, _: &PageRequest) -> Result<OrderPage, AdapterError> {
        *self.filter.lock().unwrap() = Some(filter);
        let order = self.order.lock().unwrap().order.clone();
        let next = PageToken { order_id: order.order_id.clone(), created_at: order.created_at };
        Ok(OrderPage { orders: vec![order], next: Some(next) })
    }

    async fn by_customer(&self, _: &ShopId, _: &UserId, page: &PageRequest) -> Result<OrderPage, AdapterError> {
        *self.asked.lock().unwrap() = Some(page.max_items);
        Ok(OrderPage { orders: Vec::new(), next: None })
    }
}

struct Shops(AdmissionCounts);

impl ReadCatalog for Shops {
    async fn catalog(&self, _: &ShopId) -> Result<Catalog, AdapterError> {
        Ok(Catalog::default())
    }
}

impl ReadScanContext for Shops {
    async fn scan_context(&self, _: &ShopId, _: Option<&UserId>) -> Result<ScanContext, AdapterError> {
        let AdmissionCounts { open, in_flight, open_orders } = self.0;
        let state = ShopState { open, max_orders_in_queue: 2, ..ShopState::default() };
        Ok(ScanContext { state, in_flight, open_orders, key: None })
    }
}

#[derive(Default)]
struct Workflow {
    resumed: Mutex<Vec<String>>,
    spent: bool,
}

impl Workflow {
    fn note(&self, token: &TaskToken, what: &str) -> Resumed {
        self.resumed.lock().unwrap().push(format!("{} {what}", token.reveal()));
        if self.spent { Resumed::SpentToken } else { Resumed::Yes }
    }
}

impl ResumeWorkflow for Workflow {
    async fn succeed(&self, token: &TaskToken, output: String) -> Result<Resumed, AdapterError> {
        Ok(self.note(token, &output))
    }

    async fn fail(&self, token: &TaskToken, error: &str, cause: String) -> Result<Resumed, AdapterError> {
        Ok(self.note(token, &format!("{error} {cause}")))
    }
}

#[derive(Default)]
struct Bus(Mutex<Vec<Entry>>);

impl Publish for Bus {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        self.0.lock().unwrap().extend(entries);
        Ok(())
    }
}

struct Bar {
    issuer: Issuer,
    manager: OrderManager<Orders, Shops, Workflow, Bus>,
}

fn stored(status: OrderStatus, token: Option<(Step, &str)>) -> StoredOrder {
    let time = Timestamp::from_millis(1_800_000_000_000);
    let chosen = matches!(status, OrderStatus::Waiting | OrderStatus::Completed);
    let latte = DrinkOrder { drink: "Latte".into(), modifiers: vec!["Oat".into()], icon: "latte".into() };
    let order = Order {
        order_id: "o".parse().unwrap(),
        shop_id: "bar".parse().unwrap(),
        user_id: "anna".parse().unwrap(),
        status,
        order_number: chosen.then_some(7),
        drink_order: chosen.then_some(latte),
        barista_user_id: None,
        claimed_at: None,
        claim_version: 0,
        created_at: time,
        updated_at: time,
        expires_at: None,
        reason: None,
        closed_by: None,
        called_at: None,
    };
    let token =
        token.map(|(step, text)| HeldToken { token: TaskToken::new(text.into()), step, rank: step.token_rank(0) });
    StoredOrder {
        order,
        execution_arn: "execution".into(),
        token,
        closed_by_user_id: None,
        previous_barista_user_id: None,
        released_at: None,
    }
}

fn choosing() -> StoredOrder {
    stored(OrderStatus::Created, Some((Step::Customer, "t1")))
}

fn waiting() -> StoredOrder {
    stored(OrderStatus::Waiting, Some((Step::Barista, "t2")))
}

fn closed(status: OrderStatus, by: ClosedBy, user: &str) -> StoredOrder {
    let mut stored = stored(status, None);
    stored.order.closed_by = Some(by);
    stored.closed_by_user_id = Some(user.into());
    stored
}

impl Bar {
    fn with(order: StoredOrder) -> Self {
        let issuer = Issuer::new("k");
        let manager = OrderManager {
            orders: Orders {
                order: Mutex::new(order),
                later: Mutex::new(None),
                meanwhile: Mutex::default(),
                asked: Mutex::default(),
                filter: Mutex::default(),
                ahead: Ok(Some(3)),
                completions: Vec::new(),
            },
            shops: Shops(AdmissionCounts { open: true, ..AdmissionCounts::default() }),
            workflow: Workflow::default(),
            bus: Bus::default(),
            authenticator: issuer.authenticator(),
            now: || Timestamp::from_millis(1_800_000_000_000),
            patience: Duration::from_secs(2),
            counter_patience: Duration::from_secs(3),
        };
        Self { issuer, manager }
    }

    /// Returns a bar whose task tokens are spent. After `reads` reads the order becomes `later`.
    fn spent(order: StoredOrder, reads: usize, later: StoredOrder) -> Self {
        let mut bar = Self::with(order);
        bar.manager.workflow.spent = true;
        bar.manager.orders.later = Mutex::new(Some((reads, later)));
        bar
    }

    async fn ask(&self, route: &str, query: &[(&str, &str)], who: &str, body: Option<&str>) -> (u16, Value) {
        // The name of a member of staff begins with the group.
        let groups: Vec<&str> = ["barista", "admin"].into_iter().filter(|group| who.starts_with(*group)).collect();
        let authorization = self.issuer.authorization(who, &groups);
        let request = Request::new(route, &[("id", "o")], query, body).with_header("authorization", &authorization);
        let response = self.manager.handle(&request).await.unwrap_or_else(Response::from);
        (response.status(), serde_json::from_str(response.body()).unwrap())
    }

    async fn command(&self, action: &str, who: &str, body: Option<&str>) -> (u16, String) {
        let query = [("action", action)];
        let query = if action == "submit" { &[][..] } else { &query[..] };
        let (status, answer) = self.ask("PUT /orders/{id}", query, who, body).await;
        (status, answer["code"].as_str().unwrap_or("ok").to_owned())
    }

    fn resumed(&self) -> Vec<String> {
        self.manager.workflow.resumed.lock().unwrap().clone()
    }
}

const LATTE: Option<&str> = Some(r#"{"drink":"Latte","modifiers":["Oat"]}"#);

fn ok(status: u16) -> (u16, String) {
    (status, "ok".to_owned())
}

fn conflict_of(code: &str) -> (u16, String) {
    (409, code.to_owned())
}

#[tokio::test]
async fn submitting_a_drink_on_the_menu_resumes_the_workflow() {
    let bar = Bar::with(choosing());
    assert_eq!(bar.command("submit", "anna", LATTE).await, ok(202));
    assert_eq!(bar.resumed(), [r#"t1 {"drinkOrder":{"drink":"Latte","modifiers":["Oat"],"icon":"latte"}}"#]);
}

#[tokio::test]
async fn a_drink_that_is_not_on_the_menu_is_refused_and_changes_nothing() {
    let bar = Bar::with(choosing());
    for body in [r#"{"drink":"Tea"}"#, r#"{"drink":"Latte","modifiers":["Soy"]}"#] {
        assert_eq!(bar.command("submit", "anna", Some(body)).await, (422, "invalid_drink".into()));
    }
    for body in [None, Some("{}"), Some(r#"["Latte",["Oat"]]"#), Some(r#"{"drink":"Latte","userId":"x"}"#)] {
        assert_eq!(bar.command("submit", "anna", body).await, (400, "malformed_body".into()));
    }
    assert!(bar.resumed().is_empty());
}

#[tokio::test]
async fn a_command_before_the_task_token_is_stored_is_not_ready() {
    let bar = Bar::with(stored(OrderStatus::Created, None));
    assert_eq!(bar.command("submit", "anna", LATTE).await, conflict_of("not_ready"));
    assert_eq!(bar.command("cancel", "anna", None).await, conflict_of("not_ready"));
}

#[tokio::test(start_paused = true)]
async fn a_command_that_an_earlier_try_with_a_lost_reply_carried_out_is_accepted() {
    let bar = Bar::spent(choosing(), 4, waiting());
    assert_eq!(bar.command("submit", "anna", LATTE).await, ok(202));
    assert_eq!(bar.resumed().len(), 1, "a spent task token must not be tried again");
    let handed_over = closed(OrderStatus::Completed, ClosedBy::Barista, "barista-1");
    let bar = Bar::spent(waiting(), 4, handed_over);
    assert_eq!(bar.command("complete", "barista-1", None).await, ok(202));
    let bar = Bar::spent(waiting(), 4, closed(OrderStatus::Cancelled, ClosedBy::Customer, "anna"));
    assert_eq!(bar.command("cancel", "anna", None).await, ok(202));
}

#[tokio::test(start_paused = true)]
async fn a_command_after_another_command_has_decided_is_a_conflict() {
    let bar = Bar::spent(waiting(), 4, closed(OrderStatus::Completed, ClosedBy::Barista, "barista-1"));
    assert_eq!(bar.command("cancel", "anna", None).await, conflict_of("wrong_status"));
    let bar = Bar::spent(waiting(), 4, closed(OrderStatus::Cancelled, ClosedBy::Customer, "anna"));
    assert_eq!(bar.command("cancel", "barista-1", None).await, conflict_of("wrong_status"));
    let mut other = waiting();
    other.order.drink_order = Some(DrinkOrder { drink: "Espresso".into(), modifiers: vec![], icon: "espresso".into() });
    let bar = Bar::spent(choosing(), 4, other);
    assert_eq!(bar.command("submit", "anna", LATTE).await, conflict_of("wrong_status"));
}

#[tokio::test(start_paused = true)]
async fn a_command_waits_for_the_projection_for_at_most_two_seconds() {
    let bar = Bar::spent(choosing(), usize::MAX, waiting());
    let begin = tokio::time::Instant::now();
    assert_eq!(bar.command("submit", "anna", LATTE).await, conflict_of("not_ready"));
    assert!(begin.elapsed() <= Duration::from_secs(2) && begin.elapsed() > Duration::from_millis(1500));
}

#[tokio::test]
async fn only_the_customer_and_staff_may_see_and_change_an_order() {
    let bar = Bar::with(waiting());
    assert_eq!(bar.ask("GET /orders/{id}", &[], "anna", None).await.0, 200);
    assert_eq!(bar.ask("GET /orders/{id}", &[], "barista-1", None).await.0, 200);
    let (status, problem) = bar.ask("GET /orders/{id}", &[], "bert", None).await;
    assert_eq!((status, &problem["code"]), (404, &Value::from("order_not_found")));
    for action in ["submit", "cancel", "make", "unmake", "complete", "call"] {
        assert_eq!(bar.command(action, "bert", None).await.0, 404, "{action}");
    }
    for action in ["make", "unmake", "complete", "call"] {
        assert_eq!(bar.command(action, "anna", None).await.0, 403, "{action}");
    }
    assert_eq!(bar.command("submit", "barista-1", LATTE).await.0, 403);
    assert_eq!(bar.command("shred", "anna", None).await.0, 400);
}

#[tokio::test]
async fn an_order_in_an_answer_contains_neither_task_token_nor_execution() {
    let (_, order) = Bar::with(waiting()).ask("GET /orders/{id}", &[], "anna", None).await;
    assert!(!order.to_string().contains("t2") && !order.to_string().contains("execution"), "{order}");
}

#[tokio::test]
async fn a_cancel_passes_its_reason_on_and_an_invalid_reason_is_refused() {
    let bar = Bar::with(waiting());
    assert_eq!(bar.command("cancel", "anna", Some(r#"{"reason":"too late"}"#)).await, ok(202));
    assert_eq!(
        bar.resumed(),
        [r#"t2 OrderCancelled {"reason":"too late","closedBy":"customer","closedByUserId":"anna"}"#]
    );
    let long = format!(r#"{{"reason":"{}"}}"#, "x".repeat(201));
    for body in [&long, r#"{"reason":"\u202etoo late"}"#, r#"{"reason":"too\nlate"}"#, r#"{"reason":null}"#] {
        let (status, problem) = bar.ask("PUT /orders/{id}", &[("action", "cancel")], "anna", Some(body)).await;
        assert_eq!((status, &problem["field"]), (400, &Value::from("reason")), "{body}");
    }
}

#[tokio::test]
async fn a_reason_is_normalised_and_an_empty_one_becomes_cancelled() {
    let bar = Bar::with(waiting());
    assert_eq!(bar.command("cancel", "anna", Some("{\"reason\":\" Cafe\\u0301 \\u00a0zu\\n\"}")).await, ok(202));
    assert!(bar.resumed()[0].contains("\"reason\":\"Caf\u{e9} zu\""), "{:?}", bar.resumed());
    let bar = Bar::with(waiting());
    assert_eq!(bar.command("cancel", "anna", Some(r#"{"reason":" \u2003 "}"#)).await, ok(202));
    assert!(bar.resumed()[0].contains(r#""reason":"cancelled""#), "{:?}", bar.resumed());
}

#[tokio::test]
async fn a_drink_is_found_by_its_normalised_name() {
    let bar = Bar::with(choosing());
    let body = r#"{"drink":"\u2003Latte\n","modifiers":["Lactose \u00a0free"]}"#;
    assert_eq!(bar.command("submit", "anna", Some(body)).await, ok(202));
    assert_eq!(bar.resumed(), [r#"t1 {"drinkOrder":{"drink":"Latte","modifiers":["Lactose free"],"icon":"latte"}}"#]);
    let bar = Bar::with(waiting());
    let repeated = r#"{"drink":" Latte","modifiers":["Oat "]}"#;
    assert_eq!(bar.command("submit", "anna", Some(repeated)).await, ok(202), "a repetition is accepted");
    for (body, field) in [
        (r#"{"drink":"La\u200btte"}"#, "drink"),
        (r#"{"drink":"Latte","modifiers":["Oat","\u202e"]}"#, "modifiers[1]"),
        (r#"{"drink":"\ud800"}"#, "drink"),
    ] {
        let (status, problem) = bar.ask("PUT /orders/{id}", &[], "anna", Some(body)).await;
        assert_eq!((status, &problem["field"]), (400, &Value::from(field)), "{problem}");
    }
}

#[path = "any_bytes.rs"]
mod any_bytes;

#[path = "claims_tests.rs"]
mod claims;
#[path = "counter_tests.rs"]
mod counter_tests;

#[path = "generated.rs"]
mod generated;
#[path = "lists_tests.rs"]
mod lists_tests;
#[path = "position_tests.rs"]
mod position_tests;
