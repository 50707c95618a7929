//! `openapi.yaml` as the tests of handlers read it.

use std::collections::BTreeMap;
use std::path::Path;

use domain::text::{Line, Name};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// Headers that any answer may have.
const COMMON_HEADERS: [&str; 2] = ["content-type", "cache-control"];

/// Answer of a handler, as API Gateway receives it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u64,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    /// Reads an answer in the form of API Gateway.
    pub(super) fn read(response: &Value) -> Self {
        let headers = response["headers"].as_object().into_iter().flatten();
        Self {
            status: response["statusCode"].as_u64().unwrap_or_default(),
            headers: headers.map(|(name, value)| (name.clone(), text_of(value))).collect(),
            body: text_of(&response["body"]),
        }
    }

    /// Returns a member of the JSON body as text; empty if there is none.
    pub(super) fn member(&self, name: &str) -> String {
        serde_json::from_str::<Value>(&self.body).map(|body| text_of(&body[name])).unwrap_or_default()
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

/// Part of a request in which a parameter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Query,
    Path,
    Header,
}

/// Parameter of an operation.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) part: Part,
    pub(super) is_required: bool,
    pub(super) schema: Value,
}

/// Body of an operation.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) is_required: bool,
    pub(super) schema: Value,
}

/// Header of an answer.
struct Header {
    name: String,
    is_required: bool,
    schema: Validator,
}

/// Answer that the document describes.
struct Described {
    content: Option<(String, Validator)>,
    headers: Vec<Header>,
}

/// Operation of the document.
pub(super) struct Operation {
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) is_public: bool,
    /// True if the operation accepts any query parameter.
    pub(super) is_open: bool,
    answers: BTreeMap<String, Described>,
}

/// `openapi.yaml`, parsed.
pub(super) struct Document(Value);

impl Document {
    /// Reads `openapi.yaml`.
    pub(super) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        Self(yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("openapi.yaml: {error}")))
    }

    /// Returns `node`. If `node` is a reference, returns the node that the reference names, with
    /// the members beside the reference.
    pub(super) fn resolved(&self, node: &Value) -> Value {
        let Some(reference) = node["$ref"].as_str() else { return node.clone() };
        let target = self.0.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}"));
        let mut resolved = self.resolved(target);
        if let (Some(members), Some(beside)) = (resolved.as_object_mut(), node.as_object()) {
            members.extend(
                beside.iter().filter(|(name, _)| *name != "$ref").map(|(name, one)| (name.clone(), one.clone())),
            );
        }
        resolved
    }

    /// Creates a validator of `schema` for values that callers send.
    pub(super) fn validator(&self, schema: &Value) -> Validator {
        build(schema, &self.0["components"])
    }

    /// Returns the operation of a route, such as `PUT /orders/{id}`.
    pub(super) fn operation(&self, route: &str) -> Operation {
        let (method, path) = route.split_once(' ').unwrap();
        let item = &self.0["paths"][path];
        let operation = &item[method.to_lowercase()];
        assert!(operation.is_object(), "openapi.yaml does not describe {route}");
        let listed = [&item["parameters"], &operation["parameters"]].into_iter().filter_map(Value::as_array).flatten();
        let listed: Vec<_> = listed.map(|parameter| self.parameter(parameter)).collect();
        // A parameter of type object stands for any query parameter.
        let (open, parameters): (Vec<_>, Vec<_>) = listed.into_iter().partition(|one| one.schema["type"] == "object");
        let body = self.resolved(&operation["requestBody"]);
        let answers = operation["responses"].as_object().unwrap();
        Operation {
            parameters,
            body: body.is_object().then(|| Body {
                is_required: body["required"] == true,
                schema: body["content"]["application/json"]["schema"].clone(),
            }),
            is_open: !open.is_empty(),
            is_public: operation["security"].as_array().is_some_and(Vec::is_empty),
            answers: answers.iter().map(|(status, answer)| (status.clone(), self.described(answer))).collect(),
        }
    }

    fn parameter(&self, node: &Value) -> Parameter {
        let node = self.resolved(node);
        let part = match node["in"].as_str() {
            Some("query") => Part::Query,
            Some("path") => Part::Path,
            Some("header") => Part::Header,
            other => panic!("a parameter in {other:?}"),
        };
        let name = node["name"].as_str().unwrap().to_owned();
        Parameter { name, part, is_required: node["required"] == true, schema: node["schema"].clone() }
    }

    fn described(&self, node: &Value) -> Described {
        let node = self.resolved(node);
        let components = closed(&self.0["components"]);
        let content = node["content"].as_object().and_then(|content| content.iter().next());
        let headers = node["headers"].as_object().into_iter().flatten().map(|(name, header)| {
            let header = self.resolved(header);
            let schema = build(&header["schema"], &components);
            Header { name: name.to_lowercase(), is_required: header["required"] == true, schema }
        });
        Described {
            headers: headers.collect(),
            content: content.map(|(kind, content)| (kind.clone(), build(&content["schema"], &components))),
        }
    }
}

impl Operation {
    /// Returns the difference between an answer and its description, if there is one.
    pub(super) fn misfit(&self, answer: &Answer) -> Option<String> {
        let Some(described) = self.answers.get(&answer.status.to_string()) else {
            return Some(format!("the status is not described: {answer:?}"));
        };
        let body = described.content.as_ref().map_or_else(
            || (!answer.body.is_empty()).then(|| "no body is described".to_owned()),
            |(content_type, schema)| misfit_of_body(answer, content_type, schema),
        );
        body.or_else(|| misfit_of_headers(answer, &described.headers)).map(|misfit| format!("{misfit}: {answer:?}"))
    }
}

fn misfit_of_body(answer: &Answer, content_type: &str, schema: &Validator) -> Option<String> {
    if answer.headers.get("content-type").map(String::as_str) != Some(content_type) {
        return Some(format!("the content type is not {content_type}"));
    }
    if content_type == "image/svg+xml" {
        return (!answer.body.starts_with("<svg ")).then(|| "the body is no image".to_owned());
    }
    if content_type.starts_with("text/html") {
        return (!answer.body.starts_with("<!doctype html>")).then(|| "the body is no page".to_owned());
    }
    let body: Value = match serde_json::from_str(&answer.body) {
        Ok(body) => body,
        Err(error) => return Some(format!("the body is not JSON: {error}")),
    };
    schema.iter_errors(&body).next().map(|error| format!("{error} at {}", error.instance_path()))
}

fn misfit_of_headers(answer: &Answer, described: &[Header]) -> Option<String> {
    let missing = described.iter().find(|header| header.is_required && !answer.headers.contains_key(&header.name));
    if let Some(header) = missing {
        return Some(format!("the header {} is missing", header.name));
    }
    answer.headers.iter().filter(|(name, _)| !COMMON_HEADERS.contains(&name.as_str())).find_map(|(name, value)| {
        let Some(header) = described.iter().find(|header| header.name == *name) else {
            return Some(format!("the header {name} is not described"));
        };
        let number = value.parse::<u64>().ok().map(Value::from);
        let fits = header.schema.is_valid(&Value::from(value.as_str()))
            || number.is_some_and(|number| header.schema.is_valid(&number));
        (!fits).then(|| format!("the header {name} is {value}"))
    })
}

fn build(schema: &Value, components: &Value) -> Validator {
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [schema],
        "components": components,
    });
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_format("name", |text| text.parse::<Name>().is_ok())
        .with_format("line", |text| text.parse::<Line<1_000>>().is_ok())
        .build(&document)
        .unwrap_or_else(|error| panic!("openapi.yaml: {error}"))
}

/// Returns the components with object schemas that allow only the members described.
fn closed(components: &Value) -> Value {
    let mut closed = components.clone();
    let schemas = closed["schemas"].as_object_mut().map(Map::values_mut).into_iter().flatten();
    for schema in schemas.filter_map(Value::as_object_mut).filter(|schema| schema.contains_key("properties")) {
        schema.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    closed
}
