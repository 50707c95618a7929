//! Counts of what AWS bills, and how two of them differ.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A state that an execution entered, or tried again.
    Transition,
    /// An invocation of a function.
    Invocation,
    /// An event on the bus, per 64 KB.
    Event,
    /// An event that a rule or a stream gave to a target.
    Delivery,
    /// Write request units of a table or an index.
    Write,
    /// Read request units of a table or an index.
    Read,
    /// A request to the API.
    Request,
    /// A realtime message.
    Realtime,
    /// A request to a queue.
    Queue,
}

impl Kind {
    /// All of them, in the order of the bill.
    pub const ALL: [Self; 9] = [
        Self::Transition,
        Self::Invocation,
        Self::Event,
        Self::Delivery,
        Self::Write,
        Self::Read,
        Self::Request,
        Self::Realtime,
        Self::Queue,
    ];

    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transition => "state transitions",
            Self::Invocation => "invocations",
            Self::Event => "events published",
            Self::Delivery => "deliveries",
            Self::Write => "write units",
            Self::Read => "read units",
            Self::Request => "API requests",
            Self::Realtime => "realtime messages",
            Self::Queue => "queue requests",
        }
    }
}

/// How much of what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts(BTreeMap<(Kind, String), f64>);

/// Something that was counted otherwise than expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// What is counted.
    pub kind: Kind,
    /// Of what.
    pub of: String,
    /// How much the design says.
    pub expected: f64,
    /// How much there was.
    pub counted: f64,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, of, expected, counted } = self;
        write!(f, "{} of {of}: {counted} counted, the design says {expected}", kind.as_str())
    }
}

impl Counts {
    /// One kind of thing.
    #[must_use]
    pub fn with(mut self, kind: Kind, of: &str, quantity: f64) -> Self {
        self.add(kind, of, quantity);
        self
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for ((kind, of), quantity) in &other.0 {
            self.add(*kind, of, *quantity);
        }
        self
    }

    /// Counts more.
    pub fn add(&mut self, kind: Kind, of: &str, quantity: f64) {
        *self.0.entry((kind, of.to_owned())).or_default() += quantity;
    }

    /// How much of a kind, whatever of.
    pub fn total(&self, kind: Kind) -> f64 {
        self.0.iter().filter(|((one, _), _)| *one == kind).fold(0.0, |sum, (_, quantity)| sum + quantity)
    }

    /// Each of a kind.
    pub fn each(&self, kind: Kind) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().filter(move |((one, _), _)| *one == kind).map(|((_, of), quantity)| (of.as_str(), *quantity))
    }

    /// Where this differs from what was expected: quantities are whole numbers and halves, which are exact.
    pub fn differences(&self, expected: &Self) -> Vec<Difference> {
        let at = |counts: &Self, key: &(Kind, String)| counts.0.get(key).copied().unwrap_or_default();
        let keys: std::collections::BTreeSet<&(Kind, String)> = self.0.keys().chain(expected.0.keys()).collect();
        let differ = keys.into_iter().map(|key| Difference {
            kind: key.0,
            of: key.1.clone(),
            expected: at(expected, key),
            counted: at(self, key),
        });
        differ.filter(|one| (one.expected - one.counted).abs() > f64::EPSILON).collect()
    }

    /// For programs.
    pub fn to_json(&self) -> serde_json::Value {
        let mut kinds: BTreeMap<Kind, BTreeMap<&str, f64>> = BTreeMap::new();
        for ((kind, of), quantity) in &self.0 {
            kinds.entry(*kind).or_default().insert(of, *quantity);
        }
        serde_json::to_value(kinds).unwrap_or_default()
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
    fn less_and_more_than_expected_are_both_named() {
        let less = Counts::default().with(Kind::Read, "byStatus", 0.5);
        let more = one_order().with(Kind::Event, "OrderManager.MakeOrder", 1.0).with(Kind::Write, "OrdersTable", 1.0);
        assert!(one_order().differences(&one_order()).is_empty());
        let told =
            |counted: &Counts| counted.differences(&one_order()).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(told(&less), ["events published of OrderManager.MakeOrder: 0 counted, the design says 1"]);
        assert_eq!(
            told(&more),
            [
                "events published of OrderManager.MakeOrder: 2 counted, the design says 1",
                "write units of OrdersTable: 1 counted, the design says 0"
            ]
        );
    }

    #[test]
    fn a_total_is_of_its_own_kind_alone() {
        let both = one_order().and(&one_order().with(Kind::Event, "Validator.NewOrder", 1.0));
        assert_eq!((both.total(Kind::Event), both.total(Kind::Read), both.total(Kind::Write)), (3.0, 1.0, 0.0));
    }
}
