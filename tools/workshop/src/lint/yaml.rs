//! Parses YAML into a tree, and reports syntax errors, wrong indentation and duplicate keys.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::Mistake;
use super::tree::{Content, Entry, Node, Place};

/// Spaces by which a block of the template is indented.
const INDENT: usize = 2;

/// Parses `text`. Returns `None` if it is not YAML, or has no document.
pub(super) fn parse(file: &str, text: &str, mistakes: &mut Vec<Mistake>) -> Option<Node> {
    let mut builder = Builder { file, text, mistakes, anchors: HashMap::new() };
    let mut events = Parser::new_from_str(text);
    loop {
        match events.next()? {
            Ok((Event::StreamStart | Event::DocumentStart(_), _)) => {}
            Ok((Event::StreamEnd, span)) => return builder.report(place(span), "this file has no content".to_owned()),
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

    /// Reports each line that looks like an item of a list, but that YAML reads as the continuation
    /// of the text above it.
    fn look_for_items(&mut self, span: Span) {
        let lines = self.text.lines().enumerate().skip(span.start.line()).take(span.end.line() - span.start.line());
        for (number, line) in lines {
            let content = line.trim_start();
            if content.starts_with("- ") {
                let column = line.len() - content.len() + 1;
                let what = "this item of a list is further to the right than the text above it, so YAML reads both as \
                            one text: move it to the left";
                self.mistakes.push(Mistake::new(self.file, Place { line: number + 1, column }, what));
            }
        }
    }

    fn refuse<T>(&mut self, error: &ScanError) -> Option<T> {
        let (line, column) = (error.marker().line(), error.marker().col() + 1);
        let (place, what) = explain(self.text, Place { line, column }, error.info());
        self.report(place, what)
    }

    fn report<T>(&mut self, place: Place, what: String) -> Option<T> {
        self.mistakes.push(Mistake::new(self.file, place, what));
        None
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A block around a line: its indentation, and the first and the last line with this indentation.
#[derive(Clone, Copy)]
struct Around {
    indent: usize,
    first: usize,
    last: usize,
}

/// Returns the blocks above the last of `lines` that it might belong to, the outermost first.
fn blocks_around(lines: &[&str]) -> Vec<Around> {
    let mut blocks: Vec<Around> = Vec::new();
    let above = lines.iter().enumerate().rev().skip(1);
    for (number, line) in above.filter(|(_, line)| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        let (indent, first) = (indent(line), number + 1);
        match blocks.last_mut() {
            Some(block) if block.indent == indent => block.first = first,
            Some(block) if block.indent < indent => {}
            _ => blocks.push(Around { indent, first, last: first }),
        }
    }
    blocks.reverse();
    blocks
}

/// Explains a syntax error by the indentation if it can, and says what to do; otherwise quotes the
/// parser. The parser stops at the first line that does not fit. If the block above that line has
/// the wrong indentation, returns the first line of the block instead.
fn explain(text: &str, at: Place, info: &str) -> (Place, String) {
    let other = || (at, format!("this is not YAML: {info}"));
    let lines: Vec<&str> = text.lines().take(at.line).collect();
    let Some(stopped) = lines.last() else { return other() };
    if stopped.get(..stopped.len() - stopped.trim_start().len()).is_some_and(|blank| blank.contains('\t')) {
        return (at, "the indentation of this line contains a tab: YAML is indented with spaces".to_owned());
    }
    let (found, blocks) = (indent(stopped), blocks_around(&lines));
    if !info.contains("block") && !info.contains("mapping values") {
        return other();
    }
    if let Some(same) = blocks.iter().position(|block| block.indent == found) {
        let first = same.checked_sub(1).and_then(|outer| blocks.get(outer)).map(|block| block.last);
        let is_item = stopped.trim_start().starts_with("- ");
        return first.filter(|_| is_item).map_or_else(other, |first| separated(&lines, first));
    }
    let child_of = |pair: &[Around]| match pair {
        [parent, child] if parent.indent + INDENT == found => Some(*child),
        _ => None,
    };
    if let Some(block) = blocks.windows(2).find_map(child_of) {
        return differing(block, at.line, found);
    }
    let fitting: Vec<String> = blocks.iter().map(|block| block.indent.to_string()).collect();
    let nearest = blocks.iter().rev().map(|block| block.indent).min_by_key(|indent| indent.abs_diff(found));
    let (fitting, nearest) = (fitting.join(", "), spaces(nearest.unwrap_or_default()));
    let found = spaces(found);
    (at, format!("this line begins with {found}, but the blocks around it with {fitting}: indent it by {nearest}"))
}

/// Describes a block whose lines are not indented like the line `line`, which follows the block and
/// has `found` spaces.
fn differing(block: Around, line: usize, found: usize) -> (Place, String) {
    let last = line - 1;
    let advice = if block.first == last {
        format!("indent this line like line {line}, or move it to another place")
    } else {
        format!(
            "shift the lines {} to {last} so that this line is indented like line {line}, or move them to another place",
            block.first
        )
    };
    let what = format!(
        "this line begins with {}, but line {line}, which follows its block, with {found}: {advice}",
        spaces(block.indent)
    );
    (Place { line: block.first, column: block.indent + 1 }, what)
}

/// Describes a block that separates a key from the items of its list. The block begins at the line
/// `first`.
fn separated(lines: &[&str], first: usize) -> (Place, String) {
    let line = lines.get(first - 1).copied().unwrap_or_default();
    let name = line.trim().split(':').next().unwrap_or_default();
    let what = format!(
        "{name} is between a key and the items of its list, which begin at line {}: move {name} and the lines below it \
         after these items, or before their key",
        lines.len()
    );
    (Place { line: first, column: indent(line) + 1 }, what)
}

fn spaces(count: usize) -> String {
    if count == 1 { "1 space".to_owned() } else { format!("{count} spaces") }
}
