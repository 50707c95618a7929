//! What is played: one order that is served, one of each way in which an order ends otherwise, and what goes on beside.

/// Something that is played once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scenario {
    /// Served.
    Completed,
    /// A code that is not good.
    InvalidCode,
    /// Every order of the code is taken.
    NoTokens,
    /// Refused at the door: closed.
    ClosedAtTheDoor,
    /// Refused at the door: full.
    FullAtTheDoor,
    /// Refused behind the bus: closed.
    Closed,
    /// Refused behind the bus: full.
    Full,
    /// Refused behind the bus: the customer has an open order.
    CustomerLimit,
    /// Scanned a second time.
    Duplicate,
    /// Nobody chooses.
    CustomerTimeOut,
    /// Nobody hands over.
    BaristaTimeOut,
    /// The customer cancels before choosing.
    CancelledChoosing,
    /// The customer cancels a drink that is waited for.
    CancelledByCustomer,
    /// The barista cancels it.
    CancelledByBarista,
    /// Its execution is stopped: the sweeper ends it.
    Failed,
    /// `GET /orders/{id}`, once.
    PollOrder,
    /// `GET /orders`, once.
    PollQueue,
    /// `GET /myOrders`, once.
    PollMyOrders,
    /// `GET /qr-code`, once.
    PollDisplay,
    /// `GET /config`, once.
    PollConfig,
    /// A change of settings.
    Settings,
    /// A scheduled sweep that finds nothing to end.
    Sweep,
}

/// What a scenario is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// One order's whole way.
    Order,
    /// What is asked for again and again.
    Poll,
    /// What goes on without orders.
    Standing,
}

impl Scenario {
    /// All of them, in the order in which they are played: a sweep first, before an execution is broken on purpose.
    pub const ALL: [Self; 22] = [
        Self::Sweep,
        Self::Completed,
        Self::InvalidCode,
        Self::NoTokens,
        Self::ClosedAtTheDoor,
        Self::FullAtTheDoor,
        Self::Closed,
        Self::Full,
        Self::CustomerLimit,
        Self::Duplicate,
        Self::CancelledChoosing,
        Self::CancelledByCustomer,
        Self::CancelledByBarista,
        Self::CustomerTimeOut,
        Self::BaristaTimeOut,
        Self::Failed,
        Self::PollOrder,
        Self::PollQueue,
        Self::PollMyOrders,
        Self::PollDisplay,
        Self::PollConfig,
        Self::Settings,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::InvalidCode => "invalid-code",
            Self::NoTokens => "no-tokens",
            Self::ClosedAtTheDoor => "closed-at-the-door",
            Self::FullAtTheDoor => "full-at-the-door",
            Self::Closed => "closed",
            Self::Full => "full",
            Self::CustomerLimit => "customer-limit",
            Self::Duplicate => "duplicate",
            Self::CustomerTimeOut => "customer-time-out",
            Self::BaristaTimeOut => "barista-time-out",
            Self::CancelledChoosing => "cancelled-choosing",
            Self::CancelledByCustomer => "cancelled-by-customer",
            Self::CancelledByBarista => "cancelled-by-barista",
            Self::Failed => "failed",
            Self::PollOrder => "poll-order",
            Self::PollQueue => "poll-queue",
            Self::PollMyOrders => "poll-my-orders",
            Self::PollDisplay => "poll-display",
            Self::PollConfig => "poll-config",
            Self::Settings => "settings",
            Self::Sweep => "sweep",
        }
    }

    /// What it is part of.
    pub const fn part(self) -> Part {
        match self {
            Self::PollOrder | Self::PollQueue | Self::PollMyOrders | Self::PollDisplay | Self::PollConfig => Part::Poll,
            Self::Settings | Self::Sweep => Part::Standing,
            _ => Part::Order,
        }
    }
}
