//! The chaos stack as a run needs it, and as it was: its functions call AWS through the proxy, its events go to the courier, its
//! workflow fails on purpose.

mod events;
mod functions;
mod workflow;

pub use events::{Queues, Route, sweep_on_schedule};
pub use functions::{SERVICES, set as set_variables};
pub use workflow::define as define_workflow;

use std::collections::HashMap;

use client::Error;
use client::stack::Stack;

use crate::fault::Function;

/// The parts of the stack that its outputs do not name.
#[derive(Debug, Clone)]
pub struct Parts {
    /// What its functions are called.
    pub functions: HashMap<Function, String>,
    /// The addresses of its dead-letter queues, by logical id.
    pub letters: HashMap<String, String>,
    physical: HashMap<String, String>,
}

impl Parts {
    /// Looks the stack's resources up.
    pub async fn find(stack: &Stack) -> Result<Self, Error> {
        let client = aws_sdk_cloudformation::Client::new(&stack.aws);
        let answer = client.describe_stack_resources().stack_name(&stack.name).send().await;
        let answer =
            answer.map_err(|error| Error::failed(format!("the resources of {} cannot be read", stack.name), error))?;
        let resources = answer.stack_resources.unwrap_or_default().into_iter();
        let physical: HashMap<String, String> = resources
            .filter_map(|resource| Some((resource.logical_resource_id?, resource.physical_resource_id?)))
            .collect();
        let named = |function: &Function| Some((*function, physical.get(function.as_str())?.clone()));
        let functions: HashMap<_, _> = Function::ALL.iter().filter_map(named).collect();
        if let Some(missing) = Function::ALL.iter().find(|function| !functions.contains_key(function)) {
            return Err(Error::NoStack(format!("the stack {} has no function {}", stack.name, missing.as_str())));
        }
        let letters = physical.iter().filter(|(id, _)| id.ends_with("DeadLetters"));
        let letters = letters.map(|(id, url)| (id.clone(), url.clone())).collect();
        Ok(Self { functions, letters, physical })
    }

    /// What the resource of this logical id is called.
    pub fn physical(&self, logical: &str) -> Result<&str, Error> {
        let found = self.physical.get(logical).map(String::as_str);
        found.ok_or_else(|| Error::NoStack(format!("the stack has no {logical}: deploy this version of template.yaml")))
    }

    /// A rule's name; where the rule is on a bus of its own, the id holds both.
    pub fn rule(&self, logical: &str) -> Result<&str, Error> {
        let id = self.physical(logical)?;
        Ok(id.rsplit(['|', '/']).next().unwrap_or(id))
    }
}

/// Everything that a run changes in the stack.
#[derive(Debug)]
pub struct Setting {
    stack: Stack,
    parts: Parts,
    /// Where the courier finds what it delivers.
    pub queues: Queues,
}

impl Setting {
    /// The setting of a run, with queues of its own; nothing is changed yet.
    pub async fn of(stack: &Stack, parts: &Parts) -> Result<Self, Error> {
        let queues = Queues::create(stack).await?;
        Ok(Self { stack: stack.clone(), parts: parts.clone(), queues })
    }

    /// Puts the courier between rules and targets, and the faults into the workflow. What an interrupted run has left is cleared.
    pub async fn prepare(&self, definition: &str) -> Result<(), Error> {
        events::purge(&self.stack, &self.parts).await?;
        workflow::stop_everything(&self.stack).await?;
        workflow::define(&self.stack, definition).await?;
        events::route(&self.stack, &self.parts, &self.queues).await?;
        functions::read_stream(&self.stack, &self.parts, false).await
    }

    /// Has the functions take these addresses for AWS.
    pub async fn connect(&self, url_for: impl Fn(Function) -> String) -> Result<(), Error> {
        functions::connect(&self.stack, &self.parts, |function| Some(url_for(function))).await
    }

    /// Puts everything back. Goes on where a part of it fails, and says what did.
    pub async fn restore(&self, definition: &str) -> Result<(), Error> {
        let functions = functions::connect(&self.stack, &self.parts, |_| None).await;
        let definition = workflow::define(&self.stack, definition).await;
        let rules = events::restore(&self.stack, &self.parts).await;
        let queues = self.queues.remove(&self.stack).await;
        let stream = functions::read_stream(&self.stack, &self.parts, true).await;
        functions.and(definition).and(rules).and(queues).and(stream)
    }
}
