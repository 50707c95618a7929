//! Reads the deployed stack: its rules with their targets, and the workflow.

use std::future::Future;

use aws_sdk_eventbridge::types::{Rule as BusRule, RuleState};
use aws_sdk_eventbridge::{Client as EventBridge, operation::list_rules::builders::ListRulesFluentBuilder};
use aws_sdk_sfn::Client as StepFunctions;
use aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineError;
use domain::architecture::{Architecture, PRODUCERS, Rule, Target, Workflow, short_name};

use crate::error::AdapterError;

/// Reads the architecture of the stack.
pub trait ReadArchitecture: Send + Sync {
    /// Returns the rules, sorted by name, with their targets, and the workflow if it is deployed.
    fn architecture(&self) -> impl Future<Output = Result<Architecture, AdapterError>> + Send;
}

/// Deployed stack.
#[derive(Debug, Clone)]
pub struct DeployedStack {
    /// Client for rules and targets.
    pub rules: EventBridge,
    /// Client for the workflow.
    pub workflow: StepFunctions,
    /// Name of the stack, with which the names of its resources begin.
    pub stack: String,
    /// Name of the event bus.
    pub bus: String,
    /// ARN of the workflow.
    pub state_machine_arn: String,
}

impl DeployedStack {
    /// Returns the rules on the first page of `list`: up to 100, more than a stack has.
    async fn rules(&self, list: ListRulesFluentBuilder) -> Result<Vec<Rule>, AdapterError> {
        let answer = list.send().await.map_err(|error| AdapterError::from_sdk("ListRules", error))?;
        let mut rules = Vec::new();
        for rule in answer.rules.unwrap_or_default() {
            let targets = self.targets(&rule).await?;
            rules.push(self.rule(rule, targets));
        }
        Ok(rules)
    }

    async fn targets(&self, rule: &BusRule) -> Result<Vec<Target>, AdapterError> {
        let list = self.rules.list_targets_by_rule().set_rule(rule.name.clone());
        let answer = list.set_event_bus_name(rule.event_bus_name.clone()).send().await;
        let answer = answer.map_err(|error| AdapterError::from_sdk("ListTargetsByRule", error))?;
        Ok(answer.targets().iter().map(|target| Target::of_arn(target.arn(), &self.stack)).collect())
    }

    fn rule(&self, rule: BusRule, targets: Vec<Target>) -> Rule {
        let pattern = rule.event_pattern.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Rule {
            name: short_name(rule.name().unwrap_or_default(), &self.stack),
            enabled: rule.state != Some(RuleState::Disabled),
            description: rule.description.filter(|text| !text.is_empty()),
            bus: rule.event_bus_name.unwrap_or_else(|| "default".to_owned()),
            event_pattern: pattern,
            schedule: rule.schedule_expression.filter(|text| !text.is_empty()),
            targets,
        }
    }

    /// Returns the workflow; `None` if it is not deployed.
    async fn workflow(&self) -> Result<Option<Workflow>, AdapterError> {
        let answer = self.workflow.describe_state_machine().state_machine_arn(&self.state_machine_arn).send().await;
        match answer {
            Ok(found) => {
                let definition = serde_json::from_str(found.definition())
                    .map_err(|error| AdapterError::unreadable("the definition of the workflow", error))?;
                Ok(Some(Workflow { name: short_name(found.name(), &self.stack), definition }))
            }
            Err(error)
                if error.as_service_error().is_some_and(DescribeStateMachineError::is_state_machine_does_not_exist) =>
            {
                Ok(None)
            }
            Err(error) => Err(AdapterError::from_sdk("DescribeStateMachine", error)),
        }
    }
}

impl ReadArchitecture for DeployedStack {
    async fn architecture(&self) -> Result<Architecture, AdapterError> {
        let own = self.rules.list_rules().event_bus_name(&self.bus);
        // Rules for events of AWS, and schedules, belong to the account's default bus.
        let default = self.rules.list_rules().name_prefix(format!("{}-", self.stack));
        let (own, default, workflow) = tokio::try_join!(self.rules(own), self.rules(default), self.workflow())?;
        let mut rules: Vec<Rule> = own.into_iter().chain(default).collect();
        rules.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(Architecture { bus: self.bus.clone(), producers: PRODUCERS, rules, workflow })
    }
}
