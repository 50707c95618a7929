//! Counts how many of the required faults have happened, and ends traffic that adds no new ones.

use std::ops::Add;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    pub hits: u32,
    pub goal: u32,
}

impl Coverage {
    pub fn new(counts: impl Iterator<Item = u32>, minimum: u32) -> Self {
        counts.map(|count| Self { hits: count.min(minimum), goal: minimum }).fold(Self::default(), Self::add)
    }

    pub const fn is_complete(self) -> bool {
        self.hits >= self.goal
    }
}

impl Add for Coverage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits, goal: self.goal + other.goal }
    }
}

/// Rounds of one kind of traffic. They end when its faults are covered, or after a number of rounds
/// in a row without a new fault. A number of rounds is used because it does not depend on the speed
/// of the machine, unlike a number of seconds.
#[derive(Debug)]
pub struct Rounds {
    pub number: u32,
    most_idle: u32,
    idle: u32,
    hits: Option<u32>,
}

impl Rounds {
    pub const fn new(most_idle: u32) -> Self {
        Self { number: 0, most_idle, idle: 0, hits: None }
    }

    /// Starts the next round, given the coverage so far. Returns false if the rounds must end.
    pub fn start(&mut self, coverage: Coverage) -> bool {
        self.idle = if self.hits == Some(coverage.hits) { self.idle + 1 } else { 0 };
        self.hits = Some(coverage.hits);
        self.number += 1;
        !coverage.is_complete() && self.idle < self.most_idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_beyond_the_minimum_of_a_fault_do_not_count_for_another_fault() {
        let coverage = Coverage::new([7, 2].into_iter(), 5);
        assert_eq!(coverage, Coverage { hits: 7, goal: 10 });
        assert!(!coverage.is_complete());
    }

    #[test]
    fn rounds_end_when_everything_is_covered_or_after_rounds_without_a_hit() {
        let at = |hits| Coverage { hits, goal: 3 };
        let mut rounds = Rounds::new(2);
        assert!([0, 0, 1, 1, 2].into_iter().all(|hits| rounds.start(at(hits))));
        assert!(!rounds.start(at(3)));
        let mut rounds = Rounds::new(2);
        assert_eq!([0, 0, 0].map(|hits| rounds.start(at(hits))), [true, true, false]);
    }
}
