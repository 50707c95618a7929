//! Compares the shipped state machine with the model. Each path of the model runs through a copy of
//! the definition. In the copy, states that fail on the path are broken, and waits that time out
//! are short. The copy must end with the model's decision and publish the model's events.

use std::sync::OnceLock;
use std::time::Duration;

use adapters::orders::item;
use client::bus::BusEvent;
use domain::admission::{Refusal, admitted};
use domain::event::{Detail, TokenIssued};
use domain::ids::OrderId;
use domain::order::{ClosedBy, Step};
use domain::shop::ShopState;
use domain::workflow::{AdmissionRequest, Cancellation, HandedOver, ORDER_CANCELLED, Submitted};
use end_to_end::eventually;
use end_to_end::tables::number;
use end_to_end::venue::{TestVenue, answered};
use end_to_end::world::Emulator;
use futures::{StreamExt, stream};
use model::events::{self, Actor, Choice, PublishedEvent, Token};
use model::people::{self, Scan};
use model::workflow::{Decision, Task, TaskResult, WorkflowPath, paths};
use serde_json::{Value, json};

use crate::faults::WorkflowCopy;

const SCAN: Scan = Scan { customer: 0, window: 0, attempt: 1 };

/// Number of paths that run at the same time. LocalStack itself needs most of the CPU time.
const fn concurrency(emulator: Emulator) -> usize {
    match emulator {
        Emulator::MiniStack => 8,
        Emulator::LocalStack => 2,
    }
}

const NAME: &str = "path";
const SHORT_WAIT_SECS: u64 = 3;

/// Last order number that each shop has assigned before its execution.
const LAST_NUMBER: u64 = 6;

/// One path, with the execution along it in a separate shop.
struct Walk {
    venue: TestVenue,
    path: WorkflowPath,
    copy: OnceLock<WorkflowCopy>,
}

const fn state(task: Task) -> &'static str {
    match task {
        Task::Admit => "Admit",
        Task::AwaitCustomer => "AwaitCustomer",
        Task::AssignNumber => "AssignNumber",
        Task::AwaitBarista => "AwaitBarista",
        Task::Finish => "Finish",
    }
}

fn break_state(definition: &mut Value, task: Task) {
    let arguments = &mut definition["States"][state(task)]["Arguments"];
    match task {
        Task::Admit => arguments["Payload"]["userId"] = json!("not a user"),
        Task::AssignNumber => arguments["TableName"] = json!("no-such-table"),
        Task::AwaitCustomer | Task::AwaitBarista | Task::Finish => {
            arguments["Entries"] = json!("{% $error('no entries') %}");
        }
    }
}

impl Walk {
    fn copy(&self) -> &WorkflowCopy {
        self.copy.get().unwrap()
    }

    fn order_id(&self) -> &OrderId {
        &self.copy().order_id
    }

    /// Adds the failures and time-outs of the path to the definition.
    fn change(&self, definition: &mut Value) {
        for (task, result, _) in &self.path.steps {
            match result {
                TaskResult::Failed => break_state(definition, *task),
                TaskResult::TimedOut => definition["States"][state(*task)]["TimeoutSeconds"] = json!(SHORT_WAIT_SECS),
                _ => {}
            }
        }
    }

    /// Prepares the tables so that admission answers as on the path.
    async fn arrange(&self) {
        let state = ShopState::default();
        let result = self.path.steps[0].1;
        let open = result != TaskResult::Refused(Refusal::Closed);
        answered(self.venue.admin.set_open(&self.venue.shop_id, open).await);
        let count = |refusal, limit: u32| if result == TaskResult::Refused(refusal) { limit } else { 0 };
        self.venue.set_shop("COUNTER", "lastNumber", number(LAST_NUMBER)).await;
        self.venue.set_shop("FLOOR", "inFlight", number(count(Refusal::Full, state.max_orders_in_queue))).await;
        let open_orders = count(Refusal::CustomerLimit, state.max_orders_per_user);
        self.venue.set_shop(&format!("USER#{}", SCAN.user_id()), "openOrders", number(open_orders)).await;
        if result == TaskResult::Duplicate {
            let request = AdmissionRequest {
                order_id: WorkflowCopy::order_id(&self.venue, NAME),
                user_id: SCAN.user_id(),
                shop_id: self.venue.shop_id.clone(),
                execution_arn: "another".into(),
            };
            let item = item::write(&admitted(&request, bootstrap::now())).unwrap();
            let put = self.venue.dynamodb.put_item().table_name(&self.venue.stack.orders_table).set_item(Some(item));
            put.send().await.unwrap();
        }
    }

    /// Waits for the event with the task token of this step, and returns the token.
    async fn token(&self, step: &str) -> String {
        let issued = |event: &BusEvent| event.detail_type == TokenIssued::DETAIL_TYPE && event.detail["step"] == step;
        let what = format!("the task token of {} for the {step}", self.order_id());
        let token = eventually(&what, || async { self.venue.events(self.order_id()).into_iter().find(issued) }).await;
        token.detail["TaskToken"].as_str().unwrap().to_owned()
    }

    async fn resume(&self, step: &str, result: TaskResult) {
        let succeed = async |output: String| {
            let call = self.copy().client.send_task_success().task_token(self.token(step).await).output(output);
            call.send().await.unwrap();
        };
        match result {
            TaskResult::Chosen(drink) => {
                succeed(serde_json::to_string(&Submitted { drink_order: people::drink(drink) }).unwrap()).await;
            }
            TaskResult::HandedOver(barista) => {
                let output = HandedOver { closed_by_user_id: people::barista(barista) };
                succeed(serde_json::to_string(&output).unwrap()).await;
            }
            TaskResult::Cancelled(who) => {
                let closed_by = if who == Actor::Customer { ClosedBy::Customer } else { ClosedBy::Barista };
                let closed_by_user_id = events::person(who, SCAN);
                let cause = Cancellation { reason: "cancelled".into(), closed_by, closed_by_user_id };
                let call =
                    self.copy().client.send_task_failure().task_token(self.token(step).await).error(ORDER_CANCELLED);
                call.cause(serde_json::to_string(&cause).unwrap()).send().await.unwrap();
            }
            _ => {}
        }
    }

    /// Runs the path. The error describes the difference from the model.
    async fn walk(&self) -> Result<(), String> {
        self.arrange().await;
        let user = SCAN.user_id();
        let copy =
            WorkflowCopy::start_for(user.as_str(), &self.venue, NAME, |definition| self.change(definition)).await;
        assert!(self.copy.set(copy).is_ok(), "the walk has already started");
        for (task, result, _) in &self.path.steps {
            match task {
                Task::AwaitCustomer => self.resume("customer", *result).await,
                Task::AwaitBarista => self.resume("barista", *result).await,
                Task::Admit | Task::AssignNumber | Task::Finish => {}
            }
        }
        let ended = eventually(&format!("the execution of {} ends", self.order_id()), || async {
            Some(self.copy().described().await).filter(|execution| execution.status().as_str() != "RUNNING")
        })
        .await;
        let found = (ended.status().as_str() == "SUCCEEDED", ended.output().map(recorded).unwrap_or_default());
        let decision = self.path.memory.decision.filter(|_| self.path.succeeds);
        let model = (self.path.succeeds, self.entries(decision));
        if found != model {
            return Err(format!("ended as {found:#?}\nthe model: {model:#?}"));
        }
        self.compare_events().await
    }

    /// Returns the entries of a decision, with the ids of this execution.
    fn entries(&self, decision: Option<Decision>) -> Vec<Value> {
        self.entries_of(decision.into_iter().flat_map(Decision::entries).collect())
    }

    fn entries_of(&self, events: Vec<PublishedEvent>) -> Vec<Value> {
        let own = |entry: domain::workflow::OutputEntry| {
            let mut entry = json!({"DetailType": entry.detail_type, "Detail": entry.detail});
            entry["Detail"]["orderId"] = json!(self.order_id().as_str());
            entry["Detail"]["eventId"] = json!(self.venue.shop_id.as_str());
            if let Some(number) = entry["Detail"].get_mut("orderNumber").filter(|number| !number.is_null()) {
                *number = json!(number.as_u64().unwrap() + LAST_NUMBER);
            }
            comparable(entry)
        };
        events.into_iter().map(|event| events::output_entry(event, SCAN)).map(own).collect()
    }

    /// Returns the events that the model publishes on the path.
    fn model_events(&self) -> Vec<Value> {
        let mut events = Vec::new();
        for (task, result, memory) in &self.path.steps {
            let token = |step| PublishedEvent::Token(Token { run: 0, step, attempt: 0 });
            events.extend(match task {
                _ if *result == TaskResult::Failed => vec![],
                Task::AwaitCustomer => vec![PublishedEvent::Started, token(Step::Customer)],
                Task::AwaitBarista => {
                    let choice = memory.drink.zip(memory.number).map(|(drink, number)| Choice { number, drink });
                    vec![PublishedEvent::Waiting(choice.unwrap()), token(Step::Barista)]
                }
                Task::Finish => memory.decision.unwrap().entries().to_vec(),
                Task::Admit | Task::AssignNumber => vec![],
            });
        }
        self.entries_of(events)
    }

    /// Returns the distinct events about the order. The bus may deliver an event twice.
    fn published_events(&self) -> Vec<Value> {
        let mut published: Vec<Value> = Vec::new();
        for BusEvent { detail_type, detail, .. } in self.venue.events(self.order_id()) {
            let entry = comparable(json!({"DetailType": detail_type, "Detail": detail}));
            if !published.contains(&entry) {
                published.push(entry);
            }
        }
        published
    }

    /// Compares the events on the bus with those of the model.
    async fn compare_events(&self) -> Result<(), String> {
        let model = self.model_events();
        let what = format!("{} publishes {model:#?}", self.order_id());
        eventually(&what, async || (self.published_events().len() >= model.len()).then_some(())).await;
        let published = self.published_events();
        let same = published.len() == model.len() && model.iter().all(|entry| published.contains(entry));
        if same { Ok(()) } else { Err(format!("published {published:#?}\nthe model: {model:#?}")) }
    }

    async fn remove(&self) {
        if let Some(copy) = self.copy.get() {
            copy.remove().await;
        }
        self.venue.remove().await;
    }
}

/// Removes the fields that differ between executions.
fn comparable(mut entry: Value) -> Value {
    let detail = entry["Detail"].as_object_mut().unwrap();
    for differs in ["at", "Message", "expiresAt", "TaskToken"] {
        detail.remove(differs);
    }
    // JSONata has only one type of number.
    for name in ["orderNumber", "attempt"] {
        if let Some(number) = detail.get(name).and_then(Value::as_f64) {
            detail.insert(name.into(), json!(number));
        }
    }
    entry
}

fn recorded(output: &str) -> Vec<Value> {
    let output: Value = serde_json::from_str(output).unwrap_or_default();
    output["entries"].as_array().cloned().unwrap_or_default().into_iter().map(comparable).collect()
}

pub(crate) async fn every_workflow_path_ends_and_publishes_as_in_the_model(venue: TestVenue) {
    let walks: Vec<Walk> = paths()
        .into_iter()
        .enumerate()
        .map(|(number, path)| {
            let shop_id = format!("{}-{number}", venue.shop_id).parse().unwrap();
            Walk { venue: venue.at(shop_id), path, copy: OnceLock::new() }
        })
        .collect();
    let walk = async |walk: &Walk| {
        let walked = tokio::time::timeout(Duration::from_mins(5), walk.walk()).await;
        walk.remove().await;
        let steps: Vec<_> = walk.path.steps.iter().map(|(task, result, _)| (task, result)).collect();
        walked
            .unwrap_or_else(|_| Err("no end within 5 min".into()))
            .map_err(|error| format!("the path {steps:?}\n{error}"))
    };
    let results: Vec<Result<(), String>> =
        stream::iter(&walks).map(walk).buffer_unordered(concurrency(venue.world.emulator)).collect().await;
    let count = results.len();
    let differ: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(differ.is_empty(), "{} of {count} paths differ from the model:\n{}", differ.len(), differ.join("\n"));
}
