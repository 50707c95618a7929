//! Formats the result of a run as tables, text and JSON, and finds what fails.

use harness::output::table;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cost::bill::{Bill, Extras};
use crate::cost::count::Kind;
use crate::cost::evidence::Counted;
use crate::cost::original::{CORE, DEPLOYED};
use crate::cost::prices::Prices;
use crate::cost::run::Played;
use crate::cost::scenario::Scenario;
use crate::cost::screens::{self, Screens};

const MOST_TRANSITIONS: f64 = 5.0;

/// Maximum cost of a completed order, as a share of the bill of [`CORE`].
const MOST_OF_ORIGINAL: f64 = 0.25;

/// Number of requests of a phone that polls every 5 s for 3 minutes.
const POLLS: f64 = 36.0;

/// Number of sweeps in a month of 30 days: one per minute.
const SWEEPS_A_MONTH: f64 = 43_200.0;

const COUNTED: [(&str, Kind); 7] = [
    ("transitions", Kind::Transition),
    ("invocations", Kind::Invocation),
    ("events", Kind::Event),
    ("deliveries", Kind::Delivery),
    ("write units", Kind::Write),
    ("read units", Kind::Read),
    ("requests", Kind::Request),
];

const DOLLARS: &str = "$ / million";

#[derive(Debug)]
pub struct CostReport {
    scenarios: Vec<Priced>,
    prices: Prices,
}

#[derive(Debug, Serialize)]
struct Priced {
    #[serde(flatten)]
    played: Played,
    bill: Bill,
}

fn bill(Counted { counts, log_bytes, log_lines, .. }: &Counted, prices: &Prices) -> Bill {
    // Requests to the API, and deliveries by rules and the stream, begin traces. The workflow's own
    // calls continue them, and the functions of realtime record none (`Tracing: PassThrough`).
    let of_realtime = counts.each(Kind::Delivery).filter(|(of, _)| *of == "Publisher").map(|(_, count)| count);
    let traces = counts.total(Kind::Request) + counts.total(Kind::Delivery) - of_realtime.sum::<f64>();
    let log_bytes = log_bytes + log_lines * prices.assumed("logOverhead");
    Bill::new(counts, Extras { log_bytes, traces }, prices)
}

impl Priced {
    fn name(&self) -> &'static str {
        self.played.scenario.as_str()
    }

    fn count(&self, kind: Kind) -> f64 {
        self.played.counted.counts.total(kind)
    }

    fn failures(&self) -> Vec<String> {
        let name = self.name();
        let different = self.played.differences.iter().map(|difference| format!("{name}: {difference}"));
        let (logged, called) = (self.played.counted.logged_invocations, self.count(Kind::Invocation));
        let idle = (logged > called)
            .then(|| format!("{name}: the log shows {logged} invocations, of which only {called} called AWS"));
        different.chain(idle).collect()
    }
}

impl CostReport {
    pub fn new(played: Vec<Played>, prices: Prices) -> Self {
        let with_bill = |played: Played| Priced { bill: bill(&played.counted, &prices), played };
        Self { scenarios: played.into_iter().map(with_bill).collect(), prices }
    }

    fn find(&self, scenario: Scenario) -> Option<&Priced> {
        self.scenarios.iter().find(|one| one.played.scenario == scenario)
    }

    /// Returns the log bytes per invocation of a completed order, also assumed for the original.
    fn log_bytes_each(&self) -> f64 {
        self.find(Scenario::Completed).map_or(0.0, |completed| {
            let Counted { log_bytes, log_lines, .. } = &completed.played.counted;
            let bytes = log_bytes + log_lines * self.prices.assumed("logOverhead");
            bytes / completed.count(Kind::Invocation).max(1.0)
        })
    }

    fn core(&self) -> Bill {
        CORE.bill(self.log_bytes_each(), &self.prices)
    }

    pub fn failures(&self) -> Vec<String> {
        let mut failures: Vec<String> = self.scenarios.iter().flat_map(Priced::failures).collect();
        let Some(completed) = self.find(Scenario::Completed) else { return failures };
        let transitions = completed.count(Kind::Transition);
        if transitions > MOST_TRANSITIONS {
            failures.push(format!(
                "a completed order takes {transitions} state transitions; the limit is {MOST_TRANSITIONS}"
            ));
        }
        let (ours, most) = (completed.bill.total, MOST_OF_ORIGINAL * self.core().total);
        if ours > most {
            failures.push(format!(
                "a million completed orders cost $ {ours:.2}; the limit is $ {most:.2}, a quarter of what the original's core costs"
            ));
        }
        failures.extend(self.screens().and_then(|screens| screens.failure()));
        failures
    }

    /// Returns the price of an order with screens, if all scenarios that it needs were played.
    fn screens(&self) -> Option<Screens> {
        let bill = |scenario| self.find(scenario).map(|one| one.bill.total);
        let with_screens = self.find(Scenario::WithScreens)?;
        let original = |tablets| CORE.bill_with_deliveries(tablets, self.log_bytes_each(), &self.prices).total;
        Some(Screens::new(
            &screens::Bills {
                completed: bill(Scenario::Completed)?,
                with_screens: with_screens.bill.total,
                read_order: bill(Scenario::PollOrder)?,
                read_queue: bill(Scenario::PollQueue)?,
                read_code: bill(Scenario::PollDisplay)?,
                read_config: bill(Scenario::PollConfig)?,
                received_bytes: with_screens.played.counted.received_bytes.clone(),
                messages: with_screens.count(Kind::Message),
            },
            [original(1.0), original(2.0)],
            &self.prices,
        ))
    }

    pub fn success(&self) -> &'static str {
        if self.find(Scenario::Completed).is_some() {
            "as designed, and within the goal"
        } else {
            "as designed; the goal was not checked, because the scenario `completed` was not played"
        }
    }

    pub fn paragraphs(&self) -> Vec<String> {
        let Prices { region, date, note, .. } = &self.prices;
        let mut paragraphs = vec![self.scenarios()];
        paragraphs.extend(self.bills());
        paragraphs.extend(self.screens().map(|screens| screens.paragraph()));
        paragraphs.push(self.additions().join("\n"));
        paragraphs.push(format!("Prices: {region} at {date}. {note}"));
        let again = self.scenarios.iter().flat_map(|one| one.played.again.iter().map(|why| (one.name(), why)));
        let again: Vec<String> = again.map(|(name, why)| format!("{name} was played again: {why}")).collect();
        paragraphs.extend((!again.is_empty()).then(|| again.join("\n")));
        paragraphs
    }

    fn scenarios(&self) -> String {
        let headings = COUNTED.iter().map(|(heading, _)| *heading);
        let mut table = table([""].into_iter().chain(headings).chain(["log bytes", DOLLARS, ""]), &[0]);
        for one in &self.scenarios {
            let mut row = vec![one.name().to_owned()];
            row.extend(COUNTED.map(|(_, kind)| one.count(kind).to_string()));
            row.push(one.played.counted.log_bytes.to_string());
            row.push(format!("{:.2}", one.bill.total));
            row.push(if one.played.differences.is_empty() { "as designed".into() } else { "NOT AS DESIGNED".into() });
            table.add_row(row);
        }
        table.to_string()
    }

    fn bills(&self) -> Option<String> {
        let ours = &self.find(Scenario::Completed)?.bill;
        let (core, deployed) = (self.core(), DEPLOYED.bill(self.log_bytes_each(), &self.prices));
        let headings = ["one completed order", "ours", DOLLARS, CORE.name, DOLLARS, DEPLOYED.name, DOLLARS];
        let mut table = table(headings, &[0]);
        for ((line, core), deployed) in ours.lines.iter().zip(&core.lines).zip(&deployed.lines) {
            let mut row = vec![line.what.to_owned()];
            for line in [line, core, deployed] {
                row.extend([quantity(line.quantity), format!("{:.2}", line.dollars)]);
            }
            table.add_row(row);
        }
        let (total, none) = (|bill: &Bill| format!("{:.2}", bill.total), String::new);
        table.add_row(["total".into(), none(), total(ours), none(), total(&core), none(), total(&deployed)]);
        let share = |original: &Bill| format!("{:.1} %", 100.0 * ours.total / original.total);
        table.add_row(["ours is".into(), none(), none(), none(), share(&core), none(), share(&deployed)]);
        Some(table.to_string())
    }

    /// Returns lines about further costs, and about parts of the bill.
    fn additions(&self) -> Vec<String> {
        let transition = self.prices.of_a_million("transition", 1.0);
        let mut lines = vec![format!(
            "a retry of a state is another transition: $ {transition:.2} a million, and the price of its call again"
        )];
        let starts: Vec<f64> = self.scenarios.iter().flat_map(|one| &one.played.counted.at_start).copied().collect();
        lines.extend(mean(&starts).map(|units| {
            format!(
                "a cold start of a function reads {units} units to open its connection: $ {:.2} per million starts; {} counted",
                self.prices.of_a_million("read", units),
                starts.len()
            )
        }));
        let polls = self.scenarios.iter().filter(|one| one.played.scenario.is_poll());
        lines.extend(polls.map(|poll| format!("{}: $ {:.2} per million", poll.name(), poll.bill.total)));
        if let (Some(completed), Some(poll)) = (self.find(Scenario::Completed), self.find(Scenario::PollOrder)) {
            let dollars = POLLS * poll.bill.total;
            let share = 100.0 * dollars / completed.bill.total;
            lines.push(format!(
                "a phone that polls every 5 s for 3 minutes: {POLLS} polls, $ {dollars:.2} per million orders, {share:.0} % of an order"
            ));
        }
        if let Some(sweep) = self.find(Scenario::Sweep) {
            let dollars = sweep.bill.total / 1e6 * SWEEPS_A_MONTH;
            lines.push(format!("the sweeper, every minute, with or without orders: $ {dollars:.2} per month"));
        }
        lines.extend(self.find(Scenario::Completed).into_iter().flat_map(|completed| self.parts_of(completed)));
        lines.push(
            "free: Lambda's reads of the stream, rule evaluation, deliveries to targets in the account, scheduled rules. \
             SQS is called only for dead letters, so it is not counted"
                .to_owned(),
        );
        lines
    }

    fn parts_of(&self, Priced { played, bill }: &Priced) -> Vec<String> {
        let logs = bill.dollars("GB of logs").unwrap_or_default();
        let traces = bill.dollars("traces (assumed share)").unwrap_or_default();
        let each_traced = traces / self.prices.assumed("tracedShare").max(f64::EPSILON);
        let without = CORE.bill_without_realtime(self.log_bytes_each(), &self.prices).total;
        let mut lines = vec![
            format!("logs: $ {logs:.2} of the total of a million orders"),
            format!("traces: $ {traces:.2}; with so few requests that each is recorded, $ {each_traced:.2}"),
            format!(
                "realtime messages: not in this total; without the original's 13 messages and their functions its core costs \
                 $ {without:.2}, of which ours is {:.1} %",
                100.0 * bill.total / without
            ),
        ];
        lines.extend(mean(&played.counted.millis).map(|mean| {
            let billed = self.prices.assumed("billedMillis");
            format!("an invocation took {mean:.0} ms here, with emulator and meter; priced as {billed} ms")
        }));
        lines
    }

    pub fn to_json(&self) -> Value {
        let each = self.log_bytes_each();
        let originals =
            [CORE, DEPLOYED].map(|original| json!({"name": original.name, "bill": original.bill(each, &self.prices)}));
        json!({
            "region": self.prices.region,
            "pricesOf": self.prices.date,
            "assumptions": self.prices.assumptions,
            "scenarios": self.scenarios,
            "originals": originals,
            "withScreens": self.screens().map(|screens| screens.to_json()),
            // Wire name: programs read it.
            "complaints": self.failures(),
            "holds": self.failures().is_empty(),
        })
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = values.len() as f64;
    (count > 0.0).then(|| values.iter().sum::<f64>() / count)
}

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
    fn an_order_with_the_expected_counts_is_no_failure() {
        let report = completed(expected::counts(Scenario::Completed, 0));
        assert_eq!(report.failures(), Vec::<String>::new());
    }

    #[test]
    fn an_order_with_one_event_less_is_a_failure() {
        let less = expected::counts(Scenario::Completed, 0).with(Kind::Event, "OrderManager.MakeOrder", -1.0);
        assert_eq!(
            completed(less).failures(),
            ["completed: events published of OrderManager.MakeOrder: 0 counted, the design says 1"]
        );
    }

    #[test]
    fn a_sixth_transition_and_a_cost_above_a_quarter_are_failures() {
        let more = expected::counts(Scenario::Completed, 0).with(Kind::Transition, "Again", 1.0);
        let failures = completed(more).failures();
        assert!(
            failures.iter().any(|one| one.starts_with("a completed order takes 6 state transitions")),
            "{failures:?}"
        );
        assert!(failures.iter().any(|one| one.contains("a quarter of what the original's core costs")), "{failures:?}");
    }

    #[test]
    fn an_invocation_without_a_call_of_aws_is_a_failure() {
        let mut report = completed(expected::counts(Scenario::Completed, 0));
        report.scenarios[0].played.counted.logged_invocations = 11.0;
        assert_eq!(report.failures(), ["completed: the log shows 11 invocations, of which only 10 called AWS"]);
    }
}
