//! Tests `presso doctor` on an emulator.

use end_to_end::venue::TestVenue;
use serde_json::Value;

struct Examined {
    code: Option<i32>,
    findings: Vec<Value>,
    stderr: String,
}

impl Examined {
    async fn run(stack: &str, options: &[&str]) -> Self {
        let mut command = tokio::process::Command::new("presso");
        command.env_remove("API_URL").env("PRESSO_STACK", stack).args(["doctor", "--json"]).args(options);
        let ran = command.output().await.expect("presso cannot be run; first run `. .local/env`");
        let stderr = String::from_utf8_lossy(&ran.stderr).into_owned();
        let mut report: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
        let Value::Array(findings) = report["findings"].take() else { panic!("no findings: {stderr}") };
        Self { code: ran.status.code(), findings, stderr }
    }

    fn of(&self, check: &str) -> &Value {
        self.findings.iter().find(|finding| finding["check"] == check).unwrap_or_else(|| panic!("no {check}"))
    }

    #[track_caller]
    fn is(&self, check: &str, state: &str, found: &str) {
        let finding = self.of(check);
        let text = finding["found"].as_str().unwrap();
        assert!(finding["state"] == state && text.contains(found), "{finding}");
        assert_eq!(finding["next"].is_null(), state == "ok", "what is not ok has a next step: {finding}");
    }
}

pub(crate) async fn a_local_bar_is_examined_and_refused_for_prod(venue: TestVenue) {
    let trial = Examined::run(&venue.stack.name, &[]).await;
    assert_eq!(trial.code, Some(0), "{}", trial.stderr);
    trial.is("account", "ok", "000000000000");
    trial.is("region", "ok", "us-east-1, on the emulator at http://");
    trial.is("workflows", "unknown", "the emulator does not know it");
    trial.is("stack", "ok", "COMPLETE");
    trial.is("keys", "ok", "1 in the parameter JwtJwks");
    trial.is("mail", "ok", "no user pool");
    trial.is("version", "ok", "as this presso");
    let prod = Examined::run(&venue.stack.name, &["--prod"]).await;
    assert_eq!(prod.code, Some(1));
    prod.is("keys", "problem", "of a bar on one machine");
    assert!(prod.stderr.contains("not ready for prod: keys"), "{}", prod.stderr);
}

pub(crate) async fn a_missing_stack_is_a_warning_and_its_other_checks_are_unknown(venue: TestVenue) {
    let examined = Examined::run(&format!("{}-of-nobody", venue.shop_id), &[]).await;
    assert_eq!(examined.code, Some(0), "{}", examined.stderr);
    examined.is("stack", "warning", "there is no stack");
    for check in ["keys", "mail", "version"] {
        examined.is(check, "unknown", "no stack");
    }
}

pub(crate) async fn a_user_pool_without_ses_is_refused_for_prod(venue: TestVenue) {
    let stack = format!("{}-pool", venue.stack.name);
    let trial = Examined::run(&stack, &[]).await;
    trial.is("mail", "warning", "50 messages a day");
    trial.is("keys", "ok", "/.well-known/jwks.json");
    assert_eq!(trial.code, Some(0), "{}", trial.stderr);
    let prod = Examined::run(&stack, &["--prod"]).await;
    prod.is("mail", "problem", "50 messages a day");
    assert_eq!(prod.code, Some(1));
    assert!(prod.stderr.contains("not ready for prod: without Amazon SES"), "{}", prod.stderr);
}
