//! Explores every state of the model and prints the number of states.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use model::explore::{Explored, explore};
use model::shapes::{LONG, SHORT};
use serde_json::{Value, json};

/// Checks the invariants in every state of small shops, with faults at every step.
///
/// Exit codes: 0 every invariant holds in every state, 1 an invariant is violated or a coverage
/// goal was not met, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "model", version)]
struct Cli {
    /// Also explore larger shops. This takes several minutes and some gigabytes of memory.
    #[arg(long, env = "MODEL_LONG", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1,
          default_value = "false", default_missing_value = "true")]
    long: bool,
    /// Explore only the shops whose name contains this text.
    #[arg(long, default_value = "")]
    only: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let larger = LONG.iter().filter(|_| cli.long);
    let shapes = SHORT.iter().chain(larger).filter(|shape| shape.name.contains(&cli.only));
    let mut all = Vec::new();
    for shape in shapes {
        let progress = ProgressBar::new_spinner().with_message(shape.name);
        progress.set_style(style());
        let explored = explore(shape, |states| progress.set_position(states as u64));
        progress.finish_and_clear();
        if !cli.json {
            print(&row(&explored));
        }
        all.push(explored);
    }
    match verdict(&all, cli.only.is_empty()) {
        Ok(()) => {
            print(&if cli.json { to_json(&all).to_string() } else { totals(&all) });
            ExitCode::SUCCESS
        }
        Err(why) => {
            if cli.json {
                print(&to_json(&all).to_string());
            }
            writeln!(io::stderr(), "{why}").ok();
            ExitCode::FAILURE
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg}: {human_pos} states, {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn print(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}

fn row(explored: &Explored) -> String {
    let Explored { shape, states, steps, depth, took, .. } = explored;
    let (states, steps) = (HumanCount(*states as u64).to_string(), HumanCount(*steps as u64).to_string());
    format!("{:<40}{states:>12} states{steps:>12} steps, {depth} deep, {:.1} s", shape.name, took.as_secs_f64())
}

fn totals(all: &[Explored]) -> String {
    let states: usize = all.iter().map(|explored| explored.states).sum();
    let invariants = model::invariants::names().map(|name| format!("  {name}")).collect::<Vec<_>>().join("\n");
    format!("{} states; in each of them these invariants hold:\n{invariants}", HumanCount(states as u64))
}

/// Fails with the violated invariants or, if there are none, with the unmet coverage goals.
fn verdict(all: &[Explored], everything: bool) -> Result<(), String> {
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
    let Some((first, others)) = all.split_first() else { return vec!["no shop has this name"] };
    let nowhere = |never: &&&str| others.iter().all(|explored| explored.never_met.contains(*never));
    first.never_met.iter().filter(nowhere).copied().collect()
}

fn to_json(all: &[Explored]) -> Value {
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
