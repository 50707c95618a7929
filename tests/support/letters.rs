//! Dead letters as a test meets them: put into the stack's own queues in the form that AWS documents, and dealt with by `presso`.

use std::process::Output;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sqs::types::MessageAttributeValue;
use client::dead_letters::{Letter, Selection, look};
use client::resources::Resources;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::bar::Bar;
use crate::{deadline, eventually};

/// The dead letters of the stack that a shop is in. A test touches only those of its own shop.
pub struct Letters<'a> {
    bar: &'a Bar,
    resources: Resources,
    lambda: aws_sdk_lambda::Client,
    queues: aws_sdk_sqs::Client,
}

impl<'a> Letters<'a> {
    /// Finds the queues of the shop's stack.
    pub async fn of(bar: &'a Bar) -> Self {
        Self {
            bar,
            resources: Resources::find(&bar.stack).await.unwrap(),
            lambda: aws_sdk_lambda::Client::new(&bar.stack.aws),
            queues: aws_sdk_sqs::Client::new(&bar.stack.aws),
        }
    }

    /// What a part of the template is called in AWS.
    pub fn part(&self, name: &str) -> &str {
        self.resources.required(name).unwrap()
    }

    /// The ARN of a function of the template.
    pub async fn function_arn(&self, name: &str) -> String {
        let found = self.lambda.get_function_configuration().function_name(self.part(name)).send().await.unwrap();
        found.function_arn.unwrap()
    }

    /// Invokes a function as EventBridge does: nobody waits for it, and Lambda tries again.
    pub async fn invoke_asynchronously(&self, name: &str, event: &Value) {
        let call = self.lambda.invoke().function_name(self.part(name)).invocation_type(InvocationType::Event);
        call.payload(Blob::new(event.to_string())).send().await.unwrap();
    }

    /// Gives a function these variables besides its own, or takes them away.
    pub async fn set_variables(&self, name: &str, variables: &[(&str, Option<&str>)]) {
        let function = self.part(name);
        let found = self.lambda.get_function_configuration().function_name(function).send().await.unwrap();
        let mut all = found.environment.and_then(|environment| environment.variables).unwrap_or_default();
        for (name, value) in variables {
            match value {
                Some(value) => drop(all.insert((*name).to_owned(), (*value).to_owned())),
                None => drop(all.remove(*name)),
            }
        }
        let environment = aws_sdk_lambda::types::Environment::builder().set_variables(Some(all)).build();
        let update = self.lambda.update_function_configuration().function_name(function).environment(environment);
        update.send().await.unwrap();
        eventually(&format!("{name} is updated"), || async {
            let found = self.lambda.get_function_configuration().function_name(function).send().await.unwrap();
            (found.last_update_status.unwrap() == aws_sdk_lambda::types::LastUpdateStatus::Successful).then_some(())
        })
        .await;
    }

    /// Puts a message into a queue, and gives its id.
    pub async fn put(&self, queue: &str, body: &Value, attributes: &[(&str, &str)]) -> String {
        let mut call = self.queues.send_message().queue_url(self.part(queue)).message_body(body.to_string());
        for (name, value) in attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(*value).build().unwrap();
            call = call.message_attributes(*name, value);
        }
        call.send().await.unwrap().message_id.unwrap()
    }

    /// Puts a letter there as EventBridge does whose target could not be reached.
    pub async fn put_rules(&self, queue: &str, target_arn: &str, event: &Value) {
        let attributes = [
            ("RULE_ARN", "arn:aws:events:us-east-1:000000000000:rule/bus/rule"),
            ("TARGET_ARN", target_arn),
            ("ERROR_CODE", "THROTTLING"),
            ("ERROR_MESSAGE", "Rate exceeded"),
            ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
            ("RETRY_ATTEMPTS", "20"),
        ];
        self.put(queue, event, &attributes).await;
    }

    /// The event of the bar that a rule hands over.
    pub fn event(&self, detail_type: &str, detail: &Value) -> Value {
        json!({
            "version": "0", "id": format!("{}-{:08x}", self.bar.shop_id, fastrand::u32(..)), "account": "000000000000",
            "time": "2026-11-23T09:30:00Z", "region": "us-east-1", "resources": [],
            "source": domain::event::SOURCE, "detail-type": detail_type, "detail": detail
        })
    }

    /// The shop's letters in a queue.
    pub async fn in_queue(&self, queue: &str) -> Vec<Letter> {
        let (queue, shop) = (Some(queue.to_owned()), Some(self.bar.shop_id.to_string()));
        let selection = Selection { queue, shop, ..Selection::default() };
        look(&self.bar.stack, &selection)
            .await
            .unwrap_or_else(|error| panic!("{}", client::error::causes(&error)))
            .letters
    }

    /// Waits for a letter of the shop's in a queue.
    pub async fn arrives(&self, queue: &str) -> Letter {
        let what =
            format!("a letter lies in {queue} (LocalStack tries often enough only with LAMBDA_RETRY_BASE_DELAY=1)");
        eventually(&what, || async { self.in_queue(queue).await.pop() }).await
    }

    /// The real program, as somebody runs it on this shop's letters in a queue.
    pub fn presso(&self, command: &str, queue: &str, more: &[&str]) -> Command {
        let shop = ["--queue", queue, "--shop", self.bar.shop_id.as_str()];
        self.presso_on(&[command], &[&shop, more].concat())
    }

    /// The real program on one letter, whatever it is about.
    pub fn presso_on_letter(&self, command: &str, id: &str, more: &[&str]) -> Command {
        self.presso_on(&[command, "--letter", id], more)
    }

    /// Runs `presso redrive` on every letter in a queue, whoever's it is, until nothing is left.
    pub async fn redrive_everybodys(&self, queue: &str) {
        eventually(&format!("nothing is left in {queue}"), || async {
            ran(self.presso_on(&["redrive"], &["--queue", queue])).await.status.success().then_some(())
        })
        .await;
    }

    fn presso_on(&self, command: &[&str], more: &[&str]) -> Command {
        let mut presso = Command::new("presso");
        presso.args(["--stack", &self.bar.stack.name]).args(command).args(more).kill_on_drop(true);
        presso
    }

    /// Deletes a letter that no redrive can mend.
    pub async fn delete(&self, id: &str) {
        eventually("the letter is deleted", || async {
            let output = ran(self.presso_on_letter("dead-letters", id, &["--delete"])).await;
            output.status.success().then_some(())
        })
        .await;
    }

    /// What `presso dead-letters` prints of this shop's letters, for people and for programs.
    pub async fn shown(&self, queue: &str) -> String {
        // Another test may look at them at the same moment.
        eventually("the letter is shown", || async {
            let people = ran(self.presso("dead-letters", queue, &[])).await;
            let programs = ran(self.presso("dead-letters", queue, &["--json"])).await;
            assert!(people.status.success() && programs.status.success(), "{people:?} {programs:?}");
            let listing: Value = serde_json::from_slice(&programs.stdout).unwrap();
            let is_shown = listing["letters"] != json!([]) && !text(&people.stdout).starts_with('0');
            is_shown.then(|| text(&people.stdout) + &text(&programs.stdout))
        })
        .await
    }

    /// Runs `presso redrive` on this shop's letters, and gives whether it succeeded and what it reported.
    pub async fn redrive(&self, queue: &str, more: &[&str]) -> (bool, Value) {
        let output = ran(self.presso("redrive", queue, &[more, &["--json"]].concat())).await;
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        (output.status.success(), report)
    }

    /// Runs `presso redrive` until nothing of this shop's is left, and gives how many letters were sent. A look of another test's
    /// may hold them for a moment.
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
    command.output().await.expect("presso is on the PATH: . .local/env")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
