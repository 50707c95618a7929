//! The parts of a stack that dead letters are about: its queues, and what may be invoked.

use std::collections::HashMap;

use aws_sdk_cloudformation::types::StackResourceSummary;

use super::{Selection, failed};
use crate::error::Error;
use crate::stack::Stack;

/// What names of dead-letter queues end in, in the template.
const SUFFIX: &str = "DeadLetters";

/// A dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Queue {
    /// Its name in the template.
    pub(super) name: String,
    pub(super) url: String,
}

/// The parts of a stack, by their names in the template.
#[derive(Debug, Default)]
pub(super) struct Parts {
    queues: Vec<Queue>,
    /// By the name of the function.
    functions: HashMap<String, String>,
    /// By the ARN of the state machine.
    machines: HashMap<String, String>,
}

impl Parts {
    /// Looks a stack's parts up.
    pub(super) async fn of(stack: &Stack) -> Result<Self, Error> {
        let client = aws_sdk_cloudformation::Client::new(&stack.aws);
        let mut pages = client.list_stack_resources().stack_name(&stack.name).into_paginator().send();
        let mut parts = Self::default();
        while let Some(page) = pages.next().await {
            for resource in page.map_err(failed)?.stack_resource_summaries() {
                parts.add(resource);
            }
        }
        parts.queues.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(parts)
    }

    fn add(&mut self, resource: &StackResourceSummary) {
        let kind = resource.resource_type().unwrap_or_default();
        let (Some(name), Some(id)) = (resource.logical_resource_id(), resource.physical_resource_id()) else { return };
        let (name, id) = (name.to_owned(), id.to_owned());
        match kind {
            "AWS::SQS::Queue" if name.ends_with(SUFFIX) => self.queues.push(Queue { name, url: id }),
            "AWS::Lambda::Function" => drop(self.functions.insert(id, name)),
            "AWS::StepFunctions::StateMachine" => drop(self.machines.insert(id, name)),
            _ => {}
        }
    }

    /// The queues that are meant.
    pub(super) fn queues(&self, selection: &Selection) -> Result<Vec<Queue>, Error> {
        let Some(wanted) = &selection.queue else { return Ok(self.queues.clone()) };
        let found: Vec<Queue> = self.queues.iter().filter(|queue| queue.name == *wanted).cloned().collect();
        if found.is_empty() {
            let names: Vec<&str> = self.queues.iter().map(|queue| queue.name.as_str()).collect();
            return Err(Error::Usage(format!("there is no queue {wanted}: there are {}", names.join(", "))));
        }
        Ok(found)
    }

    /// The stack's own function that an ARN names, by both its names.
    pub(super) fn function(&self, arn: &str) -> Option<(&str, &str)> {
        // arn:aws:lambda:region:account:function:name[:qualifier]
        let mut words = arn.split(':').skip(2);
        let of_lambda = words.next() == Some("lambda") && words.nth(2) == Some("function");
        let (name, logical) = self.functions.get_key_value(words.next().filter(|_| of_lambda)?)?;
        Some((name, logical))
    }

    /// The stack's own state machine that an ARN names, by its ARN and its name in the template.
    pub(super) fn machine(&self, arn: &str) -> Option<(&str, &str)> {
        self.machines.get_key_value(arn).map(|(arn, logical)| (arn.as_str(), logical.as_str()))
    }

    /// What an ARN is called in the template, if it is a part of the stack.
    pub(super) fn name_of(&self, arn: &str) -> Option<&str> {
        self.function(arn).or_else(|| self.machine(arn)).map(|(_, logical)| logical)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts {
        let mut parts = Parts::default();
        for (kind, logical, physical) in [
            ("AWS::SQS::Queue", "NewOrderDeadLetters", "http://sqs/1/a"),
            ("AWS::SQS::Queue", "Inbox", "http://sqs/1/b"),
            ("AWS::Lambda::Function", "OrderProjector", "bar-OrderProjector-1"),
            ("AWS::StepFunctions::StateMachine", "OrderProcessor", "arn:aws:states:r:1:stateMachine:m"),
        ] {
            let resource = StackResourceSummary::builder()
                .resource_type(kind)
                .logical_resource_id(logical)
                .physical_resource_id(physical);
            parts.add(&resource.build());
        }
        parts
    }

    #[test]
    fn queues_of_dead_letters_are_known_by_their_names() {
        let names = |queue: Option<&str>| {
            let selection = Selection { queue: queue.map(str::to_owned), ..Selection::default() };
            parts().queues(&selection).map(|queues| queues.into_iter().map(|queue| queue.name).collect::<Vec<_>>())
        };
        assert_eq!(names(None).unwrap(), ["NewOrderDeadLetters"]);
        assert_eq!(names(Some("NewOrderDeadLetters")).unwrap(), ["NewOrderDeadLetters"]);
        let error = names(Some("Inbox")).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("NewOrderDeadLetters"), "{error}");
    }

    #[test]
    fn only_the_stacks_own_functions_and_machines_are_known() {
        let parts = parts();
        for qualifier in ["", ":$LATEST", ":7"] {
            let arn = format!("arn:aws:lambda:eu-west-1:1:function:bar-OrderProjector-1{qualifier}");
            assert_eq!(parts.function(&arn), Some(("bar-OrderProjector-1", "OrderProjector")));
        }
        assert_eq!(parts.name_of("arn:aws:states:r:1:stateMachine:m"), Some("OrderProcessor"));
        for arn in [
            "arn:aws:lambda:eu-west-1:1:function:somebody-elses",
            "arn:aws:lambda:eu-west-1:1:layer:bar-OrderProjector-1",
            "arn:aws:sqs:eu-west-1:1:bar-OrderProjector-1",
            "arn:aws:states:r:1:stateMachine:m2",
            "bar-OrderProjector-1",
            "",
        ] {
            assert_eq!(parts.name_of(arn), None, "{arn}");
        }
    }
}
