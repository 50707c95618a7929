//! The scenarios: a served order, an order for each other end, and the requests and work beside.

use harness::named_enum;

named_enum! {
    /// A scenario. They are played in this order: the sweep first, before an execution is broken on
    /// purpose.
    Scenario {
        /// A scheduled sweep that finds nothing to end.
        Sweep = "sweep",
        /// A served order.
        Completed = "completed",
        InvalidCode = "invalid-code",
        /// A scan of a code whose orders are all taken.
        NoTokens = "no-tokens",
        /// A scan at a closed shop.
        ClosedAtTheDoor = "closed-at-the-door",
        /// A scan at a full shop.
        FullAtTheDoor = "full-at-the-door",
        /// An order that admission refuses: the shop is closed.
        Closed = "closed",
        /// An order that admission refuses: the shop is full.
        Full = "full",
        /// An order that admission refuses: the customer has an open order.
        CustomerLimit = "customer-limit",
        /// A second scan of the same customer.
        Duplicate = "duplicate",
        /// The customer cancels before the choice.
        CancelledChoosing = "cancelled-choosing",
        /// The customer cancels a chosen drink.
        CancelledByCustomer = "cancelled-by-customer",
        /// The barista cancels a chosen drink.
        CancelledByBarista = "cancelled-by-barista",
        /// The customer does not choose.
        CustomerTimeOut = "customer-time-out",
        /// The barista does not complete the order.
        BaristaTimeOut = "barista-time-out",
        /// The execution is stopped, and the sweeper ends the order.
        Failed = "failed",
        /// `GET /orders/{id}`, once.
        PollOrder = "poll-order",
        /// `GET /orders`, once.
        PollQueue = "poll-queue",
        /// `GET /myOrders`, once.
        PollMyOrders = "poll-my-orders",
        /// `GET /qr-code`, once.
        PollDisplay = "poll-display",
        /// `GET /config`, once.
        PollConfig = "poll-config",
        /// A change of settings.
        Settings = "settings",
    }
}

impl Scenario {
    /// Returns whether this is a request that clients repeat.
    pub const fn is_poll(self) -> bool {
        matches!(self, Self::PollOrder | Self::PollQueue | Self::PollMyOrders | Self::PollDisplay | Self::PollConfig)
    }
}
