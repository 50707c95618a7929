//! The state of a small shop and of everything in progress in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::admission::{AdmissionOutcome, Refusal};
use domain::claim::ClaimAction;
use domain::order::{Step, StoredOrder, TaskToken};

use crate::events::{Actor, PublishedEvent, Token};
use crate::workflow::{Memory, Task};

/// The size of a shop, and the most that goes wrong in it.
#[derive(Debug, Clone)]
pub struct Shape {
    pub name: &'static str,
    /// Customer and window of each scan that may be made. Each is one order.
    pub scans: &'static [(u8, u8)],
    pub baristas: u8,
    /// Drinks that a customer may choose from.
    pub drinks: u8,
    /// Orders that one code is valid for.
    pub tokens: u32,
    /// Open orders that the shop may have.
    pub capacity: u32,
    /// Open orders that a customer may have.
    pub per_customer: u32,
    /// Executions that may be started for one order. The second is a duplicate.
    pub runs: u8,
    /// Attempts of each workflow state.
    pub attempts: u8,
    /// Lost replies, failed calls, partial `PutEvents`, failed executions and late admissions.
    pub faults: u8,
    /// Events that end in a dead-letter queue.
    pub losses: u8,
    /// True if baristas claim and release orders without completing them.
    pub claims: bool,
    /// True if the shop may close.
    pub closes: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub open: bool,
    /// The shop's counter of open orders.
    pub in_flight: i8,
    /// Each customer's counter of open orders.
    pub open_orders: Vec<i8>,
    /// The last order number.
    pub last_number: u64,
    /// One slot for each scan of the shape.
    pub slots: Vec<Slot>,
    /// Executions in the order of their start.
    pub runs: Vec<Run>,
    /// Commands between two of their steps.
    pub commands: Vec<Command>,
    /// Faults that may still happen.
    pub faults: u8,
    /// Events that may still be lost.
    pub losses: u8,
}

/// The scan of one customer in one window, and its order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Slot {
    /// True once the bucket of the window has the customer.
    pub has_token: bool,
    /// True once `NewOrder` is on the bus.
    pub requested: bool,
    /// True once the customer received 201.
    pub acknowledged: bool,
    /// The order's item in the orders table.
    pub stored: Option<Arc<StoredOrder>>,
    /// Events on the bus. Each may be delivered at any time, in any order, any number of times.
    pub published: BTreeSet<PublishedEvent>,
    /// Events in a dead-letter queue.
    pub dead_lettered: BTreeSet<PublishedEvent>,
    /// Commands that were answered 202.
    pub accepted: BTreeSet<(Actor, CommandKind)>,
    /// A failed execution without an order, of which the sweeper records the failure next.
    pub recording: Option<u8>,
}

/// An execution of the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Run {
    /// Index of its order.
    pub slot: usize,
    pub state: RunState,
    pub memory: Memory,
    /// True while an admission that timed out may still take effect.
    pub late_admission: bool,
    /// True once it failed or was stopped.
    pub failed: bool,
    /// True while it runs but makes no progress.
    pub hangs: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunState {
    /// Task, attempt and phase of the attempt.
    In(Task, u8, Phase),
    Succeeded,
    /// It failed, was stopped or timed out in this task.
    Failed(Task),
}

/// The progress of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Nothing has been done yet.
    Begun,
    /// Admission's transaction failed for this reason. It records the refusal next.
    Refusing(Refusal),
    /// Admission reads the owner of the order next.
    Reading,
    /// Admission has answered. The workflow receives the answer next.
    Answering(AdmissionOutcome),
    /// The entries were published. The workflow receives the reply next.
    Published(Entries),
    /// The workflow waits for its task token.
    Waiting,
    /// The counter returned this number. The workflow receives it next.
    Counted(u64),
}

/// The entries of a `PutEvents` call with two entries that the bus accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entries {
    First,
    Second,
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandKind {
    /// Number of the drink.
    Submit(u8),
    Cancel,
    Complete,
}

/// A command that has read the order, and has a task token to spend or has found it spent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Command {
    /// Index of its order.
    pub slot: usize,
    pub actor: Actor,
    pub kind: CommandKind,
    pub token: TaskToken,
    /// True once Step Functions has rejected the token.
    pub spent: bool,
}

/// A step of the model. Numbers are indexes of slots, runs or commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A customer scans.
    Scan(usize, Reply),
    /// `NewOrder` is delivered: an execution starts.
    Start(usize),
    /// An execution takes its next step.
    Advance(usize),
    /// An attempt fails after its effect, before it, or with one entry published.
    FailAttempt(usize),
    /// The bus accepts one of the two entries.
    PublishPart(usize, Entries),
    /// The workflow times out its admission, which may still take effect.
    AbandonAdmission(usize),
    /// An abandoned admission takes effect.
    AdmitLate(usize),
    /// A wait times out.
    TimeOut(usize),
    /// An execution fails, is stopped, or times out as a whole.
    FailRun(usize),
    /// An execution makes no progress from now on, and no time-out ends it.
    Hang(usize),
    /// A person sends a command.
    Ask(usize, Actor, CommandKind),
    /// A barista claims or releases an order.
    Claim(usize, u8, ClaimAction),
    /// A command spends its token.
    Spend(usize, Reply),
    /// A command whose token was spent reads the order again.
    ReadAgain(usize),
    /// A command is answered 409 `not_ready`, or its caller disconnects.
    GiveUp(usize),
    /// The projector receives an event.
    Deliver(usize, PublishedEvent),
    /// An event ends in a dead-letter queue.
    Lose(usize, PublishedEvent),
    /// The sweeper looks at an overdue order.
    Sweep(usize),
    /// The sweeper looks at an order whose execution has exceeded every time-out.
    SweepLongRun(usize),
    /// The sweeper looks at a failed execution and finds no order.
    SweepFailed(usize),
    /// The sweeper records that order as failed, and announces it.
    RecordFailure(usize, Reply),
    /// The shop closes.
    Close,
}

/// The completion of an action, as its caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The action took effect, and the caller received the reply.
    Received,
    /// The action took effect, but its reply was lost.
    Lost,
    /// Half of the action took effect: a bucket token without `NewOrder`, or a record without its
    /// announcement.
    Partial,
}

impl Run {
    /// The task token that the run waits with, from its publication on.
    pub fn token(&self, number: usize) -> Option<Token> {
        let RunState::In(task, attempt, Phase::Published(_) | Phase::Waiting) = self.state else { return None };
        let step = match task {
            Task::AwaitCustomer => Step::Customer,
            Task::AwaitBarista => Step::Barista,
            Task::Admit | Task::AssignNumber | Task::Finish => return None,
        };
        Some(Token { run: u8::try_from(number).unwrap_or(u8::MAX), step, attempt })
    }

    pub const fn is_running(&self) -> bool {
        matches!(self.state, RunState::In(..))
    }
}

impl Slot {
    /// Returns true if the table has the order with a final status.
    pub fn is_final(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.order.status.is_final())
    }

    /// Returns true if the order holds capacity.
    pub fn is_open(&self) -> bool {
        self.stored.is_some() && !self.is_final()
    }

    /// Every event that was published about the order, delivered or lost.
    pub fn ever_published(&self) -> impl Iterator<Item = PublishedEvent> + '_ {
        self.published.iter().chain(&self.dead_lettered).copied()
    }
}
