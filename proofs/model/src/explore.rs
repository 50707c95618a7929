//! Exploring a bar of some shape, to the last state.

use std::sync::Arc;
use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model};

use crate::bar::Bar;
use crate::reached::Reached;
use crate::world::Shape;

/// What came of an exploration.
#[derive(Debug, Clone)]
pub struct Explored {
    /// The shape.
    pub shape: Shape,
    /// Different states.
    pub states: usize,
    /// Steps between them.
    pub steps: usize,
    /// The longest way to a state that was found first.
    pub depth: usize,
    /// How long it took.
    pub took: Duration,
    /// Promises that were broken, each with the shortest way to it.
    pub broken: Vec<(&'static str, Vec<String>)>,
    /// What should have been met, and was not.
    pub never_met: Vec<&'static str>,
    /// What the shipped expressions are held to.
    pub reached: Arc<Reached>,
}

/// Explores every state of a bar of this shape; `tell` hears how many have been found.
pub fn explore(shape: &Shape, mut tell: impl FnMut(usize)) -> Explored {
    let bar = Bar::new(shape.clone());
    let (reached, to_be_met) = (Arc::clone(&bar.reached), Arc::clone(&bar.to_be_met));
    let begin = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let checker = bar.checker().threads(threads).finish_when(HasDiscoveries::AnyFailures).spawn_bfs();
    while !checker.is_done() {
        std::thread::sleep(Duration::from_millis(200));
        tell(checker.unique_state_count());
    }
    let (states, steps, depth) = (checker.unique_state_count(), checker.state_count(), checker.max_depth());
    let broken = checker
        .discoveries()
        .into_iter()
        .map(|(name, path)| (name, path.into_actions().iter().map(|action| format!("{action:?}")).collect()))
        .collect();
    let (shape, never_met, took) = (shape.clone(), to_be_met.never(), begin.elapsed());
    Explored { shape, states, steps, depth, took, broken, never_met, reached }
}
