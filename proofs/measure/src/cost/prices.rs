//! What AWS asks, by a file with a date.

use std::collections::BTreeMap;
use std::path::Path;

use client::Error;
use serde::Deserialize;

use crate::cost::count::Kind;

const SHIPPED: &str = include_str!("../../prices.json");

/// A price.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Dollars for `per` of its unit.
    pub dollars: f64,
    /// For how many.
    pub per: f64,
    /// Of what, in words.
    pub unit: String,
    /// AWS's page that says so.
    pub source: String,
    /// Where it was read.
    pub seen: String,
}

impl Price {
    /// Dollars for `quantity` of the unit, a million times over.
    pub fn for_a_million(&self, quantity: f64) -> f64 {
        quantity * 1e6 / self.per * self.dollars
    }
}

/// Something that cannot be counted, and why it is taken to be so.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Assumption {
    value: f64,
    why: String,
}

/// The prices of a region at a date.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Where.
    pub region: String,
    /// When they were looked up.
    pub date: String,
    /// What they leave out.
    pub note: String,
    #[serde(rename = "prices")]
    each: BTreeMap<String, Price>,
    assumptions: BTreeMap<String, Assumption>,
}

/// The names of a file's prices.
const PRICES: [&str; 12] = [
    "transition",
    "invocation",
    "gigabyteSecond",
    "event",
    "delivery",
    "write",
    "read",
    "request",
    "realtime",
    "queue",
    "logGigabyte",
    "trace",
];

const ASSUMPTIONS: [&str; 4] = ["billedMillis", "memoryMegabytes", "tracedShare", "logOverhead"];

impl Prices {
    /// Those that the program came with.
    pub fn shipped() -> Result<Self, Error> {
        Self::parse(SHIPPED, "the shipped price file")
    }

    /// Those of a file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|error| Error::failed(format!("{name} cannot be read"), error))?;
        Self::parse(&text, &name)
    }

    fn parse(text: &str, name: &str) -> Result<Self, Error> {
        let prices: Self =
            serde_json::from_str(text).map_err(|error| Error::failed(format!("{name} is no price file"), error))?;
        let missing = PRICES.iter().filter(|one| !prices.each.contains_key(**one));
        let missing: Vec<&str> =
            missing.chain(ASSUMPTIONS.iter().filter(|one| !prices.assumptions.contains_key(**one))).copied().collect();
        if missing.is_empty() { Ok(prices) } else { Err(Error::Usage(format!("{name} lacks {}", missing.join(", ")))) }
    }

    /// The price of this name; every file has all of them.
    pub fn of(&self, name: &str) -> Option<&Price> {
        self.each.get(name)
    }

    /// What is assumed under this name.
    pub fn assumed(&self, name: &str) -> f64 {
        self.assumptions.get(name).map_or(0.0, |assumption| assumption.value)
    }

    /// Every assumption: its name, its value, and why.
    pub fn assumptions(&self) -> impl Iterator<Item = (&str, f64, &str)> {
        self.assumptions.iter().map(|(name, one)| (name.as_str(), one.value, one.why.as_str()))
    }
}

/// The name of a kind's price.
pub const fn price_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Transition => "transition",
        Kind::Invocation => "invocation",
        Kind::Event => "event",
        Kind::Delivery => "delivery",
        Kind::Write => "write",
        Kind::Read => "read",
        Kind::Request => "request",
        Kind::Realtime => "realtime",
        Kind::Queue => "queue",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_has_every_price_with_its_source() {
        let prices = Prices::shipped().unwrap();
        for name in PRICES {
            let price = prices.of(name).unwrap();
            assert!(price.source.starts_with("https://aws.amazon.com/") && price.per >= 1.0, "{name}");
        }
        assert!(Kind::ALL.iter().all(|kind| prices.of(price_of(*kind)).is_some()));
    }

    #[test]
    fn a_price_is_for_so_many_of_its_unit() {
        let price =
            Price { dollars: 0.025, per: 1_000.0, unit: String::new(), source: String::new(), seen: String::new() };
        assert!((price.for_a_million(5.0) - 125.0).abs() < 1e-9);
    }

    #[test]
    fn a_file_without_a_price_is_refused_by_its_name() {
        let text = SHIPPED.replace("\"trace\":", "\"traces\":");
        let error = Prices::parse(&text, "x.json").unwrap_err();
        assert_eq!((error.exit_code(), error.to_string()), (2, "x.json lacks trace".to_owned()));
    }
}
