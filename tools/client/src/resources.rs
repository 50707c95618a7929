//! Finds the resources of a deployed stack by their logical ids in `template.yaml`.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::StackResourceSummary;

use crate::error::Error;
use crate::stack::Stack;

const FUNCTION: &str = "AWS::Lambda::Function";
const QUEUE: &str = "AWS::SQS::Queue";
const STATE_MACHINE: &str = "AWS::StepFunctions::StateMachine";

/// Suffix of the logical id of each dead-letter queue.
const DEAD_LETTERS: &str = "DeadLetters";

/// Every resource of one stack.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    stack: String,
    /// Type and physical id of each resource.
    by_logical_id: BTreeMap<String, (String, String)>,
}

impl Resources {
    /// Lists the resources of `stack`, all pages of them.
    pub async fn find(stack: &Stack) -> Result<Self, Error> {
        let client = aws_sdk_cloudformation::Client::new(&stack.aws);
        let pages = client.list_stack_resources().stack_name(&stack.name).into_paginator().items().send();
        let summaries = pages.try_collect().await;
        let summaries = summaries.map_err(|error| {
            Error::failed(format!("the resources of the stack {} cannot be listed", stack.name), error)
        })?;
        Ok(Self::from_summaries(&stack.name, summaries))
    }

    fn from_summaries(stack: &str, summaries: Vec<StackResourceSummary>) -> Self {
        let entry = |summary: StackResourceSummary| {
            Some((summary.logical_resource_id?, (summary.resource_type?, summary.physical_resource_id?)))
        };
        Self { stack: stack.to_owned(), by_logical_id: summaries.into_iter().filter_map(entry).collect() }
    }

    /// Returns the physical id: a queue's URL, a state machine's ARN, the name of most others.
    pub fn get(&self, logical_id: &str) -> Option<&str> {
        self.by_logical_id.get(logical_id).map(|(_, physical_id)| physical_id.as_str())
    }

    /// Returns the physical id of a resource, or [`Error::Missing`].
    pub fn required(&self, logical_id: &str) -> Result<&str, Error> {
        self.get(logical_id)
            .ok_or_else(|| Error::Missing { stack: self.stack.clone(), what: format!("resource {logical_id}") })
    }

    /// Returns the name of a rule. The physical id of a rule on a custom bus is `bus|rule`.
    pub fn rule_name(&self, logical_id: &str) -> Result<&str, Error> {
        let id = self.required(logical_id)?;
        Ok(id.rsplit(['|', '/']).next().unwrap_or(id))
    }

    /// Returns logical id and URL of each dead-letter queue, sorted by logical id.
    pub fn dead_letter_queues(&self) -> impl Iterator<Item = (&str, &str)> {
        self.of_kind(QUEUE).filter(|(logical_id, _)| logical_id.ends_with(DEAD_LETTERS))
    }

    /// Returns logical id and name of the function with this ARN, which may end in a qualifier.
    pub fn function_by_arn(&self, arn: &str) -> Option<(&str, &str)> {
        // arn:aws:lambda:region:account:function:name[:qualifier]
        let mut words = arn.split(':').skip(2);
        let is_function = words.next() == Some("lambda") && words.nth(2) == Some("function");
        let wanted = words.next().filter(|_| is_function)?;
        self.of_kind(FUNCTION).find(|(_, name)| *name == wanted)
    }

    /// Returns logical id and ARN of the state machine with this ARN.
    pub fn state_machine_by_arn(&self, arn: &str) -> Option<(&str, &str)> {
        self.of_kind(STATE_MACHINE).find(|(_, own)| *own == arn)
    }

    /// Returns the logical id of the function or state machine with this ARN.
    pub fn logical_id(&self, arn: &str) -> Option<&str> {
        self.function_by_arn(arn).or_else(|| self.state_machine_by_arn(arn)).map(|(logical_id, _)| logical_id)
    }

    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = (&str, &str)> {
        let resources = self.by_logical_id.iter().filter(move |(_, (of, _))| of == kind);
        resources.map(|(logical_id, (_, physical_id))| (logical_id.as_str(), physical_id.as_str()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn resources() -> Resources {
        let summary = |(kind, logical_id, physical_id)| {
            let summary = StackResourceSummary::builder().resource_type(kind).logical_resource_id(logical_id);
            summary.physical_resource_id(physical_id).build()
        };
        let all = [
            ("AWS::SQS::Queue", "NewOrderDeadLetters", "http://sqs/1/a"),
            ("AWS::SQS::Queue", "Inbox", "http://sqs/1/b"),
            ("AWS::Lambda::Function", "OrderProjector", "bar-OrderProjector-1"),
            ("AWS::StepFunctions::StateMachine", "OrderProcessor", "arn:aws:states:r:1:stateMachine:m"),
            ("AWS::Events::Rule", "NewOrderRule", "bar-bus|bar-NewOrderRule-1"),
        ];
        Resources::from_summaries("bar", all.map(summary).into())
    }

    #[test]
    fn an_arn_finds_only_functions_and_state_machines_of_the_stack() {
        let resources = resources();
        for qualifier in ["", ":$LATEST", ":7"] {
            let arn = format!("arn:aws:lambda:eu-west-1:1:function:bar-OrderProjector-1{qualifier}");
            assert_eq!(resources.function_by_arn(&arn), Some(("OrderProjector", "bar-OrderProjector-1")));
        }
        assert_eq!(resources.logical_id("arn:aws:states:r:1:stateMachine:m"), Some("OrderProcessor"));
        for arn in [
            "arn:aws:lambda:eu-west-1:1:function:another-stacks",
            "arn:aws:lambda:eu-west-1:1:layer:bar-OrderProjector-1",
            "arn:aws:sqs:eu-west-1:1:bar-OrderProjector-1",
            "arn:aws:states:r:1:stateMachine:m2",
            "bar-OrderProjector-1",
            "",
        ] {
            assert_eq!(resources.logical_id(arn), None, "{arn}");
        }
    }

    #[test]
    fn a_rule_name_has_no_bus_and_a_missing_resource_is_an_error_that_names_it() {
        let resources = resources();
        assert_eq!(resources.rule_name("NewOrderRule").unwrap(), "bar-NewOrderRule-1");
        let error = resources.required("SweepRule").unwrap_err();
        assert!(matches!(&error, Error::Missing { what, .. } if what == "resource SweepRule"), "{error}");
        assert_eq!(error.exit_code(), 4);
    }
}
