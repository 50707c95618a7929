//! Publishes to the bus and subscribes to it. A tap is a temporary rule and queue.

use std::time::Duration;

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use aws_sdk_sqs::types::QueueAttributeName;
use domain::event::SOURCE;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::error::{Cause, Error};
use crate::stack::Stack;

/// Prefix of the name that the rule and the queue of a tap share.
pub const PREFIX: &str = "presso-tap-";

const TARGET: &str = "queue";
const LONG_POLL_SECS: i32 = 5;

/// Event of the bus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BusEvent {
    /// EventBridge id of the event.
    pub id: String,
    /// Source of the event.
    pub source: String,
    /// Detail-type of the event.
    pub detail_type: String,
    /// Detail of the event, as JSON.
    pub detail: Value,
    /// Name of the replay, if an archive delivered the event again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_name: Option<String>,
}

impl BusEvent {
    /// Returns the order id in the detail.
    pub fn order_id(&self) -> Option<&str> {
        self.detail.get("orderId")?.as_str()
    }

    /// Returns the shop id in the detail.
    pub fn shop_id(&self) -> Option<&str> {
        self.detail.get("eventId")?.as_str()
    }
}

/// Selection of the events that a tap receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Events of the application without a task token. Every consumer may receive them.
    Public,
    /// All events of the application, also those with a task token.
    Everything,
    /// Events of all sources.
    EverySource,
}

/// Queue, and a rule of the same name that sends events of a stack's bus to it.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Name of the rule and of the queue.
    pub name: String,
    /// URL of the queue.
    pub queue_url: String,
    bus_name: String,
    events: aws_sdk_eventbridge::Client,
    sqs: aws_sdk_sqs::Client,
}

impl Subscription {
    /// Creates the queue. [`Subscription::receive`] creates the rule.
    pub async fn create(stack: &Stack, name: String, visibility_timeout: Duration) -> Result<Self, Error> {
        let sqs = aws_sdk_sqs::Client::new(&stack.aws);
        let create = sqs
            .create_queue()
            .queue_name(&name)
            .attributes(QueueAttributeName::MessageRetentionPeriod, "3600")
            .attributes(QueueAttributeName::VisibilityTimeout, visibility_timeout.as_secs().to_string());
        let queue = create.send().await.map_err(failed)?;
        let queue_url = queue.queue_url.ok_or_else(|| failed("the queue has no URL"))?;
        let events = aws_sdk_eventbridge::Client::new(&stack.aws);
        Ok(Self { name, queue_url, bus_name: stack.bus_name.clone(), events, sqs })
    }

    /// Creates the rule, which sends the events that match `pattern` to the queue.
    pub async fn receive(&self, pattern: &str) -> Result<(), Error> {
        let (name, bus) = (&self.name, &self.bus_name);
        let attributes =
            self.sqs.get_queue_attributes().queue_url(&self.queue_url).attribute_names(QueueAttributeName::QueueArn);
        let attributes = attributes.send().await.map_err(failed)?.attributes.unwrap_or_default();
        let queue_arn = attributes.get(&QueueAttributeName::QueueArn).ok_or_else(|| failed("the queue has no ARN"))?;
        let rule = self
            .events
            .put_rule()
            .name(name)
            .event_bus_name(bus)
            .description("A subscription of presso, which removes it at the end.")
            .event_pattern(pattern);
        let rule = rule.send().await.map_err(failed)?;
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": queue_arn, "Condition": {"ArnEquals": {"aws:SourceArn": rule.rule_arn()}}
        }]});
        let allow = self.sqs.set_queue_attributes().queue_url(&self.queue_url);
        allow.attributes(QueueAttributeName::Policy, policy.to_string()).send().await.map_err(failed)?;
        let target = Target::builder().id(TARGET).arn(queue_arn).build().map_err(failed)?;
        let put = self.events.put_targets().rule(name).event_bus_name(bus).targets(target);
        match put.send().await.map_err(failed)?.failed_entries().first() {
            None => Ok(()),
            Some(entry) => Err(failed(entry.error_message().unwrap_or("the target was rejected").to_owned())),
        }
    }

    /// Removes the rule and the queue.
    pub async fn remove(&self) -> Result<(), Error> {
        let (name, bus) = (&self.name, &self.bus_name);
        let targets = self.events.remove_targets().rule(name).event_bus_name(bus).ids(TARGET).send().await;
        let rule = self.events.delete_rule().name(name).event_bus_name(bus).send().await;
        let queue = self.sqs.delete_queue().queue_url(&self.queue_url).send().await;
        targets.map_err(failed)?;
        rule.map_err(failed)?;
        queue.map(drop).map_err(failed)
    }
}

/// Temporary subscription that collects the events that it receives. Call [`Tap::remove`] at the
/// end.
#[derive(Debug)]
pub struct Tap {
    subscription: Subscription,
    received: mpsc::UnboundedReceiver<BusEvent>,
    listener: JoinHandle<()>,
}

impl Tap {
    /// Creates the subscription and begins to receive events.
    pub async fn open(stack: &Stack, scope: Scope) -> Result<Self, Error> {
        let name = format!("{PREFIX}{:016x}", fastrand::u64(..));
        let subscription = Subscription::create(stack, name, Duration::from_secs(30)).await?;
        let pattern = match scope {
            Scope::Public => json!({"source": [SOURCE], "detail": {"TaskToken": [{"exists": false}]}}),
            Scope::Everything => json!({"source": [SOURCE]}),
            Scope::EverySource => json!({"source": [{"prefix": ""}]}),
        };
        if let Err(error) = subscription.receive(&pattern.to_string()).await {
            subscription.remove().await.ok();
            return Err(error);
        }
        let (sender, received) = mpsc::unbounded_channel();
        let listener = tokio::spawn(listen(subscription.sqs.clone(), subscription.queue_url.clone(), sender));
        Ok(Self { subscription, received, listener })
    }

    /// Returns the name of the rule and of the queue.
    pub fn name(&self) -> &str {
        &self.subscription.name
    }

    /// Returns the next event, or `None` at `deadline`.
    pub async fn next(&mut self, deadline: Instant) -> Option<BusEvent> {
        timeout_at(deadline, self.received.recv()).await.ok().flatten()
    }

    /// Returns the events that have arrived and were not returned before.
    pub(crate) fn received(&mut self) -> impl Iterator<Item = BusEvent> {
        std::iter::from_fn(|| self.received.try_recv().ok())
    }

    /// Removes the rule and the queue.
    pub async fn remove(self) -> Result<(), Error> {
        self.listener.abort();
        self.subscription.remove().await
    }
}

/// Publishes an event as the application does.
pub async fn publish(stack: &Stack, detail_type: &str, detail: &Value) -> Result<(), Error> {
    publish_as(SOURCE, stack, detail_type, detail).await
}

/// Publishes an event as a program with this source does.
pub async fn publish_as(source: &str, stack: &Stack, detail_type: &str, detail: &Value) -> Result<(), Error> {
    let failed = |source: Cause| Error::failed(format!("{detail_type} cannot be published"), source);
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(&stack.bus_name)
        .source(source)
        .detail_type(detail_type)
        .detail(detail.to_string())
        .build();
    let put = aws_sdk_eventbridge::Client::new(&stack.aws).put_events().entries(entry);
    let answer = put.send().await.map_err(|error| failed(error.into()))?;
    match answer.entries().iter().find_map(|entry| entry.error_code()) {
        None => Ok(()),
        Some(code) => Err(failed(code.into())),
    }
}

/// Forwards the events in the queue and deletes their messages, until the tap is dropped.
async fn listen(sqs: aws_sdk_sqs::Client, queue_url: String, sender: mpsc::UnboundedSender<BusEvent>) {
    while !sender.is_closed() {
        let request = sqs.receive_message().queue_url(&queue_url).max_number_of_messages(10);
        let Ok(answer) = request.wait_time_seconds(LONG_POLL_SECS).send().await else {
            tokio::time::sleep(Duration::from_millis(500)).await;
            continue;
        };
        for message in answer.messages.unwrap_or_default() {
            if let Some(event) = message.body().and_then(|body| serde_json::from_str(body).ok()) {
                sender.send(event).ok();
            }
            if let Some(handle) = message.receipt_handle() {
                sqs.delete_message().queue_url(&queue_url).receipt_handle(handle).send().await.ok();
            }
        }
    }
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the subscription to the bus failed", source)
}
