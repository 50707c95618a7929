//! Chooses a fault for a call: at a set rate, and more often while a combination of call and fault
//! has happened fewer times than the minimum.

use std::collections::{BTreeMap, HashMap};

use fastrand::Rng;

use crate::coverage::Coverage;
use crate::fault::{CALLS, CallKind, Fault};

/// Share of calls that are hit while a fault has hit this kind of call fewer times than the
/// minimum.
const CATCH_UP_RATE: f64 = 0.35;

/// Share of faults that also hit the SDK's retries of the call, so that the function receives the
/// error. Faults that kill the function are not repeated.
const STICKY_SHARE: f64 = 0.3;

const STICKY_ATTEMPTS: u32 = 2;

/// Maximum number of calls whose retries are remembered; more than are ever in progress at once.
const MOST_REMEMBERED: usize = 10_000;

#[derive(Debug)]
pub struct Matrix {
    minimum: u32,
    rate: f64,
    random: Rng,
    active: bool,
    injected: BTreeMap<(CallKind, Fault), u32>,
    calls: BTreeMap<CallKind, u32>,
    sticky: HashMap<String, (Fault, u32)>,
    unknown: BTreeMap<String, u32>,
}

impl Matrix {
    /// Creates a matrix: each combination must happen `minimum` times; then the share `rate` of the
    /// calls is hit.
    pub fn new(minimum: u32, rate: f64, seed: u64) -> Self {
        Self {
            minimum,
            rate,
            random: Rng::with_seed(seed),
            active: false,
            injected: BTreeMap::new(),
            calls: BTreeMap::new(),
            sticky: HashMap::new(),
            unknown: BTreeMap::new(),
        }
    }

    pub fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    /// Chooses the fault of a call; `None` if the call stays without a fault. `attempts_of` is
    /// equal for all attempts of one call, and empty if the attempts cannot be recognised.
    pub fn choose(&mut self, call: CallKind, attempts_of: &str) -> Option<Fault> {
        *self.calls.entry(call).or_default() += 1;
        if !self.active {
            return None;
        }
        if let Some((fault, left)) = self.sticky.get_mut(attempts_of).filter(|(_, left)| *left > 0) {
            *left -= 1;
            return Some(*fault);
        }
        let chosen = self.draw(call)?;
        if !attempts_of.is_empty() && !chosen.kills() && self.random.f64() < STICKY_SHARE {
            if self.sticky.len() >= MOST_REMEMBERED {
                self.sticky.clear();
            }
            self.sticky.insert(attempts_of.to_owned(), (chosen, STICKY_ATTEMPTS));
        }
        Some(chosen)
    }

    fn draw(&mut self, call: CallKind) -> Option<Fault> {
        let mut counted: Vec<(u32, Fault)> = call.faults().map(|fault| (self.count(call, fault), fault)).collect();
        self.random.shuffle(&mut counted);
        let fewest = counted.iter().min_by_key(|(count, _)| *count).copied()?;
        if fewest.0 < self.minimum {
            return (self.random.f64() < CATCH_UP_RATE.max(self.rate)).then_some(fewest.1);
        }
        let any = counted.first().map(|(_, fault)| *fault);
        any.filter(|_| self.random.f64() < self.rate)
    }

    pub fn record(&mut self, call: CallKind, fault: Fault) {
        *self.injected.entry((call, fault)).or_default() += 1;
    }

    pub fn record_unknown(&mut self, name: String) {
        *self.unknown.entry(name).or_default() += 1;
    }

    pub fn roll(&mut self) -> f64 {
        self.random.f64()
    }

    pub fn count(&self, call: CallKind, fault: Fault) -> u32 {
        self.injected.get(&(call, fault)).copied().unwrap_or(0)
    }

    pub fn calls(&self, call: CallKind) -> u32 {
        self.calls.get(&call).copied().unwrap_or(0)
    }

    pub fn total(&self) -> u32 {
        self.injected.values().sum()
    }

    pub fn unknown(&self) -> &BTreeMap<String, u32> {
        &self.unknown
    }

    pub fn missing(&self) -> Vec<(CallKind, Fault, u32)> {
        self.counts(|_| true).filter(|(_, _, count)| *count < self.minimum).collect()
    }

    pub fn coverage(&self, selected: fn(CallKind) -> bool) -> Coverage {
        Coverage::new(self.counts(selected).map(|(_, _, count)| count), self.minimum)
    }

    fn counts(&self, selected: fn(CallKind) -> bool) -> impl Iterator<Item = (CallKind, Fault, u32)> {
        let calls = CALLS.iter().copied().filter(move |call| selected(*call));
        calls.flat_map(move |call| call.faults().map(move |fault| (call, fault, self.count(call, fault))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Operation;
    use harness::function::Function;

    const CALL: CallKind = CallKind::new(Function::Validator, Operation::PutEvents);

    #[test]
    fn each_fault_of_a_call_is_injected_the_minimum_number_of_times() {
        let mut matrix = Matrix::new(5, 0.0, 7);
        matrix.set_active(true);
        for call in 0..1_000 {
            if let Some(fault) = matrix.choose(CALL, &format!("call {call}")) {
                matrix.record(CALL, fault);
            }
        }
        assert!(CALL.faults().all(|fault| matrix.count(CALL, fault) == 5), "{matrix:?}");
        assert!(matrix.missing().iter().all(|(call, ..)| *call != CALL));
        assert!(matrix.coverage(|call| call == CALL).is_complete() && !matrix.coverage(|_| true).is_complete());
    }

    #[test]
    fn no_fault_is_chosen_while_the_matrix_is_inactive() {
        let mut matrix = Matrix::new(5, 1.0, 7);
        assert_eq!(matrix.choose(CALL, "a"), None);
        assert_eq!(matrix.calls(CALL), 1);
    }

    #[test]
    fn the_same_seed_makes_the_same_choices() {
        let choose = |seed| {
            let mut matrix = Matrix::new(5, 0.5, seed);
            matrix.set_active(true);
            (0..50).map(|call| matrix.choose(CALL, &call.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(choose(1), choose(1));
        assert_ne!(choose(1), choose(2));
    }

    #[test]
    fn transactions_can_conflict_reads_cannot_and_updates_are_never_partial() {
        let faults = |operation| CallKind::new(Function::Admission, operation).faults().collect::<Vec<_>>();
        assert!(faults(Operation::TransactWriteItems).contains(&Fault::Conflict));
        assert!(!faults(Operation::GetItem).contains(&Fault::Conflict));
        assert!(!faults(Operation::UpdateItem).contains(&Fault::Partial));
    }
}
