//! The workflow's expressions, held to the model: copies of the shipped definition, with states broken or waits cut short as a way
//! wants it, go every way that the model knows. Each must end as the model says, with what it decided, and tell what it says.

use std::sync::OnceLock;
use std::time::Duration;

use adapters::orders::item;
use aws_sdk_dynamodb::types::AttributeValue;
use client::bus::BusEvent;
use domain::admission::{Refusal, admitted};
use domain::event::{Detail, TokenIssued};
use domain::ids::{EventId, OrderId};
use domain::order::{ClosedBy, Step};
use domain::shop::ShopSettings;
use domain::workflow::{AdmissionRequest, Cancellation, HandedOver, ORDER_CANCELLED, Submitted};
use end_to_end::bar::{Bar, answered};
use end_to_end::eventually;
use end_to_end::tables::{Item, texts};
use end_to_end::world::Emulator;
use futures::{StreamExt, stream};
use model::people::{self, Scan};
use model::told::{self, Chosen, Token, Told, Who};
use model::workflow::{Decided, Task, TaskResult, Way, ways};
use serde_json::{Value, json};

use crate::faults::faster_retries;

const SCAN: Scan = Scan { customer: 0, window: 0 };
/// LocalStack computes more than the tests do.
const fn at_once(emulator: Emulator) -> usize {
    match emulator {
        Emulator::MiniStack => 8,
        Emulator::LocalStack => 2,
    }
}

const SHORT_WAIT_SECS: u64 = 3;

/// The orders that each shop has numbered before.
const LAST_NUMBER: u64 = 6;

/// One way, in a shop of its own.
struct Walk<'a> {
    bar: &'a Bar,
    way: Way,
    event_id: EventId,
    order_id: OrderId,
    sfn: aws_sdk_sfn::Client,
    machine_arn: OnceLock<String>,
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

impl Walk<'_> {
    /// The shipped definition, but for what this way wants broken or cut short.
    async fn definition(&self) -> (String, String) {
        let machine = self.sfn.describe_state_machine().state_machine_arn(&self.bar.stack.order_processor_arn);
        let shipped = machine.send().await.unwrap();
        let mut definition: Value = serde_json::from_str(shipped.definition()).unwrap();
        faster_retries(&mut definition);
        for (task, result, _) in &self.way.steps {
            match result {
                TaskResult::Broken => break_state(&mut definition, *task),
                TaskResult::TimedOut => definition["States"][state(*task)]["TimeoutSeconds"] = json!(SHORT_WAIT_SECS),
                _ => {}
            }
        }
        (definition.to_string(), shipped.role_arn().to_owned())
    }

    async fn put_shop(&self, item: &str, name: &str, value: AttributeValue) {
        let mut put: Item = texts(&[("eventId", self.event_id.as_str()), ("item", item)]);
        put.insert(name.to_owned(), value);
        let call = self.bar.tables.put_item().table_name(&self.bar.stack.shop_table).set_item(Some(put));
        call.send().await.unwrap();
    }

    /// Makes admission answer as the way wants it.
    async fn arrange(&self) {
        let settings = ShopSettings::default();
        let result = self.way.steps[0].1;
        let open = result != TaskResult::Refused(Refusal::Closed);
        answered(self.bar.admin.set_open(&self.event_id, open).await);
        let count = |refusal, limit: u32| if result == TaskResult::Refused(refusal) { limit } else { 0 };
        let number = |count: u32| AttributeValue::N(count.to_string());
        self.put_shop("COUNTER", "lastNumber", number(u32::try_from(LAST_NUMBER).unwrap())).await;
        self.put_shop("FLOOR", "inFlight", number(count(Refusal::Full, settings.max_orders_in_queue))).await;
        let open_orders = count(Refusal::CustomerLimit, settings.max_orders_per_user);
        self.put_shop(&format!("USER#{}", SCAN.user_id()), "openOrders", number(open_orders)).await;
        if result == TaskResult::Duplicate {
            let request = AdmissionRequest {
                order_id: self.order_id.clone(),
                user_id: SCAN.user_id(),
                event_id: self.event_id.clone(),
                execution_arn: "another".into(),
            };
            let item = item::write(&admitted(&request, bootstrap::now())).unwrap();
            let put = self.bar.tables.put_item().table_name(&self.bar.stack.orders_table).set_item(Some(item));
            put.send().await.unwrap();
        }
    }

    /// The token of a wait, as the bus told it.
    async fn token(&self, step: &str) -> String {
        let issued = |event: &BusEvent| event.detail_type == TokenIssued::DETAIL_TYPE && event.detail["step"] == step;
        let what = format!("the {step}'s token of {}", self.order_id);
        let token = eventually(&what, || async { self.bar.events(&self.order_id).into_iter().find(issued) }).await;
        token.detail["TaskToken"].as_str().unwrap().to_owned()
    }

    async fn resume(&self, step: &str, result: TaskResult) {
        let succeed = async |output: String| {
            let call = self.sfn.send_task_success().task_token(self.token(step).await).output(output);
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
                let closed_by = if who == Who::Customer { ClosedBy::Customer } else { ClosedBy::Barista };
                let closed_by_user_id = told::person(who, SCAN);
                let cause = Cancellation { reason: "cancelled".into(), closed_by, closed_by_user_id };
                let call = self.sfn.send_task_failure().task_token(self.token(step).await).error(ORDER_CANCELLED);
                call.cause(serde_json::to_string(&cause).unwrap()).send().await.unwrap();
            }
            _ => {}
        }
    }

    /// What differs from the model, if anything does.
    async fn go(&self) -> Result<(), String> {
        self.arrange().await;
        let (definition, role) = self.definition().await;
        let create = self.sfn.create_state_machine().name(self.order_id.as_str()).role_arn(role).definition(definition);
        let created = create.send().await.unwrap();
        let machine_arn = self.machine_arn.get_or_init(|| created.state_machine_arn);
        let mut detail = self.bar.new_order(&self.order_id, SCAN.user_id().as_str());
        detail["eventId"] = json!(self.event_id.as_str());
        let start =
            self.sfn.start_execution().state_machine_arn(machine_arn).input(json!({"detail": detail}).to_string());
        let execution_arn = start.send().await.unwrap().execution_arn;
        for (task, result, _) in &self.way.steps {
            match task {
                Task::AwaitCustomer => self.resume("customer", *result).await,
                Task::AwaitBarista => self.resume("barista", *result).await,
                Task::Admit | Task::AssignNumber | Task::Finish => {}
            }
        }
        let ended = eventually(&format!("the execution of {} ends", self.order_id), || async {
            let execution = self.sfn.describe_execution().execution_arn(&execution_arn).send().await.unwrap();
            (execution.status().as_str() != "RUNNING").then_some(execution)
        })
        .await;
        let found = (ended.status().as_str() == "SUCCEEDED", ended.output().map(decided).unwrap_or_default());
        let decision = self.way.memory.outcome.filter(|_| self.way.succeeds);
        let model = (self.way.succeeds, self.entries(decision));
        if found != model {
            return Err(format!("ended as {found:#?}\nthe model: {model:#?}"));
        }
        self.told().await
    }

    /// What the model has decided, with the names of this walk.
    fn entries(&self, decided: Option<Decided>) -> Vec<Value> {
        self.named(decided.into_iter().flat_map(Decided::entries).collect())
    }

    fn named(&self, told: Vec<Told>) -> Vec<Value> {
        let own = |entry: domain::workflow::OutputEntry| {
            let mut entry = json!({"DetailType": entry.detail_type, "Detail": entry.detail});
            entry["Detail"]["orderId"] = json!(self.order_id.as_str());
            entry["Detail"]["eventId"] = json!(self.event_id.as_str());
            if let Some(number) = entry["Detail"].get_mut("orderNumber").filter(|number| !number.is_null()) {
                *number = json!(number.as_u64().unwrap() + LAST_NUMBER);
            }
            comparable(entry)
        };
        told.into_iter().map(|told| told::output_entry(told, SCAN)).map(own).collect()
    }

    /// Whether the bus heard what the way tells, and nothing else.
    async fn told(&self) -> Result<(), String> {
        let mut told = Vec::new();
        for (task, result, memory) in &self.way.steps {
            let token = |step| Told::Token(Token { run: 0, step, attempt: 0 });
            told.extend(match task {
                _ if *result == TaskResult::Broken => vec![],
                Task::AwaitCustomer => vec![Told::Started, token(Step::Customer)],
                Task::AwaitBarista => {
                    let chosen = memory.drink.zip(memory.number).map(|(drink, number)| Chosen { number, drink });
                    vec![Told::Waiting(chosen.unwrap()), token(Step::Barista)]
                }
                Task::Finish => memory.outcome.unwrap().entries().to_vec(),
                Task::Admit | Task::AssignNumber => vec![],
            });
        }
        let model = self.named(told);
        let heard = || {
            let mut heard: Vec<Value> = Vec::new();
            for BusEvent { detail_type, detail, .. } in self.bar.events(&self.order_id) {
                let entry = comparable(json!({"DetailType": detail_type, "Detail": detail}));
                // The bus may say a thing twice.
                if !heard.contains(&entry) {
                    heard.push(entry);
                }
            }
            heard
        };
        let what = format!("{} tells {model:#?}", self.order_id);
        let all = async || (heard().len() >= model.len()).then_some(());
        eventually(&what, all).await;
        let heard = heard();
        let same = heard.len() == model.len() && model.iter().all(|entry| heard.contains(entry));
        if same { Ok(()) } else { Err(format!("told {heard:#?}\nthe model: {model:#?}")) }
    }

    async fn remove(&self) {
        if let Some(machine_arn) = self.machine_arn.get() {
            self.sfn.delete_state_machine().state_machine_arn(machine_arn).send().await.unwrap();
        }
        self.bar.of(self.event_id.clone()).remove().await;
    }
}

/// An entry without what differs from run to run.
fn comparable(mut entry: Value) -> Value {
    let detail = entry["Detail"].as_object_mut().unwrap();
    for differs in ["at", "Message", "expiresAt", "TaskToken"] {
        detail.remove(differs);
    }
    // JSONata knows one kind of number.
    for name in ["orderNumber", "attempt"] {
        if let Some(number) = detail.get(name).and_then(Value::as_f64) {
            detail.insert(name.into(), json!(number));
        }
    }
    entry
}

fn decided(output: &str) -> Vec<Value> {
    let output: Value = serde_json::from_str(output).unwrap_or_default();
    output["entries"].as_array().cloned().unwrap_or_default().into_iter().map(comparable).collect()
}

pub(crate) async fn the_workflow_goes_every_way_of_the_model_and_tells_what_it_says(bar: Bar) {
    let walks: Vec<Walk> = ways()
        .into_iter()
        .enumerate()
        .map(|(number, way)| Walk {
            bar: &bar,
            way,
            event_id: format!("{}-{number}", bar.event_id).parse().unwrap(),
            order_id: format!("{}-way-{number}", bar.event_id).parse().unwrap(),
            sfn: aws_sdk_sfn::Client::new(&bar.stack.aws),
            machine_arn: OnceLock::new(),
        })
        .collect();
    let walk = async |walk: &Walk<'_>| {
        let gone = tokio::time::timeout(Duration::from_mins(2), walk.go()).await;
        walk.remove().await;
        let steps: Vec<_> = walk.way.steps.iter().map(|(task, result, _)| (task, result)).collect();
        gone.unwrap_or_else(|_| Err("it did not end".into())).map_err(|differs| format!("the way {steps:?}\n{differs}"))
    };
    let results: Vec<Result<(), String>> =
        stream::iter(&walks).map(walk).buffer_unordered(at_once(bar.world.emulator)).collect().await;
    let count = results.len();
    let differ: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(differ.is_empty(), "{} of {count} ways differ from the model:\n{}", differ.len(), differ.join("\n"));
}
