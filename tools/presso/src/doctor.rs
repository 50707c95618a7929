//! Examines an account and a stack: finds what fails, and limits that are too low for production.

mod account;
mod deployed;
mod finding;
mod keys;

use client::{Error, stack};
use comfy_table::{Cell, Color};
use serde_json::json;

use self::finding::{Finding, Purpose, State};

use crate::cli::{Cli, DoctorArgs};
use crate::output::{self, Progress};

const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Findings about an account and a stack.
#[derive(Debug)]
pub(crate) struct Diagnosis {
    /// Findings, in the order of the checks.
    pub(crate) findings: Vec<Finding>,
    /// Error after which nothing more could be checked.
    pub(crate) error: Option<Error>,
}

/// Examines the account of the credentials, and the stack `name` in it. `release` is the version of
/// the calling program.
pub(crate) async fn examine(name: &str, api_url: Option<&str>, purpose: Purpose, release: &str) -> Diagnosis {
    let mut findings = Vec::new();
    let aws = match stack::aws().await {
        Ok(aws) => aws,
        Err(error) => return Diagnosis::stopped(findings, error),
    };
    match account::identity(&aws).await {
        Ok(found) => findings.extend(found),
        Err(error) => return Diagnosis::stopped(findings, error),
    }
    let (concurrency, rates) = tokio::join!(account::concurrency(&aws, purpose), account::rates(&aws, purpose));
    findings.extend([concurrency, rates]);
    findings.extend(Box::pin(deployed::findings(&aws, name, api_url, purpose, release)).await);
    Diagnosis { findings, error: None }
}

impl Diagnosis {
    fn stopped(mut findings: Vec<Finding>, error: Error) -> Self {
        let next = error.help().unwrap_or("check the network, and AWS_ENDPOINT_URL").to_owned();
        findings.push(Finding::new("credentials", State::Problem, error.to_string(), next));
        Self { findings, error: Some(error) }
    }

    /// Returns the names of the checks in this state.
    pub(crate) fn checks(&self, state: State) -> Vec<&'static str> {
        self.findings.iter().filter(|finding| finding.state == state).map(|finding| finding.check).collect()
    }
}

pub(crate) async fn doctor(cli: &Cli, args: &DoctorArgs) -> Result<(), Error> {
    let purpose = if args.prod { Purpose::Prod } else { Purpose::Trial };
    let examining = Progress::step("examining account and stack");
    let api_url = cli.api_url();
    let diagnosis = Box::pin(examine(&cli.stack, api_url.as_deref(), purpose, RELEASE)).await;
    drop(examining);
    if cli.json {
        output::json(&json!({"findings": diagnosis.findings, "worst": worst(&diagnosis)}))?;
    } else {
        print(&diagnosis.findings)?;
    }
    verdict(diagnosis, purpose)
}

fn worst(diagnosis: &Diagnosis) -> State {
    diagnosis.findings.iter().map(|finding| finding.state).max().unwrap_or(State::Unknown)
}

fn print(findings: &[Finding]) -> Result<(), Error> {
    let mut table = output::table(&["check", "state", "found"]);
    for Finding { check, state, found, next } in findings {
        let next = next.as_deref().map(|next| format!("\nnext: {next}")).unwrap_or_default();
        table.add_row([output::bold(check), cell(*state), Cell::new(format!("{found}{next}"))]);
    }
    output::print_table(&table)
}

fn cell(state: State) -> Cell {
    match state {
        State::Ok => output::colored("ok", Color::Green),
        State::Unknown => Cell::new("not known here"),
        State::Warning => output::colored("warning", Color::Yellow),
        State::Problem => output::colored("problem", Color::Red),
    }
}

/// Fails if there is a problem. Warnings and unknown states do not fail.
fn verdict(diagnosis: Diagnosis, purpose: Purpose) -> Result<(), Error> {
    let problems = diagnosis.checks(State::Problem);
    if let Some(error) = diagnosis.error {
        return Err(error);
    }
    let without_ses = purpose == Purpose::Prod && problems.contains(&"mail");
    let ready = if purpose == Purpose::Prod { "not ready for prod" } else { "not ready" };
    let error = match problems.as_slice() {
        [] => return Ok(()),
        ["mail"] if without_ses => "not ready for prod: without Amazon SES the 51st mail of a day fails".to_owned(),
        problems => format!("{ready}: {}", problems.join(", ")),
    };
    Err(Error::Incomplete(error).with_help("each problem above names its next step"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnosis(findings: &[(&'static str, State)]) -> Diagnosis {
        let finding = |(check, state): &(&'static str, State)| Finding {
            check,
            state: *state,
            found: "found".into(),
            next: None,
        };
        Diagnosis { findings: findings.iter().map(finding).collect(), error: None }
    }

    #[test]
    fn an_error_that_stops_the_checks_is_a_problem_with_its_next_step() {
        let error = Error::Usage("no AWS region is set".into()).with_help("set AWS_REGION");
        let diagnosis = Diagnosis::stopped(Vec::new(), error);
        assert_eq!(diagnosis.checks(State::Problem), ["credentials"]);
        assert_eq!(diagnosis.findings[0].next.as_deref(), Some("set AWS_REGION"));
    }

    #[test]
    fn a_problem_fails_and_a_warning_or_an_unknown_state_does_not() {
        let fine = diagnosis(&[("mail", State::Warning), ("workflows", State::Unknown), ("keys", State::Ok)]);
        assert_eq!(worst(&fine), State::Warning);
        assert!(verdict(fine, Purpose::Trial).is_ok());
        let error = verdict(diagnosis(&[("keys", State::Problem)]), Purpose::Trial).unwrap_err();
        assert_eq!((error.exit_code(), error.to_string()), (1, "not ready: keys".to_owned()));
    }

    #[test]
    fn for_prod_the_error_names_missing_ses_as_the_reason() {
        let error = verdict(diagnosis(&[("mail", State::Problem)]), Purpose::Prod).unwrap_err();
        assert_eq!(error.exit_code(), 1);
        assert!(error.to_string().contains("without Amazon SES"), "{error}");
    }

    #[test]
    fn the_error_that_stopped_the_checks_keeps_its_exit_code() {
        let mut stopped = diagnosis(&[("credentials", State::Problem)]);
        stopped.error = Some(Error::NoStack("bar".into()));
        assert_eq!(verdict(stopped, Purpose::Prod).unwrap_err().exit_code(), 4);
    }
}
