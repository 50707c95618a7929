//! Checks that each reference in the template names one of its resources, parameters or conditions.

use std::collections::BTreeSet;

use super::tree::{Content, Node, Place};
use super::{Mistake, TEMPLATE, nearest};

/// Reports references to names that the template does not define.
pub(super) fn lint(template: &Node, mistakes: &mut Vec<Mistake>) {
    let names = |section: &str| template.get(section).map(Node::entries).unwrap_or_default();
    let mut defined: BTreeSet<&str> = names("Resources").iter().map(|entry| entry.key.as_str()).collect();
    // SAM derives resources from those of its own types, such as the role of a function.
    let own =
        |node: &Node| node.get("Type").and_then(Node::text).is_some_and(|kind| kind.starts_with("AWS::Serverless"));
    let serverless: Vec<&str> =
        names("Resources").iter().filter(|entry| own(&entry.value)).map(|entry| entry.key.as_str()).collect();
    defined.extend(names("Parameters").iter().map(|entry| entry.key.as_str()));
    let conditions: BTreeSet<&str> = names("Conditions").iter().map(|entry| entry.key.as_str()).collect();
    let mut found = Vec::new();
    template.walk(&mut |node| {
        for reference in references(node) {
            let (known, kind) =
                if reference.condition { (&conditions, "condition") } else { (&defined, "resource or parameter") };
            let name = reference.name.as_str();
            let is_known = known.contains(name)
                || (!reference.condition
                    && (name.starts_with("AWS::") || serverless.iter().any(|own| name.starts_with(own))));
            if !is_known {
                let suggestion = nearest::suggestion(name, known.iter().copied());
                let what = format!("there is no {kind} {name}{suggestion}");
                found.push(Mistake::new(TEMPLATE, reference.place, what));
            }
        }
    });
    mistakes.extend(found);
}

struct Reference {
    name: String,
    place: Place,
    condition: bool,
}

/// Returns the references that a node makes, without those of the nodes below it.
fn references(node: &Node) -> Vec<Reference> {
    if let Some(tag) = &node.tag {
        return of_function(tag, node);
    }
    let mut found = Vec::new();
    for entry in node.entries() {
        let name = entry.key.strip_prefix("Fn::").unwrap_or(&entry.key);
        let only = node.entries().len() == 1;
        match name {
            "Ref" | "GetAtt" | "Sub" | "If" if only => found.extend(of_function(name, &entry.value)),
            "DependsOn" => {
                found.extend(entry.value.one_or_more().iter().filter_map(|node| named(node, false)));
            }
            // The statements of a policy have conditions of another kind, which are maps.
            "Condition" => found.extend(named(&entry.value, true)),
            _ => {}
        }
    }
    found
}

fn named(node: &Node, condition: bool) -> Option<Reference> {
    let name = node.text().filter(|_| node.tag.is_none())?.to_owned();
    Some(Reference { name, place: node.place, condition })
}

fn of_function(name: &str, argument: &Node) -> Vec<Reference> {
    let reference = |name: &str, condition| Reference { name: name.to_owned(), place: argument.place, condition };
    match (name, &argument.content) {
        ("Ref", Content::Scalar(text)) => vec![reference(text, false)],
        ("Condition", Content::Scalar(text)) => vec![reference(text, true)],
        ("GetAtt", Content::Scalar(text)) => vec![reference(text.split('.').next().unwrap_or_default(), false)],
        ("GetAtt", Content::List(items)) => items.first().and_then(|item| named(item, false)).into_iter().collect(),
        ("If", Content::List(items)) => items.first().and_then(|item| named(item, true)).into_iter().collect(),
        ("Sub", Content::Scalar(text)) => substituted(text).map(|name| reference(name, false)).collect(),
        ("Sub", Content::List(items)) => {
            let [text, values, ..] = items.as_slice() else { return Vec::new() };
            let given = |name: &&str| values.get(name).is_none();
            substituted(text.text().unwrap_or_default()).filter(given).map(|name| reference(name, false)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the names in `${…}` of a text, without their attributes. `${!…}` is no reference.
fn substituted(text: &str) -> impl Iterator<Item = &str> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
    names.filter(|name| !name.starts_with('!')).filter_map(|name| name.split('.').next())
}
