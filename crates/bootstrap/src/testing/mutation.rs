//! Mutates a sample payload.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

/// JSON values that parsers often mishandle, some in a form that serde_json would not write.
const UNUSUAL_JSON: &[&str] = &[
    "null",
    "true",
    "0",
    "-0",
    "-1",
    "1.5",
    "1e308",
    "1e999",
    "-1e-999",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "253402300800000",
    "1e18",
    "4294967296",
    "[]",
    "{}",
    "[[]]",
    r#""""#,
    r#"" ""#,
    r#""\u0000""#,
    r#""\ud800""#,
    r#""\ud83e\udd5b""#,
    r#""é""#,
    r#""a b""#,
    r#""a#b""#,
    r#""../..""#,
    r#""NaN""#,
    r#""9999-12-31T23:59:59.999Z""#,
    r#""-000001-01-01T00:00:00Z""#,
    r#""2026-13-45T99:99:99Z""#,
    r#""1970-01-01T00:00:00Z""#,
    r#""+275760-09-13T00:00:00Z""#,
    r#""99999999999999999999""#,
    r#""-1""#,
    r#""AAAAAAAAAAAAAAAA""#,
    r#"{"S":"x"}"#,
    r#"{"N":"x"}"#,
    r#"{"B":"%"}"#,
    r#"{"M":{"x":{}}}"#,
];

/// JSON pointers to the parts of a payload that functions read most.
const INPUT_POINTERS: &[&str] =
    &["/body", "/queryString", "/multiValueQuery", "/pathParameters", "/resource", "/headers", "/detail", "/Records"];

#[derive(Debug, Clone)]
enum Edit {
    Replace(String),
    Remove,
    /// Adds a second member with the same name.
    Duplicate(String),
    /// Adds a member with an unknown name, or an item to a list.
    Add(String),
    WrapInList,
    /// Appends to a text.
    Append(&'static str),
    /// Repeats a text many times.
    Repeat,
}

/// Mutation of one value in a sample.
#[derive(Debug, Clone)]
pub(super) struct Mutation {
    place: Index,
    /// Mutates a value below [`INPUT_POINTERS`], if the sample has one.
    in_input: bool,
    /// Index of a value inside JSON text, if the value at `place` is such a text, as a body is.
    inside: Option<Index>,
    edit: Edit,
}

pub(super) fn any_json() -> impl Strategy<Value = String> {
    let unusual = select(UNUSUAL_JSON).prop_map(str::to_owned);
    let deep = (1..400_usize).prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    let text = any::<String>().prop_map(|text| Value::from(text).to_string());
    let leaf = prop_oneof![8 => unusual, 1 => deep, 2 => text, 2 => any::<i64>().prop_map(|number| number.to_string())];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let members = proptest::collection::vec(("[a-z]{0,3}|eventId|detail|body|Records", inner.clone()), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            members.prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| format!("{}:{value}", Value::from(name)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

pub(super) fn any_mutation() -> impl Strategy<Value = Mutation> {
    let edit = prop_oneof![
        4 => any_json().prop_map(Edit::Replace),
        2 => Just(Edit::Remove),
        1 => any_json().prop_map(Edit::Duplicate),
        1 => any_json().prop_map(Edit::Add),
        1 => Just(Edit::WrapInList),
        2 => select(&["\0", "é", "\u{202e}", " ", "#", "\n", "0"][..]).prop_map(Edit::Append),
        1 => Just(Edit::Repeat),
    ];
    let inside = proptest::option::weighted(0.8, any::<Index>());
    (any::<Index>(), proptest::bool::weighted(0.8), inside, edit).prop_map(|(place, in_input, inside, edit)| Mutation {
        place,
        in_input,
        inside,
        edit,
    })
}

/// JSON texts that a [`Value`] may be unable to represent. Until the sample is written, it contains
/// a placeholder for each text.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    fn mark(&mut self, text: &str) -> Value {
        self.0.push(text.to_owned());
        Value::from(format!("@text {}@", self.0.len() - 1))
    }

    fn write(&self, value: &Value) -> String {
        let marks = self.0.iter().enumerate().rev();
        let text = value.to_string().replace("@again@", "");
        marks.fold(text, |text, (index, json)| text.replace(&format!("\"@text {index}@\""), json))
    }
}

impl Mutation {
    /// Applies all mutations to `sample` and returns it as JSON text.
    pub(super) fn apply_all(mutations: &[Self], mut sample: Value) -> String {
        let mut texts = Texts::default();
        for mutation in mutations {
            let place = mutation.choose(&sample);
            mutation.apply(&place, &mut sample, &mut texts);
        }
        texts.write(&sample)
    }

    fn choose(&self, sample: &Value) -> String {
        let mut places = Vec::new();
        list(sample, String::new(), &mut places);
        let in_input = |place: &&String| INPUT_POINTERS.iter().any(|prefix| place.starts_with(prefix));
        let in_input: Vec<&String> = places.iter().filter(in_input).collect();
        if self.in_input && !in_input.is_empty() {
            (*self.place.get(&in_input)).clone()
        } else {
            self.place.get(&places).clone()
        }
    }

    fn apply(&self, place: &str, sample: &mut Value, texts: &mut Texts) {
        let (parent, name) = place.rsplit_once('/').unwrap_or_default();
        let name = name.replace("~1", "/").replace("~0", "~");
        let Some(value) = sample.pointer_mut(place) else { return };
        match (&self.edit, value) {
            (_, Value::String(text)) if self.inside.is_some() && is_json(text) => self.in_text(text),
            (Edit::Replace(json), value) => *value = texts.mark(json),
            (Edit::WrapInList, value) => *value = Value::Array(vec![value.take()]),
            (Edit::Append(more), Value::String(text)) => text.push_str(more),
            (Edit::Repeat, Value::String(text)) if text.len() < 1_000 => *text = text.repeat(500),
            (Edit::Add(json), Value::Object(members)) => {
                drop(members.insert("addedLater".to_owned(), texts.mark(json)));
            }
            (Edit::Add(json), Value::Array(items)) => items.push(texts.mark(json)),
            (Edit::Remove, _) => match sample.pointer_mut(parent) {
                Some(Value::Object(members)) => drop(members.remove(&name)),
                Some(Value::Array(items)) => drop(items.pop()),
                _ => {}
            },
            (Edit::Duplicate(json), _) => {
                if let Some(Value::Object(members)) = sample.pointer_mut(parent) {
                    members.insert(format!("{name}@again@"), texts.mark(json));
                }
            }
            _ => {}
        }
    }

    fn in_text(&self, text: &mut String) {
        let (Ok(mut value), Some(place)) = (serde_json::from_str(text), self.inside) else { return };
        let inner = Self { place, in_input: false, inside: None, edit: self.edit.clone() };
        *text = Self::apply_all(&[inner], std::mem::take(&mut value));
    }
}

fn is_json(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<Value>(text).is_ok()
}

/// Adds the JSON pointers of `value` and of all values in it to `places`.
fn list(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                list(member, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                list(item, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}
