//! What is measured: each function with an event that it does its whole work on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::caller::Role;
use domain::qr_code::{self, Window};
use domain::timestamp::Timestamp;
use presso::token::SigningKey;
use serde_json::Value;

use crate::aws::{CUSTOMER, EVENT_ID, qr_key};
use crate::error::Error;

/// Function and sample.
const FUNCTIONS: [(&str, &str); 7] = [
    ("validator", "validator-scan"),
    ("order-manager", "order-manager-submit"),
    ("config", "config-read"),
    ("admission", "admission-order"),
    ("order-projector", "order-projector-waiting-completion"),
    ("config-changed", "config-changed-edit"),
    ("sweeper", "sweeper-schedule"),
];

/// The function that does nothing.
pub const FLOOR: &str = "floor";

/// Something that speaks the Runtime API.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What it is called.
    pub name: String,
    /// The program, and its arguments.
    pub command: Vec<String>,
    /// The file that Lambda would load, if it is one of ours.
    pub bootstrap: Option<PathBuf>,
    /// What it is invoked with. In ours, words in capitals stand for what only holds now.
    event: String,
    /// Its own part of the environment.
    pub environment: BTreeMap<&'static str, String>,
}

/// Signs the tokens of the samples.
pub struct Signer(SigningKey);

impl Signer {
    /// With a key of its own.
    pub fn new() -> Result<Self, Error> {
        let key = SigningKey::generate_pem().and_then(|pem| SigningKey::from_pem(&pem));
        key.map(Self).map_err(|error| Error::failed("no signing key could be made", error))
    }
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

impl Subject {
    /// The floor, and the functions whose name has one of `only` in it.
    pub fn all(root: &Path, built: &Path, only: &[String], signer: &Signer) -> Result<Vec<Self>, Error> {
        let wanted =
            FUNCTIONS.iter().filter(|(name, _)| only.is_empty() || only.iter().any(|word| name.contains(word)));
        let mut subjects = vec![Self::ours(built, FLOOR, "{}".to_owned(), signer)];
        for (name, sample) in wanted {
            let path = root.join("events/invoke").join(sample).with_extension("json");
            let event = std::fs::read_to_string(&path)
                .map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))?;
            subjects.push(Self::ours(built, name, event, signer));
        }
        if subjects.len() == 1 {
            return Err(Error::Usage("no function has this name; there are validator, order-manager, config, admission, order-projector, config-changed, sweeper".into()));
        }
        for subject in &subjects {
            if let Some(path) = subject.bootstrap.as_ref().filter(|path| !path.is_file()) {
                return Err(Error::Usage(format!("{} is not there: make bench builds it", path.display())));
            }
        }
        Ok(subjects)
    }

    fn ours(built: &Path, name: &str, event: String, signer: &Signer) -> Self {
        let bootstrap = built.join(name).join("bootstrap");
        let environment = BTreeMap::from([
            ("ORDERS_TABLE", "orders".to_owned()),
            ("SHOP_TABLE", "shop".to_owned()),
            ("BUCKETS_TABLE", "buckets".to_owned()),
            ("BUS_NAME", "bus".to_owned()),
            ("STATE_MACHINE_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:OrderProcessor".to_owned()),
            ("ORDER_PAGE_URL", "https://bar.example/order".to_owned()),
            ("JWT_ISSUER", presso::token::LOCAL.to_owned()),
            ("JWT_AUDIENCE", presso::token::LOCAL.to_owned()),
            ("JWT_JWKS", signer.0.jwks().to_string()),
            ("JWT_GROUPS_CLAIM", "cognito:groups".to_owned()),
            ("CORS_ORIGIN", "*".to_owned()),
        ]);
        let command = vec![bootstrap.display().to_string()];
        Self { name: name.to_owned(), command, bootstrap: Some(bootstrap), event, environment }
    }

    /// Any other program, parted at spaces.
    pub fn other(command: &str, event: Option<&Path>) -> Result<Self, Error> {
        let event = match event {
            None => "{}".to_owned(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| Error::failed(format!("{} cannot be read", path.display()), error))?,
        };
        let command: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let name = command.last().cloned().ok_or_else(|| Error::Usage("--against names no command".into()))?;
        Ok(Self { name, command, bootstrap: None, event, environment: BTreeMap::new() })
    }

    /// The event, good for some minutes.
    pub fn event(&self, signer: &Signer) -> Result<String, Error> {
        let minted = signer.0.mint(CUSTOMER, &[] as &[Role], Duration::from_hours(1));
        let token = minted.map_err(|error| Error::failed("a token could not be signed", error))?;
        let event_id = EVENT_ID.parse().map_err(|error| Error::failed("the shop of the samples", error))?;
        let code = qr_code::code(&qr_key(), &event_id, Window::at(now()));
        Ok(self.event.replace("PUT-A-TOKEN-HERE", &token).replace("MFRGGZDFMZTWQ2LK", &code))
    }

    /// What is wrong with an answer, if something is: an HTTP status that is no success, or letters of a batch that failed.
    pub fn objection(&self, answer: &[u8]) -> Option<String> {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let status = answer.get("statusCode").and_then(Value::as_u64).unwrap_or(200);
        let failures = answer.get("batchItemFailures").and_then(Value::as_array).map_or(0, Vec::len);
        (status >= 300 || failures > 0).then(|| format!("answered {answer}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_no_success_is_no_work() {
        let subject = Subject::other("a b", None).unwrap();
        for good in [&br#"{"statusCode":201}"#[..], b"null", br#"{"batchItemFailures":[]}"#] {
            assert_eq!(subject.objection(good), None);
        }
        for bad in [&br#"{"statusCode":404}"#[..], br#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#] {
            assert!(subject.objection(bad).is_some());
        }
    }
}
