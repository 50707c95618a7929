//! The pages of the workshop, as what is to be done on them: commands, what these print, and edits.
//!
//! A fence of `bash` is run, in the application's folder; with `fails` it must fail, and `within=` gives it so many seconds. A fence of
//! `text` is what the command before it prints: lines in this order, others between them, `…` for anything. A fence with `file=` is an
//! edit of that file in `workshop/bar`, which the words above it must name: of the whole file, of members or blocks `at=` a place, of a function `fn=`, or of what comes
//! `after=` a line. A fence of `mermaid` is a picture.

use std::time::Duration;

use super::edit::Edit;
use client::error::Error;

const WITHIN: Duration = Duration::from_mins(15);

/// Something that a page has its reader do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it stands.
    pub line: usize,
    /// What it is.
    pub action: Action,
}

/// What a reader does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Runs a command.
    Run(Run),
    /// Edits a file of the bar.
    Edit {
        /// The file.
        file: String,
        /// How.
        edit: Edit,
    },
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What is typed.
    pub command: String,
    /// Whether it must fail.
    pub fails: bool,
    /// How long it may take.
    pub within: Duration,
    /// What it prints, if the page shows it.
    pub shows: Option<String>,
}

/// The steps of a page.
pub fn steps(text: &str) -> Result<Vec<Step>, Error> {
    let mut steps: Vec<Step> = Vec::new();
    let mut open: Option<(usize, Fence, String)> = None;
    let mut above = "";
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => open = Some((number + 1, Fence::read(info, above, number + 1)?, String::new())),
            (Some(_), Some("")) => {
                if let Some((line, fence, content)) = open.take() {
                    close(&mut steps, line, &fence, content)?;
                }
            }
            (Some((_, _, content)), _) => {
                content.push_str(line);
                content.push('\n');
            }
            (None, None) if line.trim().is_empty() => {}
            (None, None) => above = line,
        }
    }
    open.map_or(Ok(steps), |(line, ..)| Err(odd(line, "the fence is never closed")))
}

fn odd(line: usize, what: impl std::fmt::Display) -> Error {
    Error::Left(format!("line {line}: {what}"))
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
            _ => return Err(odd(line, "no command is before this output")),
        },
        (other, None) => {
            return Err(odd(line, format_args!("a fence of {other:?} without file= is neither run nor checked")));
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
    function: Option<String>,
}

impl Fence {
    fn read(info: &str, above: &str, line: usize) -> Result<Self, Error> {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default().to_owned();
        let mut fence =
            Self { language, fails: false, within: WITHIN, file: None, at: None, after: None, function: None };
        for word in words {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            match name {
                "fails" => fence.fails = true,
                "within" => {
                    let seconds = value.parse().map_err(|_| odd(line, "within= has no number of seconds"))?;
                    fence.within = Duration::from_secs(seconds);
                }
                "file" => fence.file = Some(value.to_owned()),
                "at" => fence.at = Some(value.to_owned()),
                "after" => fence.after = Some(value.to_owned()),
                "fn" => fence.function = Some(value.to_owned()),
                other => return Err(odd(line, format_args!("a fence has no {other:?}"))),
            }
        }
        // The words after a fence are seen by nobody.
        match &fence.file {
            Some(file) if !above.contains(&format!("`{file}`")) => {
                Err(odd(line, format_args!("no words above say that this is {file}")))
            }
            _ => Ok(fence),
        }
    }

    fn edit(&self, content: &str) -> Option<(String, Edit)> {
        let file = self.file.clone()?;
        let content = content.to_owned();
        let edit = match (&self.at, &self.after, &self.function) {
            (Some(of), _, _) if self.language == "json" => Edit::Members { of: of.clone(), members: content },
            (Some(of), _, _) => Edit::Blocks { of: of.clone(), blocks: content },
            (None, Some(line), _) => Edit::After { line: line.clone(), lines: content },
            (None, None, Some(name)) => Edit::Function { name: name.clone(), function: content },
            (None, None, None) => Edit::Whole(content),
        };
        Some((file, edit))
    }
}

/// The first line of `shown` that `printed` lacks, in their order; `…` stands for anything.
pub fn lacks<'a>(printed: &str, shown: &'a str) -> Option<&'a str> {
    let mut printed = printed.lines();
    shown
        .lines()
        .filter(|line| !line.trim().is_empty())
        .find(|line| !printed.any(|one| is_like(one.trim(), line.trim())))
}

fn is_like(line: &str, pattern: &str) -> bool {
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
    fn a_page_is_what_is_to_be_done_on_it() {
        let page = "# A\n```bash fails within=9\nrun\n```\nsays\n```text\nerror: …\n```\n```mermaid\nx\n```\n`a.rs`:\n```rust file=a.rs fn=f\nfn f() {\n}\n```\n";
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
    fn what_would_not_be_checked_is_refused() {
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
    fn what_is_shown_must_be_printed_in_its_order() {
        let printed = "a\n order o-17 is CREATED\nb\n";
        assert_eq!(lacks(printed, "a\norder … is CREATED\n"), None);
        assert_eq!(lacks(printed, "order … is WAITING\n"), Some("order … is WAITING"));
        assert_eq!(lacks(printed, "b\na\n"), Some("a"));
    }
}
