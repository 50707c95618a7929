//! Which fault hits which call: at a set rate, and more often where a combination is behind.

use std::collections::{BTreeMap, HashMap};

use fastrand::Rng;

use crate::fault::{CALLS, CallKind, Fault};

/// How often a call is hit while one of its combinations is behind.
const CATCHING_UP: f64 = 0.35;

/// How often a fault stays for the retries of the same call as well, so that the caller sees it and not its SDK alone.
const STAYS: f64 = 0.3;

/// For so many more attempts.
const ATTEMPTS: u32 = 2;

/// More calls than are ever under way at once.
const MOST_REMEMBERED: usize = 10_000;

/// The counts, and the dice.
#[derive(Debug)]
pub struct Matrix {
    minimum: u32,
    rate: f64,
    dice: Rng,
    on: bool,
    injected: BTreeMap<(CallKind, Fault), u32>,
    passed: BTreeMap<CallKind, u32>,
    staying: HashMap<String, (Fault, u32)>,
    unknown: BTreeMap<String, u32>,
}

impl Matrix {
    /// Each combination is to be reached `minimum` times; beyond that a call is hit at `rate`.
    pub fn new(minimum: u32, rate: f64, seed: u64) -> Self {
        Self {
            minimum,
            rate,
            dice: Rng::with_seed(seed),
            on: false,
            injected: BTreeMap::new(),
            passed: BTreeMap::new(),
            staying: HashMap::new(),
            unknown: BTreeMap::new(),
        }
    }

    /// Begins or ends to inject.
    pub fn switch(&mut self, on: bool) {
        self.on = on;
    }

    /// What is done to this call, if anything. `attempts_of` is the same for each retry of a call by its SDK.
    pub fn choose(&mut self, call: CallKind, attempts_of: &str) -> Option<Fault> {
        *self.passed.entry(call).or_default() += 1;
        if !self.on {
            return None;
        }
        if let Some((fault, left)) = self.staying.get_mut(attempts_of).filter(|(_, left)| *left > 0) {
            *left -= 1;
            return Some(*fault);
        }
        let chosen = self.draw(call)?;
        if !attempts_of.is_empty() && !chosen.kills() && self.dice.f64() < STAYS {
            if self.staying.len() >= MOST_REMEMBERED {
                self.staying.clear();
            }
            self.staying.insert(attempts_of.to_owned(), (chosen, ATTEMPTS));
        }
        Some(chosen)
    }

    fn draw(&mut self, call: CallKind) -> Option<Fault> {
        let mut counted: Vec<(u32, Fault)> = call.faults().map(|fault| (self.count(call, fault), fault)).collect();
        self.dice.shuffle(&mut counted);
        let fewest = counted.iter().min_by_key(|(count, _)| *count).copied()?;
        if fewest.0 < self.minimum {
            return (self.dice.f64() < CATCHING_UP.max(self.rate)).then_some(fewest.1);
        }
        let any = counted.first().map(|(_, fault)| *fault);
        any.filter(|_| self.dice.f64() < self.rate)
    }

    /// Counts what was really done.
    pub fn record(&mut self, call: CallKind, fault: Fault) {
        *self.injected.entry((call, fault)).or_default() += 1;
    }

    /// Counts a call that [`CALLS`] does not list.
    pub fn record_unknown(&mut self, name: String) {
        *self.unknown.entry(name).or_default() += 1;
    }

    /// A number below one.
    pub fn roll(&mut self) -> f64 {
        self.dice.f64()
    }

    /// How often `fault` has hit `call`.
    pub fn count(&self, call: CallKind, fault: Fault) -> u32 {
        self.injected.get(&(call, fault)).copied().unwrap_or(0)
    }

    /// How many calls of a kind there were, with those that were hit.
    pub fn calls(&self, call: CallKind) -> u32 {
        self.passed.get(&call).copied().unwrap_or(0)
    }

    /// How often anything was hit.
    pub fn total(&self) -> u32 {
        self.injected.values().sum()
    }

    /// Calls that are not known, by name.
    pub fn unknown(&self) -> &BTreeMap<String, u32> {
        &self.unknown
    }

    /// The combinations that are behind, with how often they were reached.
    pub fn behind(&self) -> Vec<(CallKind, Fault, u32)> {
        let combinations = CALLS.iter().flat_map(|call| call.faults().map(|fault| (*call, fault)));
        let counted = combinations.map(|(call, fault)| (call, fault, self.count(call, fault)));
        counted.filter(|(_, _, count)| *count < self.minimum).collect()
    }

    /// How many combinations there are.
    pub fn combinations() -> usize {
        CALLS.iter().map(|call| call.faults().count()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Function, Operation};

    const CALL: CallKind = CallKind::new(Function::Validator, Operation::PutEvents);

    #[test]
    fn every_combination_of_a_call_is_reached_before_the_rate_alone_decides() {
        let mut matrix = Matrix::new(5, 0.0, 7);
        matrix.switch(true);
        for call in 0..1_000 {
            if let Some(fault) = matrix.choose(CALL, &format!("call {call}")) {
                matrix.record(CALL, fault);
            }
        }
        assert!(CALL.faults().all(|fault| matrix.count(CALL, fault) == 5), "{matrix:?}");
        assert!(matrix.behind().iter().all(|(call, ..)| *call != CALL));
    }

    #[test]
    fn nothing_is_hit_while_it_is_switched_off() {
        let mut matrix = Matrix::new(5, 1.0, 7);
        assert_eq!(matrix.choose(CALL, "a"), None);
        assert_eq!(matrix.calls(CALL), 1);
    }

    #[test]
    fn the_same_seed_chooses_the_same() {
        let choose = |seed| {
            let mut matrix = Matrix::new(5, 0.5, seed);
            matrix.switch(true);
            (0..50).map(|call| matrix.choose(CALL, &call.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(choose(1), choose(1));
        assert_ne!(choose(1), choose(2));
    }

    #[test]
    fn a_write_of_dynamodb_meets_other_writers_and_no_other_call_does() {
        let of = |operation| CallKind::new(Function::Admission, operation).faults().collect::<Vec<_>>();
        assert!(of(Operation::TransactWriteItems).contains(&Fault::Conflict));
        assert!(!of(Operation::GetItem).contains(&Fault::Conflict));
        assert!(!of(Operation::UpdateItem).contains(&Fault::Partial));
    }
}
