//! Number of cases of the property tests.

use proptest::test_runner::Config;

/// Returns a configuration with `usual` cases, or with the number in the environment variable
/// `PROPTEST_CASES` if that is above zero.
pub fn cases(usual: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .filter(|cases| *cases > 0)
        .unwrap_or(usual);
    Config { cases, ..Config::default() }
}
