//! One run: the stack is prepared, each scenario is played and held to the design, the stack is put back.

use std::collections::HashMap;
use std::time::Duration;

use chaos::fault::Function;
use chaos::setting::{Parts, SERVICES, define_workflow, set_variables, sweep_on_schedule};
use client::Error;
use client::bus::Scope;
use client::record::Record;
use client::stack::{self, Stack};
use client::token::SigningKey;
use tokio::time::{Instant, sleep};

use crate::cost::count::{Counts, Difference};
use crate::cost::evidence::{Counted, Evidence, QUIET};
use crate::cost::expected;
use crate::cost::logs::Logs;
use crate::cost::meter::Meter;
use crate::cost::play::{Bar, broken};
use crate::cost::scenario::Scenario;

/// How often a scenario is played before its counts are believed: a machine that is too slow makes retries, which count.
const PLAYS: usize = 3;

/// How long counts that are not as expected may go without a change before they are believed.
const SETTLED: Duration = Duration::from_secs(8);

const PATIENCE: Duration = Duration::from_mins(2);

/// Has a function log as its `LoggingConfig` says: not every emulator passes that on.
const LOGGING: [(&str, &str); 2] = [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];

/// The waits of a time-out that somebody waits for, in seconds: nobody has 300.
const SHORT: u32 = 3;

/// What a scenario took.
#[derive(Debug, Clone)]
pub struct Played {
    /// Which.
    pub scenario: Scenario,
    /// What the design says.
    pub expected: Counts,
    /// What there was.
    pub counted: Counted,
    /// Where they differ.
    pub differences: Vec<Difference>,
    /// Why it was played again, where it was.
    pub again: Vec<String>,
}

/// A stack whose calls are counted.
pub struct Run {
    stack: Stack,
    parts: Parts,
    key: SigningKey,
    evidence: Evidence,
    definition: String,
}

impl Run {
    /// Has the functions of `stack` call AWS through a meter, and the schedule rest.
    pub async fn in_stack(stack: Stack, key: SigningKey) -> Result<Self, Error> {
        let endpoint = stack::emulator();
        let endpoint =
            endpoint.ok_or_else(|| Error::Usage("AWS_ENDPOINT_URL is not set: . .local/env sets it".into()))?;
        let parts = Parts::find(&stack).await?;
        let definition = deployed(&stack).await?;
        let meter = Meter::before(&endpoint, &stack).await?;
        let record = Record::start(&stack, Scope::Everything).await?;
        let region = stack.aws.region().map(ToString::to_string).unwrap_or_default();
        let evidence = Evidence::of(&stack, record, meter, Logs::of(&endpoint, parts.physical("Logs")?, &region));
        Ok(Self { stack, parts, key, evidence, definition })
    }

    /// Plays each of `scenarios`, and puts the stack back, whatever came of it.
    pub async fn go(
        &self,
        scenarios: &[Scenario],
        interrupted: impl Future<Output = ()>,
        say: impl Fn(Scenario),
    ) -> Result<Vec<Played>, Error> {
        let played = tokio::select! {
            biased;
            () = interrupted => Err(Error::Interrupted("interrupted; the stack is as it was".into())),
            played = self.play_all(scenarios, say) => played,
        };
        let (restored, closed) = (self.restore().await, self.evidence.close().await);
        let played = played?;
        restored.and(closed).map(|()| played)
    }

    async fn play_all(&self, scenarios: &[Scenario], say: impl Fn(Scenario)) -> Result<Vec<Played>, Error> {
        sweep_on_schedule(&self.stack, &self.parts, false).await?;
        let variables = |function| {
            let logging = LOGGING.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let addresses = SERVICES.map(|service| (service.to_owned(), self.evidence.url_for(function)));
            logging.into_iter().chain(addresses).collect()
        };
        self.set(variables).await?;
        let mut all = Vec::new();
        for scenario in scenarios {
            say(*scenario);
            all.push(self.play(*scenario).await?);
        }
        Ok(all)
    }

    async fn set(&self, values: impl Fn(Function) -> HashMap<String, String>) -> Result<(), Error> {
        let names: Vec<&str> = SERVICES.into_iter().chain(LOGGING.map(|(name, _)| name)).collect();
        set_variables(&self.stack, &self.parts, &names, values).await
    }

    async fn restore(&self) -> Result<(), Error> {
        let functions = self.set(|_| HashMap::new()).await;
        let workflow = define_workflow(&self.stack, &self.definition).await;
        functions.and(workflow).and(sweep_on_schedule(&self.stack, &self.parts, true).await)
    }

    /// Plays a scenario, and again while retries may explain that its counts differ; the last try counts. Counts that differ without
    /// a retry are a finding at once: an event that is published twice now and then must not be played away.
    async fn play(&self, scenario: Scenario) -> Result<Played, Error> {
        let mut again = Vec::new();
        loop {
            let played = self.play_once(scenario).await?;
            if !explained_by_retries(&played) || again.len() + 1 == PLAYS {
                return Ok(Played { again, ..played });
            }
            again.push(why(&played));
        }
    }

    async fn play_once(&self, scenario: Scenario) -> Result<Played, Error> {
        self.waits_of(scenario).await?;
        let (bar, edits) = Bar::prepared(&self.stack, &self.key, scenario).await?;
        self.until_quiet(|| self.evidence.announced(bar.shop()) >= edits).await?;
        let broken = if scenario == Scenario::Sweep { broken(&self.stack).await? } else { 0 };
        let expected = expected::of(scenario, broken);
        let since = self.evidence.now().await?;
        let requests = bar.play(scenario).await?;
        let (mut last, mut changed) = (usize::MAX, Instant::now());
        let counted = loop {
            if self.evidence.activity() != last {
                (last, changed) = (self.evidence.activity(), Instant::now());
            }
            if changed.elapsed() >= QUIET {
                let mut counted = self.evidence.since(&since).await?;
                counted.counts = counted.counts.and(&requests);
                if counted.counts.differences(&expected).is_empty() || changed.elapsed() >= SETTLED {
                    break counted;
                }
            }
            sleep(Duration::from_millis(200)).await;
        };
        bar.leave().await?;
        let differences = counted.counts.differences(&expected);
        Ok(Played { scenario, expected, counted, differences, again: Vec::new() })
    }

    /// The shipped workflow, but for the one wait that a time-out is about: its states and calls are the same.
    async fn waits_of(&self, scenario: Scenario) -> Result<(), Error> {
        let definition = match scenario {
            Scenario::CustomerTimeOut => shortened(&self.definition, 300)?,
            Scenario::BaristaTimeOut => shortened(&self.definition, 900)?,
            _ => self.definition.clone(),
        };
        define_workflow(&self.stack, &definition).await
    }

    async fn until_quiet(&self, ready: impl Fn() -> bool) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        let (mut last, mut changed) = (usize::MAX, Instant::now());
        while Instant::now() < deadline {
            if self.evidence.activity() != last {
                (last, changed) = (self.evidence.activity(), Instant::now());
            }
            if ready() && changed.elapsed() >= QUIET {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Err(Error::TimedOut("the bar does not come to rest: is somebody else in this stack?".into()))
    }
}

/// The workflow as it is deployed, with the waits that it is shipped with: a run that was killed may have left others.
async fn deployed(stack: &Stack) -> Result<String, Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    let machine = client.describe_state_machine().state_machine_arn(&stack.order_processor_arn).send().await;
    let machine = machine.map_err(|error| Error::failed("the workflow cannot be read", error))?;
    let definition = machine.definition().to_owned();
    shortened(&definition, 300).and(shortened(&definition, 900)).map(|_| definition)
}

fn explained_by_retries(played: &Played) -> bool {
    !played.differences.is_empty() && played.counted.retries > 0
}

fn why(played: &Played) -> String {
    let differences: Vec<String> = played.differences.iter().map(ToString::to_string).collect();
    let differences = differences.join("; ");
    match played.counted.retries {
        0 => differences,
        retries => format!("{differences} ({retries} retries)"),
    }
}

/// The definition with a wait of [`SHORT`] seconds in place of one of `seconds`.
fn shortened(definition: &str, seconds: u32) -> Result<String, Error> {
    let mut text = definition.to_owned();
    for (from, to) in [
        (format!("\"TimeoutSeconds\": {seconds},"), format!("\"TimeoutSeconds\": {SHORT},")),
        (format!(" + {seconds}000)"), format!(" + {SHORT}000)")),
    ] {
        if text.matches(&from).count() != 1 {
            let moved = format!("it has not exactly one {from:?}; if a run was killed, make down and begin anew");
            return Err(Error::failed("the workflow's waits are not those that it is shipped with", moved));
        }
        text = text.replace(&from, &to);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../../statemachines/order-processor.asl.json");

    #[test]
    fn only_the_wait_that_is_meant_becomes_shorter() {
        let text = shortened(SHIPPED, 300).unwrap();
        assert!(text.contains("\"TimeoutSeconds\": 3,") && text.contains(" + 3000)"));
        assert!(text.contains("\"TimeoutSeconds\": 900,") && text.contains(" + 900000)"));
        assert!(shortened(SHIPPED, 301).is_err());
    }

    fn played(retries: u32, differs: bool) -> Played {
        let scenario = Scenario::PollConfig;
        let expected = expected::of(scenario, 0);
        let counts = if differs { Counts::default() } else { expected.clone() };
        let differences = counts.differences(&expected);
        let counted = Counted { counts, retries, ..Counted::default() };
        Played { scenario, expected, counted, differences, again: Vec::new() }
    }

    #[test]
    fn counts_that_differ_without_a_retry_are_not_played_away() {
        assert!(!explained_by_retries(&played(0, true)));
        assert!(explained_by_retries(&played(1, true)));
        assert!(!explained_by_retries(&played(1, false)));
    }
}
