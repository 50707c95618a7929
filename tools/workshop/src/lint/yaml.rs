//! Parses YAML into a tree, and reports syntax errors, wrong indentation and duplicate keys.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::Mistake;
use super::tree::{Content, Entry, Node, Place};

/// Parses `text`. Returns `None` if it is not YAML.
pub(super) fn parse(file: &str, text: &str, mistakes: &mut Vec<Mistake>) -> Option<Node> {
    let mut builder = Builder { file, text, mistakes, anchors: HashMap::new() };
    let mut events = Parser::new_from_str(text);
    loop {
        match events.next()? {
            Ok((Event::StreamStart | Event::DocumentStart(_), _)) => {}
            Ok((event, span)) => return builder.node(event, span, &mut events),
            Err(error) => return builder.refuse(&error),
        }
    }
}

fn place(span: Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

struct Builder<'a> {
    file: &'a str,
    text: &'a str,
    mistakes: &'a mut Vec<Mistake>,
    anchors: HashMap<usize, Node>,
}

type Events<'a> = Parser<'a, saphyr_parser::StrInput<'a>>;

impl Builder<'_> {
    fn node(&mut self, event: Event<'_>, span: Span, events: &mut Events<'_>) -> Option<Node> {
        let place = place(span);
        let name = |tag: Option<std::borrow::Cow<'_, Tag>>| tag.map(|tag| tag.suffix.clone());
        let (anchor, tag, content) = match event {
            Event::Alias(anchor) => return self.anchors.get(&anchor).cloned().map(|node| Node { place, ..node }),
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::Plain && span.end.line() > span.start.line() {
                    self.look_for_items(span);
                }
                (anchor, name(tag), Content::Scalar(text.into_owned()))
            }
            Event::SequenceStart(anchor, tag) => (anchor, name(tag), Content::List(self.items(events)?)),
            Event::MappingStart(anchor, tag) => (anchor, name(tag), Content::Map(self.entries(events)?)),
            _ => return None,
        };
        let node = Node { place, tag, content };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Some(node)
    }

    fn next<'e>(&mut self, events: &mut Events<'e>) -> Option<(Event<'e>, Span)> {
        match events.next()? {
            Ok(next) => Some(next),
            Err(error) => self.refuse(&error),
        }
    }

    fn items(&mut self, events: &mut Events<'_>) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            match self.next(events)? {
                (Event::SequenceEnd, _) => return Some(items),
                (event, span) => items.push(self.node(event, span, events)?),
            }
        }
    }

    fn entries(&mut self, events: &mut Events<'_>) -> Option<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = match self.next(events)? {
                (Event::MappingEnd, _) => return Some(entries),
                next => next,
            };
            let key = self.node(event, span, events)?;
            let (event, span) = self.next(events)?;
            let value = self.node(event, span, events)?;
            let entry = Entry { key: key.text().unwrap_or_default().to_owned(), place: key.place, value };
            if let Some(first) = entries.iter().find(|first| first.key == entry.key) {
                let (key, line) = (&entry.key, first.place.line);
                let what = format!(
                    "{key} is here a second time; the first is on line {line}. Only one of them would count: remove the other"
                );
                self.mistakes.push(Mistake::new(self.file, entry.place, what));
            }
            entries.push(entry);
        }
    }

    /// Reports an item of a list that YAML reads as the continuation of the item above it.
    fn look_for_items(&mut self, span: Span) {
        let lines = self.text.lines().enumerate().skip(span.start.line()).take(span.end.line() - span.start.line());
        for (number, line) in lines {
            let content = line.trim_start();
            if content.starts_with("- ") {
                let column = line.len() - content.len() + 1;
                let what = "this item of a list is further to the right than the one above it, so YAML reads both as \
                            one text: move it to the left";
                self.mistakes.push(Mistake::new(self.file, Place { line: number + 1, column }, what));
            }
        }
    }

    fn refuse<T>(&mut self, error: &ScanError) -> Option<T> {
        let (line, column) = (error.marker().line(), error.marker().col() + 1);
        let what = explain(self.text, line, error.info());
        self.mistakes.push(Mistake::new(self.file, Place { line, column }, what));
        None
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Says what is wrong in a line at which the parser stopped, in terms of its indentation.
fn explain(text: &str, line: usize, info: &str) -> String {
    let lines: Vec<&str> = text.lines().take(line).collect();
    let Some((stopped, above)) = lines.split_last() else { return format!("this is not YAML: {info}") };
    if stopped.get(..stopped.len() - stopped.trim_start().len()).is_some_and(|blank| blank.contains('\t')) {
        return "a tab begins this line: YAML is indented with spaces".to_owned();
    }
    if !info.contains("block") && !info.contains("mapping values") {
        return format!("this is not YAML: {info}");
    }
    let mut fitting = Vec::new();
    let mut least = usize::MAX;
    for line in above.iter().rev().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        if indent(line) < least {
            least = indent(line);
            fitting.push(least);
        }
    }
    fitting.reverse();
    let found = indent(stopped);
    if fitting.contains(&found) {
        return format!("this is not YAML: {info}");
    }
    let fitting: Vec<String> = fitting.iter().map(ToString::to_string).collect();
    format!("this line begins with {}, but the blocks around it with {}", spaces(found), fitting.join(", "))
}

fn spaces(count: usize) -> String {
    if count == 1 { "1 space".to_owned() } else { format!("{count} spaces") }
}
