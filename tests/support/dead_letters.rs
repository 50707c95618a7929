//! Sends dead-letter messages in the formats that AWS documents, and runs `presso` on them.

use std::process::Output;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use client::Resources;
use client::dead_letters::{DeadLetter, Selection, look};
use harness::dead_letters::{RuleFailure, StreamFailure, send_event, send_position};
use harness::environment::set_variables;
use harness::function::Function;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::venue::TestVenue;
use crate::{deadline, eventually};

/// The dead-letter queues of a test's stack, which other tests use at the same time. Most methods
/// handle only the messages about the test's shop.
pub struct DeadLetters<'a> {
    venue: &'a TestVenue,
    resources: Resources,
    lambda: aws_sdk_lambda::Client,
    queues: aws_sdk_sqs::Client,
}

impl<'a> DeadLetters<'a> {
    pub async fn find(venue: &'a TestVenue) -> Self {
        Self {
            venue,
            resources: Resources::find(&venue.stack).await.unwrap(),
            lambda: aws_sdk_lambda::Client::new(&venue.stack.aws),
            queues: aws_sdk_sqs::Client::new(&venue.stack.aws),
        }
    }

    pub fn physical_id(&self, name: &str) -> &str {
        self.resources.required(name).unwrap()
    }

    pub async fn function_arn(&self, function: Function) -> String {
        function.arn(&self.venue.stack, &self.resources).await.unwrap()
    }

    /// Invokes a function as EventBridge does: without waiting, and with Lambda's retries.
    pub async fn invoke_asynchronously(&self, name: &str, event: &Value) {
        let call = self.lambda.invoke().function_name(self.physical_id(name)).invocation_type(InvocationType::Event);
        call.payload(Blob::new(event.to_string())).send().await.unwrap();
    }

    /// Sets an environment variable of a function, or removes it, and waits for the update.
    pub async fn set_variable(&self, function: &str, name: &str, value: Option<&str>) {
        let variables = [(name, value.map(str::to_owned))].into();
        set_variables(&self.venue.stack, &[(self.physical_id(function), variables)]).await.unwrap();
    }

    /// Sends the message that EventBridge sends if it cannot reach a rule's target.
    pub async fn put_from_rule(&self, queue: &str, target_arn: &str, event: &Value) {
        let rule_arn = "arn:aws:events:us-east-1:000000000000:rule/bus/rule";
        let failure = RuleFailure { rule_arn, target_arn, message: "Rate exceeded", retries: 20 };
        send_event(&self.queues, self.physical_id(queue), &event.to_string(), &failure).await.unwrap();
    }

    /// Sends the message that Lambda sends if config-changed did not handle the stream record with
    /// the sequence number `number`. Returns the id of the message.
    pub async fn put_from_stream(&self, queue: &str, stream_arn: &str, shard_id: &str, number: &str) -> String {
        let function_arn = &self.function_arn(Function::ConfigChanged).await;
        let (first, last) = (number, number);
        let failure = StreamFailure { function_arn, attempts: 5, stream_arn, shard_id, first, last, records: 1 };
        send_position(&self.queues, self.physical_id(queue), &failure).await.unwrap()
    }

    /// Returns an event as a rule passes it to its target.
    pub fn event(&self, detail_type: &str, detail: &Value) -> Value {
        json!({
            "version": "0", "id": format!("{}-{:08x}", self.venue.shop_id, fastrand::u32(..)), "account": "000000000000",
            "time": "2026-11-23T09:30:00Z", "region": "us-east-1", "resources": [],
            "source": domain::event::SOURCE, "detail-type": detail_type, "detail": detail
        })
    }

    /// Lists the messages about the shop in a queue.
    pub async fn in_queue(&self, queue: &str) -> Vec<DeadLetter> {
        let (queue, shop) = (Some(queue.to_owned()), Some(self.venue.shop_id.to_string()));
        let selection = Selection { queue, shop, ..Selection::default() };
        look(&self.venue.stack, &selection)
            .await
            .unwrap_or_else(|error| panic!("{}", client::error::causes(&error)))
            .messages
    }

    pub async fn arrives(&self, queue: &str) -> DeadLetter {
        let what =
            format!("a message is in {queue} (LocalStack retries fast enough only with LAMBDA_RETRY_BASE_DELAY=1)");
        eventually(&what, || async { self.in_queue(queue).await.pop() }).await
    }

    /// Builds a run of `presso <command>` on the messages about this shop in a queue. `more` has
    /// further arguments.
    pub fn presso(&self, command: &str, queue: &str, more: &[&str]) -> Command {
        let shop = ["--queue", queue, "--shop", self.venue.shop_id.as_str()];
        self.presso_on(&[command], &[&shop, more].concat())
    }

    /// Builds a run of `presso <command>` on one message, whichever shop it is about.
    pub fn presso_on_message(&self, command: &str, id: &str, more: &[&str]) -> Command {
        self.presso_on(&[command, "--message-id", id], more)
    }

    /// Runs `presso redrive` on the messages about every shop in a queue until it succeeds.
    pub async fn redrive_queue(&self, queue: &str) {
        eventually(&format!("every message in {queue} is redriven"), || async {
            ran(self.presso_on(&["redrive"], &["--queue", queue])).await.status.success().then_some(())
        })
        .await;
    }

    fn presso_on(&self, command: &[&str], more: &[&str]) -> Command {
        let mut presso = Command::new("presso");
        presso.args(["--stack", &self.venue.stack.name]).args(command).args(more).kill_on_drop(true);
        presso
    }

    pub async fn delete(&self, id: &str) {
        eventually("the message is deleted", || async {
            let output = ran(self.presso_on_message("dead-letters", id, &["--delete"])).await;
            output.status.success().then_some(())
        })
        .await;
    }

    /// Returns the output of `presso dead-letters` about this shop: the table, then the JSON.
    pub async fn shown(&self, queue: &str) -> String {
        // If another test has just received the messages, the queue hides them for some time.
        eventually("the message is shown", || async {
            let people = ran(self.presso("dead-letters", queue, &[])).await;
            let programs = ran(self.presso("dead-letters", queue, &["--json"])).await;
            assert!(people.status.success() && programs.status.success(), "{people:?} {programs:?}");
            let listing: Value = serde_json::from_slice(&programs.stdout).unwrap();
            let is_shown = listing["letters"] != json!([]) && !text(&people.stdout).starts_with('0');
            is_shown.then(|| text(&people.stdout) + &text(&programs.stdout))
        })
        .await
    }

    /// Redrives the messages about this shop. Returns true if `presso` succeeded, and its report.
    pub async fn redrive(&self, queue: &str, more: &[&str]) -> (bool, Value) {
        let output = ran(self.presso("redrive", queue, &[more, &["--json"]].concat())).await;
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        (output.status.success(), report)
    }

    /// Redrives until no message about this shop is left. Returns the number of delivered messages.
    pub async fn redrive_all(&self, queue: &str) -> u64 {
        let (mut sent, deadline) = (0, deadline());
        loop {
            let (done, report) = self.redrive(queue, &[]).await;
            sent += report["sent"].as_u64().unwrap();
            if done {
                return sent;
            }
            assert!(report["stayed"] == 0 && tokio::time::Instant::now() < deadline, "{report}");
        }
    }
}

async fn ran(mut command: Command) -> Output {
    command.output().await.expect("presso cannot be run; first run `. .local/env`")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
