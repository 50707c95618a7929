//! Lists the faults of AWS calls, and the calls that the functions make.

use std::fmt;

use harness::function::Function;
use harness::named_enum;

named_enum! {
    Fault {
        Throttle = "throttle",
        Conflict = "conflict",
        /// Rejected with status 500 or 503.
        ServerError = "500",
        /// Not forwarded and not answered.
        LostRequest = "lost",
        /// Forwarded, but not answered before the caller's time-out.
        LateReply = "late",
        /// Forwarded, but only half of the answer's body is sent.
        CutReply = "cut",
        /// One entry of `PutEvents` is rejected: status 200 with `FailedEntryCount`.
        Partial = "partial",
        /// The function is killed before its call is forwarded.
        KillBefore = "killed",
        /// The function is killed after its call was forwarded, and gets no answer.
        KillAfter = "killed after",
    }
}

impl Fault {
    pub const fn kills(self) -> bool {
        matches!(self, Self::KillBefore | Self::KillAfter)
    }

    /// Returns true if this fault can hit `operation`. Only writes of DynamoDB conflict, and only
    /// `PutEvents` can reject a part of its request. All other faults can hit every call.
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

named_enum! {
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallKind {
    pub function: Function,
    pub operation: Operation,
}

impl CallKind {
    pub const fn new(function: Function, operation: Operation) -> Self {
        Self { function, operation }
    }

    pub fn faults(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.iter().copied().filter(move |fault| fault.can_hit(self.operation))
    }
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.function.as_str(), self.operation.as_str())
    }
}

/// The calls that functions make through the proxy. A call that is not listed fails the run, so
/// that no call stays untested.
pub const CALLS: &[CallKind] = &[
    CallKind::new(Function::Validator, Operation::BatchGetItem),
    CallKind::new(Function::Validator, Operation::GetItem),
    CallKind::new(Function::Validator, Operation::UpdateItem),
    CallKind::new(Function::Validator, Operation::PutEvents),
    CallKind::new(Function::OrderManager, Operation::BatchGetItem),
    CallKind::new(Function::OrderManager, Operation::GetItem),
    CallKind::new(Function::OrderManager, Operation::Query),
    CallKind::new(Function::OrderManager, Operation::UpdateItem),
    CallKind::new(Function::OrderManager, Operation::PutEvents),
    CallKind::new(Function::OrderManager, Operation::SendTaskSuccess),
    CallKind::new(Function::OrderManager, Operation::SendTaskFailure),
    CallKind::new(Function::Config, Operation::BatchGetItem),
    CallKind::new(Function::Config, Operation::TransactWriteItems),
    CallKind::new(Function::Admission, Operation::GetItem),
    CallKind::new(Function::Admission, Operation::PutItem),
    CallKind::new(Function::Admission, Operation::TransactWriteItems),
    CallKind::new(Function::OrderProjector, Operation::UpdateItem),
    CallKind::new(Function::OrderProjector, Operation::TransactWriteItems),
    CallKind::new(Function::ConfigChanged, Operation::GetItem),
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
