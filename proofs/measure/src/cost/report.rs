//! The result of a run: tables, JSON and the verdict.

use serde_json::{Value, json};

use crate::cost::bill::{Bill, Extras};
use crate::cost::count::Kind;
use crate::cost::evidence::Counted;
use crate::cost::original::{CORE, DEPLOYED};
use crate::cost::prices::Prices;
use crate::cost::run::Played;
use crate::cost::scenario::Scenario;
use crate::output::table;

const MOST_TRANSITIONS: f64 = 5.0;

/// The most that a completed order may cost, as a share of the original's bill.
const MOST_OF_ORIGINAL: f64 = 0.25;

/// The requests of a phone that polls every 5 s for 3 minutes.
const POLLS: f64 = 36.0;

/// The runs of the sweeper in a month of 30 days: one per minute.
const SWEEPS_A_MONTH: f64 = 43_200.0;

#[derive(Debug)]
pub struct CostReport {
    played: Vec<Played>,
    prices: Prices,
}

impl CostReport {
    pub const fn new(played: Vec<Played>, prices: Prices) -> Self {
        Self { played, prices }
    }

    fn find(&self, scenario: Scenario) -> Option<&Played> {
        self.played.iter().find(|played| played.scenario == scenario)
    }

    fn bill(&self, played: &Played) -> Bill {
        let Counted { counts, log_bytes, log_lines, .. } = &played.counted;
        // The API and the rules begin traces. The workflow passes its own to the function that it
        // calls.
        let traces = counts.total(Kind::Request) + counts.total(Kind::Delivery);
        let log_bytes = log_bytes + log_lines * self.prices.assumed("logOverhead");
        Bill::new(counts, Extras { log_bytes, traces }, &self.prices)
    }

    /// Log bytes per invocation of a completed order, which the original is assumed to have too.
    fn log_bytes_each(&self) -> f64 {
        self.find(Scenario::Completed).map_or(0.0, |played| {
            let Counted { counts, log_bytes, log_lines, .. } = &played.counted;
            (log_bytes + log_lines * self.prices.assumed("logOverhead")) / counts.total(Kind::Invocation).max(1.0)
        })
    }

    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for played in &self.played {
            let name = played.scenario.as_str();
            complaints.extend(played.differences.iter().map(|difference| format!("{name}: {difference}")));
            let logged = played.counted.logged_invocations;
            let called = played.counted.counts.total(Kind::Invocation);
            if logged > called {
                complaints
                    .push(format!("{name}: the log shows {logged} invocations, of which only {called} called AWS"));
            }
        }
        if let Some(completed) = self.find(Scenario::Completed) {
            let transitions = completed.counted.counts.total(Kind::Transition);
            if transitions > MOST_TRANSITIONS {
                complaints.push(format!(
                    "a completed order takes {transitions} state transitions; {MOST_TRANSITIONS} are the most"
                ));
            }
            let (ours, most) = (self.bill(completed).total, MOST_OF_ORIGINAL * self.core().total);
            if ours > most {
                complaints.push(format!(
                    "a million completed orders cost $ {ours:.2}; a quarter of the original's is $ {most:.2}"
                ));
            }
        }
        complaints
    }

    pub fn praise(&self) -> &'static str {
        if self.find(Scenario::Completed).is_some() {
            "as designed, and within the goal"
        } else {
            "as designed; the goal needs the scenario completed, which was not played"
        }
    }

    fn core(&self) -> Bill {
        CORE.bill(self.log_bytes_each(), &self.prices)
    }

    fn scenarios(&self) -> String {
        let headings = [
            "",
            "transitions",
            "invocations",
            "events",
            "deliveries",
            "writes",
            "reads",
            "requests",
            "log bytes",
            "$ / million",
            "",
        ];
        let mut table = table(&headings, &[0]);
        for played in &self.played {
            let counts = &played.counted.counts;
            let kinds = [
                Kind::Transition,
                Kind::Invocation,
                Kind::Event,
                Kind::Delivery,
                Kind::Write,
                Kind::Read,
                Kind::Request,
            ];
            let mut row = vec![played.scenario.as_str().to_owned()];
            row.extend(kinds.map(|kind| counts.total(kind).to_string()));
            row.push(played.counted.log_bytes.to_string());
            row.push(format!("{:.2}", self.bill(played).total));
            row.push(if played.differences.is_empty() { "as designed".into() } else { "NOT AS DESIGNED".into() });
            table.add_row(row);
        }
        table.to_string()
    }

    /// The bill of a completed order, line by line, beside the original's.
    fn bills(&self) -> Option<String> {
        let completed = self.find(Scenario::Completed)?;
        let each = self.log_bytes_each();
        let bills = [self.bill(completed), self.core(), DEPLOYED.bill(each, &self.prices)];
        let dollars = "$ / million";
        let headings = ["one completed order", "ours", dollars, CORE.name, dollars, DEPLOYED.name, dollars];
        let mut table = table(&headings, &[0]);
        for (index, line) in bills.first()?.lines.iter().enumerate() {
            let mut row = vec![line.what.to_owned()];
            for bill in &bills {
                let line = bill.lines.get(index)?;
                row.extend([quantity(line.quantity), format!("{:.2}", line.dollars)]);
            }
            table.add_row(row);
        }
        let mut total = vec!["total".to_owned()];
        total.extend(bills.iter().flat_map(|bill| [String::new(), format!("{:.2}", bill.total)]));
        table.add_row(total);
        let mut share = vec!["ours is".to_owned(), String::new(), String::new()];
        for bill in bills.get(1..)? {
            share.extend([String::new(), format!("{:.1} %", 100.0 * bills.first()?.total / bill.total)]);
        }
        table.add_row(share);
        Some(table.to_string())
    }

    fn additions(&self) -> Vec<String> {
        let transition = self.prices.get("transition").map_or(0.0, |price| price.for_a_million(1.0));
        let retry = format!("a retry of a state is another transition: $ {transition:.2} per million, plus its call");
        let free = "free: polling and stream reads by Lambda, rule evaluation, deliveries to targets in the account, scheduled \
                    rules; SQS is called only for dead letters";
        let completed = self.find(Scenario::Completed);
        let extras = completed.map(|completed| self.extras(completed)).unwrap_or_default();
        [retry].into_iter().chain(self.starts()).chain(self.polling()).chain(extras).chain([free.to_owned()]).collect()
    }

    fn starts(&self) -> Option<String> {
        let units: Vec<f64> = self.played.iter().flat_map(|played| &played.counted.at_start).copied().collect();
        let each = mean(&units)?;
        let dollars = self.prices.get("read").map_or(0.0, |price| price.for_a_million(each));
        Some(format!(
            "a function that starts and opens a connection: {each} read units, $ {dollars:.2} per million starts; {} seen",
            units.len()
        ))
    }

    fn polling(&self) -> Vec<String> {
        let polls = self.played.iter().filter(|played| played.scenario.is_poll());
        let total = |played: &Played| self.bill(played).total;
        let mut lines: Vec<String> =
            polls.map(|played| format!("{}: $ {:.2} per million", played.scenario.as_str(), total(played))).collect();
        if let (Some(completed), Some(poll)) = (self.find(Scenario::Completed), self.find(Scenario::PollOrder)) {
            let (order, polls) = (total(completed), POLLS * total(poll));
            let share = 100.0 * polls / order;
            lines.push(format!(
                "a phone that polls every 5 s for 3 minutes: {POLLS} polls, $ {polls:.2} per million orders, {share:.0} % of an order"
            ));
        }
        if let Some(sweep) = self.find(Scenario::Sweep) {
            let dollars = total(sweep) / 1e6 * SWEEPS_A_MONTH;
            lines.push(format!("the sweeper, every minute, with or without orders: $ {dollars:.2} per month"));
        }
        lines
    }

    fn extras(&self, completed: &Played) -> Vec<String> {
        let bill = self.bill(completed);
        let of = |what: &str| bill.lines.iter().find(|line| line.what == what).map_or(0.0, |line| line.dollars);
        let traces = of("traces (assumed share)");
        let each_traced = traces / self.prices.assumed("tracedShare").max(f64::EPSILON);
        let without = CORE.bill_without_realtime(self.log_bytes_each(), &self.prices).total;
        let mut lines = vec![
            format!("logs: $ {:.2} of the total of a million orders", of("GB of logs")),
            format!("traces: $ {traces:.2}; at a rate so low that each is recorded, $ {each_traced:.2}"),
            format!(
                "realtime messages: none yet; without its 13 and their functions, the original's core costs $ {without:.2}; \
                 ours is {:.1} % of that",
                100.0 * bill.total / without
            ),
        ];
        if let Some(mean) = mean(&completed.counted.millis) {
            let billed = self.prices.assumed("billedMillis");
            lines.push(format!("an invocation took {mean:.0} ms here, with emulator and meter; billed as {billed} ms"));
        }
        lines
    }

    fn again(&self) -> Vec<String> {
        let each =
            self.played.iter().flat_map(|played| played.again.iter().map(move |why| (played.scenario.as_str(), why)));
        each.map(|(name, why)| format!("{name} was played again: {why}")).collect()
    }

    fn prices(&self) -> String {
        format!("Prices: {} at {}. {}", self.prices.region, self.prices.date, self.prices.note)
    }

    pub fn paragraphs(&self) -> Vec<String> {
        let mut paragraphs = vec![self.scenarios()];
        paragraphs.extend(self.bills());
        paragraphs.push(self.additions().join("\n"));
        paragraphs.push(self.prices());
        paragraphs.push(self.again().join("\n"));
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        paragraphs
    }

    pub fn to_json(&self) -> Value {
        let scenarios = self.played.iter().map(|played| {
            json!({
                "scenario": played.scenario.as_str(),
                "counted": played.counted.counts.to_json(),
                "expected": played.expected.to_json(),
                "differences": played.differences,
                "logBytes": played.counted.log_bytes,
                "logLines": played.counted.log_lines,
                "loggedInvocations": played.counted.logged_invocations,
                "retries": played.counted.retries,
                "readUnitsAtStarts": played.counted.at_start,
                "playedAgain": played.again,
                "bill": self.bill(played),
            })
        });
        let each = self.log_bytes_each();
        let originals =
            [CORE, DEPLOYED].map(|original| json!({"name": original.name, "bill": original.bill(each, &self.prices)}));
        let assumptions =
            self.prices.assumptions().map(|(name, value, why)| json!({"name": name, "value": value, "why": why}));
        json!({
            "region": self.prices.region,
            "pricesOf": self.prices.date,
            "assumptions": assumptions.collect::<Vec<_>>(),
            "scenarios": scenarios.collect::<Vec<_>>(),
            "originals": originals,
            "complaints": self.complaints(),
            "holds": self.complaints().is_empty(),
        })
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    #[allow(clippy::cast_precision_loss, reason = "some invocations")]
    let count = values.len() as f64;
    (count > 0.0).then(|| values.iter().sum::<f64>() / count)
}

/// A quantity with two decimals, or more if it is small.
fn quantity(quantity: f64) -> String {
    if quantity == 0.0 {
        "0".to_owned()
    } else if quantity < 0.1 {
        format!("{quantity:.7}")
    } else {
        format!("{}", (quantity * 100.0).round() / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::count::Counts;
    use crate::cost::expected;

    fn completed(counts: Counts) -> CostReport {
        let expected = expected::counts(Scenario::Completed, 0);
        let differences = counts.differences(&expected);
        let counted = Counted { counts, log_bytes: 4_000.0, log_lines: 10.0, ..Counted::default() };
        let played = Played { scenario: Scenario::Completed, expected, counted, differences, again: Vec::new() };
        CostReport::new(vec![played], Prices::shipped().unwrap())
    }

    #[test]
    fn an_order_as_designed_is_within_the_goal() {
        let report = completed(expected::counts(Scenario::Completed, 0));
        assert_eq!(report.complaints(), Vec::<String>::new());
    }

    #[test]
    fn an_order_that_does_less_is_a_complaint() {
        let less = expected::counts(Scenario::Completed, 0).with(Kind::Event, "OrderManager.MakeOrder", -1.0);
        assert_eq!(
            completed(less).complaints(),
            ["completed: events published of OrderManager.MakeOrder: 0 counted, the design says 1"]
        );
    }

    #[test]
    fn a_sixth_transition_and_a_higher_cost_miss_the_goal() {
        let more = expected::counts(Scenario::Completed, 0).with(Kind::Transition, "Again", 1.0);
        let complaints = completed(more).complaints();
        assert!(
            complaints.iter().any(|one| one.starts_with("a completed order takes 6 state transitions")),
            "{complaints:?}"
        );
        assert!(complaints.iter().any(|one| one.contains("a quarter of the original's is")), "{complaints:?}");
    }

    #[test]
    fn an_invocation_without_a_call_of_aws_is_a_complaint() {
        let mut report = completed(expected::counts(Scenario::Completed, 0));
        report.played[0].counted.logged_invocations = 11.0;
        assert_eq!(report.complaints(), ["completed: the log shows 11 invocations, of which only 10 called AWS"]);
    }
}
