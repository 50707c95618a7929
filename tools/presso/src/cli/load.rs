//! Arguments of the load tests.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct RushArgs {
    /// Number of customers, with one order each.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) orders: u32,
    /// Number of customers at the same time.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) concurrency: u32,
    /// Raise the shop's limits to what the customers need, as far as the API allows it, and restore
    /// them afterwards.
    ///
    /// A limit that another admin changes during the rush is not restored. Run one rush per shop at
    /// a time, because a second rush would take the raised limits for the original ones.
    #[arg(long)]
    pub(crate) raise_limits: bool,
    /// Percentage of customers who cancel, half of them before they choose a drink.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) cancel: u32,
    /// Percentage of customers who leave without cancelling, half of them before they choose.
    /// Their orders time out.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) leave: u32,
    /// Maximum number of times that a request is sent while its error is temporary, such as no
    /// answer or a 5xx.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) attempts: u32,
    /// Timeout of one customer's order, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) patience: u64,
}

#[derive(Debug, Args)]
pub(crate) struct BurstArgs {
    /// Number of customers, with one scan each. A code serves at most 1,000.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) scans: u32,
    /// Seconds over which the scans are spread.
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) within: u32,
    /// Capacity of the shop during the burst.
    #[arg(long, value_name = "ORDERS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) capacity: u32,
    /// Instead of a burst: repeat the requests of one customer with one code, and count executions.
    #[arg(long = "loop", value_name = "KIND")]
    pub(crate) kind: Option<Loop>,
    /// Number of requests of a loop.
    #[arg(long, default_value_t = 600, requires = "kind", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) requests: u32,
}

/// Requests that one customer repeats with one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Loop {
    /// Repeat the scan.
    Repeat,
    /// Scan, cancel, scan.
    Cancel,
    /// Repeat the scan while another order is open.
    Limit,
}

impl Loop {
    /// Returns the name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::Cancel => "cancel",
            Self::Limit => "limit",
        }
    }
}
