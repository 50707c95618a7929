//! Finds the stacks under test, which all tests share.

use std::path::PathBuf;
use std::sync::OnceLock;

use client::{Error, SigningKey, Stack};
use harness::environment::emulator;
use tokio::runtime::Runtime;
use yaml_serde::Value;

use crate::recorder::Recorder;

/// The program that answers the AWS API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emulator {
    MiniStack,
    LocalStack,
}

impl Emulator {
    /// Finds out which emulator answers at `endpoint`. Only MiniStack serves `/_ministack/health`.
    async fn at(endpoint: String) -> Result<Self, Error> {
        match reqwest::get(format!("{endpoint}/_ministack/health")).await {
            Ok(page) => Ok(if page.status().is_success() { Self::MiniStack } else { Self::LocalStack }),
            Err(error) => Err(Error::Unreachable { what: endpoint, source: error.into() }),
        }
    }
}

pub struct World {
    /// The stack with the shipped time-outs.
    pub stack: Stack,
    /// The stack with time-outs of 8 s for customer and barista.
    pub short: Stack,
    pub key: SigningKey,
    pub emulator: Emulator,
    pub recorder: Recorder,
    pub short_recorder: Recorder,
}

pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap())
}

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Reads a YAML file of the repository.
pub fn yaml(file: &str) -> Value {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

impl World {
    /// Finds the stacks that `make up` and `make end-to-end` deploy.
    pub async fn find() -> Result<Self, Error> {
        let name = setting("PRESSO_STACK", "serverlesspresso");
        let short_name = setting("PRESSO_SHORT_STACK", &format!("{name}-short"));
        let key = setting("PRESSO_KEY", root().join(".local/keys/signing-key.pem").to_str().unwrap());
        let (stack, short) = (find(&name).await?, find(&short_name).await?);
        let key = SigningKey::read(&PathBuf::from(key))?;
        let emulator = Emulator::at(emulator()?).await?;
        let (recorder, short_recorder) = (Recorder::start(&stack).await, Recorder::start(&short).await);
        Ok(Self { stack, short, key, emulator, recorder, short_recorder })
    }

    pub async fn leave(&self) {
        self.recorder.stop().await;
        self.short_recorder.stop().await;
    }
}

async fn find(name: &str) -> Result<Stack, Error> {
    let found = Stack::find(name, None).await;
    found.map_err(|error| error.with_help("make end-to-end deploys the stack and runs the suite"))
}
