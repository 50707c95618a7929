//! Lists the scenarios: a completed order, all other ends, single requests, and a sweep.

use clap::ValueEnum;
use harness::named_enum;
use serde::Serialize;

named_enum! {
    /// A scenario. By default, all are played in this order. The sweep is first, because a later
    /// scenario stops an execution, and for two hours each sweep reads the order of an execution
    /// that ended without success. `…AtTheDoor`: the validator refuses the scan. `Closed`, `Full`
    /// and `CustomerLimit`: admission refuses the order.
    #[derive(Serialize, ValueEnum)]
    #[serde(rename_all = "kebab-case")]
    Scenario {
        Sweep = "sweep",
        Completed = "completed",
        /// A completed order, with messages to the sockets of a phone, a tablet and a display.
        WithScreens = "with-screens",
        InvalidCode = "invalid-code",
        NoTokens = "no-tokens",
        ClosedAtTheDoor = "closed-at-the-door",
        FullAtTheDoor = "full-at-the-door",
        LimitAtTheDoor = "limit-at-the-door",
        RepeatedScan = "repeated-scan",
        Closed = "closed",
        Full = "full",
        CustomerLimit = "customer-limit",
        Duplicate = "duplicate",
        CancelledChoosing = "cancelled-choosing",
        CancelledByCustomer = "cancelled-by-customer",
        CancelledByBarista = "cancelled-by-barista",
        CustomerTimeOut = "customer-time-out",
        BaristaTimeOut = "barista-time-out",
        Failed = "failed",
        PollOrder = "poll-order",
        PollQueue = "poll-queue",
        PollMyOrders = "poll-my-orders",
        PollDisplay = "poll-display",
        PollConfig = "poll-config",
        Settings = "settings",
    }
}

impl Scenario {
    pub const fn is_poll(self) -> bool {
        matches!(self, Self::PollOrder | Self::PollQueue | Self::PollMyOrders | Self::PollDisplay | Self::PollConfig)
    }
}
