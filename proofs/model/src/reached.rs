//! What the exploration met: for each of these the shipped expressions must give the model's answer. The end-to-end suite asks them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::admission::{FailedConditions, Places, Refusal};
use domain::bucket::Take;
use domain::claim::ClaimAction;
use domain::ids::UserId;
use domain::order::StoredOrder;
use domain::shop::ShopSettings;

use crate::told::Told;
use crate::workflow::{Decided, Memory, Task, TaskResult};

/// An order as it stood, if it was there, and an event that was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Projection {
    /// Which scan's order.
    pub slot: usize,
    /// The order.
    pub stored: Option<StoredOrder>,
    /// The event.
    pub told: Told,
}

/// An order as it stood, and what a barista wanted of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The order.
    pub stored: StoredOrder,
    /// What was wanted.
    pub action: ClaimAction,
    /// By whom.
    pub barista: u8,
}

/// What admission met, and which of its conditions failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Admission {
    /// Whether the order was there.
    pub order_exists: bool,
    /// The counts.
    pub places: Places,
    /// The limit of the shop.
    pub max_orders_in_queue: u32,
    /// The limit of a customer.
    pub max_orders_per_user: u32,
    /// What failed.
    pub failed: FailedConditions,
}

/// A bucket as it was, and what a scan took of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The takers.
    pub takers: BTreeSet<UserId>,
    /// Who scanned.
    pub user_id: UserId,
    /// How many orders the code is good for.
    pub capacity: u32,
    /// What was taken.
    pub take: Take,
}

/// What is recorded of an order that is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Record {
    /// Admission refused it.
    Refused(Refusal),
    /// Its execution broke first.
    Lost,
    /// The latter was told of.
    Told,
}

/// A step of the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Move {
    /// The state.
    pub task: Task,
    /// What the execution remembered; numbers do not matter.
    pub memory: Memory,
    /// How it ended.
    pub result: TaskResult,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Reached {
    projections: Mutex<HashSet<Projection>>,
    claims: Mutex<HashSet<Claim>>,
    admissions: Mutex<HashSet<Admission>>,
    taken: Mutex<Vec<Taken>>,
    records: Mutex<HashSet<(Option<StoredOrder>, Record)>>,
    moves: Mutex<HashSet<Move>>,
    outputs: Mutex<HashMap<(usize, Option<Decided>), String>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listed<T: Clone + Eq + Hash>(set: &Mutex<HashSet<T>>) -> Vec<T> {
    locked(set).iter().cloned().collect()
}

impl Reached {
    pub(crate) fn projection(&self, slot: usize, stored: Option<&StoredOrder>, told: Told) {
        locked(&self.projections).insert(Projection { slot, stored: stored.cloned(), told });
    }

    pub(crate) fn claim(&self, stored: &StoredOrder, action: ClaimAction, barista: u8) {
        locked(&self.claims).insert(Claim { stored: stored.clone(), action, barista });
    }

    pub(crate) fn admission(
        &self,
        order_exists: bool,
        places: Places,
        settings: &ShopSettings,
        failed: FailedConditions,
    ) {
        let ShopSettings { max_orders_in_queue, max_orders_per_user, .. } = *settings;
        locked(&self.admissions).insert(Admission {
            order_exists,
            places,
            max_orders_in_queue,
            max_orders_per_user,
            failed,
        });
    }

    pub(crate) fn take(&self, takers: BTreeSet<UserId>, user_id: UserId, capacity: u32, take: Take) {
        let met = Taken { takers, user_id, capacity, take };
        let mut taken = locked(&self.taken);
        if !taken.contains(&met) {
            taken.push(met);
        }
    }

    pub(crate) fn record(&self, stored: Option<&StoredOrder>, record: Record) {
        locked(&self.records).insert((stored.cloned(), record));
    }

    pub(crate) fn moves(&self, task: Task, memory: Memory, result: TaskResult) {
        // The same way with another number is no other way.
        let memory = Memory { number: memory.number.map(|_| 1), ..memory };
        let result = if let TaskResult::Numbered(_) = result { TaskResult::Numbered(1) } else { result };
        locked(&self.moves).insert(Move { task, memory, result });
    }

    /// The output that records a decision, made once.
    pub(crate) fn output(&self, slot: usize, decided: Option<Decided>, make: impl FnOnce() -> String) -> String {
        locked(&self.outputs).entry((slot, decided)).or_insert_with(make).clone()
    }

    /// Orders and the events that met them.
    pub fn projections(&self) -> Vec<Projection> {
        listed(&self.projections)
    }

    /// Orders and the baristas who wanted them.
    pub fn claims(&self) -> Vec<Claim> {
        listed(&self.claims)
    }

    /// What admission met.
    pub fn admissions(&self) -> Vec<Admission> {
        listed(&self.admissions)
    }

    /// What scans took of buckets.
    pub fn takes(&self) -> Vec<Taken> {
        locked(&self.taken).clone()
    }

    /// Orders as they stood, if they were there, and what was to be recorded of them.
    pub fn records(&self) -> Vec<(Option<StoredOrder>, Record)> {
        listed(&self.records)
    }

    /// Steps of the workflow.
    pub fn workflow_moves(&self) -> BTreeSet<Move> {
        locked(&self.moves).iter().copied().collect()
    }
}
