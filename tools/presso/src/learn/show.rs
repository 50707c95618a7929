//! Shows logs, state and picture of the learner's bar.

use std::path::Path;
use std::time::{Duration, SystemTime};

use client::dead_letters::{self, Selection};
use client::{Error, Resources, Stack};
use workshop::lint;
use workshop::logs::{self, LogLine};
use workshop::{Deployment, LearnerBar, Picture, STACK, last_execution};

use crate::output;

/// Period of the logs in which `status` looks for the last error.
const RECENT: Duration = Duration::from_mins(10);

pub(super) async fn logs(minutes: u64, errors: bool, order: Option<&str>) -> Result<(), Error> {
    let stack = Stack::find(STACK, None).await?;
    let resources = Resources::find(&stack).await?;
    let lines = read(&stack, &resources, Duration::from_secs(minutes * 60)).await?;
    let selected =
        |line: &&LogLine| (!errors || line.is_error()) && order.is_none_or(|order| line.text.contains(order));
    let mut count = 0;
    for line in lines.iter().filter(selected) {
        count += 1;
        output::line(format_args!("{} {:<5} {}", clock(line.at), line.level, line.text))?;
    }
    let what = if errors { "errors" } else { "lines" };
    output::note(format_args!("{count} {what} in the last {minutes} minutes"));
    Ok(())
}

async fn read(stack: &Stack, resources: &Resources, within: Duration) -> Result<Vec<LogLine>, Error> {
    let since = SystemTime::now().checked_sub(within).unwrap_or(SystemTime::UNIX_EPOCH);
    logs::read(stack, resources, since).await
}

/// Formats a time since 1970 as the hour, minute and second of its day, in UTC.
fn clock(at: Duration) -> String {
    let seconds = at.as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

pub(super) async fn status() -> Result<(), Error> {
    let bar = LearnerBar::find()?;
    let mistakes = bar.mistakes()?;
    let stack = Stack::find(STACK, None).await?;
    let resources = Resources::find(&stack).await?;
    let mut table = output::table(&[]);
    let files = match bar.deployment(&stack)? {
        Deployment::Current => "deployed as they are".to_owned(),
        Deployment::Elsewhere => "not deployed from this folder".to_owned(),
        Deployment::Edited(files) => format!("changed after the last deployment: {}", files.join(", ")),
    };
    table.add_row(["files", &files]);
    let found = lint::list(&mistakes).join("\n");
    table.add_row(["mistakes", if found.is_empty() { "none" } else { &found }]);
    let execution = last_execution(&stack).await?.map_or_else(
        || "none".to_owned(),
        |execution| {
            let error = if execution.error.is_empty() { String::new() } else { format!(": {}", execution.error) };
            format!("{} → {}{error}", execution.entered.join(" → "), execution.status.as_str())
        },
    );
    table.add_row(["last execution", &execution]);
    let lines = read(&stack, &resources, RECENT).await?;
    let error = lines.iter().rev().find(|line| line.is_error());
    let error =
        error.map_or_else(|| "none in 10 minutes".to_owned(), |line| format!("{} {}", clock(line.at), line.summary()));
    table.add_row(["last error", &error]);
    let dead = dead_letters::look(&stack, &Selection::default()).await?.messages.len();
    table.add_row(["dead-letter messages", &dead.to_string()]);
    output::print_table(&table)
}

/// Draws the workflow of the learner's file, with the last execution of the deployed workflow, if
/// there is one: as SVG into the file `svg`, or as Mermaid to stdout if `svg` is `None`.
pub(super) async fn picture(svg: Option<&Path>) -> Result<(), Error> {
    let bar = LearnerBar::find()?;
    let picture = Picture::parse(&bar.workflow()?)?;
    let execution = match Stack::find(STACK, None).await {
        Ok(stack) => last_execution(&stack).await?,
        Err(_) => None,
    };
    let Some(path) = svg else { return output::line(picture.mermaid(execution.as_ref()).trim_end()) };
    let failed = |error| Error::failed(format!("{} cannot be written", path.display()), error);
    std::fs::write(path, picture.svg(execution.as_ref())).map_err(failed)?;
    output::line(format_args!("wrote {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_as_hour_minute_and_second_of_its_day() {
        assert_eq!(clock(Duration::from_secs(86_400 * 3 + 3 * 3600 + 4 * 60 + 5)), "03:04:05");
    }
}
