//! Whole numbers in any JSON spelling. JSON Schema counts `30`, `30.0`, `3e1` and `300e-1` as the
//! same integer; serde's integers accept only the first.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

/// Error of a JSON value that is not a whole number in the range of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotWhole {
    /// The value is no number.
    #[error("must be a number, such as 30")]
    NotANumber,
    /// The number has a fraction.
    #[error("must be a whole number")]
    Fraction,
    /// The number is negative.
    #[error("must not be negative")]
    Negative,
    /// The number is larger than its field can hold.
    #[error("is too large")]
    TooLarge,
}

/// Parses the JSON text of a number exactly, without rounding.
pub fn parse(json: &str) -> Result<u64, NotWhole> {
    let (is_negative, unsigned) = match json.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, json),
    };
    if !unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(NotWhole::NotANumber);
    }
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{integer}{fraction}");
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    if is_negative {
        return Err(NotWhole::Negative);
    }
    // The value is `significant` times ten to the power of `zeros`.
    let shift = length(&digits) - length(significant) - length(fraction);
    let zeros = match exponent.parse::<i64>() {
        Ok(exponent) => exponent.saturating_add(shift),
        Err(_) if exponent.starts_with('-') => return Err(NotWhole::Fraction),
        Err(_) => return Err(NotWhole::TooLarge),
    };
    if zeros < 0 {
        return Err(NotWhole::Fraction);
    }
    let power = u32::try_from(zeros).ok().and_then(|zeros| 10_u64.checked_pow(zeros));
    let number = significant.parse::<u64>().ok().zip(power).and_then(|(digits, power)| digits.checked_mul(power));
    number.ok_or(NotWhole::TooLarge)
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).unwrap_or_default()
}

/// Reads a field that holds a whole number, for `#[serde(default, deserialize_with = …)]`. The
/// format must be JSON.
pub fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    let json = Box::<RawValue>::deserialize(deserializer)?;
    let number = parse(json.get()).and_then(|number| T::try_from(number).map_err(|_| NotWhole::TooLarge));
    number.map(Some).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::cases;

    #[test]
    fn a_whole_number_is_read_in_each_of_its_spellings() {
        for json in ["30", "30.0", "3e1", "3E+1", "300e-1", "0.3e2", "30.000e0", "0.0000003e8", "3000000e-5"] {
            assert_eq!(parse(json), Ok(30), "{json}");
        }
        for json in ["0", "-0", "0.0", "-0.0e7", "0e99999999999999999999", "0e-99999999999999999999"] {
            assert_eq!(parse(json), Ok(0), "{json}");
        }
        assert_eq!(parse("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(parse("1844674407370955161.5e1"), Ok(u64::MAX));
    }

    #[test]
    fn any_other_value_is_refused_with_the_reason() {
        for (json, reason) in [
            ("30.5", NotWhole::Fraction),
            ("305e-1", NotWhole::Fraction),
            ("30.00000000000000000000001", NotWhole::Fraction),
            ("1e-400", NotWhole::Fraction),
            ("1e-99999999999999999999", NotWhole::Fraction),
            ("-1", NotWhole::Negative),
            ("-30.5", NotWhole::Negative),
            ("1e400", NotWhole::TooLarge),
            ("1e99999999999999999999", NotWhole::TooLarge),
            ("18446744073709551616", NotWhole::TooLarge),
            ("\"30\"", NotWhole::NotANumber),
            ("null", NotWhole::NotANumber),
            ("true", NotWhole::NotANumber),
            ("[30]", NotWhole::NotANumber),
            ("-", NotWhole::NotANumber),
        ] {
            assert_eq!(parse(json), Err(reason), "{json}");
        }
    }

    proptest! {
        #![proptest_config(cases(500))]

        #[test]
        fn shifting_digits_and_exponent_together_does_not_change_the_number(number: u64, shift in 0_usize..40) {
            let (digits, zeros) = (number.to_string(), "0".repeat(shift));
            prop_assert_eq!(parse(&format!("{digits}{zeros}e-{shift}")), Ok(number));
            let padded = format!("{digits:0>width$}", width = shift + 1);
            let (integer, fraction) = padded.split_at(padded.len() - shift);
            let point = if shift == 0 { "" } else { "." };
            prop_assert_eq!(parse(&format!("{integer}{point}{fraction}e{shift}")), Ok(number));
        }
    }
}
