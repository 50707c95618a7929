//! Reads AWS's prices, their date and the assumptions from a file.

use std::collections::BTreeMap;
use std::path::Path;

use client::Error;
use serde::{Deserialize, Serialize};

use crate::cost::count::Kind;

const SHIPPED: &str = include_str!("../../prices.json");

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub dollars: f64,
    pub per: f64,
    pub unit: String,
    pub source: String,
    pub seen: String,
}

impl Price {
    pub fn for_a_million(&self, quantity: f64) -> f64 {
        quantity * 1e6 / self.per * self.dollars
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    value: f64,
    why: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    pub region: String,
    pub date: String,
    pub note: String,
    #[serde(rename = "prices")]
    each: BTreeMap<String, Price>,
    pub assumptions: BTreeMap<String, Assumption>,
}

/// Names of the prices that belong to no [`Kind`].
const OTHERS: [&str; 3] = ["gigabyteSecond", "logGigabyte", "trace"];

const ASSUMPTIONS: [&str; 4] = ["billedMillis", "memoryMegabytes", "tracedShare", "logOverhead"];

impl Prices {
    pub fn shipped() -> Result<Self, Error> {
        Self::parse(SHIPPED, "the shipped price file")
    }

    pub fn read(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|error| Error::failed(format!("{name} cannot be read"), error))?;
        Self::parse(&text, &name)
    }

    fn parse(text: &str, name: &str) -> Result<Self, Error> {
        let prices: Self =
            serde_json::from_str(text).map_err(|error| Error::failed(format!("{name} is not a price file"), error))?;
        let missing = price_names().filter(|one| !prices.each.contains_key(*one));
        let missing = missing.chain(ASSUMPTIONS.into_iter().filter(|one| !prices.assumptions.contains_key(*one)));
        let missing: Vec<&str> = missing.collect();
        if missing.is_empty() { Ok(prices) } else { Err(Error::Usage(format!("{name} lacks {}", missing.join(", ")))) }
    }

    pub fn of_a_million(&self, name: &str, quantity: f64) -> f64 {
        self.each.get(name).map_or(0.0, |price| price.for_a_million(quantity))
    }

    pub fn assumed(&self, name: &str) -> f64 {
        self.assumptions.get(name).map_or(0.0, |assumption| assumption.value)
    }
}

fn price_names() -> impl Iterator<Item = &'static str> {
    Kind::ALL.iter().map(|kind| price_of(*kind)).chain(OTHERS)
}

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
        Kind::Message => "socketMessage",
        Kind::Minute => "socketMinute",
        Kind::Queue => "queue",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_price_file_has_every_price_with_its_source() {
        let prices = Prices::shipped().unwrap();
        for name in price_names() {
            let price = &prices.each[name];
            assert!(price.source.starts_with("https://aws.amazon.com/") && price.per >= 1.0, "{name}");
        }
    }

    #[test]
    fn a_price_is_divided_by_its_number_of_units() {
        let price =
            Price { dollars: 0.025, per: 1_000.0, unit: String::new(), source: String::new(), seen: String::new() };
        assert!((price.for_a_million(5.0) - 125.0).abs() < 1e-9);
    }

    #[test]
    fn a_price_file_that_lacks_a_price_is_rejected_with_the_missing_name() {
        let text = SHIPPED.replace("\"trace\":", "\"traces\":");
        let error = Prices::parse(&text, "x.json").unwrap_err();
        assert_eq!((error.exit_code(), error.to_string()), (2, "x.json lacks trace".to_owned()));
    }
}
