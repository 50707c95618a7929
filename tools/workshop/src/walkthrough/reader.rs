//! Simulates a reader of the workshop: executes the steps of the pages, and tries wrong solutions.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::page::{Action, Run, Step, missing_line, steps};
use crate::reading::Reading;
use crate::{LearnerBar, Module, modules, page_of};
use client::Error;

use crate::walkthrough::attempts::{Attempt, Attempts};
use crate::walkthrough::shell::{Output, Shell};

/// Maximum number of output lines that an error quotes.
const QUOTED_LINES: usize = 40;

/// Longest time for which a command may print nothing.
const LONGEST_SILENCE: Duration = Duration::from_secs(15);

/// A reader in the application's folder.
pub struct Reader {
    pub(super) bar: LearnerBar,
    shell: Shell,
    /// True if each block of commands is run a second time.
    twice: bool,
    /// Prints one line of progress.
    pub(super) say: fn(&str),
}

impl Reader {
    /// Starts a reader in the application's folder.
    pub fn new(bar: LearnerBar, twice: bool, say: fn(&str)) -> Result<Self, Error> {
        Ok(Self { shell: Shell::start(&bar.root)?, bar, twice, say })
    }

    /// Follows a page in a new shell, so that no page depends on variables of another.
    pub async fn follow(&mut self, number: u32) -> Result<(), Error> {
        self.shell = Shell::start(&self.bar.root)?;
        let page = page_of(&self.bar.root, number)?;
        let text = std::fs::read_to_string(&page)
            .map_err(|error| Error::failed(format!("{} cannot be read", page.display()), error))?;
        let place = page.strip_prefix(&self.bar.root).unwrap_or(&page).to_owned();
        let reading = Reading::parse(&text)?;
        let mut commands = Duration::ZERO;
        for Step { line, action } in
            steps(&text).map_err(|error| Error::failed(format!("{} is invalid", place.display()), error))?
        {
            let start = Instant::now();
            let what = match &action {
                Action::Run(run) => run.command.lines().next().unwrap_or_default().to_owned(),
                Action::Edit { file, .. } => format!("edits {file}"),
            };
            let done = match action {
                Action::Run(run) => self.run_block(&run).await,
                Action::Edit { file, edit } => self.bar.edit_file(&file, |text| edit.apply(text)),
            };
            done.map_err(|error| Error::failed(format!("{}:{line} failed", place.display()), error))?;
            commands += start.elapsed();
            (self.say)(&format!("{:>5.1} s  {}:{line}  {what}", start.elapsed().as_secs_f64(), place.display()));
        }
        let seconds = usize::try_from(commands.as_secs()).unwrap_or_default();
        (self.say)(&format!("         page {number}: {}", reading.describe(seconds)));
        Ok(())
    }

    async fn run_block(&mut self, run: &Run) -> Result<(), Error> {
        self.run(run).await?;
        if self.twice && !run.fails {
            self.run(&Run { shows: None, ..run.clone() }).await?;
        }
        Ok(())
    }

    async fn run(&mut self, run: &Run) -> Result<(), Error> {
        let output = self.shell.run(&run.command, run.within).await?;
        let what = run.command.trim_end();
        if output.silence > LONGEST_SILENCE {
            let seconds = output.silence.as_secs();
            return Err(Error::Unexpected(format!(
                "{what}\nprinted nothing for {seconds} s: a reader would think that it hangs"
            )));
        }
        if (output.code != 0) != run.fails {
            let ended = if run.fails {
                "succeeded, but had to fail".to_owned()
            } else {
                format!("failed with exit code {}", output.code)
            };
            return Err(Error::Unexpected(format!("{what}\n{ended}; its output was:\n{}", tail(&output.printed))));
        }
        match run.shows.as_deref().and_then(|shows| missing_line(&output.printed, shows)) {
            Some(line) => Err(Error::Unexpected(format!(
                "{what}\ndid not print this line in its order:\n{line}\nits output was:\n{}",
                tail(&output.printed)
            ))),
            None => Ok(()),
        }
    }

    /// Tries up to `most` wrong solutions of a page, then the right solution.
    pub async fn try_attempts(&mut self, attempts: &Attempts, most: usize) -> Result<(), Error> {
        let module = module(attempts.module)?;
        self.command(". .local/env && . workshop/env").await?;
        self.bar.solve(&module)?;
        for attempt in attempts.attempts.iter().take(most) {
            let start = Instant::now();
            self.attempt(&module, attempt).await?;
            let line =
                format!("{:>5.1} s  page {}, found: {}", start.elapsed().as_secs_f64(), module.module, attempt.wrong);
            (self.say)(&line);
        }
        let number = module.module;
        let solved = self.command(&format!("presso workshop solve {number} && presso workshop check {number}")).await?;
        if solved.code != 0 {
            return Err(Error::Unexpected(format!(
                "the solution of page {number} does not pass its check:\n{}",
                tail(&solved.printed)
            )));
        }
        (self.say)(&format!("         page {number}, the solution passes its check"));
        Ok(())
    }

    async fn attempt(&mut self, module: &Module, attempt: &Attempt) -> Result<(), Error> {
        let mut solution = String::new();
        self.bar.edit_file(&attempt.file, |text| {
            text.clone_into(&mut solution);
            attempt.apply(text)
        })?;
        let deployed = self.command("presso workshop deploy").await?;
        let checked = self.command(&format!("presso workshop check {}", module.module)).await?;
        self.bar.edit_file(&attempt.file, |_| Ok(solution))?;
        if deployed.code != 0 {
            return Err(Error::Unexpected(format!(
                "{} cannot be deployed:\n{}",
                attempt.wrong,
                tail(&deployed.printed)
            )));
        }
        if checked.code == 0 || !checked.printed.contains(&attempt.says) || !checked.printed.contains("look at page") {
            let printed = tail(&checked.printed);
            return Err(Error::Unexpected(format!(
                "{}: the check did not print {:?}, but:\n{printed}",
                attempt.wrong, attempt.says
            )));
        }
        Ok(())
    }

    pub(super) async fn command(&mut self, command: &str) -> Result<Output, Error> {
        self.shell.run(command, Duration::from_mins(15)).await
    }

    /// Returns the folder of the application.
    pub fn root(&self) -> &Path {
        &self.bar.root
    }

    /// Renames an existing learner's bar, and returns its new folder.
    pub fn set_bar_aside(&self) -> Result<Option<PathBuf>, Error> {
        self.bar.set_aside()
    }
}

pub(super) fn module(number: u32) -> Result<Module, Error> {
    let found = modules()?.into_iter().find(|module| module.module == number);
    found.ok_or_else(|| Error::Unexpected(format!("workshop/pieces.yaml has no module {number}")))
}

pub(super) fn tail(printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().collect();
    let mut quoted = String::new();
    for line in lines.iter().skip(lines.len().saturating_sub(QUOTED_LINES)) {
        let _ = writeln!(quoted, "  | {line}");
    }
    quoted
}
