//! The resources of a template as text, so that its layout and comments stay.

use std::ops::Range;

/// Where each resource stands: its logical id, and its lines with the empty ones that follow.
fn blocks(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut blocks: Vec<(&str, Range<usize>)> = Vec::new();
    let (mut at, mut inside, mut open) = (0, false, false);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let indented = line.starts_with("  ") && !line.starts_with("   ");
        if !line.starts_with([' ', '\n', '\r', '#']) {
            inside = line.trim_end() == "Resources:";
            open = false;
        } else if inside && indented {
            open = !line.trim_start().starts_with('#');
            if open {
                blocks.push((line.trim().trim_end_matches(':'), at..end));
            }
        } else if let Some((_, range)) = blocks.last_mut().filter(|_| open) {
            range.end = end;
        }
        at = end;
    }
    blocks
}

fn find(text: &str, id: &str) -> Option<Range<usize>> {
    blocks(text).into_iter().find(|(name, _)| *name == id).map(|(_, range)| range)
}

/// The resource called `id`.
pub(super) fn block<'a>(text: &'a str, id: &str) -> Option<&'a str> {
    text.get(find(text, id)?)
}

/// The template without the resource called `id`.
pub(super) fn without(text: &str, id: &str) -> String {
    let mut text = text.to_owned();
    if let Some(range) = find(&text, id) {
        text.replace_range(range, "");
    }
    text
}

/// The template with the resource called `id` as `whole` has it, after the one that it follows there.
pub(super) fn with(text: &str, whole: &str, id: &str) -> Option<String> {
    let block = block(whole, id)?;
    let mut text = without(text, id);
    let before: Vec<&str> = blocks(whole).into_iter().map(|(name, _)| name).take_while(|name| *name != id).collect();
    let at = match before.iter().rev().find_map(|name| find(&text, name)) {
        Some(range) => range.end,
        None => blocks(&text).first()?.1.start,
    };
    text.insert_str(at, block);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "Parameters:\n  Bus: { Type: String }\nResources:\n  # --- Buses ---\n\n  Bus:\n    Type: Bus\n\n  Rule:\n    Type: Rule # listens\n    Targets:\n      - Id: X\n\n  # --- Tables ---\n\n  Table:\n    Type: Table\n\nOutputs:\n  Bus: { Value: !Ref Bus }\n";

    #[test]
    fn a_resource_is_taken_away_with_its_lines_alone_and_put_back_where_it_was() {
        for id in ["Bus", "Rule", "Table"] {
            let less = without(WHOLE, id);
            assert!(less.contains("# --- Tables ---") && less.contains("Outputs:\n  Bus:"), "{less}");
            assert!(block(&less, id).is_none());
        }
        assert_eq!(with(&without(WHOLE, "Rule"), WHOLE, "Rule").as_deref(), Some(WHOLE));
    }

    #[test]
    fn an_attempt_is_replaced() {
        let attempt = WHOLE.replace("Type: Rule # listens", "Type: Rool");
        assert_eq!(with(&attempt, WHOLE, "Rule").as_deref(), Some(WHOLE));
    }
}
