//! Explores the reachable states of a shop of a given shape (see [`Shape`]).

use std::sync::Arc;
use std::time::{Duration, Instant};

use stateright::{Checker, HasDiscoveries, Model};

use crate::cases::Cases;
use crate::shop_model::ShopModel;
use crate::world::Shape;

#[derive(Debug, Clone)]
pub struct Explored {
    pub shape: Shape,
    pub states: usize,
    pub steps: usize,
    pub depth: usize,
    pub took: Duration,
    /// Violated invariants, each with a sequence of actions that leads to the violation.
    pub broken: Vec<(&'static str, Vec<String>)>,
    pub never_met: Vec<&'static str>,
    pub cases: Arc<Cases>,
}

/// Explores every state of a shop of this shape; stops at the first violated invariant. `progress`
/// receives the number of states so far.
pub fn explore(shape: &Shape, mut progress: impl FnMut(usize)) -> Explored {
    let model = ShopModel::new(shape.clone());
    let (cases, goals) = (Arc::clone(&model.cases), Arc::clone(&model.goals));
    let begin = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let checker = model.checker().threads(threads).finish_when(HasDiscoveries::AnyFailures).spawn_bfs();
    while !checker.is_done() {
        std::thread::sleep(Duration::from_millis(200));
        progress(checker.unique_state_count());
    }
    let (states, steps, depth) = (checker.unique_state_count(), checker.state_count(), checker.max_depth());
    let broken = checker
        .discoveries()
        .into_iter()
        .map(|(name, path)| (name, path.into_actions().iter().map(|action| format!("{action:?}")).collect()))
        .collect();
    let (shape, never_met, took) = (shape.clone(), goals.unmet(), begin.elapsed());
    Explored { shape, states, steps, depth, took, broken, never_met, cases }
}
