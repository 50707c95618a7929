//! Generates the JSON Schemas of the events from their types. A schema describes the published
//! events; readers accept more.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::detail::Detail;

/// Contract of one detail-type.
#[derive(Debug)]
pub struct Contract {
    /// Name of the event on the bus.
    pub detail_type: &'static str,
    /// JSON Schema of the detail.
    pub schema: Schema,
    /// Parses a detail into its type and serialises it again.
    pub read: fn(Value) -> serde_json::Result<Value>,
}

impl Contract {
    /// Generates the contract from the type `D`.
    pub fn new<D: Detail + JsonSchema>() -> Self {
        let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(AsPublished);
        let mut schema = SchemaGenerator::new(settings).into_root_schema_for::<D>();
        schema.insert("title".into(), D::DETAIL_TYPE.into());
        Self { detail_type: D::DETAIL_TYPE, schema, read: read::<D> }
    }
}

fn read<D: Detail>(detail: Value) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_value::<D>(detail)?)
}

#[derive(Debug, Clone)]
struct AsPublished;

impl Transform for AsPublished {
    fn transform(&mut self, schema: &mut Schema) {
        // Fields are only ever added, so a reader must accept fields that it does not know.
        schema.remove("additionalProperties");
        // `uint32` and similar are not formats of JSON Schema; strict validators reject them.
        if schema.get("format").is_some_and(|format| format != "date-time") {
            schema.remove("format");
        }
        never_null(schema);
        transform_subschemas(self, schema);
    }
}

/// Removes null from the types of a member: an optional member is absent instead.
fn never_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        schema.remove("anyOf");
        for (keyword, value) in only {
            schema.insert(keyword, value);
        }
    }
}
