//! Reads the rules of the learner's bus and their targets.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{Rule, Target};
use domain::event::SOURCE;
use serde_json::{Value, json};

use client::bus::PREFIX;
use client::error::{Cause, Error};

/// A rule with its targets.
pub(super) struct Listener {
    pub(super) rule: Rule,
    pub(super) targets: Vec<Target>,
}

/// Part of the ARN of the function `Publisher` of any stack.
const PUBLISHER: &str = "-Publisher-";

/// Lists the rules of a bus, without the temporary rules of presso and those of realtime.
pub(super) async fn listeners(events: &Client, bus: &str) -> Result<Vec<Listener>, Error> {
    let failed = |error: Cause| Error::failed("the rules of the bus cannot be read", error);
    let rules = events.list_rules().event_bus_name(bus).send().await.map_err(|error| failed(error.into()))?;
    let mut listeners = Vec::new();
    for rule in rules.rules.unwrap_or_default() {
        let name = rule.name().unwrap_or_default();
        if name.starts_with(PREFIX) {
            continue;
        }
        let targets = events.list_targets_by_rule().event_bus_name(bus).rule(name).send().await;
        let targets = targets.map_err(|error| failed(error.into()))?.targets.unwrap_or_default();
        let listener = Listener { rule, targets };
        // Realtime is not part of the modules, but its publisher is the target of rules on the bus.
        if !listener.targets.iter().any(|target| target.arn().contains(PUBLISHER)) {
            listeners.push(listener);
        }
    }
    Ok(listeners)
}

impl Listener {
    pub(super) fn name(&self) -> &str {
        self.rule.name().unwrap_or_default()
    }

    /// Returns true if this function is a target of the rule.
    pub(super) fn has_function(&self, name: &str) -> bool {
        self.targets.iter().any(|target| target.arn().rsplit(':').next() == Some(name))
    }

    /// Returns the event pattern of the rule; null if it has none.
    pub(super) fn pattern(&self) -> Value {
        serde_json::from_str(self.rule.event_pattern().unwrap_or_default()).unwrap_or_default()
    }

    /// Asks EventBridge whether the rule matches an event of the bar with this detail-type, with or
    /// without a task token.
    pub(super) async fn matches(&self, events: &Client, kind: &str, token: bool) -> Result<bool, Error> {
        let at = "2026-01-01T00:00:00.000Z";
        let mut detail = json!({"orderId": "o", "userId": "u", "eventId": "e", "Message": "m", "at": at});
        if token && let Some(detail) = detail.as_object_mut() {
            detail.insert("TaskToken".into(), json!("t"));
        }
        let event = json!({
            "id": "1", "account": "000000000000", "region": "us-east-1", "time": "2026-01-01T00:00:00Z", "resources": [],
            "source": SOURCE, "detail-type": kind, "detail": detail,
        });
        let pattern = self.rule.event_pattern().unwrap_or("{\"source\": [\"nothing\"]}");
        let test = events.test_event_pattern().event_pattern(pattern).event(event.to_string()).send().await;
        Ok(test.map_err(|error| Error::failed("an event pattern cannot be tested", error))?.result())
    }
}
