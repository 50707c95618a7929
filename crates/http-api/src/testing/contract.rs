//! Checks handlers with requests generated from `openapi.yaml`. A handler must not refuse a valid
//! request for its form. It must refuse a request with a mistake, and name the field. Each answer
//! must be one that the document describes.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use bootstrap::testing::cases;
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::document::{Answer, Document, Operation, Parameter, Part};
use super::generate::{Generator, Known, Node, sometimes};
use super::mutate::{Location, Mistake, any_mistake};
use crate::{Handler, answer};

/// Codes of problems about the form of a request.
const FORM_PROBLEMS: [&str; 2] = ["malformed_body", "invalid_parameter"];

/// One way to call a route.
#[derive(Debug, Clone)]
pub struct Case {
    /// Method and resource, such as `PUT /orders/{id}`.
    pub route: &'static str,
    /// Query parameters with their values; `None` leaves one out.
    pub fixed: &'static [(&'static str, Option<&'static str>)],
    /// Name of the body's schema, if the document has several for the route; empty for no body.
    /// `None` if the document has one or none for the route.
    pub body: Option<&'static str>,
}

impl Case {
    /// Creates a case of a route with one action.
    pub const fn new(route: &'static str) -> Self {
        Self { route, fixed: &[], body: None }
    }

    /// Creates a case of a route whose query parameters select different actions. `body` names the
    /// schema of its body; empty for none.
    pub const fn with(
        route: &'static str,
        fixed: &'static [(&'static str, Option<&'static str>)],
        body: &'static str,
    ) -> Self {
        Self { route, fixed, body: Some(body) }
    }

    fn fixes(&self, parameter: &str) -> bool {
        self.fixed.iter().any(|(name, _)| *name == parameter)
    }
}

/// Parameters and body of a request to send.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) parameters: Vec<(Part, String, String)>,
    pub(super) body: Option<Node>,
}

/// A case with its operation.
struct Prepared<'a> {
    case: &'a Case,
    operation: Operation,
    /// Parameters that the case does not fix, each with its validator.
    parameters: Vec<(Parameter, Validator)>,
    body: Option<Validator>,
}

/// Checks that a function's handler behaves as `openapi.yaml` describes.
pub struct Contract {
    document: Document,
    cases: Vec<Case>,
    known: Known,
    authorization: String,
    runtime: Runtime,
}

impl Contract {
    /// Reads the document. `routes` are the routes of the function, and `cases` must call each of
    /// them. `authorization` is the header of a caller who may call all of them.
    pub fn new<O>(routes: &[(&str, O)], cases: Vec<Case>, authorization: &str) -> Self {
        let handled: BTreeSet<&str> = routes.iter().map(|(route, _)| *route).collect();
        let called: BTreeSet<&str> = cases.iter().map(|case| case.route).collect();
        assert_eq!(called, handled, "the routes with a case, and those of the function");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let contract = Self {
            document: Document::read(),
            cases,
            known: Known::default(),
            authorization: authorization.to_owned(),
            runtime,
        };
        contract.check_cases();
        contract
    }

    /// Adds a value that the handler knows, for the parameter `name`.
    #[must_use]
    pub fn parameter(mut self, name: &'static str, value: &str) -> Self {
        self.known.parameters.entry(name).or_default().push(value.to_owned());
        self
    }

    /// Makes every generated request use this value of a parameter.
    #[must_use]
    pub fn only(mut self, name: &'static str, value: &str) -> Self {
        self.known.only.insert(name);
        self.parameter(name, value)
    }

    /// Adds a text that the handler knows, for fields of this name in a body.
    #[must_use]
    pub fn field(mut self, name: &'static str, text: &str) -> Self {
        self.known.fields.entry(name).or_default().push(text.to_owned());
        self
    }

    /// Asserts that the cases of a route cover each value of a parameter that selects its action,
    /// and each schema of its body.
    fn check_cases(&self) {
        for route in self.cases.iter().map(|case| case.route).collect::<BTreeSet<_>>() {
            let own: Vec<&Case> = self.cases.iter().filter(|case| case.route == route).collect();
            let operation = self.document.operation(route);
            for parameter in &operation.parameters {
                let fixed = own.iter().flat_map(|case| case.fixed).filter(|(name, _)| *name == parameter.name);
                let fixed: BTreeSet<Option<&str>> = fixed.map(|(_, value)| *value).collect();
                let schema = self.document.resolved(&parameter.schema);
                let values = schema["enum"].as_array().into_iter().flatten().map(Value::as_str);
                let values: BTreeSet<Option<&str>> = values.chain((!parameter.is_required).then_some(None)).collect();
                assert!(
                    fixed.is_empty() || fixed == values,
                    "{route}: the cases must cover each value of {}",
                    parameter.name
                );
            }
            let schemas = operation.body.map(|body| body.schema["anyOf"].clone());
            for schema in schemas.iter().filter_map(Value::as_array).flatten() {
                let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
                assert!(own.iter().any(|case| case.body == name), "{route}: no case has the body {name:?}");
            }
        }
    }

    /// Sends generated requests to the handler of each case. Asserts that it refuses no valid
    /// one for its form, refuses those with a mistake, and answers as the document describes.
    pub fn check<'h, H: Handler + 'h>(&self, handler: impl Fn(&Case) -> &'h H) {
        for case in &self.cases {
            let prepared = self.prepare(case);
            let (accepted, refused) = (Cell::new(0), Cell::new(0));
            let requests = (self.requests(&prepared), proptest::collection::vec(any_mistake(), 4));
            let checked = TestRunner::new(cases(150)).run(&requests, |(sent, mistakes)| {
                let answer = self.ask(handler(case), case, &sent, Some(&self.authorization));
                fits(&prepared, &sent, &answer)?;
                prop_assert!(!FORM_PROBLEMS.contains(&answer.member("code").as_str()), "{:?}: {:?}", sent, answer);
                if answer.status >= 300 {
                    return Ok(());
                }
                accepted.set(accepted.get() + 1);
                for (wrong, fault) in mistakes.iter().filter_map(|mistake| prepared.wrong(mistake, &sent)) {
                    let answer = self.ask(handler(case), case, &wrong, Some(&self.authorization));
                    fits(&prepared, &wrong, &answer)?;
                    prop_assert!(is_refused(&answer, &fault), "{:?} has a mistake at {:?}: {:?}", wrong, fault, answer);
                    refused.set(refused.get() + 1);
                }
                Ok(())
            });
            checked.unwrap_or_else(|error| panic!("{case:?}: {error}"));
            let (accepted, refused) = (accepted.get(), refused.get());
            let refused_enough = refused >= 10 || prepared.operation.is_open;
            assert!(accepted >= 10 && refused_enough, "{case:?}: {accepted} accepted, {refused} refused");
            self.check_without_credential(&prepared, handler(case));
        }
    }

    fn check_without_credential(&self, prepared: &Prepared<'_>, handler: &impl Handler) {
        let nothing = Sent { parameters: Vec::new(), body: None };
        let answer = self.ask(handler, prepared.case, &nothing, None);
        fits(prepared, &nothing, &answer).unwrap_or_else(|error| panic!("{:?}: {error}", prepared.case));
        assert_eq!(answer.status == 401, !prepared.operation.is_public, "{:?}: {answer:?}", prepared.case);
    }

    fn prepare<'a>(&self, case: &'a Case) -> Prepared<'a> {
        let mut operation = self.document.operation(case.route);
        if let Some(name) = case.body {
            operation.body = operation.body.filter(|_| !name.is_empty()).map(|mut body| {
                body.schema = json!({ "$ref": format!("#/components/schemas/{name}") });
                body.is_required |= self.document.resolved(&body.schema)["required"].is_array();
                body
            });
        }
        let free = operation.parameters.iter().filter(|parameter| !case.fixes(&parameter.name));
        let parameters = free.map(|one| (one.clone(), self.document.validator(&one.schema))).collect();
        let body = operation.body.as_ref().map(|body| self.document.validator(&body.schema));
        Prepared { case, operation, parameters, body }
    }

    fn requests(&self, prepared: &Prepared<'_>) -> impl Strategy<Value = Sent> + use<> {
        let generator = Generator { document: &self.document, known: &self.known };
        let parameters: Vec<_> = prepared
            .parameters
            .iter()
            .map(|(parameter, _)| {
                let Parameter { name, part, is_required, schema } = parameter.clone();
                let value = generator.parameter(&schema, &name).prop_map(move |value| (part, name.clone(), value));
                sometimes(is_required, value)
            })
            .collect();
        let fixed = prepared.case.fixed.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let fixed: Vec<_> = fixed.map(|(name, value)| (Part::Query, name.to_owned(), value.to_owned())).collect();
        let body = match &prepared.operation.body {
            None => Just(None).boxed(),
            Some(body) => sometimes(body.is_required, generator.value(&body.schema, "")),
        };
        (parameters, body).prop_map(move |(parameters, body)| Sent {
            parameters: parameters.into_iter().flatten().chain(fixed.clone()).collect(),
            body,
        })
    }

    fn ask(&self, handler: &impl Handler, case: &Case, sent: &Sent, authorization: Option<&str>) -> Answer {
        let (method, resource) = case.route.split_once(' ').unwrap();
        let of = |part| sent.parameters.iter().filter(move |(given, ..)| *given == part);
        let single = |part| of(part).map(|(_, name, value)| (name.clone(), value.clone())).collect::<BTreeMap<_, _>>();
        let mut query: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (_, name, value) in of(Part::Query) {
            query.entry(name).or_default().push(value);
        }
        let mut headers = single(Part::Header);
        headers.extend(authorization.map(|authorization| ("Authorization".to_owned(), authorization.to_owned())));
        let event = json!({
            "resource": resource, "path": resource, "httpMethod": method, "headers": headers,
            "pathParameters": single(Part::Path), "multiValueQueryStringParameters": query,
            "body": sent.body.as_ref().map(Node::json), "isBase64Encoded": false,
            "requestContext": { "httpMethod": method, "requestId": "generated" },
        });
        let payload = serde_json::value::to_raw_value(&event).unwrap();
        let response = self.runtime.block_on(answer(handler, &payload, None));
        Answer::read(&serde_json::to_value(response).unwrap())
    }
}

impl Prepared<'_> {
    /// Returns `sent` with a mistake, if the document does not allow the result.
    fn wrong(&self, mistake: &Mistake, sent: &Sent) -> Option<(Sent, Location)> {
        let (wrong, fault) = mistake.make(sent, &self.operation)?;
        let is_allowed = match &fault {
            Location::Parameter(Part::Query, _) if self.operation.is_open => true,
            Location::Parameter(_, name) => self.case.fixes(name),
            Location::Body(_) => false,
        };
        (!is_allowed && !self.is_valid(&wrong)).then_some((wrong, fault))
    }

    /// Returns true if the document allows the request.
    fn is_valid(&self, sent: &Sent) -> bool {
        let each_is_valid = self.parameters.iter().all(|(parameter, schema)| {
            let values: Vec<_> = sent.parameters.iter().filter(|(_, name, _)| *name == parameter.name).collect();
            match values[..] {
                [] => !parameter.is_required,
                [(_, _, value)] => is_valid_text(schema, value),
                _ => false,
            }
        });
        let is_known = |name: &str| self.operation.parameters.iter().any(|parameter| parameter.name == name);
        let body = match (&self.body, &sent.body) {
            (Some(schema), Some(body)) => serde_json::from_str(&body.json()).is_ok_and(|body| schema.is_valid(&body)),
            _ => true,
        };
        each_is_valid && body && sent.parameters.iter().all(|(_, name, _)| is_known(name))
    }
}

/// Returns true if the text of a parameter is valid as a text, as a boolean or, in digits alone, as
/// a number.
fn is_valid_text(schema: &Validator, text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u64>().ok().filter(|_| digits).map(Value::from);
    let boolean = text.parse::<bool>().ok().map(Value::from);
    [Some(Value::from(text)), number, boolean].iter().flatten().any(|value| schema.is_valid(value))
}

fn fits(prepared: &Prepared<'_>, sent: &Sent, answer: &Answer) -> Result<(), TestCaseError> {
    match prepared.operation.misfit(answer) {
        None => Ok(()),
        Some(misfit) => {
            Err(TestCaseError::fail(format!("openapi.yaml does not describe the answer to {sent:?}: {misfit}")))
        }
    }
}

/// Returns true if the answer is 400 or 422 and names the fault. For a wrong path parameter it must
/// be 404 with the code of what is missing, or 204, as for a repeated deletion.
fn is_refused(answer: &Answer, fault: &Location) -> bool {
    match fault {
        Location::Parameter(Part::Path, _) if answer.status == 404 => {
            let code = answer.member("code");
            code.ends_with("_not_found") && code != "route_not_found"
        }
        Location::Parameter(Part::Path, _) => answer.status == 204,
        _ => [400, 422].contains(&answer.status) && fault.is_named(&answer.member("field")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_path_parameter_counts_as_refused_with_a_not_found_code_or_204() {
        let fault = Location::Parameter(Part::Path, "id".to_owned());
        let answers = [
            (404, "order_not_found", true),
            (404, "route_not_found", false),
            (404, "forbidden", false),
            (404, "", false),
            (204, "", true),
            (200, "", false),
        ];
        for (status, code, refused) in answers {
            let body = json!({ "code": code }).to_string();
            let answer = Answer::read(&json!({ "statusCode": status, "body": body }));
            assert_eq!(is_refused(&answer, &fault), refused, "{status} {code}");
        }
    }
}
