//! Points in time with millisecond precision, and a text form that sorts chronologically.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch. The text form is RFC 3339 in UTC with exactly three fraction
/// digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// 9999-12-30T00:00:00Z. The range of `jiff::Timestamp` ends 22 hours later. All years up to it
/// have four digits, so that the text form sorts.
const LATEST_MILLIS: i64 = 253_402_128_000_000;

/// Error of a text that is not a valid point in time.
#[derive(Debug, thiserror::Error)]
pub enum InvalidTimestamp {
    /// The text is not an RFC 3339 time.
    #[error("not an RFC 3339 time, such as 2026-11-23T09:30:00.000Z")]
    Unreadable(#[from] jiff::Error),
    /// The time is outside the range of the text form.
    #[error("not a time between 1970-01-01T00:00:00.000Z and 9999-12-30T00:00:00.000Z")]
    OutOfRange,
}

impl Timestamp {
    /// Creates a timestamp from milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns whole seconds since the Unix epoch, the unit of DynamoDB's time to live.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Returns the time `duration` later; saturates.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Returns the time `duration` earlier; saturates.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Returns the time elapsed since `earlier`; zero if `earlier` is in the future.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_millisecond(self.0.clamp(0, LATEST_MILLIS)).map_err(|_| fmt::Error)?;
        write!(f, "{instant:.3}")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let millis = text.parse::<jiff::Timestamp>()?.as_millisecond();
        if (0..=LATEST_MILLIS).contains(&millis) { Ok(Self(millis)) } else { Err(InvalidTimestamp::OutOfRange) }
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_always_has_three_fraction_digits() {
        assert_eq!(Timestamp::from_millis(1_795_000_000_000).to_string(), "2026-11-18T11:06:40.000Z");
        assert_eq!(Timestamp::from_millis(1_795_000_000_120).to_string(), "2026-11-18T11:06:40.120Z");
    }

    #[test]
    fn a_time_outside_the_range_is_not_parsed_and_is_written_as_the_nearest_limit() {
        for text in [
            "9999-12-30T22:00:00.999Z",
            "9999-12-30T00:00:00.001Z",
            "1969-12-31T23:59:59.999Z",
            "-000001-01-01T00:00:00Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        for text in ["9999-12-30T00:00:00.000Z", "1970-01-01T00:00:00.000Z"] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-30T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(i64::MIN).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn any_precision_and_offset_is_parsed_and_normalised() {
        for text in ["2026-11-18T11:06:40.12Z", "2026-11-18T12:06:40.120999+01:00"] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), "2026-11-18T11:06:40.120Z");
        }
    }
}
