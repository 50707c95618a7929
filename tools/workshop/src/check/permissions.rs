//! Checks the permissions in the template that AWS requires and that not every emulator enforces:
//! queue policies, permissions to invoke a function, and the policies of roles.

use crate::lint::Node;

/// Returns the name in a reference or a text of a template: `Queue` for `!Ref Queue`, `Queue.Arn`
/// for `!GetAtt Queue.Arn` or `!Sub "${Queue.Arn}"`.
fn name(node: &Node) -> String {
    // The long form of a function is a map with one key, and its argument may be a list.
    let argument = node.entries().first().map_or(node, |entry| &entry.value);
    let parts = || argument.items().iter().filter_map(Node::text).collect::<Vec<_>>().join(".");
    let text = argument.text().map_or_else(parts, ToOwned::to_owned);
    let inside = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    inside.unwrap_or(&text).to_owned()
}

fn names(node: Option<&Node>) -> Vec<String> {
    node.map(Node::one_or_more).unwrap_or_default().iter().map(name).collect()
}

fn of_type<'a>(template: &'a Node, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Node)> {
    let resources = template.get("Resources").map(Node::entries).unwrap_or_default().iter();
    let own = move |node: &Node| node.get("Type").and_then(Node::text) == Some(kind);
    resources.filter(move |entry| own(&entry.value)).map(|entry| (entry.key.as_str(), &entry.value))
}

/// Returns the logical id in a reference such as `Queue.Arn`.
fn id(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Returns true if an action of a statement includes `wanted`, as `sqs:*` includes
/// `sqs:SendMessage`.
fn includes(actions: &[String], wanted: &str) -> bool {
    actions.iter().any(|action| {
        let (action, wanted) = (action.to_lowercase(), wanted.to_lowercase());
        action.strip_suffix('*').map_or(action == wanted, |begin| wanted.starts_with(begin))
    })
}

fn covers(resources: &[String], wanted: &str) -> bool {
    resources.iter().any(|resource| resource == "*" || id(resource) == wanted)
}

fn allows(statement: &Node) -> bool {
    statement.get("Effect").and_then(Node::text) == Some("Allow")
}

/// Returns true if a queue policy lets the rule `rule` send to the queue `queue`.
pub(super) fn may_send(template: &Node, rule: &str, queue: &str) -> bool {
    of_type(template, "AWS::SQS::QueuePolicy").any(|(_, policy)| {
        let properties = policy.get("Properties");
        let queues = names(properties.and_then(|properties| properties.get("Queues")));
        let statements = properties.and_then(|properties| properties.at(&["PolicyDocument", "Statement"]));
        covers(&queues, queue)
            && statements.map(Node::one_or_more).unwrap_or_default().iter().any(|statement| {
                let by_events =
                    names(statement.at(&["Principal", "Service"])).iter().any(|name| name == "events.amazonaws.com")
                        || statement.get("Principal").and_then(Node::text) == Some("*");
                allows(statement)
                    && by_events
                    && includes(&names(statement.get("Action")), "sqs:SendMessage")
                    && covers(&names(statement.get("Resource")), queue)
                    && condition_admits(statement, rule)
            })
    })
}

/// Returns true if the statement has no condition about the source, or one that names the rule.
fn condition_admits(statement: &Node, rule: &str) -> bool {
    let conditions = statement.get("Condition").map(Node::entries).unwrap_or_default();
    let mut sources = conditions.iter().filter_map(|condition| condition.value.get("aws:SourceArn"));
    sources.all(|source| covers(&names(Some(source)), rule))
}

/// Returns true if the template lets the rule `rule` invoke the function `function`.
pub(super) fn may_invoke(template: &Node, rule: &str, function: &str) -> bool {
    of_type(template, "AWS::Lambda::Permission").any(|(_, permission)| {
        let Some(properties) = permission.get("Properties") else { return false };
        let is = |field: &str, wanted: &str| names(properties.get(field)).iter().any(|name| name == wanted);
        let source = names(properties.get("SourceArn"));
        covers(&names(properties.get("FunctionName")), function)
            && is("Principal", "events.amazonaws.com")
            && includes(&names(properties.get("Action")), "lambda:InvokeFunction")
            && (source.is_empty() || covers(&source, rule))
    })
}

/// Returns true if the role of the function `function` allows `action` on the resource `resource`.
pub(super) fn function_may(template: &Node, function: &str, action: &str, resource: &str) -> bool {
    let Some(properties) = template.at(&["Resources", function, "Properties"]) else { return false };
    if let Some(role) = properties.get("Role") {
        return role_may(template, id(&name(role)), action, resource);
    }
    let policies = properties.get("Policies").map(Node::one_or_more).unwrap_or_default();
    policies.iter().any(|policy| {
        let statements = policy.get("Statement").map(Node::one_or_more).unwrap_or_default();
        // Policy templates of SAM.
        let by_template = ["DynamoDBWritePolicy", "DynamoDBCrudPolicy"].into_iter().any(|kind| {
            let table = policy.at(&[kind, "TableName"]);
            action == "dynamodb:PutItem" && table.is_some() && covers(&names(table), resource)
        });
        by_template || statements.iter().any(|statement| permits(statement, action, resource))
    })
}

/// Returns true if the role `role` allows `action` on the resource `resource`.
pub(super) fn role_may(template: &Node, role: &str, action: &str, resource: &str) -> bool {
    let policies = template.at(&["Resources", role, "Properties", "Policies"]).map(Node::items).unwrap_or_default();
    let statements = policies.iter().filter_map(|policy| policy.at(&["PolicyDocument", "Statement"]));
    statements.flat_map(Node::one_or_more).any(|statement| permits(statement, action, resource))
}

/// Returns true if EventBridge may assume the role `role`.
pub(super) fn events_may_assume(template: &Node, role: &str) -> bool {
    let path = ["Resources", role, "Properties", "AssumeRolePolicyDocument", "Statement"];
    let statements = template.at(&path).map(Node::one_or_more).unwrap_or_default();
    statements.iter().any(|statement| {
        allows(statement)
            && includes(&names(statement.get("Action")), "sts:AssumeRole")
            && names(statement.at(&["Principal", "Service"])).iter().any(|name| name == "events.amazonaws.com")
    })
}

fn permits(statement: &Node, action: &str, resource: &str) -> bool {
    allows(statement)
        && includes(&names(statement.get("Action")), action)
        && covers(&names(statement.get("Resource")), resource)
}

/// Target of a rule in the template.
pub(super) struct RuleTarget<'a> {
    /// Logical id of the rule.
    pub(super) rule: &'a str,
    target: &'a Node,
}

impl RuleTarget<'_> {
    /// Returns the logical id in a field of the target, such as `RoleArn`.
    pub(super) fn reference(&self, path: &[&str]) -> Option<String> {
        self.target.at(path).map(|node| id(&name(node)).to_owned())
    }
}

/// Returns each target of a rule that is the resource `target`.
pub(super) fn rules_with_target<'a>(template: &'a Node, target: &'a str) -> impl Iterator<Item = RuleTarget<'a>> {
    of_type(template, "AWS::Events::Rule").flat_map(move |(rule, resource)| {
        let targets = resource.at(&["Properties", "Targets"]).map(Node::items).unwrap_or_default().iter();
        let own = targets.filter(move |one| one.get("Arn").is_some_and(|arn| id(&name(arn)) == target));
        own.map(move |target| RuleTarget { rule, target })
    })
}

/// Returns the queues that are targets of a rule, with the logical id of the rule.
pub(super) fn queues_of_rules(template: &Node) -> Vec<(&str, String)> {
    let queues: Vec<&str> = of_type(template, "AWS::SQS::Queue").map(|(queue, _)| queue).collect();
    let rules = of_type(template, "AWS::Events::Rule");
    let targets = rules.flat_map(|(rule, resource)| {
        let targets = resource.at(&["Properties", "Targets"]).map(Node::items).unwrap_or_default();
        targets.iter().filter_map(move |target| Some((rule, id(&name(target.get("Arn")?)).to_owned())))
    });
    targets.filter(|(_, target)| queues.contains(&target.as_str())).collect()
}

#[cfg(test)]
#[path = "permissions_tests.rs"]
mod tests;
