//! The rules of the `order-processor` state machine: the state that follows each result, and the
//! outcome of the order. The end-to-end suite runs the shipped definition along every path of these
//! rules, to show that both agree.

use domain::admission::Refusal;
use domain::event::Outcome;
use domain::order::Step;

use crate::events::{Actor, Choice, PublishedEvent};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    Admit,
    AwaitCustomer,
    AssignNumber,
    AwaitBarista,
    Finish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskResult {
    Admitted,
    Refused(Refusal),
    Duplicate,
    Chosen(u8),
    Numbered(u64),
    HandedOver(u8),
    Cancelled(Actor),
    TimedOut,
    Published,
    Failed,
}

/// Variables of an execution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    pub drink: Option<u8>,
    pub number: Option<u64>,
    pub decision: Option<Decision>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decision {
    pub event: PublishedEvent,
    pub outcome: Outcome,
}

impl Decision {
    pub const fn entries(self) -> [PublishedEvent; 2] {
        [self.event, PublishedEvent::Finished(self.outcome)]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transition {
    To(Task),
    Succeed,
    Fail,
}

/// Returns the transition after `result` in `task`, and updates `memory`; `None` if the task never
/// has this result.
pub fn after(task: Task, result: TaskResult, memory: &mut Memory) -> Option<Transition> {
    let choice = memory.drink.zip(memory.number).map(|(drink, number)| Choice { number, drink });
    let mut decide = |event, outcome| {
        memory.decision = Some(Decision { event, outcome });
        Transition::To(Task::Finish)
    };
    let transition = match (task, result) {
        (Task::Admit, TaskResult::Admitted) => Transition::To(Task::AwaitCustomer),
        (Task::Admit, TaskResult::Refused(refusal)) => decide(PublishedEvent::Unavailable(refusal), Outcome::Refused),
        (Task::Admit, TaskResult::Duplicate) | (Task::Finish, TaskResult::Published | TaskResult::Failed) => {
            Transition::Succeed
        }
        (Task::AwaitCustomer, TaskResult::Chosen(drink)) => {
            memory.drink = Some(drink);
            Transition::To(Task::AssignNumber)
        }
        (Task::AssignNumber, TaskResult::Numbered(number)) => {
            memory.number = Some(number);
            Transition::To(Task::AwaitBarista)
        }
        (Task::AwaitBarista, TaskResult::HandedOver(barista)) => {
            decide(PublishedEvent::Completed { choice: choice?, barista }, Outcome::Completed)
        }
        (Task::AwaitCustomer, TaskResult::Cancelled(by)) => {
            decide(PublishedEvent::Cancelled { choice: None, by }, Outcome::Cancelled)
        }
        (Task::AwaitBarista, TaskResult::Cancelled(by)) => {
            decide(PublishedEvent::Cancelled { choice, by }, Outcome::Cancelled)
        }
        (Task::AwaitCustomer, TaskResult::TimedOut) => {
            decide(PublishedEvent::TimedOut { step: Step::Customer, choice: None }, Outcome::TimedOut)
        }
        (Task::AwaitBarista, TaskResult::TimedOut) => {
            decide(PublishedEvent::TimedOut { step: Step::Barista, choice }, Outcome::TimedOut)
        }
        (_, TaskResult::Failed) => Transition::Fail,
        _ => return None,
    };
    Some(transition)
}

/// Returns every result that a task can have. One barista, one drink and one order number stand for
/// all.
const fn results(task: Task) -> &'static [TaskResult] {
    match task {
        Task::Admit => &[
            TaskResult::Admitted,
            TaskResult::Refused(Refusal::Closed),
            TaskResult::Refused(Refusal::CustomerLimit),
            TaskResult::Refused(Refusal::Full),
            TaskResult::Duplicate,
            TaskResult::Failed,
        ],
        Task::AwaitCustomer => &[
            TaskResult::Chosen(0),
            TaskResult::Cancelled(Actor::Customer),
            TaskResult::Cancelled(Actor::Barista(0)),
            TaskResult::TimedOut,
            TaskResult::Failed,
        ],
        Task::AssignNumber => &[TaskResult::Numbered(1), TaskResult::Failed],
        Task::AwaitBarista => &[
            TaskResult::HandedOver(0),
            TaskResult::Cancelled(Actor::Customer),
            TaskResult::Cancelled(Actor::Barista(0)),
            TaskResult::TimedOut,
            TaskResult::Failed,
        ],
        Task::Finish => &[TaskResult::Published, TaskResult::Failed],
    }
}

#[derive(Debug, Clone)]
pub struct WorkflowPath {
    /// Task, its result, and the memory before the result.
    pub steps: Vec<(Task, TaskResult, Memory)>,
    pub memory: Memory,
    pub succeeds: bool,
}

pub fn paths() -> Vec<WorkflowPath> {
    let mut paths = Vec::new();
    let mut begun = vec![(Task::Admit, Vec::new(), Memory::default())];
    while let Some((task, steps, before)) = begun.pop() {
        for result in results(task) {
            let mut memory = before;
            let transition = after(task, *result, &mut memory);
            let mut steps: Vec<(Task, TaskResult, Memory)> = steps.clone();
            steps.push((task, *result, before));
            match transition {
                Some(Transition::To(next)) => begun.push((next, steps, memory)),
                Some(end) => paths.push(WorkflowPath { steps, memory, succeeds: end == Transition::Succeed }),
                None => {}
            }
        }
    }
    paths
}
