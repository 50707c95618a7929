//! Counts billed items, and finds the differences between two counts.

use std::collections::BTreeMap;

use harness::named_enum;
use serde::Serialize;

named_enum! {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    Kind {
        Transition = "state transitions",
        Invocation = "invocations",
        /// An event on the bus, per 64 KB.
        Event = "events published",
        Delivery = "deliveries",
        Write = "write units",
        Read = "read units",
        Request = "API requests",
        /// A message of IoT Core, which only the original uses.
        Realtime = "realtime messages",
        /// A message to a socket, per 32 KB.
        Message = "socket messages",
        /// A minute in which a socket is open.
        Minute = "socket minutes",
        Queue = "queue requests",
    }
}

#[must_use]
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counts(BTreeMap<Kind, BTreeMap<String, f64>>);

#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error("{} of {of}: {counted} counted, the design says {expected}", kind.as_str())]
pub struct Difference {
    pub kind: Kind,
    pub of: String,
    pub expected: f64,
    pub counted: f64,
}

impl Counts {
    pub fn with(mut self, kind: Kind, of: &str, quantity: f64) -> Self {
        self.add(kind, of, quantity);
        self
    }

    pub fn write(self, table: &str, units: f64) -> Self {
        self.with(Kind::Write, table, units)
    }

    pub fn read(self, table: &str, units: f64) -> Self {
        self.with(Kind::Read, table, units)
    }

    pub fn event(self, detail_type: &str) -> Self {
        self.with(Kind::Event, detail_type, 1.0)
    }

    pub fn transition(self, state: &str) -> Self {
        self.with(Kind::Transition, state, 1.0)
    }

    pub fn and(mut self, other: &Self) -> Self {
        for (kind, quantities) in &other.0 {
            for (of, quantity) in quantities {
                self.add(*kind, of, *quantity);
            }
        }
        self
    }

    pub fn add(&mut self, kind: Kind, of: &str, quantity: f64) {
        *self.0.entry(kind).or_default().entry(of.to_owned()).or_default() += quantity;
    }

    pub fn total(&self, kind: Kind) -> f64 {
        self.each(kind).fold(0.0, |sum, (_, quantity)| sum + quantity)
    }

    pub fn each(&self, kind: Kind) -> impl Iterator<Item = (&str, f64)> {
        self.0.get(&kind).into_iter().flatten().map(|(of, quantity)| (of.as_str(), *quantity))
    }

    pub fn differences(&self, expected: &Self) -> Vec<Difference> {
        let at =
            |counts: &Self, kind, of: &str| counts.0.get(&kind).and_then(|all| all.get(of)).copied().unwrap_or(0.0);
        let mut differences = Vec::new();
        for (kind, quantities) in self.clone().and(expected).0 {
            for of in quantities.into_keys() {
                let (expected, counted) = (at(expected, kind, &of), at(self, kind, &of));
                if (expected - counted).abs() > f64::EPSILON {
                    differences.push(Difference { kind, of, expected, counted });
                }
            }
        }
        differences
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "units are whole numbers and halves, which are exact")]
mod tests {
    use super::*;

    fn one_order() -> Counts {
        Counts::default().with(Kind::Event, "OrderManager.MakeOrder", 1.0).with(Kind::Read, "byStatus", 0.5)
    }

    #[test]
    fn a_count_below_or_above_the_expected_one_is_a_difference() {
        let less = Counts::default().with(Kind::Read, "byStatus", 0.5);
        let more = one_order().with(Kind::Event, "OrderManager.MakeOrder", 1.0).with(Kind::Write, "OrdersTable", 1.0);
        assert!(one_order().differences(&one_order()).is_empty());
        let differences =
            |counted: &Counts| counted.differences(&one_order()).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(differences(&less), ["events published of OrderManager.MakeOrder: 0 counted, the design says 1"]);
        assert_eq!(
            differences(&more),
            [
                "events published of OrderManager.MakeOrder: 2 counted, the design says 1",
                "write units of OrdersTable: 1 counted, the design says 0"
            ]
        );
    }

    #[test]
    fn a_total_contains_one_kind_only() {
        let both = one_order().and(&one_order().with(Kind::Event, "Validator.NewOrder", 1.0));
        assert_eq!((both.total(Kind::Event), both.total(Kind::Read), both.total(Kind::Write)), (3.0, 1.0, 0.0));
    }
}
