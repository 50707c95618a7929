//! Parses a page of the workshop into steps: commands with their expected output, and edits.
//!
//! - A `bash` fence is a command, which runs in the application's folder. `fails` means that it
//!   must fail; `within=` limits its seconds.
//! - A `text` fence is the output of the command before it: these lines in this order, possibly
//!   with others between them. `…` matches any text.
//! - A fence with `file=` edits that file of `workshop/bar`. The paragraph above the fence must
//!   name its path from the application's folder. The edit replaces the whole file, adds members or
//!   blocks `at=` a path, replaces the function `fn=` or the line that contains `instead-of=`, or
//!   inserts lines `after=` a line.
//! - A `mermaid` fence is a diagram, not a step.

use std::time::Duration;

use super::edit::Edit;
use client::error::Error;

const DEFAULT_TIMEOUT: Duration = Duration::from_mins(15);

/// One step of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Line of the fence in the page, counted from 1.
    pub line: usize,
    /// The command or the edit.
    pub action: Action,
}

/// An action of the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Runs a command.
    Run(Run),
    /// Edits a file of the learner's bar.
    Edit {
        /// Path of the file in `workshop/bar`.
        file: String,
        /// The change to its text.
        edit: Edit,
    },
}

/// A command and its expected result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The shell text, one or more lines.
    pub command: String,
    /// True if the command must fail.
    pub fails: bool,
    /// Maximum time of the command.
    pub within: Duration,
    /// Expected output, if the page shows it; [`missing_line`] compares it.
    pub shows: Option<String>,
}

/// Parses the steps of a page. Fails on a fence that is invalid or would be neither run nor
/// checked.
pub fn steps(text: &str) -> Result<Vec<Step>, Error> {
    let mut steps: Vec<Step> = Vec::new();
    let mut open: Option<(usize, Fence, String)> = None;
    // The paragraph above the next fence.
    let (mut above, mut ended) = (String::new(), true);
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => open = Some((number + 1, Fence::read(info, &above, number + 1)?, String::new())),
            (Some(_), Some("")) => {
                if let Some((line, fence, content)) = open.take() {
                    close(&mut steps, line, &fence, content)?;
                }
            }
            (Some((_, _, content)), _) => {
                content.push_str(line);
                content.push('\n');
            }
            (None, None) if line.trim().is_empty() => ended = true,
            (None, None) => {
                if std::mem::take(&mut ended) {
                    above.clear();
                }
                above.push_str(line);
            }
        }
    }
    open.map_or(Ok(steps), |(line, ..)| Err(invalid(line, "the fence is not closed")))
}

fn invalid(line: usize, what: impl std::fmt::Display) -> Error {
    Error::Unexpected(format!("line {line}: {what}"))
}

fn close(steps: &mut Vec<Step>, line: usize, fence: &Fence, content: String) -> Result<(), Error> {
    match (fence.language.as_str(), fence.edit(&content)) {
        (_, Some((file, edit))) => steps.push(Step { line, action: Action::Edit { file, edit } }),
        ("mermaid", None) => {}
        ("bash", None) => {
            let run = Run { command: content, fails: fence.fails, within: fence.within, shows: None };
            steps.push(Step { line, action: Action::Run(run) });
        }
        ("text", None) => match steps.last_mut().map(|step| &mut step.action) {
            Some(Action::Run(run)) if run.shows.is_none() => run.shows = Some(content),
            _ => return Err(invalid(line, "there is no command before this output")),
        },
        (other, None) => {
            return Err(invalid(line, format_args!("a fence of {other:?} without file= is neither run nor checked")));
        }
    }
    Ok(())
}

#[derive(Debug)]
struct Fence {
    language: String,
    fails: bool,
    within: Duration,
    file: Option<String>,
    at: Option<String>,
    after: Option<String>,
    instead_of: Option<String>,
    function: Option<String>,
}

impl Fence {
    fn read(info: &str, above: &str, line: usize) -> Result<Self, Error> {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default().to_owned();
        let mut fence = Self {
            language,
            fails: false,
            within: DEFAULT_TIMEOUT,
            file: None,
            at: None,
            after: None,
            instead_of: None,
            function: None,
        };
        for word in words {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            match name {
                "fails" => fence.fails = true,
                "within" => {
                    let seconds = value.parse().map_err(|_| invalid(line, "within= needs a number of seconds"))?;
                    fence.within = Duration::from_secs(seconds);
                }
                "file" => fence.file = Some(value.to_owned()),
                "at" => fence.at = Some(value.to_owned()),
                "after" => fence.after = Some(value.to_owned()),
                "instead-of" => fence.instead_of = Some(value.to_owned()),
                "fn" => fence.function = Some(value.to_owned()),
                other => return Err(invalid(line, format_args!("unknown attribute {other:?} of a fence"))),
            }
        }
        // Readers do not see a fence's attributes.
        match &fence.file {
            Some(file) if !above.contains(&format!("`workshop/bar/{file}`")) => {
                Err(invalid(line, format_args!("the paragraph above the fence does not name `workshop/bar/{file}`")))
            }
            _ => Ok(fence),
        }
    }

    fn edit(&self, content: &str) -> Option<(String, Edit)> {
        let file = self.file.clone()?;
        let content = content.to_owned();
        if let Some(containing) = self.instead_of.clone() {
            return Some((file, Edit::Line { containing, line: content }));
        }
        let edit = match (&self.at, &self.after, &self.function) {
            (Some(parent), _, _) if self.language == "json" => {
                Edit::Members { parent: parent.clone(), members: content }
            }
            (Some(parent), _, _) => Edit::Blocks { parent: parent.clone(), blocks: content },
            (None, Some(line), _) => Edit::After { line: line.clone(), lines: content },
            (None, None, Some(name)) => Edit::Function { name: name.clone(), function: content },
            (None, None, None) => Edit::Whole(content),
        };
        Some((file, edit))
    }
}

/// Returns the first line of `shown` that `printed` does not contain after the previous ones. `…`
/// matches any text.
pub fn missing_line<'a>(printed: &str, shown: &'a str) -> Option<&'a str> {
    let mut printed = printed.lines();
    shown
        .lines()
        .filter(|line| !line.trim().is_empty())
        .find(|line| !printed.any(|one| matches(one.trim(), line.trim())))
}

fn matches(line: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('…').collect();
    let [first, between @ .., last] = parts.as_slice() else { return line == pattern };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_parsed_into_steps() {
        let page = "# A\n```bash fails within=9\nrun\n```\nsays\n```text\nerror: …\n```\n```mermaid\nx\n```\n`workshop/bar/a.rs`:\n```rust file=a.rs fn=f\nfn f() {\n}\n```\n";
        let steps = steps(page).unwrap();
        let run = Run {
            command: "run\n".into(),
            fails: true,
            within: Duration::from_secs(9),
            shows: Some("error: …\n".into()),
        };
        let edit = Edit::Function { name: "f".into(), function: "fn f() {\n}\n".into() };
        assert_eq!(steps.iter().map(|step| step.line).collect::<Vec<_>>(), [2, 13]);
        assert_eq!(steps[0].action, Action::Run(run));
        assert_eq!(steps[1].action, Action::Edit { file: "a.rs".into(), edit });
    }

    #[test]
    fn invalid_fences_are_rejected() {
        for page in [
            "```json\n{}\n```\n",
            "```text\nx\n```\n",
            "```bash\nx\n",
            "```bash fials\nx\n```\n",
            "b:\n```rust file=a\n```\n",
        ] {
            assert!(steps(page).is_err(), "{page}");
        }
    }

    #[test]
    fn commands_on_pages_use_no_until_or_while_loop() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for number in 0..=8 {
            let page = std::fs::read_to_string(crate::page_of(&root, number).unwrap()).unwrap();
            for Step { line, action } in steps(&page).unwrap() {
                let Action::Run(run) = action else { continue };
                let endless = run.command.split_whitespace().any(|word| word == "until" || word == "while");
                assert!(!endless, "page {number}, line {line}: an until or while loop, which may have no end");
            }
        }
    }

    #[test]
    fn shown_lines_must_be_printed_in_their_order() {
        let printed = "a\n order o-17 is CREATED\nb\n";
        assert_eq!(missing_line(printed, "a\norder … is CREATED\n"), None);
        assert_eq!(missing_line(printed, "order … is WAITING\n"), Some("order … is WAITING"));
        assert_eq!(missing_line(printed, "b\na\n"), Some("a"));
    }
}
