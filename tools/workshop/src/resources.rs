//! The resources of the learner's stack.

use std::collections::HashMap;

use client::error::Error;
use client::stack::Stack;

/// The resources of a stack, by their names in the template.
#[derive(Debug, Clone, Default)]
pub struct Resources(HashMap<String, String>);

impl Resources {
    /// Looks them up.
    pub async fn of(stack: &Stack) -> Result<Self, Error> {
        let client = aws_sdk_cloudformation::Client::new(&stack.aws);
        let pages = client.list_stack_resources().stack_name(&stack.name).into_paginator().items().send();
        let all = pages.try_collect().await;
        let all = all.map_err(|error| Error::failed("the resources of the stack cannot be listed", error))?;
        let named = |resource: aws_sdk_cloudformation::types::StackResourceSummary| {
            Some((resource.logical_resource_id?, resource.physical_resource_id?))
        };
        Ok(Self(all.into_iter().filter_map(named).collect()))
    }

    /// The physical id of a resource.
    pub fn id(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The same, of one without which nothing can be looked at.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        self.id(name).ok_or_else(|| Error::Left(format!("the stack has no resource {name}: is it in template.yaml?")))
    }
}
