//! The rules of the `order-processor` state machine: which state comes after which result, and what is decided on the way.
//! The definition's own expressions are held to these rules by the end-to-end suite, which walks every way that the model knows.

use domain::admission::Refusal;
use domain::event::Outcome;
use domain::order::Step;

use crate::told::{Chosen, Told, Who};

/// The states that do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// Takes a place for the order.
    Admit,
    /// The customer chooses.
    AwaitCustomer,
    /// Counts up.
    AssignNumber,
    /// A barista makes the drink.
    AwaitBarista,
    /// Publishes the outcome.
    Finish,
}

/// How a try of a state ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskResult {
    /// Admission let the order in.
    Admitted,
    /// Admission did not.
    Refused(Refusal),
    /// The order belongs to another execution, or is over.
    Duplicate,
    /// The customer chose this drink.
    Chosen(u8),
    /// The counter gave this number.
    Numbered(u64),
    /// This barista handed the drink over.
    HandedOver(u8),
    /// Somebody cancelled.
    Cancelled(Who),
    /// The wait was over.
    TimedOut,
    /// The outcome was published.
    Published,
    /// The try failed, and so did every other that the state has.
    Broken,
}

/// What an execution remembers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// The drink.
    pub drink: Option<u8>,
    /// The number.
    pub number: Option<u64>,
    /// What was decided.
    pub outcome: Option<Decided>,
}

/// The two events that end an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decided {
    /// What happened.
    pub what: Told,
    /// That the workflow is over.
    pub outcome: Outcome,
}

impl Decided {
    /// Both, in the order in which they are published.
    pub const fn entries(self) -> [Told; 2] {
        [self.what, Told::Finished(self.outcome)]
    }
}

/// Where an execution goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Goes {
    /// To this state.
    To(Task),
    /// It succeeded, and recorded what it decided.
    Succeeds,
    /// It failed.
    Fails,
}

/// What comes after `result` in `task`, for an execution that remembers this. What does not happen there is nothing.
pub fn after(task: Task, result: TaskResult, memory: &mut Memory) -> Option<Goes> {
    let chosen = memory.drink.zip(memory.number).map(|(drink, number)| Chosen { number, drink });
    let mut decide = |what, outcome| {
        memory.outcome = Some(Decided { what, outcome });
        Goes::To(Task::Finish)
    };
    let goes = match (task, result) {
        (Task::Admit, TaskResult::Admitted) => Goes::To(Task::AwaitCustomer),
        (Task::Admit, TaskResult::Refused(refusal)) => decide(Told::Unavailable(refusal), Outcome::Refused),
        (Task::Admit, TaskResult::Duplicate) | (Task::Finish, TaskResult::Published | TaskResult::Broken) => {
            Goes::Succeeds
        }
        (Task::AwaitCustomer, TaskResult::Chosen(drink)) => {
            memory.drink = Some(drink);
            Goes::To(Task::AssignNumber)
        }
        (Task::AssignNumber, TaskResult::Numbered(number)) => {
            memory.number = Some(number);
            Goes::To(Task::AwaitBarista)
        }
        (Task::AwaitBarista, TaskResult::HandedOver(barista)) => {
            decide(Told::Completed { chosen: chosen?, barista }, Outcome::Completed)
        }
        (Task::AwaitCustomer, TaskResult::Cancelled(by)) => {
            decide(Told::Cancelled { chosen: None, by }, Outcome::Cancelled)
        }
        (Task::AwaitBarista, TaskResult::Cancelled(by)) => decide(Told::Cancelled { chosen, by }, Outcome::Cancelled),
        (Task::AwaitCustomer, TaskResult::TimedOut) => {
            decide(Told::TimedOut { step: Step::Customer, chosen: None }, Outcome::TimedOut)
        }
        (Task::AwaitBarista, TaskResult::TimedOut) => {
            decide(Told::TimedOut { step: Step::Barista, chosen }, Outcome::TimedOut)
        }
        (_, TaskResult::Broken) => Goes::Fails,
        _ => return None,
    };
    Some(goes)
}

/// Every result that a state can have, with one of each kind of person and drink.
const fn results(task: Task) -> &'static [TaskResult] {
    match task {
        Task::Admit => &[
            TaskResult::Admitted,
            TaskResult::Refused(Refusal::Closed),
            TaskResult::Refused(Refusal::CustomerLimit),
            TaskResult::Refused(Refusal::Full),
            TaskResult::Duplicate,
            TaskResult::Broken,
        ],
        Task::AwaitCustomer => &[
            TaskResult::Chosen(0),
            TaskResult::Cancelled(Who::Customer),
            TaskResult::Cancelled(Who::Barista(0)),
            TaskResult::TimedOut,
            TaskResult::Broken,
        ],
        Task::AssignNumber => &[TaskResult::Numbered(1), TaskResult::Broken],
        Task::AwaitBarista => &[
            TaskResult::HandedOver(0),
            TaskResult::Cancelled(Who::Customer),
            TaskResult::Cancelled(Who::Barista(0)),
            TaskResult::TimedOut,
            TaskResult::Broken,
        ],
        Task::Finish => &[TaskResult::Published, TaskResult::Broken],
    }
}

/// A way through the workflow, from its first state to its end.
#[derive(Debug, Clone)]
pub struct Way {
    /// The states, how each ended, and what the execution remembered before that.
    pub steps: Vec<(Task, TaskResult, Memory)>,
    /// What it remembers in the end.
    pub memory: Memory,
    /// Whether it succeeds.
    pub succeeds: bool,
}

/// Every way through the workflow.
pub fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    let mut begun = vec![(Task::Admit, Vec::new(), Memory::default())];
    while let Some((task, steps, before)) = begun.pop() {
        for result in results(task) {
            let mut memory = before;
            let goes = after(task, *result, &mut memory);
            let mut steps: Vec<(Task, TaskResult, Memory)> = steps.clone();
            steps.push((task, *result, before));
            match goes {
                Some(Goes::To(next)) => begun.push((next, steps, memory)),
                Some(end) => ways.push(Way { steps, memory, succeeds: end == Goes::Succeeds }),
                None => {}
            }
        }
    }
    ways
}
