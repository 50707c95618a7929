//! What can go wrong with a call, and which calls there are.

use std::fmt;

use serde::Serialize;

/// What is done to a call between a function and AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Refused: too many calls.
    Throttle,
    /// Refused: another writer was at the same item.
    Conflict,
    /// Refused with a status of 500 or 503.
    ServerError,
    /// Never arrives, and no answer comes in time.
    LostRequest,
    /// Takes effect, and the answer comes too late.
    LateReply,
    /// Takes effect, and the connection breaks in the middle of the answer.
    CutReply,
    /// Some of the entries are taken, the others are not: HTTP 200 with `FailedEntryCount`.
    Partial,
    /// The process that calls is killed, and the call is never made.
    KillBefore,
    /// The call takes effect, and the process that called is killed before it hears so.
    KillAfter,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 9] = [
        Self::Throttle,
        Self::Conflict,
        Self::ServerError,
        Self::LostRequest,
        Self::LateReply,
        Self::CutReply,
        Self::Partial,
        Self::KillBefore,
        Self::KillAfter,
    ];

    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Conflict => "conflict",
            Self::ServerError => "500",
            Self::LostRequest => "lost",
            Self::LateReply => "late",
            Self::CutReply => "cut",
            Self::Partial => "partial",
            Self::KillBefore => "killed",
            Self::KillAfter => "killed after",
        }
    }

    /// Whether it ends the process that calls.
    pub const fn kills(self) -> bool {
        matches!(self, Self::KillBefore | Self::KillAfter)
    }

    /// Whether AWS can answer `operation` like this. Everything can be throttled, fail, be lost, or lose its caller; only writes
    /// of DynamoDB meet other writers, and only `PutEvents` takes some entries and not others.
    pub const fn can_hit(self, operation: Operation) -> bool {
        match self {
            Self::Conflict => {
                matches!(operation, Operation::PutItem | Operation::UpdateItem | Operation::TransactWriteItems)
            }
            Self::Partial => matches!(operation, Operation::PutEvents),
            _ => true,
        }
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The one of this name.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    };
}

named! {
    /// A function of the stack, by its logical id.
    Function {
        Validator = "Validator",
        OrderManager = "OrderManager",
        Config = "Config",
        Admission = "Admission",
        OrderProjector = "OrderProjector",
        ConfigChanged = "ConfigChanged",
        Sweeper = "Sweeper",
    }
}

named! {
    /// An operation of AWS that a function calls.
    Operation {
        BatchGetItem = "BatchGetItem",
        GetItem = "GetItem",
        PutItem = "PutItem",
        Query = "Query",
        TransactWriteItems = "TransactWriteItems",
        UpdateItem = "UpdateItem",
        PutEvents = "PutEvents",
        SendTaskSuccess = "SendTaskSuccess",
        SendTaskFailure = "SendTaskFailure",
        DescribeExecution = "DescribeExecution",
        StopExecution = "StopExecution",
        ListExecutions = "ListExecutions",
        GetExecutionHistory = "GetExecutionHistory",
    }
}

/// A kind of call: who calls what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallKind {
    /// Who calls.
    pub function: Function,
    /// What.
    pub operation: Operation,
}

impl CallKind {
    /// `function` calling `operation`.
    pub const fn new(function: Function, operation: Operation) -> Self {
        Self { function, operation }
    }

    /// What can be done to it.
    pub fn faults(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(move |fault| fault.can_hit(self.operation))
    }
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.function.as_str(), self.operation.as_str())
    }
}

/// Every call that a function of the stack makes: what its role in template.yaml grants. A call that is not among them fails the
/// run, so that a new one cannot go untested.
pub const CALLS: &[CallKind] = &[
    CallKind::new(Function::Validator, Operation::BatchGetItem),
    CallKind::new(Function::Validator, Operation::GetItem),
    CallKind::new(Function::Validator, Operation::UpdateItem),
    CallKind::new(Function::Validator, Operation::PutEvents),
    CallKind::new(Function::OrderManager, Operation::GetItem),
    CallKind::new(Function::OrderManager, Operation::Query),
    CallKind::new(Function::OrderManager, Operation::UpdateItem),
    CallKind::new(Function::OrderManager, Operation::PutEvents),
    CallKind::new(Function::OrderManager, Operation::SendTaskSuccess),
    CallKind::new(Function::OrderManager, Operation::SendTaskFailure),
    CallKind::new(Function::Config, Operation::GetItem),
    CallKind::new(Function::Config, Operation::UpdateItem),
    CallKind::new(Function::Admission, Operation::GetItem),
    CallKind::new(Function::Admission, Operation::PutItem),
    CallKind::new(Function::Admission, Operation::TransactWriteItems),
    CallKind::new(Function::OrderProjector, Operation::UpdateItem),
    CallKind::new(Function::OrderProjector, Operation::TransactWriteItems),
    CallKind::new(Function::ConfigChanged, Operation::PutEvents),
    CallKind::new(Function::Sweeper, Operation::Query),
    CallKind::new(Function::Sweeper, Operation::GetItem),
    CallKind::new(Function::Sweeper, Operation::PutItem),
    CallKind::new(Function::Sweeper, Operation::UpdateItem),
    CallKind::new(Function::Sweeper, Operation::ListExecutions),
    CallKind::new(Function::Sweeper, Operation::GetExecutionHistory),
    CallKind::new(Function::Sweeper, Operation::DescribeExecution),
    CallKind::new(Function::Sweeper, Operation::StopExecution),
    CallKind::new(Function::Sweeper, Operation::PutEvents),
];
