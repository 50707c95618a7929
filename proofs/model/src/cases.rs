//! Collects the inputs to which the exploration applied each rule. The tests in
//! `tests/contracts/model_expressions.rs` apply the shipped expressions to the same inputs, and
//! compare the results with those of the rules.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::admission::{AdmissionCounts, FailedConditions, Refusal};
use domain::bucket::{Place, Take};
use domain::claim::ClaimChange;
use domain::ids::UserId;
use domain::order::StoredOrder;
use domain::shop::ShopState;

use crate::events::PublishedEvent;
use crate::workflow::{Decision, Memory, Task, TaskResult};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Projection {
    pub slot: usize,
    pub stored: Option<StoredOrder>,
    pub event: PublishedEvent,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    pub stored: StoredOrder,
    pub change: ClaimChange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Admission {
    pub order_exists: bool,
    pub counts: AdmissionCounts,
    pub max_orders_in_queue: u32,
    pub max_orders_per_user: u32,
    pub failed: FailedConditions,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenTake {
    pub places: BTreeMap<UserId, Place>,
    pub user_id: UserId,
    pub capacity: u32,
    pub take: Take,
}

/// A write of a record of an order that was not admitted. Admission writes `Refused`. The sweeper
/// writes `Failed`, and `Announced` once it has published the failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Record {
    Refused(Refusal),
    /// The execution failed before it admitted the order.
    Failed,
    Announced,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkflowStep {
    pub task: Task,
    pub memory: Memory,
    pub result: TaskResult,
}

#[derive(Debug, Default)]
pub struct Cases {
    projections: Mutex<HashSet<Projection>>,
    claims: Mutex<HashSet<Claim>>,
    admissions: Mutex<HashSet<Admission>>,
    takes: Mutex<Vec<TokenTake>>,
    replacements: Mutex<HashSet<(Place, Place)>>,
    records: Mutex<HashSet<(Option<StoredOrder>, Record)>>,
    workflow_steps: Mutex<HashSet<WorkflowStep>>,
    outputs: Mutex<HashMap<(usize, Option<Decision>), String>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listed<T: Clone + Eq + Hash>(set: &Mutex<HashSet<T>>) -> Vec<T> {
    locked(set).iter().cloned().collect()
}

impl Cases {
    pub(crate) fn projection(&self, slot: usize, stored: Option<&StoredOrder>, event: PublishedEvent) {
        locked(&self.projections).insert(Projection { slot, stored: stored.cloned(), event });
    }

    pub(crate) fn claim(&self, stored: &StoredOrder, change: &ClaimChange) {
        locked(&self.claims).insert(Claim { stored: stored.clone(), change: change.clone() });
    }

    pub(crate) fn admission(
        &self,
        order_exists: bool,
        counts: AdmissionCounts,
        state: &ShopState,
        failed: FailedConditions,
    ) {
        let ShopState { max_orders_in_queue, max_orders_per_user, .. } = *state;
        let case = Admission { order_exists, counts, max_orders_in_queue, max_orders_per_user, failed };
        locked(&self.admissions).insert(case);
    }

    pub(crate) fn take(&self, places: BTreeMap<UserId, Place>, user_id: UserId, capacity: u32, take: Take) {
        let case = TokenTake { places, user_id, capacity, take };
        let mut known = locked(&self.takes);
        if !known.contains(&case) {
            known.push(case);
        }
    }

    pub(crate) fn replace(&self, from: Place, to: Place) {
        locked(&self.replacements).insert((from, to));
    }

    pub(crate) fn record(&self, stored: Option<&StoredOrder>, record: Record) {
        locked(&self.records).insert((stored.cloned(), record));
    }

    pub(crate) fn workflow_step(&self, task: Task, memory: Memory, result: TaskResult) {
        // No rule depends on the value of the order number.
        let memory = Memory { number: memory.number.map(|_| 1), ..memory };
        let result = if let TaskResult::Numbered(_) = result { TaskResult::Numbered(1) } else { result };
        locked(&self.workflow_steps).insert(WorkflowStep { task, memory, result });
    }

    pub(crate) fn output(&self, slot: usize, decision: Option<Decision>, make: impl FnOnce() -> String) -> String {
        locked(&self.outputs).entry((slot, decision)).or_insert_with(make).clone()
    }

    pub fn projections(&self) -> Vec<Projection> {
        listed(&self.projections)
    }

    pub fn claims(&self) -> Vec<Claim> {
        listed(&self.claims)
    }

    pub fn admissions(&self) -> Vec<Admission> {
        listed(&self.admissions)
    }

    pub fn takes(&self) -> Vec<TokenTake> {
        locked(&self.takes).clone()
    }

    /// Returns each place before and after a repeated scan that changed it.
    pub fn replacements(&self) -> Vec<(Place, Place)> {
        listed(&self.replacements)
    }

    pub fn records(&self) -> Vec<(Option<StoredOrder>, Record)> {
        listed(&self.records)
    }

    pub fn workflow_steps(&self) -> BTreeSet<WorkflowStep> {
        locked(&self.workflow_steps).iter().copied().collect()
    }
}
