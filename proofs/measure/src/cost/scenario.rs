//! Lists the scenarios: a completed order, each other end, single requests, and a sweep.

use clap::ValueEnum;
use harness::named_enum;
use serde::Serialize;

named_enum! {
    /// A scenario. By default, all are played in this order. The sweep is first, because a later
    /// scenario makes an execution fail, and a sweep reads the orders of failed executions.
    #[derive(Serialize, ValueEnum)]
    #[serde(rename_all = "kebab-case")]
    Scenario {
        Sweep = "sweep",
        Completed = "completed",
        /// A completed order, with messages to the sockets of a phone, a tablet and a display.
        WithScreens = "with-screens",
        InvalidCode = "invalid-code",
        NoTokens = "no-tokens",
        /// A scan that the validator refuses because the shop is closed.
        ClosedAtTheDoor = "closed-at-the-door",
        FullAtTheDoor = "full-at-the-door",
        LimitAtTheDoor = "limit-at-the-door",
        RepeatedScan = "repeated-scan",
        Closed = "closed",
        Full = "full",
        /// An order that admission refuses because the customer has an open order.
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
