//! Formats the results of the explorations, and decides whether they pass.

use indicatif::HumanCount;
use serde_json::{Value, json};

use crate::explore::Explored;

/// Returns the line of the table for one exploration.
pub fn row(explored: &Explored) -> String {
    let Explored { shape, states, steps, depth, took, .. } = explored;
    let (states, steps) = (HumanCount(*states as u64).to_string(), HumanCount(*steps as u64).to_string());
    format!("{:<40}{states:>12} states{steps:>12} steps, {depth} deep, {:.1} s", shape.name, took.as_secs_f64())
}

/// Returns the text after a successful run: the number of states, and the invariants.
pub fn totals(all: &[Explored]) -> String {
    let states: usize = all.iter().map(|explored| explored.states).sum();
    let invariants = crate::invariants::names().map(|name| format!("  {name}")).collect::<Vec<_>>().join("\n");
    format!("{} states; in each of them these invariants hold:\n{invariants}", HumanCount(states as u64))
}

/// Fails with the violated invariants. If there are none and `everything` is true (no shop was left
/// out), fails with the unmet coverage goals.
pub fn verdict(all: &[Explored], everything: bool) -> Result<(), String> {
    let mut wrong = Vec::new();
    for explored in all {
        for (invariant, path) in &explored.broken {
            wrong.push(format!("violated in \"{}\": {invariant}\n  {}", explored.shape.name, path.join("\n  ")));
        }
    }
    if everything && wrong.is_empty() {
        for never in never_met(all) {
            wrong.push(format!("no state met this coverage goal: {never}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn never_met(all: &[Explored]) -> Vec<&'static str> {
    let Some((first, others)) = all.split_first() else { return Vec::new() };
    let nowhere = |never: &&&str| others.iter().all(|explored| explored.never_met.contains(*never));
    first.never_met.iter().filter(nowhere).copied().collect()
}

/// Returns the table, the violations and the unmet coverage goals as JSON.
pub fn to_json(all: &[Explored]) -> Value {
    let shapes = all.iter().map(|explored| {
        let broken: Vec<Value> =
            explored.broken.iter().map(|(invariant, path)| json!({"invariant": invariant, "path": path})).collect();
        json!({
            "shape": explored.shape.name, "states": explored.states, "steps": explored.steps, "depth": explored.depth,
            "seconds": explored.took.as_secs_f64(), "broken": broken,
        })
    });
    let shapes: Vec<Value> = shapes.collect();
    let states: usize = all.iter().map(|explored| explored.states).sum();
    json!({"states": states, "shapes": shapes, "neverMet": never_met(all)})
}
