//! The stacks under test, and what all tests share.

use std::path::PathBuf;
use std::sync::OnceLock;

use presso::stack::Stack;
use presso::token::SigningKey;
use tokio::runtime::Runtime;

use crate::recorder::Recorder;

/// Everything that tests share.
pub struct World {
    /// The stack.
    pub stack: Stack,
    /// The same with short waits: 8 s for the customer, 8 s for the barista.
    pub short: Stack,
    /// Signs tokens of the stacks' issuer.
    pub key: SigningKey,
    /// What the stack's bus said.
    pub recorder: Recorder,
    /// What the other stack's bus said.
    pub short_recorder: Recorder,
}

/// The runtime that all tests run on.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap())
}

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
}

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

impl World {
    /// Finds the stacks that `make up` and `make test` deploy.
    pub async fn find() -> Self {
        let name = setting("PRESSO_STACK", "serverlesspresso");
        let short_name = setting("PRESSO_SHORT_STACK", &format!("{name}-short"));
        let key = setting("PRESSO_KEY", root().join(".local/keys/signing-key.pem").to_str().unwrap());
        let stack = find(&name, "make up").await;
        let short = find(&short_name, "make test").await;
        let (recorder, short_recorder) = (Recorder::start(&stack).await, Recorder::start(&short).await);
        let key = SigningKey::read(&PathBuf::from(key)).unwrap_or_else(|error| panic!("{error}"));
        Self { stack, short, key, recorder, short_recorder }
    }

    /// Removes the subscriptions.
    pub async fn leave(&self) {
        self.recorder.stop().await;
        self.short_recorder.stop().await;
    }
}

async fn find(name: &str, how: &str) -> Stack {
    Stack::find(name, None).await.unwrap_or_else(|error| panic!("{}; {how} deploys it", presso::error::causes(&error)))
}
