//! Values that a JSON Schema of `openapi.yaml` allows, in several spellings.

use std::collections::{BTreeMap, BTreeSet};

use domain::text::{Line, Name};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;
use serde_json::Value;

use super::document::Document;

/// Parts of texts, among them some that normalisation changes.
const PIECES: &[&str] = &[
    "a",
    "Latte",
    "Flat White",
    " ",
    "\u{a0}",
    "\u{2003}",
    "\u{e9}",
    "e\u{301}",
    "\u{212b}",
    "7",
    "#",
    "&",
    "\"",
    "\\",
    "<b>",
    "\u{5496}\u{5561}",
    "\u{2615}",
    "\u{2764}\u{fe0f}",
    "\u{1f469}\u{1f3fd}\u{200d}\u{1f373}",
    "\u{1f1ee}\u{1f1f9}",
];

/// JSON value, whose numbers and texts keep their spelling.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Leaf(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Writes the value as JSON text.
    pub(super) fn json(&self) -> String {
        match self {
            Self::Leaf(json) => json.clone(),
            Self::List(items) => format!("[{}]", items.iter().map(Self::json).collect::<Vec<_>>().join(", ")),
            Self::Object(members) => {
                let members =
                    members.iter().map(|(name, member)| format!("{}: {}", Value::from(name.as_str()), member.json()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Texts with a meaning to the handler, by the name of their parameter or of their field in a body.
#[derive(Default)]
pub(super) struct Known {
    pub(super) parameters: BTreeMap<&'static str, Vec<String>>,
    pub(super) fields: BTreeMap<&'static str, Vec<String>>,
    /// Parameters that get known values only.
    pub(super) only: BTreeSet<&'static str>,
}

/// Generator of values for the schemas of a document.
pub(super) struct Generator<'a> {
    pub(super) document: &'a Document,
    /// Values that the handler knows.
    pub(super) known: &'a Known,
}

impl Generator<'_> {
    /// Values of the field `name` in a body.
    pub(super) fn value(&self, schema: &Value, name: &str) -> BoxedStrategy<Node> {
        let schema = self.document.resolved(schema);
        if let Some(choices) = schema["anyOf"].as_array() {
            let choices: Vec<_> = choices.iter().map(|choice| self.value(choice, name)).collect();
            return proptest::strategy::Union::new(choices).boxed();
        }
        match schema["type"].as_str() {
            Some("object") => self.object(&schema),
            Some("array") => {
                let (min, max) = (bound(&schema, "minItems", 0), bound(&schema, "maxItems", 50));
                vec(self.value(&schema["items"], name), min..=max.min(min + 3)).prop_map(Node::List).boxed()
            }
            Some("integer") => integer(&schema).prop_flat_map(spelled).prop_map(Node::Leaf).boxed(),
            Some("boolean") => any::<bool>().prop_map(|value| Node::Leaf(value.to_string())).boxed(),
            Some("string") => {
                let texts = text(self.document, &schema, name, self.known.fields.get(name));
                texts.prop_map(|text| Node::Leaf(Value::from(text).to_string())).boxed()
            }
            other => panic!("no generator for {name} of type {other:?}"),
        }
    }

    /// Values of the parameter `name`.
    pub(super) fn parameter(&self, schema: &Value, name: &str) -> BoxedStrategy<String> {
        let schema = self.document.resolved(schema);
        if let Some(known) = self.known.parameters.get(name).filter(|_| self.known.only.contains(name)) {
            return select(known.clone()).boxed();
        }
        match schema["type"].as_str() {
            Some("integer") => integer(&schema).prop_map(|number| number.to_string()).boxed(),
            Some("boolean") => any::<bool>().prop_map(|value| value.to_string()).boxed(),
            _ => text(self.document, &schema, name, self.known.parameters.get(name)),
        }
    }

    fn object(&self, schema: &Value) -> BoxedStrategy<Node> {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        let members: Vec<_> = properties
            .map(|(name, property)| {
                let (is_required, name) = (required.contains(&name.as_str()), name.clone());
                let member = self.value(property, &name).prop_map(move |value| (name.clone(), value));
                sometimes(is_required, member)
            })
            .collect();
        members.prop_map(|members| Node::Object(members.into_iter().flatten().collect())).boxed()
    }
}

fn text(document: &Document, schema: &Value, name: &str, known: Option<&Vec<String>>) -> BoxedStrategy<String> {
    if let Some(values) = schema["enum"].as_array() {
        return select(values.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()).boxed();
    }
    let known = known.cloned().unwrap_or_default();
    let free = match (schema["format"].as_str(), schema["pattern"].as_str()) {
        (Some(format @ ("name" | "line")), _) => Some(line(schema, format)),
        (_, Some(pattern)) => {
            let (pattern, schema) = (pattern.trim_start_matches('^').trim_end_matches('$'), document.validator(schema));
            let fits = move |text: &String| schema.is_valid(&Value::from(text.as_str()));
            Some(string_regex(pattern).unwrap().prop_filter("a text of this length and format", fits).boxed())
        }
        (Some(_), None) => None,
        (None, None) => {
            let (min, max) = (bound(schema, "minLength", 0), bound(schema, "maxLength", 20));
            Some(string_regex(&format!("[ -~]{{{min},{max}}}")).unwrap().boxed())
        }
    };
    match (free, known.is_empty()) {
        (Some(free), true) => free,
        (Some(free), false) => prop_oneof![4 => select(known), 1 => free].boxed(),
        (None, false) => select(known).boxed(),
        (None, true) => panic!("give values of {name} that the handler knows: no generator has its format"),
    }
}

/// A line of text that the schema allows in the spelling sent and after normalisation.
fn line(schema: &Value, format: &str) -> BoxedStrategy<String> {
    let (min, max) = (bound(schema, "minLength", 0), bound(schema, "maxLength", 60));
    let is_name = format == "name";
    let fits = move |text: &String| {
        let normalised = if is_name {
            text.parse::<Name>().map(String::from)
        } else {
            text.parse::<Line<1_000>>().map(String::from)
        };
        (min..=max).contains(&text.chars().count())
            && normalised.is_ok_and(|text| (min..=max).contains(&text.chars().count()))
    };
    let short = vec(select(PIECES), 0..6).prop_map(|pieces| pieces.concat());
    let long = Just("x".repeat(max));
    prop_oneof![9 => short, 1 => long].prop_filter("a text that the schema allows", fits).boxed()
}

/// Generates a value in all cases if it is required, otherwise in half of them.
pub(super) fn sometimes<S: Strategy + 'static>(is_required: bool, strategy: S) -> BoxedStrategy<Option<S::Value>> {
    if is_required { strategy.prop_map(Some).boxed() } else { proptest::option::of(strategy).boxed() }
}

fn integer(schema: &Value) -> impl Strategy<Value = u64> + use<> {
    let bound = |keyword, default| schema[keyword].as_u64().unwrap_or(default);
    let (min, max) = (bound("minimum", 0), bound("maximum", 1_000_000));
    prop_oneof![8 => min..=max, 1 => Just(min), 1 => Just(max)]
}

/// Spellings of a whole number in JSON.
fn spelled(number: u64) -> impl Strategy<Value = String> {
    let digits = number.to_string();
    let significant = digits.trim_end_matches('0');
    let shortened = if significant.is_empty() { "0" } else { significant };
    let zeros = digits.len() - shortened.len();
    select(vec![
        digits.clone(),
        format!("{number}.0"),
        format!("{number}.000E0"),
        format!("{shortened}e{zeros}"),
        format!("{shortened}E+{zeros}"),
        format!("{number}00e-2"),
    ])
}

fn bound(schema: &Value, keyword: &str, default: usize) -> usize {
    schema[keyword].as_u64().map_or(default, |bound| usize::try_from(bound).unwrap())
}
