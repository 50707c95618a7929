//! The state of a small shop. A slot is one possible order: one attempt with one place of a
//! bucket. A run is one execution.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::admission::{AdmissionOutcome, Refusal};
use domain::bucket::Place;
use domain::claim::{ClaimAction, ClaimChange};
use domain::order::{Step, StoredOrder, TaskToken};

use crate::events::{Actor, PublishedEvent, Token};
use crate::workflow::{Memory, Task};

/// The size of a shop and the faults in it. A bucket has `tokens` bucket tokens. `capacity` orders
/// may be open in the shop, `per_customer` for one customer. A workflow state has
/// `attempts_per_state` attempts. Each lost or partial reply, failed call, partial `PutEvents`,
/// late admission, and each execution that fails, hangs or is wrongly stopped uses up one of the
/// `faults`. Each event that ends in a dead-letter queue uses up one of the `losses`.
#[derive(Debug, Clone)]
pub struct Shape {
    pub name: &'static str,
    /// Customer and window of each place that a customer may take in a bucket.
    pub scans: &'static [(u8, u8)],
    /// Number of slots of each place, one for each attempt.
    pub orders_per_place: u8,
    pub baristas: u8,
    /// True if the last of the baristas is an admin.
    pub admin: bool,
    pub drinks: u8,
    pub tokens: u32,
    pub capacity: u32,
    pub per_customer: u32,
    /// Number of executions that may be started for one order. The second one is a duplicate.
    pub runs: u8,
    pub attempts_per_state: u8,
    pub faults: u8,
    pub losses: u8,
    /// True if baristas also make, take over and unmake, and other actions may come between the
    /// read of an order and the write of its claim.
    pub claims: bool,
    /// True if the shop may close.
    pub closes: bool,
}

/// A state of the model. `open` is true until the shop closes. `in_flight` and `open_orders` are
/// the counts in the shop table. `places` has an entry for each entry of `scans` in the shape,
/// `slots` one for each attempt with each place. `commands` and `claim_writes` are in progress.
/// `faults` and `losses` say how many more may happen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub open: bool,
    pub in_flight: i8,
    pub open_orders: Vec<i8>,
    pub last_number: u64,
    pub places: Vec<Option<Place>>,
    pub slots: Vec<Slot>,
    pub runs: Vec<Run>,
    pub commands: Vec<Command>,
    pub claim_writes: Vec<ClaimWrite>,
    pub faults: u8,
    pub losses: u8,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Slot {
    /// True once `NewOrder` is on the bus.
    pub requested: bool,
    /// True once the scan was answered with 201 or 200.
    pub acknowledged: bool,
    pub stored: Option<Arc<StoredOrder>>,
    /// Events on the bus. Each may be delivered at any time, in any order, any number of times.
    pub published: BTreeSet<PublishedEvent>,
    /// True once the sweeper published an event, other than `OrderFailed`, that no workflow
    /// decided.
    pub published_undecided: bool,
    pub dead_lettered: BTreeSet<PublishedEvent>,
    /// Commands that were answered 202.
    pub accepted: BTreeSet<(Actor, CommandKind)>,
    /// Number of a failed run whose order was never admitted; the sweeper records the order next.
    pub recording: Option<u8>,
    pub claims: ClaimLog,
}

/// Changes that were made to the claim of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ClaimLog {
    /// Version and holder after each change.
    pub holders: Vec<(u64, Option<u8>)>,
    /// Version that each takeover replaced, if it changed the claim.
    pub takeovers: Vec<u64>,
    /// True if a claim was ended in another way than by its holder, a takeover or an admin's
    /// release.
    pub ended_without_right: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Run {
    pub slot: usize,
    pub state: RunState,
    pub memory: Memory,
    /// True while an admission whose call has timed out may still take effect.
    pub late_admission: bool,
    pub failed: bool,
    pub hangs: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunState {
    /// Task, attempt, and phase of the attempt.
    In(Task, u8, Phase),
    Succeeded,
    Failed(Task),
}

/// The progress of an attempt of a workflow state. After admission's transaction the attempt is
/// `Answering`, `Refusing` (it records the refusal next) or `Reading` (it reads the owner of the
/// order next). In `Answering`, `Published` and `Counted` the call has taken effect, and the
/// workflow receives the reply next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    Begun,
    Refusing(Refusal),
    Reading,
    Answering(AdmissionOutcome),
    Published(Entries),
    Waiting,
    Counted(u64),
}

/// Accepted entries of a `PutEvents` call with two entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entries {
    First,
    Second,
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandKind {
    Submit(u8),
    Cancel,
    Complete,
}

/// A command that has read the order. It has a task token to spend, or has found the token spent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Command {
    pub slot: usize,
    pub actor: Actor,
    pub kind: CommandKind,
    pub token: TaskToken,
    pub spent: bool,
}

/// A change of a claim that was decided and is not written yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimWrite {
    pub slot: usize,
    pub barista: u8,
    pub purpose: ClaimPurpose,
    pub change: ClaimChange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimPurpose {
    Claim(ClaimAction),
    /// A command that claims the order first.
    Command(CommandKind),
}

/// A step of the model. Numbers are indexes of places, slots, runs, commands, claim writes
/// or baristas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Scan(usize, Reply),
    Start(usize),
    Advance(usize),
    /// An attempt of a workflow state fails: before its effect, after it, or after only one of its
    /// two entries was published.
    FailAttempt(usize),
    /// `PutEvents` accepts only one of two entries.
    PublishPart(usize, Entries),
    /// The workflow times out its call of admission, which may still take effect.
    AbandonAdmission(usize),
    AdmitLate(usize),
    TimeOut(usize),
    FailRun(usize),
    /// An execution makes no progress from now on, and no time-out ends it.
    Hang(usize),
    /// A person sends a command, which reads the order and decides.
    Ask(usize, Actor, CommandKind),
    /// A barista reads an order in order to change its claim.
    Claim(usize, u8, ClaimAction),
    WriteClaim(usize),
    Spend(usize, Reply),
    ReadAgain(usize),
    /// A command is answered 409 `not_ready`, or its caller disconnects.
    GiveUp(usize),
    Deliver(usize, PublishedEvent),
    Lose(usize, PublishedEvent),
    Sweep(usize),
    /// The sweeper handles an order whose execution has exceeded every time-out.
    SweepLongRun(usize),
    /// The sweeper handles a failed execution.
    SweepFailed(usize),
    RecordFailure(usize, Reply),
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reply {
    Received,
    /// The action took effect, but its caller received no reply.
    Lost,
    /// Half of the action took effect: a place was taken without `NewOrder`, or a failure was
    /// recorded without its event.
    Partial,
}

impl Run {
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
    pub fn is_final(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.order.status.is_final())
    }

    pub fn has_held(&self, barista: u8) -> bool {
        self.claims.holders.iter().any(|(_, holder)| *holder == Some(barista))
    }

    pub fn is_open(&self) -> bool {
        self.stored.is_some() && !self.is_final()
    }

    pub fn ever_published(&self) -> impl Iterator<Item = PublishedEvent> + '_ {
        self.published.iter().chain(&self.dead_lettered).copied()
    }
}
