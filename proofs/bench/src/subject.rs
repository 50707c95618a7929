//! Lists the programs to measure: each function, with an event and the calls that its work takes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use client::{Error, SigningKey};
use domain::qr_code::{self, Window};
use serde_json::{Value, json};

use crate::aws::{CUSTOMER, EVENT_ID, qr_key};
use crate::template::{Function, Template};

/// Name of a function, name of its event in `events/invoke`, and the calls that its work takes.
type Work = (&'static str, &'static str, &'static [&'static str]);

const FUNCTIONS: [Work; 11] = [
    ("validator", "validator-scan", &["BatchGetItem", "UpdateItem", "PutEvents", "GetItem"]),
    ("order-manager", "order-manager-submit", &["GetItem", "GetItem", "Query", "SendTaskSuccess"]),
    ("config", "config-read", &["BatchGetItem"]),
    ("displays", "displays-board", &["GetItem", "BatchGetItem", "Query", "Query"]),
    ("screens", "screens-order", &[]),
    ("live", "live-ticket", &["GetItem"]),
    // A query for each of the topics customer, queue, board and bus.
    ("publisher", "publisher-waiting-completion", &["Query", "Query", "Query", "Query"]),
    ("admission", "admission-order", &["GetItem", "TransactWriteItems"]),
    ("order-projector", "order-projector-waiting-completion", &["UpdateItem"]),
    ("config-changed", "config-changed-edit", &["GetItem", "PutEvents"]),
    (
        "sweeper",
        "sweeper-schedule",
        &["Query", "Query", "Query", "Query", "ListExecutions", "ListExecutions", "ListExecutions"],
    ),
];

/// Name of a second run of the validator, which fetches the keys from a user pool. The other
/// functions read the keys from an environment variable.
const WITH_POOL: &str = "validator-with-pool";
const POOL: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_bench";

/// Name of the no-op function. The ratios are relative to it.
pub const NOOP: &str = "noop";

#[derive(Debug, Clone)]
pub struct Subject {
    pub name: String,
    pub command: Vec<String>,
    pub bootstrap: Option<PathBuf>,
    event: String,
    pub environment: BTreeMap<String, String>,
    calls: Option<&'static [&'static str]>,
    emulated: bool,
}

impl Subject {
    /// Returns the no-op function, and the functions whose name contains a word of `only`; all
    /// functions if `only` is empty.
    pub fn all(root: &Path, built: &Path, only: &[String], key: &SigningKey) -> Result<Vec<Self>, Error> {
        let mut subjects = Self::functions(root, built, only, key)?;
        let environment = subjects.first().map(|first| first.environment.clone()).unwrap_or_default();
        subjects.insert(0, Self::function(built, NOOP, "{}".to_owned(), environment, &[])?);
        Ok(subjects)
    }

    /// Returns the functions whose name contains a word of `only`; all functions if `only` is
    /// empty.
    pub fn functions(root: &Path, built: &Path, only: &[String], key: &SigningKey) -> Result<Vec<Self>, Error> {
        let template = Template::read(&root.join("template.yaml"))?;
        let mut subjects = Vec::new();
        for (name, sample, calls) in FUNCTIONS {
            let path = root.join("events/invoke").join(sample).with_extension("json");
            let environment = environment(&template.function(name)?, key)?;
            subjects.push(Self::function(built, name, read(&path)?, environment, calls)?);
        }
        subjects.extend(subjects.iter().find(|subject| subject.name == "validator").cloned().map(Self::with_pool));
        subjects.retain(|subject| only.is_empty() || only.iter().any(|word| subject.name.contains(word)));
        if subjects.is_empty() {
            let names = FUNCTIONS.map(|(name, ..)| name).join(", ");
            return Err(Error::Usage(format!("no function has this name; the names are {names}")));
        }
        Ok(subjects)
    }

    fn function(
        built: &Path,
        name: &str,
        event: String,
        environment: BTreeMap<String, String>,
        calls: &'static [&'static str],
    ) -> Result<Self, Error> {
        let bootstrap = built.join(name).join("bootstrap");
        if !bootstrap.is_file() {
            return Err(Error::Usage(format!(
                "{} does not exist: make bench or make arm64 builds it",
                bootstrap.display()
            )));
        }
        let command = vec![bootstrap.display().to_string()];
        let (name, bootstrap) = (name.to_owned(), Some(bootstrap));
        Ok(Self { name, command, bootstrap, event, environment, calls: Some(calls), emulated: false })
    }

    fn with_pool(mut self) -> Self {
        WITH_POOL.clone_into(&mut self.name);
        let keys = format!("{POOL}/.well-known/jwks.json");
        let variables = [("JWT_ISSUER", POOL), ("JWT_JWKS", ""), ("JWT_JWKS_URL", &keys)];
        self.environment.extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        self
    }

    pub fn other(command: &str, event: Option<&Path>) -> Result<Self, Error> {
        let event = match event {
            None => "{}".to_owned(),
            Some(path) => read(path)?,
        };
        let command: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let name = command.last().cloned().ok_or_else(|| Error::Usage("--against names no command".into()))?;
        Ok(Self { name, command, bootstrap: None, event, environment: BTreeMap::new(), calls: None, emulated: false })
    }

    /// Returns the program, to be run by `emulator`: the command of an emulator of the processor,
    /// with its options.
    #[must_use]
    pub fn under(mut self, emulator: &str) -> Self {
        self.command.splice(0..0, emulator.split_whitespace().map(str::to_owned));
        self.emulated = true;
        self
    }

    pub fn event(&self, key: &SigningKey) -> Result<String, Error> {
        let token = key.sign(&json!({
            "iss": self.environment.get("JWT_ISSUER"), "client_id": self.environment.get("JWT_AUDIENCE"),
            "token_use": "access", "sub": CUSTOMER, "cognito:groups": ["barista"], "exp": client::now().as_secs().saturating_add(3_600),
        }))?;
        let shop_id =
            EVENT_ID.parse().map_err(|error| Error::failed("the shop of the sample events is invalid", error))?;
        let code = qr_code::code(&qr_key(), &shop_id, Window::at(client::now()));
        Ok(self.event.replace("PUT-A-TOKEN-HERE", &token).replace("MFRGGZDFMZTWQ2LK", &code))
    }

    pub fn expected_calls(&self) -> &'static [&'static str] {
        self.calls.unwrap_or_default()
    }

    /// Describes the calls made, if they are not those that the work takes. Calls without a name
    /// fetch the keys. If the program runs under an emulator of the processor, they are ignored:
    /// such a program is slow, and may fetch the keys only during its first invocation.
    pub fn wrong_calls(&self, made: &[String]) -> Option<String> {
        let made: Vec<&str> =
            made.iter().map(String::as_str).filter(|call| !(self.emulated && call.is_empty())).collect();
        let expected = self.calls.filter(|calls| *calls != made)?;
        let made = if made.is_empty() { "nothing".to_owned() } else { made.join(", ") };
        Some(format!("called {made} instead of {}", expected.join(", ")))
    }

    /// Returns the failure in an answer: an HTTP status of 300 or more, or failed items of a batch.
    pub fn failure(&self, answer: &[u8]) -> Option<String> {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let status = answer.get("statusCode").and_then(Value::as_u64).unwrap_or(200);
        let failures = answer.get("batchItemFailures").and_then(Value::as_array).map_or(0, Vec::len);
        (status >= 300 || failures > 0).then(|| format!("answered {answer}"))
    }
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))
}

fn environment(function: &Function, key: &SigningKey) -> Result<BTreeMap<String, String>, Error> {
    let mut environment = function.environment.clone();
    for name in &function.variables {
        let value = match name.as_str() {
            "ORDERS_TABLE" => "orders".to_owned(),
            "SHOP_TABLE" => "shop".to_owned(),
            "BUCKETS_TABLE" => "buckets".to_owned(),
            "CONNECTIONS_TABLE" => "connections".to_owned(),
            "LIVE_URL" => "wss://sockets.example/v1".to_owned(),
            "STACK_NAME" => "serverlesspresso".to_owned(),
            "SELF_SIGN_UP" => "false".to_owned(),
            "BUS_NAME" => "bus".to_owned(),
            "STATE_MACHINE_ARN" => "arn:aws:states:us-east-1:123456789012:stateMachine:OrderProcessor".to_owned(),
            "ORDER_PAGE_URL" => "https://bar.example/order".to_owned(),
            "JWT_ISSUER" | "JWT_AUDIENCE" | "SIGN_IN_ISSUER" | "SIGN_IN_CLIENT_ID" => {
                client::token::LOCAL_ISSUER.to_owned()
            }
            "JWT_JWKS" => key.jwks().to_string(),
            "JWT_JWKS_URL" | "COGNITO_ENDPOINT" | "AUTHORIZATION_ENDPOINT" | "TOKEN_ENDPOINT" | "SIGN_IN_SCOPE" => {
                String::new()
            }
            "JWT_GROUPS_CLAIM" => "cognito:groups".to_owned(),
            "CORS_ORIGIN" => "*".to_owned(),
            "IDENTITY_PROVIDER" => "local".to_owned(),
            _ => {
                return Err(Error::Usage(format!(
                    "{name} is new in template.yaml: add its value to proofs/bench/src/subject.rs"
                )));
            }
        };
        environment.insert(name.clone(), value);
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_an_error_status_or_failed_items_is_a_failure() {
        let subject = Subject::other("a b", None).unwrap();
        for good in [&br#"{"statusCode":201}"#[..], b"null", br#"{"batchItemFailures":[]}"#] {
            assert_eq!(subject.failure(good), None);
        }
        for bad in [&br#"{"statusCode":404}"#[..], br#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#] {
            assert!(subject.failure(bad).is_some());
        }
    }

    #[test]
    fn calls_other_than_the_expected_ones_are_reported() {
        let mut subject = Subject::other("a b", None).unwrap();
        assert_eq!(subject.wrong_calls(&["GetItem".to_owned()]), None);
        subject.calls = Some(&["GetItem", "PutEvents"]);
        assert_eq!(subject.wrong_calls(&["GetItem".to_owned(), "PutEvents".to_owned()]), None);
        let wrong = subject.wrong_calls(&["GetItem".to_owned()]).unwrap();
        assert!(wrong.contains("GetItem, PutEvents"), "{wrong}");
        let with_keys = ["", "GetItem", "PutEvents"].map(str::to_owned);
        assert!(subject.wrong_calls(&with_keys).is_some());
        assert_eq!(subject.clone().under("qemu -L /lib").wrong_calls(&with_keys), None);
        assert_eq!(subject.under("qemu -L /lib").command, ["qemu", "-L", "/lib", "a", "b"]);
    }

    #[test]
    fn every_function_of_the_template_is_measured_with_a_value_for_each_variable() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = std::fs::read_to_string(root.join("template.yaml")).unwrap();
        assert_eq!(text.matches("BuildProperties").count(), FUNCTIONS.len());
        let template = Template::read(&root.join("template.yaml")).unwrap();
        let key = SigningKey::from_pem(&SigningKey::generate_pem().unwrap()).unwrap();
        for (name, ..) in FUNCTIONS {
            let function = template.function(name).unwrap();
            assert!(environment(&function, &key).unwrap().len() > function.environment.len(), "{name}");
        }
    }
}
