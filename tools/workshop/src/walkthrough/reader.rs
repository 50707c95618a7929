//! Somebody who does what the pages say.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::page::{Action, Run, Step, lacks, steps};
use crate::{LearnerBar, Module, modules, page_of};
use client::Error;

use crate::walkthrough::attempts::{Attempt, Attempts};
use crate::walkthrough::shell::{Output, Shell};

/// How much of what was printed is told.
const LINES: usize = 40;

/// A reader in the application's folder.
pub struct Reader {
    bar: LearnerBar,
    shell: Shell,
    /// Where what is done is told.
    say: fn(&str),
}

impl Reader {
    /// Somebody new.
    pub fn new(bar: LearnerBar, say: fn(&str)) -> Result<Self, Error> {
        Ok(Self { shell: Shell::start(&bar.root)?, bar, say })
    }

    /// Follows a page. A page is read in a shell of its own, as on another day.
    pub async fn follow(&mut self, number: u32) -> Result<(), Error> {
        self.shell = Shell::start(&self.bar.root)?;
        let page = page_of(&self.bar.root, number)?;
        let text = std::fs::read_to_string(&page)
            .map_err(|error| Error::failed(format!("{} cannot be read", page.display()), error))?;
        let place = page.strip_prefix(&self.bar.root).unwrap_or(&page).to_owned();
        for Step { line, action } in
            steps(&text).map_err(|error| Error::failed(format!("{} is odd", place.display()), error))?
        {
            let begun = Instant::now();
            let what = match &action {
                Action::Run(run) => run.command.lines().next().unwrap_or_default().to_owned(),
                Action::Edit { file, .. } => format!("edits {file}"),
            };
            let done = match action {
                Action::Run(run) => self.type_in(&run).await,
                Action::Edit { file, edit } => self.bar.edit_file(&file, |text| edit.apply(text)),
            };
            done.map_err(|error| Error::failed(format!("{}:{line} does not hold", place.display()), error))?;
            (self.say)(&format!("{:>5.1} s  {}:{line}  {what}", begun.elapsed().as_secs_f64(), place.display()));
        }
        Ok(())
    }

    async fn type_in(&mut self, run: &Run) -> Result<(), Error> {
        let said = self.shell.run(&run.command, run.within).await?;
        let what = run.command.trim_end();
        if (said.code != 0) != run.fails {
            let ended =
                if run.fails { "succeeded, and was to fail".to_owned() } else { format!("failed with {}", said.code) };
            return Err(Error::Left(format!("{what}\n{ended}; it printed:\n{}", tail(&said.printed))));
        }
        match run.shows.as_deref().and_then(|shows| lacks(&said.printed, shows)) {
            Some(line) => Err(Error::Left(format!(
                "{what}\ndid not print, in this order:\n{line}\nbut:\n{}",
                tail(&said.printed)
            ))),
            None => Ok(()),
        }
    }

    /// Tries each wrong attempt at a module, and then its solution.
    pub async fn fail_at(&mut self, attempts: &Attempts, most: usize) -> Result<(), Error> {
        let module = module(attempts.module)?;
        self.command(". .local/env && . workshop/env").await?;
        self.bar.solve(&module)?;
        for attempt in attempts.attempts.iter().take(most) {
            let begun = Instant::now();
            self.attempt(&module, attempt).await?;
            let told =
                format!("{:>5.1} s  module {}, {}: told", begun.elapsed().as_secs_f64(), module.module, attempt.wrong);
            (self.say)(&told);
        }
        let number = module.module;
        let solved = self.command(&format!("presso workshop solve {number} && presso workshop check {number}")).await?;
        if solved.code != 0 {
            return Err(Error::Left(format!(
                "the solution of module {number} does not pass:\n{}",
                tail(&solved.printed)
            )));
        }
        (self.say)(&format!("         module {number}, the solution passes"));
        Ok(())
    }

    async fn attempt(&mut self, module: &Module, attempt: &Attempt) -> Result<(), Error> {
        let mut solution = String::new();
        self.bar.edit_file(&attempt.file, |text| {
            text.clone_into(&mut solution);
            attempt.spoil(text)
        })?;
        let deployed = self.command("presso workshop deploy").await?;
        let checked = self.command(&format!("presso workshop check {}", module.module)).await?;
        self.bar.edit_file(&attempt.file, |_| Ok(solution))?;
        if deployed.code != 0 {
            return Err(Error::Left(format!("{} cannot be deployed:\n{}", attempt.wrong, tail(&deployed.printed))));
        }
        if checked.code == 0 || !checked.printed.contains(&attempt.says) || !checked.printed.contains("look at page") {
            let printed = tail(&checked.printed);
            return Err(Error::Left(format!(
                "{}: the check did not say {:?}, but:\n{printed}",
                attempt.wrong, attempt.says
            )));
        }
        Ok(())
    }

    async fn command(&mut self, command: &str) -> Result<Output, Error> {
        self.shell.run(command, std::time::Duration::from_mins(15)).await
    }

    /// Where the application is.
    pub fn root(&self) -> &Path {
        &self.bar.root
    }

    /// Puts away what an earlier reader has left.
    pub fn tidy(&self) -> Result<(), Error> {
        let left: [PathBuf; 1] = [self.bar.folder.clone()];
        for folder in left.iter().filter(|folder| folder.exists()) {
            std::fs::remove_dir_all(folder).map_err(|error| Error::failed("workshop/bar cannot be removed", error))?;
        }
        Ok(())
    }
}

fn module(number: u32) -> Result<Module, Error> {
    let found = modules()?.into_iter().find(|module| module.module == number);
    found.ok_or_else(|| Error::Left(format!("workshop/attempts.yaml has a module {number}, which builds nothing")))
}

fn tail(printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().collect();
    let mut told = String::new();
    for line in lines.iter().skip(lines.len().saturating_sub(LINES)) {
        let _ = writeln!(told, "  | {line}");
    }
    told
}
