//! Estimates the minutes that a page takes: for its commands, for reading, and for editing.

use crate::page::{Action, Step, steps};
use client::error::Error;

/// Words that a person reads in a minute.
const WORDS_A_MINUTE: usize = 180;
/// Seconds for each block to edit.
const SECONDS_AN_EDIT: usize = 90;

/// Reading and editing that a page requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Words outside its blocks.
    pub words: usize,
    /// Blocks to edit.
    pub edits: usize,
    /// Minutes at the head of the page.
    pub head: usize,
}

impl Reading {
    /// Parses a page.
    pub fn parse(page: &str) -> Result<Self, Error> {
        let is_edit = |step: &Step| matches!(step.action, Action::Edit { .. });
        let edits = steps(page)?.iter().filter(|step| is_edit(step)).count();
        let mut words = 0;
        let mut inside = false;
        for line in page.lines() {
            if line.trim_start().starts_with("```") {
                inside = !inside;
            } else if !inside {
                words += line.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
            }
        }
        let head = page.lines().find_map(|line| line.strip_prefix('*')?.split_once(" minute")?.0.parse().ok());
        let head = head.ok_or_else(|| Error::Unexpected("the page does not begin with its minutes".into()))?;
        Ok(Self { words, edits, head })
    }

    /// Returns the seconds that a person needs to read the page and to edit.
    pub fn seconds(&self) -> usize {
        self.words * 60 / WORDS_A_MINUTE + self.edits * SECONDS_AN_EDIT
    }

    /// Describes the minutes of a page whose commands took `commands` seconds.
    pub fn describe(&self, commands: usize) -> String {
        let minutes = |seconds: usize| format!("{}.{}", seconds / 60, seconds % 60 / 6);
        format!(
            "{} min of commands + {} of reading {} words + {} of editing {} blocks = {} minutes; its head says {}",
            minutes(commands),
            minutes(self.words * 60 / WORDS_A_MINUTE),
            self.words,
            minutes(self.edits * SECONDS_AN_EDIT),
            self.edits,
            (commands + self.seconds()).div_ceil(60),
            self.head,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page_of;
    use std::path::Path;

    /// Maximum number of minutes that the commands of a page may take.
    const COMMANDS: usize = 20;

    #[test]
    fn words_outside_blocks_and_blocks_to_edit_are_counted() {
        let page = "# Page\n\n*7 minutes.* Two words.\n\n`workshop/bar/a`, new:\n\n```text file=a\nx y z\n```\n";
        let reading = Reading::parse(page).unwrap();
        assert_eq!(reading, Reading { words: 7, edits: 1, head: 7 });
        assert_eq!(
            reading.describe(60),
            "1.0 min of commands + 0.0 of reading 7 words + 1.5 of editing 1 blocks = 3 minutes; its head says 7"
        );
        assert!(Reading::parse("# Page\n").is_err());
    }

    #[test]
    fn the_heads_of_pages_0_to_7_leave_time_to_read_and_edit() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for number in 0..=7 {
            let page = std::fs::read_to_string(page_of(&root, number).unwrap()).unwrap();
            let reading = Reading::parse(&page).unwrap();
            let least = reading.seconds().div_ceil(60);
            let fits = (least..=least + COMMANDS).contains(&reading.head);
            assert!(fits, "page {number}: {} minutes, of which {least} for reading and editing", reading.head);
        }
    }
}
