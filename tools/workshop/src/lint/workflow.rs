//! Finds mistakes that would make AWS refuse the workflow: in transitions, reachable states, query
//! language, expressions and placeholders.

use std::collections::BTreeSet;

use super::tree::{Content, Entry, Node};
use super::{Mistake, WORKFLOW, jsonata, nearest};

/// Fields of a state, by query language. Step Functions refuses others.
const COMMON: [&str; 26] = [
    "Type",
    "Comment",
    "QueryLanguage",
    "Next",
    "End",
    "Resource",
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Retry",
    "Catch",
    "Credentials",
    "Choices",
    "Default",
    "Seconds",
    "Timestamp",
    "Error",
    "Cause",
    "Branches",
    "Items",
    "ItemProcessor",
    "ItemReader",
    "ItemBatcher",
    "ItemSelector",
    "ResultWriter",
    "MaxConcurrency",
    "Assign",
];
const OF_JSONATA: [&str; 2] = ["Arguments", "Output"];
const OF_JSONPATH: [&str; 10] = [
    "InputPath",
    "OutputPath",
    "Parameters",
    "ResultPath",
    "ResultSelector",
    "Result",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "ItemsPath",
];

/// Reports the mistakes in the workflow. `template` fills its placeholders; without a template,
/// they are not checked.
pub(super) fn lint(workflow: &Node, template: Option<&Node>, mistakes: &mut Vec<Mistake>) {
    let mut lint = Lint { workflow, states: workflow.get("States").map(Node::entries).unwrap_or_default(), mistakes };
    lint.members();
    lint.query_language();
    lint.transitions();
    lint.reachable();
    lint.expressions();
    if let Some(template) = template {
        lint.placeholders(template);
    }
}

struct Lint<'a> {
    workflow: &'a Node,
    states: &'a [Entry],
    mistakes: &'a mut Vec<Mistake>,
}

/// Returns the nodes that name the states to which this state leads.
fn targets(state: &Node) -> impl Iterator<Item = &Node> {
    let several = ["Catch", "Choices"].into_iter().filter_map(|field| state.get(field)).flat_map(Node::items);
    let one = ["Next", "Default"].into_iter().filter_map(|field| state.get(field));
    one.chain(several.filter_map(|item| item.get("Next")))
}

fn is_jsonata(holder: &Node) -> Option<bool> {
    holder.get("QueryLanguage").and_then(Node::text).map(|language| language == "JSONata")
}

impl Lint<'_> {
    fn say(&mut self, node: &Node, what: impl Into<String>) {
        self.mistakes.push(Mistake::new(WORKFLOW, node.place, what));
    }

    fn exists(&self, name: &str) -> bool {
        self.states.iter().any(|state| state.key == name)
    }

    fn members(&mut self) {
        for member in ["StartAt", "States"] {
            if self.workflow.get(member).is_none() {
                self.say(self.workflow, format!("the workflow has no \"{member}\""));
            }
        }
    }

    /// Reports the first field of JSONata in a state without this query language, and all fields
    /// that a state cannot have. Without `QueryLanguage` a workflow uses JSONPath, which leaves
    /// `{% … %}` as it is.
    fn query_language(&mut self) {
        let of_workflow = is_jsonata(self.workflow);
        let mut reported = false;
        for Entry { key, value: state, .. } in self.states {
            let jsonata = is_jsonata(state).or(of_workflow).unwrap_or(false);
            for field in state.entries() {
                let of_jsonata = OF_JSONATA.contains(&field.key.as_str());
                let of_jsonpath = OF_JSONPATH.contains(&field.key.as_str());
                let what = if of_jsonata && !jsonata {
                    if reported {
                        continue;
                    }
                    reported = true;
                    format!(
                        "{key} has {}, which only JSONata knows, but the workflow does not name its query language: \
                         write \"QueryLanguage\": \"JSONata\", above \"StartAt\"",
                        field.key
                    )
                } else if of_jsonpath && jsonata {
                    format!("{key} has {}, which JSONata does not know: use Arguments, Output or Assign", field.key)
                } else if !of_jsonata && !of_jsonpath && !COMMON.contains(&field.key.as_str()) {
                    let known = COMMON.into_iter().chain(OF_JSONATA);
                    format!("a state has no field {}{}", field.key, nearest::suggestion(&field.key, known))
                } else {
                    continue;
                };
                self.mistakes.push(Mistake::new(WORKFLOW, field.place, what));
            }
        }
    }

    fn transitions(&mut self) {
        let start = self.workflow.get("StartAt");
        let all = start.into_iter().chain(self.states.iter().flat_map(|state| targets(&state.value)));
        for target in all {
            let name = target.text().unwrap_or_default();
            if !self.exists(name) {
                let names = self.states.iter().map(|state| state.key.as_str());
                let what = format!("there is no state {name}{}", nearest::suggestion(name, names));
                self.say(target, what);
            }
        }
        for Entry { key, place, value: state } in self.states {
            let kind = state.get("Type").and_then(Node::text).unwrap_or_default();
            let ends = state.get("End").is_some();
            let what = match (kind, state.get("Next").is_some(), ends) {
                ("", ..) => "has no \"Type\"",
                ("Choice" | "Succeed" | "Fail", false, false) => continue,
                ("Choice" | "Succeed" | "Fail", ..) => "has \"Next\" or \"End\", which a state of its type cannot have",
                (_, true, true) => "has both \"Next\" and \"End\": a state has one of them",
                (_, false, false) => "has neither \"Next\" nor \"End\"",
                _ => continue,
            };
            self.mistakes.push(Mistake::new(WORKFLOW, *place, format!("the state {key} {what}")));
        }
    }

    fn reachable(&mut self) {
        let mut reached = BTreeSet::new();
        let mut ahead: Vec<&str> = self.workflow.get("StartAt").and_then(Node::text).into_iter().collect();
        while let Some(name) = ahead.pop() {
            if reached.insert(name)
                && let Some(state) = self.states.iter().find(|state| state.key == name)
            {
                ahead.extend(targets(&state.value).filter_map(Node::text));
            }
        }
        for Entry { key, place, .. } in self.states.iter().filter(|state| !reached.contains(state.key.as_str())) {
            self.mistakes.push(Mistake::new(WORKFLOW, *place, format!("no other state leads to the state {key}")));
        }
    }

    fn expressions(&mut self) {
        let mut found = Vec::new();
        self.workflow.walk(&mut |node| {
            if let Content::Scalar(text) = &node.content
                && let Some(what) = jsonata::mistake(text)
            {
                found.push(Mistake::new(WORKFLOW, node.place, what));
            }
        });
        self.mistakes.extend(found);
    }

    /// Reports placeholders such as `${BusName}` that the template does not fill.
    fn placeholders(&mut self, template: &Node) {
        let path = ["Resources", "OrderProcessor", "Properties", "DefinitionSubstitutions"];
        let Some(known) = template.at(&path) else { return };
        let known: Vec<&str> = known.entries().iter().map(|entry| entry.key.as_str()).collect();
        let mut found = Vec::new();
        self.workflow.walk(&mut |node| {
            let text = node.text().unwrap_or_default();
            for name in text.split("${").skip(1).filter_map(|rest| rest.split('}').next()) {
                if !known.contains(&name) {
                    let suggestion = nearest::suggestion(name, known.iter().copied());
                    let what = format!("the template fills no placeholder ${{{name}}}{suggestion}");
                    found.push(Mistake::new(WORKFLOW, node.place, what));
                }
            }
        });
        self.mistakes.extend(found);
    }
}
