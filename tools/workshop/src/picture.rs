//! Draws a workflow from its definition, with the states of an execution, as Mermaid or SVG.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_sdk_sfn::types::ExecutionStatus;
use layout::backends::svg::SVGWriter;
use layout::core::base::Orientation;
use layout::core::color::Color;
use layout::core::geometry::Point;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;

use crate::execution::Execution;
use crate::lint::{Node, workflow_of};
use client::error::Error;

/// A workflow as boxes and arrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    start: String,
    /// Name of each state, and its action, which the picture shows below the name.
    boxes: Vec<(String, &'static str)>,
    /// Labels of each arrow between two states: errors, or "a condition" for a choice.
    arrows: BTreeMap<(usize, usize), Vec<String>>,
}

/// Mark of a state in the picture of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// The execution has not entered it.
    Untouched,
    /// The execution has left it.
    Left,
    /// The execution waits in it.
    Current,
    /// The execution ended in it without success.
    Failed,
}

impl Mark {
    fn of(name: &str, execution: Option<&Execution>) -> Self {
        let Some(execution) = execution else { return Self::Untouched };
        match execution.current() {
            Some(current) if current == name && execution.status == ExecutionStatus::Running => Self::Current,
            Some(current) if current == name => Self::Failed,
            _ if execution.entered.iter().any(|state| state == name) => Self::Left,
            _ => Self::Untouched,
        }
    }

    /// Returns the name of the mark as a class, and its fill colour.
    fn style(self) -> (&'static str, u32) {
        match self {
            Self::Untouched => ("untouched", 0xffff_ffff),
            Self::Left => ("left", 0xd5f0_d5ff),
            Self::Current => ("current", 0xffe9_a8ff),
            Self::Failed => ("failed", 0xf7c6_c5ff),
        }
    }
}

impl Picture {
    /// Parses a definition, with or without placeholders.
    pub fn parse(definition: &str) -> Result<Self, Error> {
        let workflow = workflow_of(definition).ok_or_else(|| {
            Error::Incomplete("the workflow is not JSON".into()).with_help("presso workshop deploy says where")
        })?;
        let states = workflow.get("States").map(Node::entries).unwrap_or_default();
        let mut picture = Self {
            start: workflow.get("StartAt").and_then(Node::text).unwrap_or_default().to_owned(),
            boxes: states.iter().map(|state| (state.key.clone(), action(&state.value))).collect(),
            arrows: BTreeMap::new(),
        };
        for (from, state) in states.iter().enumerate() {
            picture.add_arrow(from, state.value.get("Next"), None);
            picture.add_arrow(from, state.value.get("Default"), None);
            for choice in state.value.get("Choices").map(Node::items).unwrap_or_default() {
                picture.add_arrow(from, choice.get("Next"), Some("a condition"));
            }
            for catch in state.value.get("Catch").map(Node::items).unwrap_or_default() {
                for error in catch.get("ErrorEquals").map(Node::items).unwrap_or_default() {
                    let name = error.text().unwrap_or_default();
                    let name = if name == "States.ALL" { "any other error" } else { name };
                    picture.add_arrow(from, catch.get("Next"), Some(name));
                }
            }
        }
        Ok(picture)
    }

    fn add_arrow(&mut self, from: usize, to: Option<&Node>, error: Option<&str>) {
        let to = to.and_then(Node::text).and_then(|to| self.boxes.iter().position(|(name, _)| name == to));
        let Some(to) = to else { return };
        let errors = self.arrows.entry((from, to)).or_default();
        errors.extend(error.map(ToOwned::to_owned));
    }

    /// Returns the picture as a Mermaid flowchart, with the states of `execution` marked.
    pub fn mermaid(&self, execution: Option<&Execution>) -> String {
        let mut text = String::from("flowchart TD\n");
        for (number, (name, action)) in self.boxes.iter().enumerate() {
            let below = if action.is_empty() { String::new() } else { format!("<br/><small>{action}</small>") };
            let _ = writeln!(text, "  s{number}[\"{name}{below}\"]");
        }
        if let Some(start) = self.boxes.iter().position(|(name, _)| *name == self.start) {
            let _ = writeln!(text, "  start([start]) --> s{start}");
        }
        for ((from, to), errors) in &self.arrows {
            let arrow =
                if errors.is_empty() { "-->".to_owned() } else { format!("-. \"{}\" .->", errors.join("<br/>")) };
            let _ = writeln!(text, "  s{from} {arrow} s{to}");
        }
        for mark in [Mark::Left, Mark::Current, Mark::Failed] {
            let boxes = self.boxes.iter().enumerate().filter(|(_, (name, _))| Mark::of(name, execution) == mark);
            let names: Vec<String> = boxes.map(|(number, _)| format!("s{number}")).collect();
            if !names.is_empty() {
                let (class, fill) = mark.style();
                let _ = writeln!(text, "  classDef {class} fill:#{:06x}", fill >> 8);
                let _ = writeln!(text, "  class {} {class}", names.join(","));
            }
        }
        text
    }

    /// Returns the picture as an SVG document, with the states of `execution` marked.
    pub fn svg(&self, execution: Option<&Execution>) -> String {
        let mut graph = VisualGraph::new(Orientation::TopToBottom);
        let element = |label: &str, mark: Mark| {
            let longest = label.lines().map(|line| line.chars().count()).max().unwrap_or_default();
            let width = f64::from(u32::try_from(longest).unwrap_or_default()) * 9.0 + 24.0;
            let look = StyleAttr::new(Color::fast("black"), 1, Some(Color::new(mark.style().1)), 8, 14);
            Element::create(ShapeKind::new_box(label), look, Orientation::TopToBottom, Point::new(width, 44.0))
        };
        let handles: Vec<_> = self
            .boxes
            .iter()
            .map(|(name, action)| {
                let label = if action.is_empty() { name.clone() } else { format!("{name}\n{action}") };
                graph.add_node(element(&label, Mark::of(name, execution)))
            })
            .collect();
        let start = self.boxes.iter().position(|(name, _)| *name == self.start);
        if let Some(first) = start.and_then(|start| handles.get(start)) {
            let start = graph.add_node(element("start", Mark::Untouched));
            graph.add_edge(Arrow::simple(""), start, *first);
        }
        for ((from, to), errors) in &self.arrows {
            if let (Some(from), Some(to)) = (handles.get(*from), handles.get(*to))
                && from != to
            {
                graph.add_edge(Arrow::simple(&errors.join("\n")), *from, *to);
            }
        }
        let mut svg = SVGWriter::new();
        graph.do_it(false, false, false, &mut svg);
        svg.finalize()
    }
}

/// Describes the action of a state; empty for a resource that the application does not use.
fn action(state: &Node) -> &'static str {
    let resource = state.get("Resource").and_then(Node::text).unwrap_or_default();
    match resource.rsplit(":::").next().unwrap_or_default() {
        "lambda:invoke" => "invokes a function",
        "dynamodb:updateItem" => "updates a table",
        "events:putEvents" => "publishes events",
        "events:putEvents.waitForTaskToken" => "publishes events and waits",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    fn file(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
    }

    fn execution(status: ExecutionStatus, entered: &[&str]) -> Execution {
        let entered = entered.iter().map(|&state| state.to_owned()).collect();
        Execution { arn: "arn".into(), status, error: String::new(), entered }
    }

    const SMALL: &str = r#"{"StartAt": "A", "States": {
        "A": {"Resource": "arn:aws:states:::lambda:invoke", "Next": "B",
              "Catch": [{"ErrorEquals": ["E", "States.ALL"], "Next": "C"}]},
        "B": {"End": true}, "C": {"Type": "Fail"}}}"#;

    #[test]
    fn states_transitions_and_errors_are_drawn() {
        let drawn = Picture::parse(SMALL).unwrap().mermaid(None);
        let expected = "flowchart TD\n  s0[\"A<br/><small>invokes a function</small>\"]\n  s1[\"B\"]\n  s2[\"C\"]\n  start([start]) --> s0\n  s0 --> s1\n  s0 -. \"E<br/>any other error\" .-> s2\n";
        assert_eq!(drawn, expected);
        assert!(Picture::parse("{").is_err());
    }

    #[test]
    fn the_state_of_an_execution_is_marked() {
        let picture = Picture::parse(SMALL).unwrap();
        for (status, class) in [(ExecutionStatus::Running, "current"), (ExecutionStatus::Failed, "failed")] {
            let drawn = picture.mermaid(Some(&execution(status, &["A", "B"])));
            assert!(drawn.contains("  class s0 left\n") && drawn.contains(&format!("  class s1 {class}\n")), "{drawn}");
        }
        let ended = picture.mermaid(Some(&execution(ExecutionStatus::Succeeded, &["A", "B"])));
        assert!(ended.contains("  class s0,s1 left\n"), "{ended}");
        let svg = picture.svg(Some(&execution(ExecutionStatus::Running, &["A"])));
        assert!(svg.contains("<svg") && svg.contains("#ffe9a8") && svg.contains("any other error"), "{svg}");
    }

    #[test]
    fn page_2_shows_the_workflow_of_the_application() {
        let page = std::fs::read_to_string(file("docs/workshop/2-the-workflow.md")).unwrap();
        let definition = std::fs::read_to_string(file("statemachines/order-processor.asl.json")).unwrap();
        let drawn = Picture::parse(&definition).unwrap().mermaid(None);
        assert!(page.contains(&format!("```mermaid\n{drawn}```")), "put this picture on page 2:\n{drawn}");
    }
}
