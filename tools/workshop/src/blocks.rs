//! Finds and replaces blocks in the text of a YAML template, and keeps layout and comments. A path
//! such as `["Resources", "Bus", "Properties"]` names a block: a key with the lines below it.

use std::ops::Range;

/// Spaces of indentation per level.
const INDENT: usize = 2;

/// Returns name and byte range of each block of `level` within `range`. A comment that is indented
/// like the blocks belongs to none of them.
fn children(text: &str, range: Range<usize>, level: usize) -> Vec<(&str, Range<usize>)> {
    let mut blocks: Vec<(&str, Range<usize>)> = Vec::new();
    let (mut at, mut open) = (range.start, false);
    for line in text.get(range).unwrap_or_default().split_inclusive('\n') {
        let end = at + line.len();
        let content = line.trim();
        let indent = line.len() - line.trim_start_matches(' ').len();
        if !content.is_empty() && indent <= level * INDENT {
            open = indent == level * INDENT && !content.starts_with(['#', '-']);
            if open {
                blocks.push((content.split(':').next().unwrap_or(content), at..end));
            }
        } else if let Some((_, range)) = blocks.last_mut().filter(|_| open) {
            // A blank line belongs to the resource above it, not to the resource's last property.
            if !content.is_empty() || level == 1 {
                range.end = end;
            }
        }
        at = end;
    }
    blocks
}

/// Returns the byte range of a block without its first line.
fn inside(text: &str, range: &Range<usize>) -> Range<usize> {
    let first = text.get(range.clone()).and_then(|block| block.find('\n')).map_or(range.end, |at| range.start + at + 1);
    first..range.end
}

fn find(text: &str, path: &[&str]) -> Option<Range<usize>> {
    let mut within = 0..text.len();
    let mut found = None;
    for (level, name) in path.iter().enumerate() {
        let (_, range) = children(text, within, level).into_iter().find(|(one, _)| one == name)?;
        within = inside(text, &range);
        found = Some(range);
    }
    found
}

/// Returns the text of the block at `path`.
pub(super) fn block<'a>(text: &'a str, path: &[&str]) -> Option<&'a str> {
    text.get(find(text, path)?)
}

/// Removes the block at `path`, if there is one.
pub(super) fn without(text: &str, path: &[&str]) -> String {
    let mut text = text.to_owned();
    if let Some(range) = find(&text, path) {
        text.replace_range(range, "");
    }
    text
}

/// Replaces the block at `path` by the block at the same path of `whole`. If `text` has no such
/// block, inserts it after the last sibling that precedes it in `whole` and that `text` has.
/// Returns `None` if `whole` has no such block, or `text` no block around it.
pub(super) fn with(text: &str, whole: &str, path: &[&str]) -> Option<String> {
    let block = block(whole, path)?;
    let (name, parent) = path.split_last()?;
    let mut text = without(text, path);
    let level = parent.len();
    let siblings = children(whole, inside(whole, &find(whole, parent)?), level);
    let before: Vec<&str> = siblings.into_iter().map(|(name, _)| name).take_while(|one| one != name).collect();
    let here = inside(&text, &find(&text, parent)?);
    let ours = children(&text, here.clone(), level);
    let after = before.iter().rev().find_map(|name| ours.iter().find(|(one, _)| one == name));
    let at = after.map(|(_, range)| range.end).or_else(|| ours.first().map(|(_, range)| range.start));
    text.insert_str(at.unwrap_or(here.start), block);
    Some(text)
}

/// Puts each block of `snippet` into the block at `parent`. Replaces the child with the same name,
/// or appends the block. Returns `None` if `snippet` has no block, or `text` has no `parent`.
pub(super) fn put(text: &str, parent: &[&str], snippet: &str) -> Option<String> {
    let level = parent.len();
    let mut text = text.to_owned();
    let blocks = children(snippet, 0..snippet.len(), level);
    if blocks.is_empty() {
        return None;
    }
    for (name, range) in blocks {
        let block = snippet.get(range)?.trim_end().to_owned() + "\n";
        let path: Vec<&str> = parent.iter().copied().chain([name]).collect();
        if let Some(there) = find(&text, &path) {
            let blank = if level == 1 { "\n" } else { "" };
            text.replace_range(there, &(block + blank));
            continue;
        }
        let here = inside(&text, &find(&text, parent)?);
        let last = children(&text, here.clone(), level).pop().map_or(here.start, |(_, range)| range.end);
        let spaced = text.get(..last).is_some_and(|before| before.ends_with("\n\n"));
        text.insert_str(
            last,
            &match (level, spaced) {
                (1, true) => block + "\n",
                (1, false) => format!("\n{block}"),
                _ => block,
            },
        );
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "Parameters:\n  Bus: { Type: String }\nResources:\n  # --- Buses ---\n\n  Bus:\n    Type: Bus\n\n  Rule:\n    Type: Rule # listens\n    Properties:\n      A: 1\n      Targets:\n        - Id: X\n\n  # --- Tables ---\n\n  Table:\n    Type: Table\n\nOutputs:\n  Bus: { Value: !Ref Bus }\n";

    #[test]
    fn a_resource_is_removed_without_its_neighbours_and_restored_in_place() {
        for id in ["Bus", "Rule", "Table"] {
            let less = without(WHOLE, &["Resources", id]);
            assert!(less.contains("# --- Tables ---") && less.contains("Outputs:\n  Bus:"), "{less}");
            assert!(block(&less, &["Resources", id]).is_none());
        }
        let rule = ["Resources", "Rule"];
        assert_eq!(with(&without(WHOLE, &rule), WHOLE, &rule).as_deref(), Some(WHOLE));
    }

    #[test]
    fn a_property_is_removed_and_restored_in_place() {
        let targets = ["Resources", "Rule", "Properties", "Targets"];
        let less = without(WHOLE, &targets);
        assert!(less.contains("      A: 1\n\n  # --- Tables"), "{less}");
        assert_eq!(with(&less, WHOLE, &targets).as_deref(), Some(WHOLE));
    }

    #[test]
    fn a_changed_block_is_replaced() {
        let rule = ["Resources", "Rule"];
        let attempt = WHOLE.replace("Type: Rule # listens", "Type: Rool");
        assert_eq!(with(&attempt, WHOLE, &rule).as_deref(), Some(WHOLE));
    }

    #[test]
    fn a_snippet_replaces_the_block_with_its_name_or_is_appended() {
        let text = put(WHOLE, &["Resources"], "  Bus:\n    Type: Coach\n\n  Queue:\n    Type: Queue\n").unwrap();
        assert!(text.contains("  Bus:\n    Type: Coach\n\n  Rule:"), "{text}");
        assert!(text.contains("    Type: Table\n\n  Queue:\n    Type: Queue\n\nOutputs:"), "{text}");
        let text = put(WHOLE, &["Resources", "Rule", "Properties"], "      B: 2\n").unwrap();
        assert!(text.contains("        - Id: X\n      B: 2\n\n  # --- Tables"), "{text}");
        assert!(put(WHOLE, &["Resources", "Gone"], "    B: 2\n").is_none());
    }
}
