//! Checks the template: its sections, the attributes of its resources, their references.

use super::tree::{Entry, Node};
use super::{Mistake, TEMPLATE, nearest, references};

const SECTIONS: [&str; 11] = [
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Rules",
    "Globals",
    "Resources",
    "Outputs",
];

/// Attributes that a resource may have.
const ATTRIBUTES: [&str; 11] = [
    "Type",
    "Properties",
    "Metadata",
    "Condition",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "CreationPolicy",
    "UpdatePolicy",
    "Connectors",
    "IgnoreGlobals",
];

/// Reports the mistakes in the template. If a section is wrong or a resource misplaced, does not
/// check references, because those to a misplaced resource are right once it is in its place.
pub(super) fn lint(template: &Node, mistakes: &mut Vec<Mistake>) {
    let before = mistakes.len();
    for section in template.entries() {
        if looks_like_resource(&section.value) {
            let what = format!(
                "the resource {} is at the left margin, where no resource is created: indent each of its lines by 2 \
                 spaces, below the line Resources:",
                section.key
            );
            mistakes.push(Mistake::new(TEMPLATE, section.place, what));
        } else if !SECTIONS.contains(&section.key.as_str()) {
            let suggestion = nearest::suggestion(&section.key, SECTIONS);
            let what = format!("a template has no section {}{suggestion}", section.key);
            mistakes.push(Mistake::new(TEMPLATE, section.place, what));
        } else if section.key != "Resources" {
            let inside = section.value.entries().iter().filter(|entry| looks_like_resource(&entry.value));
            mistakes.extend(inside.map(|entry| misplaced(entry, &section.key)));
        }
    }
    let resources = template.get("Resources").map(Node::entries).unwrap_or_default();
    let nested = |resource: &Entry| resource.value.entries().iter().any(|entry| looks_like_resource(&entry.value));
    let in_place = mistakes.len() == before && !resources.iter().any(nested);
    for resource in resources {
        resource_attributes(resource, mistakes);
    }
    if in_place {
        references::lint(template, mistakes);
    }
}

fn looks_like_resource(node: &Node) -> bool {
    node.get("Type").and_then(Node::text).is_some_and(|kind| kind.starts_with("AWS::"))
        && node.get("Properties").is_some()
}

fn misplaced(entry: &Entry, section: &str) -> Mistake {
    let what = format!(
        "the resource {} is under {section}, where no resource is created: move it directly below the line \
         Resources:, indented by 2 spaces",
        entry.key
    );
    Mistake::new(TEMPLATE, entry.place, what)
}

fn resource_attributes(resource: &Entry, mistakes: &mut Vec<Mistake>) {
    let Entry { key, place, value } = resource;
    if value.entries().is_empty() {
        mistakes.push(Mistake::new(TEMPLATE, *place, format!("the resource {key} is empty")));
        return;
    }
    if value.get("Type").is_none() {
        mistakes.push(Mistake::new(TEMPLATE, *place, format!("the resource {key} has no Type")));
    }
    for attribute in value.entries().iter().filter(|entry| !ATTRIBUTES.contains(&entry.key.as_str())) {
        let name = &attribute.key;
        let what = if looks_like_resource(&attribute.value) {
            format!("the resource {name} is inside {key}: indent it by 2 spaces")
        } else {
            format!(
                "{name} is beside the Properties of {key}, where it has no effect: a property is inside, indented by 6 \
                 spaces"
            )
        };
        mistakes.push(Mistake::new(TEMPLATE, attribute.place, what));
    }
}
