//! What the property tests share.

use proptest::test_runner::Config;

/// So many cases, or `PROPTEST_CASES`.
pub(crate) fn cases(usual: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual);
    Config { cases, ..Config::default() }
}
