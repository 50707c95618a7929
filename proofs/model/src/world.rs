//! The state of a small coffee bar, and of all that is under way in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::admission::{Answer, Refusal};
use domain::claim::ClaimAction;
use domain::order::{Step, StoredOrder, TaskToken};

use crate::told::{Token, Told, Who};
use crate::workflow::{Memory, Task};

/// How large the bar is, and how much goes wrong at most.
#[derive(Debug, Clone)]
pub struct Shape {
    /// What the shape is for.
    pub name: &'static str,
    /// The scans that may be made, each of which is an order: customer and window.
    pub scans: &'static [(u8, u8)],
    /// Baristas.
    pub baristas: u8,
    /// Drinks that a customer may choose from.
    pub drinks: u8,
    /// Orders that a code is good for.
    pub tokens: u32,
    /// Orders that the shop takes at once.
    pub room: u32,
    /// Open orders that a customer may have.
    pub per_customer: u32,
    /// Executions that may be started for an order: a second one is a duplicate.
    pub runs: u8,
    /// Tries that a state has.
    pub tries: u8,
    /// Faults: lost replies, failed calls, half published entries, broken executions, admissions that take effect late.
    pub faults: u8,
    /// Events that are never delivered: they lie in a dead-letter queue.
    pub losses: u8,
    /// Whether baristas claim orders and give them back without completing them.
    pub claims: bool,
    /// Whether the shop may be closed.
    pub closes: bool,
}

/// The bar.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    /// Whether the shop is open.
    pub open: bool,
    /// The shop's count of open orders.
    pub in_flight: i8,
    /// The count of each customer's open orders.
    pub open_orders: Vec<i8>,
    /// The last order number.
    pub last_number: u64,
    /// The orders, one for each scan of the shape.
    pub slots: Vec<Slot>,
    /// The executions, in the order in which they started.
    pub runs: Vec<Run>,
    /// Commands between two of their steps.
    pub commands: Vec<Command>,
    /// Faults that may still happen.
    pub faults: u8,
    /// Events that may still be lost.
    pub losses: u8,
}

/// All about one order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Slot {
    /// Whether the customer is among the takers of the window.
    pub taken: bool,
    /// Whether `NewOrder` is on the bus.
    pub asked: bool,
    /// Whether the customer heard 201.
    pub acknowledged: bool,
    /// The order as the table has it.
    pub stored: Option<Arc<StoredOrder>>,
    /// What is on the bus: it may be delivered at any time, in any order, any number of times.
    pub told: BTreeSet<Told>,
    /// What lies in a dead-letter queue.
    pub lost: BTreeSet<Told>,
    /// Commands that were answered 202.
    pub heard: BTreeSet<(Who, What)>,
    /// The sweeper has seen that this execution broke and that there is no order: next it records that.
    pub recording: Option<u8>,
}

/// An execution.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Run {
    /// Its order.
    pub slot: usize,
    /// Where it is.
    pub at: At,
    /// What it remembers.
    pub memory: Memory,
    /// An admission of this execution that was given up, and may take effect yet.
    pub late_admission: bool,
    /// Whether somebody or something broke it.
    pub broke: bool,
    /// Whether it runs and goes on with nothing.
    pub hangs: bool,
}

/// Where an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum At {
    /// In a state, in this try.
    State(Task, u8, Phase),
    /// It succeeded.
    Succeeded,
    /// It failed, was stopped, or timed out; in this state.
    Broken(Task),
}

/// How far a try has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It has done nothing yet.
    Begun,
    /// Admission's transaction failed for this reason; next the refusal is recorded.
    Refusing(Refusal),
    /// Next, admission reads who owns the order.
    Reading,
    /// Admission has its answer; next, the workflow hears it.
    Answering(Answer),
    /// These of the two entries were published; next, the workflow hears so.
    Published(bool, bool),
    /// The workflow waits for its token.
    Waiting,
    /// The counter gave this number; next, the workflow hears it.
    Counted(u64),
}

/// What somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// The customer chooses.
    Submit(u8),
    /// Customer or barista cancel.
    Cancel,
    /// A barista hands over.
    Complete,
}

/// A command which has read the order, and has a token to spend or has spent it in vain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Command {
    /// The order.
    pub slot: usize,
    /// Who.
    pub who: Who,
    /// What.
    pub what: What,
    /// The token.
    pub token: TaskToken,
    /// Whether the token turned out to be spent.
    pub spent: bool,
}

/// What may happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A customer scans. What becomes of it.
    Scan(usize, Heard),
    /// `NewOrder` is delivered: an execution starts.
    Start(usize),
    /// An execution goes on with what it is about.
    Go(usize),
    /// What it did took effect, and it did not hear so; or the call never arrived.
    Fail(usize),
    /// It publishes only these of its two entries, or none.
    PublishPart(usize, bool, bool),
    /// Its admission is given up, and takes effect later, if at all.
    GiveUpAdmission(usize),
    /// An admission that was given up takes effect.
    AdmitLate(usize),
    /// Its wait is over.
    TimeOut(usize),
    /// It fails, is stopped by somebody, or times out as a whole.
    Break(usize),
    /// It goes on with nothing any more, and no time-out ends it.
    Hang(usize),
    /// Somebody asks for something.
    Ask(usize, Who, What),
    /// A barista takes an order on or gives it back.
    Claim(usize, u8, ClaimAction),
    /// A command spends its token. Whether its caller hears of it.
    Spend(usize, Heard),
    /// A command whose token was spent reads the order again.
    LookAgain(usize),
    /// A command is answered 409 `not_ready`, or its caller leaves.
    GiveUp(usize),
    /// The projector hears an event.
    Deliver(usize, Told),
    /// An event is never delivered.
    Lose(usize, Told),
    /// The sweeper looks at an order whose time is up.
    Sweep(usize),
    /// The sweeper looks at an order whose execution runs past every time-out.
    SweepLongRun(usize),
    /// The sweeper looks at an execution that broke, and finds no order.
    LookForLost(usize),
    /// The sweeper records that, and tells it. What becomes of it.
    RecordLost(usize, Heard),
    /// The shop closes.
    Close,
}

/// Whether whoever asked for something hears that it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Heard {
    /// It was done, and heard.
    Yes,
    /// It was done, and the reply was lost.
    No,
    /// It was half done: a token is taken, but no order asked for; it is recorded, but not told of.
    NotDone,
}

impl Run {
    /// The token that it waits with, from the moment that it is published on.
    pub fn token(&self, number: usize) -> Option<Token> {
        let step = match self.at {
            At::State(Task::AwaitCustomer, ..) => Step::Customer,
            At::State(Task::AwaitBarista, ..) => Step::Barista,
            _ => return None,
        };
        match self.at {
            At::State(_, attempt, Phase::Published(..) | Phase::Waiting) => {
                Some(Token { run: u8::try_from(number).unwrap_or(u8::MAX), step, attempt })
            }
            _ => None,
        }
    }

    /// Whether it goes on.
    pub const fn is_running(&self) -> bool {
        matches!(self.at, At::State(..))
    }
}

impl Slot {
    /// Whether the table has the order as ended.
    pub fn is_final(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.order.status.is_final())
    }

    /// Whether the order holds a place.
    pub fn is_open(&self) -> bool {
        self.stored.is_some() && !self.is_final()
    }

    /// Everything that was ever told about the order.
    pub fn ever_told(&self) -> impl Iterator<Item = Told> + '_ {
        self.told.iter().chain(&self.lost).copied()
    }
}
