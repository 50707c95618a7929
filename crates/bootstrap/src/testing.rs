//! Helpers for the tests of handlers: generated payloads (arbitrary bytes, arbitrary JSON, and
//! mutated samples from `events`), and the log lines and metrics that a handler writes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::missing_panics_doc, reason = "for tests alone")]

mod measured;
mod mutation;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use lambda_runtime::Diagnostic;
use lambda_runtime::tracing::subscriber;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

pub use self::measured::measured;
use self::mutation::{Mutation, any_json, any_mutation};
use crate::Failure;
use crate::invocation::Payload;
use crate::logs::JsonLines;

/// As [`domain::testing::cases`], but failed cases are not stored in a file. The file would be
/// beside the source of the test, whose path only the macro `proptest!` passes on.
pub fn cases(usual: u32) -> Config {
    Config { failure_persistence: None, ..domain::testing::cases(usual) }
}

/// Log lines of a test's thread, as the functions write them.
#[derive(Debug, Clone, Default)]
pub struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    /// Begins to collect lines. Dropping the guard ends it.
    pub fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        let logged = Self::default();
        let writer = logged.clone();
        let logs = subscriber::fmt().event_format(JsonLines { now: crate::now }).with_writer(move || writer.clone());
        (logged, tracing::subscriber::set_default(logs.finish()))
    }

    /// Returns the lines with this level, such as `ERROR`.
    pub fn at(&self, level: &str) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line.get("level").is_some_and(|of_line| of_line == level)).collect()
    }
}

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Returns the samples of `function` from `events/invoke`. In each sample, replaces the first text
/// of every pair in `replaced` by the second.
pub fn samples(function: &str, replaced: &[(&str, &str)]) -> Vec<Value> {
    let own = files("invoke").into_iter().filter(|(name, _)| is_for(name, function));
    own.map(|(_, text)| {
        let text = replaced.iter().fold(text, |text, (from, to)| text.replace(from, to));
        serde_json::from_str(&text).unwrap()
    })
    .collect()
}

/// Returns true if the sample is for this function. The prefix `config-` alone would also match the
/// samples of `config-changed`.
fn is_for(name: &str, function: &str) -> bool {
    name.starts_with(&format!("{function}-")) && (function != "config" || !name.starts_with("config-changed-"))
}

fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events").join(folder);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let json = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let mut files: Vec<_> = json
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Generates JSON text: `sample` with at most five mutations.
pub fn any_mutation_of(sample: Value) -> impl Strategy<Value = String> {
    proptest::collection::vec(any_mutation(), 0..6)
        .prop_map(move |mutations| Mutation::apply_all(&mutations, sample.clone()))
}

/// Generates bytes for a function with these samples. Most are JSON close to a valid payload.
fn any_bytes(samples: Vec<Value>) -> impl Strategy<Value = Vec<u8>> {
    let events: Vec<Value> = files("").iter().map(|(_, text)| serde_json::from_str(text).unwrap()).collect();
    let sample = prop_oneof![3 => proptest::sample::select(samples), 1 => proptest::sample::select(events)];
    let mutated = (sample, proptest::collection::vec(any_mutation(), 0..6))
        .prop_map(|(sample, mutations)| Mutation::apply_all(&mutations, sample).into_bytes());
    prop_oneof![
        1 => proptest::collection::vec(any::<u8>(), 0..200),
        2 => any_json().prop_map(String::into_bytes),
        17 => mutated,
    ]
}

/// Calls `handle` with arbitrary payloads, most of them close to `samples`. `handle` classifies
/// each result with one word. Returns how often each word occurred.
pub fn invoke_with_any_bytes<W: Ord>(
    usual: u32,
    samples: Vec<Value>,
    handle: impl AsyncFn(Payload) -> Result<W, TestCaseError>,
) -> BTreeMap<W, u32> {
    // With the clock paused, a handler that waits for a projection takes no time.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let words = RefCell::new(BTreeMap::new());
    let checked = TestRunner::new(cases(usual)).run(&any_bytes(samples), |bytes| {
        // Lambda and its runtime reject bytes that are not JSON before the function is called.
        let Ok(payload) = serde_json::from_slice::<Payload>(&bytes) else { return Ok(()) };
        let word = runtime.block_on(handle(payload))?;
        *words.borrow_mut().entry(word).or_default() += 1;
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
    words.into_inner()
}

/// Calls `handle` with arbitrary payloads. Asserts that it succeeds or fails with an error whose
/// name is one of `names`, and that no error message is empty or contains `secret`. Some calls must
/// succeed and, if `Unreadable` is one of `names`, some must fail with it.
pub fn succeeds_or_fails_with_known_error<R>(
    function: &str,
    names: &[&str],
    secret: &str,
    handle: impl AsyncFn(Payload) -> Result<R, Failure>,
) {
    let words = invoke_with_any_bytes(1_000, samples(function, &[]), async |payload| match handle(payload).await {
        Ok(_) => Ok("ok".to_owned()),
        Err(failure) => {
            let Diagnostic { error_type, error_message } = failure.into();
            prop_assert!(names.contains(&error_type.as_str()), "an unknown error: {error_type}");
            prop_assert!(!error_message.is_empty());
            prop_assert!(
                secret.is_empty() || !error_message.contains(secret),
                "the message shows a secret: {error_message}"
            );
            Ok(error_type)
        }
    });
    let expected = ["ok", "Unreadable"].into_iter().filter(|word| *word == "ok" || names.contains(word));
    for word in expected {
        assert!(words.contains_key(word), "never {word}, so too little was tested: {words:?}");
    }
}
