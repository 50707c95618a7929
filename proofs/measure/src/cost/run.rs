//! Runs `measure cost` once: prepares the stack, plays each scenario and compares its counts, and
//! restores the stack.

use std::time::Duration;

use client::bus::Scope;
use client::record::Record;
use client::{Error, Resources, SigningKey, Stack};
use harness::environment::{emulator, route_calls};
use harness::interrupt::interruptible;
use harness::logs::Logs;
use harness::realtime::{set_pushes, set_tracing};
use harness::sweeper::set_schedule;
use harness::workflow::{define, deployed, replace_once};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::cost::count::{Counts, Difference};
use crate::cost::evidence::{Counted, Evidence, QUIET};
use crate::cost::expected;
use crate::cost::meter::Meter;
use crate::cost::play::{Stage, broken};
use crate::cost::scenario::Scenario;

/// Maximum number of plays of a scenario whose counts differ and that had retries.
const MOST_PLAYS: usize = 3;

/// Time without a new call or event after which counts that differ from the design are final.
const SETTLED: Duration = Duration::from_secs(8);

const TIMEOUT: Duration = Duration::from_mins(2);

const LOGGING: [(&str, &str); 2] = [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];

/// Wait of a time-out scenario in seconds, instead of 300 or 900.
const SHORT_WAIT: u32 = 3;

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Played {
    pub scenario: Scenario,
    pub expected: Counts,
    #[serde(flatten)]
    pub counted: Counted,
    pub differences: Vec<Difference>,
    #[serde(rename = "playedAgain")]
    pub again: Vec<String>,
}

pub struct CostRun {
    stack: Stack,
    resources: Resources,
    key: SigningKey,
    evidence: Evidence,
    definition: String,
}

impl CostRun {
    pub async fn new(stack: Stack, key: SigningKey) -> Result<Self, Error> {
        let endpoint = emulator()?;
        let resources = Resources::find(&stack).await?;
        let definition = deployed(&stack, &resources)?;
        let meter = Meter::start(&endpoint, &stack).await?;
        let record = Record::start(&stack, Scope::Everything).await?;
        let region = stack.aws.region().map(ToString::to_string).unwrap_or_default();
        let logs = Logs::new(&endpoint, resources.required("Logs")?, &region);
        let evidence = Evidence::new(&stack, record, meter, logs);
        Ok(Self { stack, resources, key, evidence, definition })
    }

    pub async fn run(&self, scenarios: &[Scenario], say: impl Fn(Scenario)) -> Result<Vec<Played>, Error> {
        let played = interruptible(Box::pin(self.play_all(scenarios, say))).await;
        let (restored, closed) = (self.restore().await, self.evidence.record.stop().await);
        let played = played?;
        restored.and(closed).map(|()| played)
    }

    async fn play_all(&self, scenarios: &[Scenario], say: impl Fn(Scenario)) -> Result<Vec<Played>, Error> {
        set_schedule(&self.stack, &self.resources, false).await?;
        set_tracing(&self.stack, &self.resources, true).await?;
        let meter = Some(&self.evidence.meter.server);
        route_calls(&self.stack, &self.resources, meter, &LOGGING).await?;
        let mut all = Vec::new();
        for scenario in scenarios {
            say(*scenario);
            all.push(self.play(*scenario).await?);
        }
        Ok(all)
    }

    async fn restore(&self) -> Result<(), Error> {
        let functions = route_calls(&self.stack, &self.resources, None, &LOGGING).await;
        let workflow = define(&self.stack, &self.definition).await;
        let tracing = set_tracing(&self.stack, &self.resources, false).await;
        let pushes = set_pushes(&self.stack, &self.resources, true).await;
        functions.and(workflow).and(tracing).and(pushes).and(set_schedule(&self.stack, &self.resources, true).await)
    }

    /// Plays a scenario, and plays it again while retries may explain a difference. The last play
    /// counts. A difference without a retry is final, for example an event published twice.
    async fn play(&self, scenario: Scenario) -> Result<Played, Error> {
        let mut again = Vec::new();
        loop {
            let played = self.play_once(scenario).await?;
            if !explained_by_retries(&played) || again.len() + 1 == MOST_PLAYS {
                return Ok(Played { again, ..played });
            }
            again.push(reason(&played));
        }
    }

    async fn play_once(&self, scenario: Scenario) -> Result<Played, Error> {
        self.set_waits(scenario).await?;
        // The other scenarios count the core alone, without pushes.
        set_pushes(&self.stack, &self.resources, scenario == Scenario::WithScreens).await?;
        let (stage, edits) = Stage::prepare(&self.stack, &self.key, scenario).await?;
        self.await_quiet(|| self.evidence.config_changes(stage.shop()) >= edits).await?;
        let broken = if scenario == Scenario::Sweep { broken(&self.stack).await? } else { 0 };
        let expected = expected::counts(scenario, broken);
        let since = self.evidence.now().await?;
        let requests = stage.play(scenario).await?;
        let (mut last, mut changed) = (usize::MAX, Instant::now());
        let mut counted = loop {
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
        counted.received_bytes = stage.received_bytes();
        stage.clear().await?;
        let differences = counted.counts.differences(&expected);
        Ok(Played { scenario, expected, counted, differences, again: Vec::new() })
    }

    /// Deploys the workflow, with a short wait for a time-out scenario and no other change.
    async fn set_waits(&self, scenario: Scenario) -> Result<(), Error> {
        let definition = match scenario {
            Scenario::CustomerTimeOut => shortened(&self.definition, 300)?,
            Scenario::BaristaTimeOut => shortened(&self.definition, 900)?,
            _ => self.definition.clone(),
        };
        define(&self.stack, &definition).await
    }

    async fn await_quiet(&self, ready: impl Fn() -> bool) -> Result<(), Error> {
        let deadline = Instant::now() + TIMEOUT;
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
        Err(Error::TimedOut("the stack does not become quiet: another program may use it".into()))
    }
}

fn explained_by_retries(played: &Played) -> bool {
    !played.differences.is_empty() && played.counted.retries > 0
}

fn reason(played: &Played) -> String {
    let differences: Vec<String> = played.differences.iter().map(ToString::to_string).collect();
    format!("{} ({} retries)", differences.join("; "), played.counted.retries)
}

/// Returns the definition with the wait of `seconds` shortened to [`SHORT_WAIT`].
fn shortened(definition: &str, seconds: u32) -> Result<String, Error> {
    let text = replace_once(
        definition,
        &format!("\"TimeoutSeconds\": {seconds},"),
        &format!("\"TimeoutSeconds\": {SHORT_WAIT},"),
    )?;
    replace_once(&text, &format!(" + {seconds}000)"), &format!(" + {SHORT_WAIT}000)"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::workflow::DEFINITION;

    #[test]
    fn shortened_changes_only_the_given_wait() {
        let text = shortened(DEFINITION, 300).unwrap();
        assert!(text.contains("\"TimeoutSeconds\": 3,") && text.contains(" + 3000)"));
        assert!(text.contains("\"TimeoutSeconds\": 900,") && text.contains(" + 900000)"));
        assert!(shortened(DEFINITION, 301).is_err());
    }

    fn played(retries: u32, differs: bool) -> Played {
        let scenario = Scenario::PollConfig;
        let expected = expected::counts(scenario, 0);
        let counts = if differs { Counts::default() } else { expected.clone() };
        let differences = counts.differences(&expected);
        let counted = Counted { counts, retries, ..Counted::default() };
        Played { scenario, expected, counted, differences, again: Vec::new() }
    }

    #[test]
    fn only_a_scenario_with_differences_and_retries_is_played_again() {
        assert!(!explained_by_retries(&played(0, true)));
        assert!(explained_by_retries(&played(1, true)));
        assert!(!explained_by_retries(&played(1, false)));
    }
}
