//! Number of cases of the property tests.

use proptest::test_runner::Config;

/// Returns a configuration of `usual` cases, or of as many as the environment variable
/// `PROPTEST_CASES` says.
pub fn cases(usual: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual);
    Config { cases, ..Config::default() }
}
