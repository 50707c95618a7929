//! Requests with one mistake.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::contract::Sent;
use super::document::{Operation, Parameter, Part};
use super::generate::Node;

/// JSON texts, each invalid as the value of most fields.
const WRONG_JSON: &[&str] = &[
    "null",
    "true",
    "7",
    "0",
    "-1",
    "30.5",
    "1e400",
    "1e-400",
    "4294967296",
    "1e9",
    "\"30\"",
    "\"\"",
    "\" \\u2003 \"",
    "\"a\\u200bb\"",
    "\"\\u202eb\"",
    "\"a\\tb\"",
    "\"a\\nb\"",
    "\"\\u3164\"",
    "\"\\ue000\"",
    "\"\\ud800\"",
    "[]",
    "[[]]",
    "[7]",
    "{}",
];

/// Texts, each invalid as the value of most parameters.
const WRONG_TEXTS: &[&str] = &["", " ", "a b", "+5", "5.0", "0", "101", "-1", "x", "a/b", "\u{202e}", "\u{fc}"];

/// Name that no member and no parameter has.
const UNKNOWN: &str = "unheardOf";

/// Change that makes most valid requests invalid.
#[derive(Debug, Clone)]
pub(super) enum Mistake {
    /// A parameter is left out.
    Missing(Index),
    /// A query parameter is given twice.
    Repeated(Index),
    /// A parameter has another value.
    Parameter(Index, &'static str),
    /// The query has an unknown parameter.
    Unknown,
    /// A field of the body has another value.
    Replaced(Index, String),
    /// A member of the body is left out.
    Removed(Index),
    /// An object of the body has an unknown member.
    Added(Index),
}

/// Parameter, or field of the body, that a mistake concerns.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Location {
    Parameter(Part, String),
    /// Path of the field; empty for the body itself.
    Body(String),
}

impl Location {
    /// Returns true if `field` of a problem names this location, the object or list around it, or a
    /// field within.
    pub(super) fn is_named(&self, field: &str) -> bool {
        let within = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        match self {
            Self::Parameter(_, name) => name.eq_ignore_ascii_case(field),
            Self::Body(at) if at.is_empty() => true,
            Self::Body(at) => !field.is_empty() && (within(field, at) || within(at, field)),
        }
    }
}

pub(super) fn any_mistake() -> impl Strategy<Value = Mistake> {
    let long = select(vec![61_usize, 201]).prop_map(|length| format!("\"{}\"", "x".repeat(length)));
    let wrong = prop_oneof![9 => select(WRONG_JSON).prop_map(str::to_owned), 1 => long];
    prop_oneof![
        1 => any::<Index>().prop_map(Mistake::Missing),
        1 => any::<Index>().prop_map(Mistake::Repeated),
        3 => (any::<Index>(), select(WRONG_TEXTS)).prop_map(|(index, text)| Mistake::Parameter(index, text)),
        1 => Just(Mistake::Unknown),
        8 => (any::<Index>(), wrong).prop_map(|(index, json)| Mistake::Replaced(index, json)),
        2 => any::<Index>().prop_map(Mistake::Removed),
        1 => any::<Index>().prop_map(Mistake::Added),
    ]
}

impl Mistake {
    /// Returns `sent` with this mistake, and the location of the mistake. `None` if `sent` or
    /// `operation` has no such location.
    pub(super) fn make(&self, sent: &Sent, operation: &Operation) -> Option<(Sent, Location)> {
        let mut wrong = sent.clone();
        let fault = match self {
            Self::Missing(index) => {
                let parameter =
                    pick(*index, operation.parameters.iter().filter(|parameter| parameter.part != Part::Path))?;
                wrong.parameters.retain(|(_, name, _)| *name != parameter.name);
                Location::Parameter(parameter.part, parameter.name.clone())
            }
            Self::Repeated(index) => {
                let given = pick(*index, sent.parameters.iter().filter(|(part, ..)| *part == Part::Query))?;
                wrong.parameters.push(given.clone());
                Location::Parameter(given.0, given.1.clone())
            }
            Self::Parameter(index, text) => {
                let Parameter { name, part, .. } = pick(*index, operation.parameters.iter())?;
                wrong.parameters.retain(|(_, given, _)| given != name);
                wrong.parameters.push((*part, name.clone(), (*text).to_owned()));
                Location::Parameter(*part, name.clone())
            }
            Self::Unknown => {
                wrong.parameters.push((Part::Query, UNKNOWN.to_owned(), "1".to_owned()));
                Location::Parameter(Part::Query, UNKNOWN.to_owned())
            }
            Self::Replaced(..) | Self::Removed(_) | Self::Added(_) => {
                Location::Body(self.in_body(wrong.body.as_mut()?)?)
            }
        };
        Some((wrong, fault))
    }

    /// Changes the body and returns the path of the changed field.
    fn in_body(&self, body: &mut Node) -> Option<String> {
        match self {
            Self::Replaced(index, json) => {
                let (at, steps) = pick(*index, fields(body).into_iter())?;
                *walk(body, &steps)? = Node::Leaf(json.clone());
                Some(at)
            }
            Self::Removed(index) => {
                let (at, steps) = pick(*index, fields(body).into_iter().filter(|(_, steps)| !steps.is_empty()))?;
                let (last, parent) = steps.split_last()?;
                match walk(body, parent)? {
                    Node::Object(members) => drop(members.remove(*last)),
                    Node::List(items) => drop(items.remove(*last)),
                    Node::Leaf(_) => return None,
                }
                Some(at)
            }
            Self::Added(index) => {
                let (at, steps) = pick(*index, fields(body).into_iter())?;
                let Node::Object(members) = walk(body, &steps)? else { return None };
                members.push((UNKNOWN.to_owned(), Node::Leaf("1".to_owned())));
                Some(if at.is_empty() { UNKNOWN.to_owned() } else { format!("{at}.{UNKNOWN}") })
            }
            _ => None,
        }
    }
}

fn pick<T>(index: Index, choices: impl Iterator<Item = T>) -> Option<T> {
    let mut choices: Vec<T> = choices.collect();
    if choices.is_empty() { None } else { Some(choices.swap_remove(index.index(choices.len()))) }
}

/// Lists the fields of a body: the path of the field, and the index of each child on the way.
fn fields(body: &Node) -> Vec<(String, Vec<usize>)> {
    let mut fields = vec![(String::new(), Vec::new())];
    let children: Vec<(String, &Node)> = match body {
        Node::Leaf(_) => Vec::new(),
        Node::List(items) => items.iter().enumerate().map(|(index, item)| (format!("[{index}]"), item)).collect(),
        Node::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).collect(),
    };
    for (index, (name, child)) in children.into_iter().enumerate() {
        fields.extend(fields_within(index, &name, child));
    }
    fields
}

fn fields_within(index: usize, name: &str, child: &Node) -> impl Iterator<Item = (String, Vec<usize>)> {
    fields(child).into_iter().map(move |(at, steps)| {
        let joint = if at.is_empty() || at.starts_with('[') { "" } else { "." };
        (format!("{name}{joint}{at}"), [vec![index], steps].concat())
    })
}

fn walk<'a>(body: &'a mut Node, steps: &[usize]) -> Option<&'a mut Node> {
    steps.iter().try_fold(body, |node, step| match node {
        Node::Leaf(_) => None,
        Node::List(items) => items.get_mut(*step),
        Node::Object(members) => members.get_mut(*step).map(|(_, member)| member),
    })
}
