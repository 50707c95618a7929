//! The dead letters: looked at, and sent back.

use std::time::Duration;

use client::Error;
use client::dead_letters::{self, Course, Handled, Letter, Listing, NotEmptied, Outcome, Report, Selection, Step};
use client::stack::Stack;
use comfy_table::Table;
use indicatif::{ProgressBar, ProgressStyle};
use owo_colors::{OwoColorize, Stream};

use crate::cli::{DeadLettersArgs, RedriveArgs};
use crate::ending::Ending;
use crate::output;

/// Prints what lies in the queues, or deletes the one letter that is named.
pub(crate) async fn show(stack: &Stack, args: &DeadLettersArgs, json: bool) -> Result<(), Error> {
    let selection = args.letters.selection();
    if args.delete {
        return delete(stack, &selection, json).await;
    }
    let listing = dead_letters::look(stack, &selection).await?;
    if json { output::json(&listing) } else { print_listing(&listing) }
}

async fn delete(stack: &Stack, selection: &Selection, json: bool) -> Result<(), Error> {
    let thrown = dead_letters::throw_away(stack, selection).await?;
    if thrown.is_empty() {
        return Err(Error::Left(
            "there is no such letter that nobody else holds: presso dead-letters shows them".into(),
        ));
    }
    if json { output::json(&thrown) } else { output::line(format_args!("{} deleted", thrown.len())) }
}

fn print_listing(listing: &Listing) -> Result<(), Error> {
    if !listing.letters.is_empty() {
        let mut table = output::table(&["queue", "age", "event", "about", "target", "tries", "error"]);
        for letter in &listing.letters {
            let tries = letter.error.attempts.map(|count| count.to_string()).unwrap_or_default();
            table.add_row([
                letter.queue.clone(),
                age(Duration::from_secs(letter.age_seconds)),
                letter.detail_type.clone().unwrap_or_else(|| "?".to_owned()),
                about(letter),
                letter.target.clone().unwrap_or_else(|| "?".to_owned()),
                tries,
                error(letter),
            ]);
        }
        output::line(table)?;
    }
    let held = match listing.held {
        0 => String::new(),
        held => format!("; {held} more are in somebody else's hands at this moment"),
    };
    let count = listing.letters.len();
    output::line(format_args!("{count} dead letters in {}{held}", listing.queues.join(", ")))?;
    if count > 0 { output::line("presso redrive sends them back to their targets") } else { Ok(()) }
}

/// The order, or the shops where no order is named.
fn about(letter: &Letter) -> String {
    letter.order_id.clone().unwrap_or_else(|| letter.shops.join(", "))
}

fn error(letter: &Letter) -> String {
    let error = &letter.error;
    let words = [&error.code, &error.message, &error.condition];
    words.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(": ")
}

fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Sends letters back to their targets.
pub(crate) async fn redrive(stack: &Stack, args: &RedriveArgs, json: bool, ending: &Ending) -> Result<(), Error> {
    let style = ProgressStyle::with_template("{bar:40.cyan} {pos}/{len} letters  {elapsed}");
    let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let selection = args.letters.selection();
    let course = Course {
        selection: &selection,
        rehearsal: args.dry_run,
        stopped: &|| ending.has_come(),
        progress: &|step| match step {
            Step::Found(count) => bar.inc_length(u64::try_from(count).unwrap_or(u64::MAX)),
            Step::Handled => bar.inc(1),
        },
    };
    let redriven = ending.or_soon(dead_letters::redrive(stack, &course)).await;
    bar.finish_and_clear();
    let report = redriven.map_err(|error| match error {
        Error::Interrupted(_) => interrupted(),
        error => error,
    })?;
    if json { output::json(&report) } else { print_report(&report) }?;
    verdict(&report)
}

fn interrupted() -> Error {
    Error::Interrupted("interrupted; what is left lies in its queue: the same command goes on with it".into())
}

fn print_report(report: &Report) -> Result<(), Error> {
    if !report.letters.is_empty() {
        output::line(summary(&report.letters))?;
    }
    let Report { sent, stayed, unseen, .. } = report;
    let done = if report.rehearsal {
        format!("{} would be sent, {stayed} would stay", report.letters.len() - stayed)
    } else {
        format!("{sent} sent, {stayed} stay")
    };
    match unseen {
        0 => output::line(done),
        unseen => output::line(format_args!("{done}, {unseen} could not be had")),
    }
}

fn summary(letters: &[Handled]) -> Table {
    let mut table = output::table(&["queue", "event", "about", "target", "outcome"]);
    for Handled { letter, outcome, why } in letters {
        let word = match outcome {
            Outcome::Sent => "sent".if_supports_color(Stream::Stdout, |text| text.green()).to_string(),
            Outcome::WouldBeSent => "would be sent".to_owned(),
            Outcome::Stays => "stays".if_supports_color(Stream::Stdout, |text| text.red()).to_string(),
        };
        let why = why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        table.add_row([
            letter.queue.clone(),
            letter.detail_type.clone().unwrap_or_else(|| "?".to_owned()),
            about(letter),
            letter.target.clone().unwrap_or_else(|| "?".to_owned()),
            format!("{word}{why}"),
        ]);
    }
    table
}

/// Whether the queues are empty now, or would be.
fn verdict(report: &Report) -> Result<(), Error> {
    if report.interrupted {
        return Err(interrupted());
    }
    if let [NotEmptied { queue, why }, ..] = report.not_emptied.as_slice() {
        let what = format!("{queue} could not be read to its end: {why}; the same command goes on with what is left");
        return Err(Error::Left(what));
    }
    match report.left() {
        0 => Ok(()),
        left => Err(Error::Left(format!("{left} dead letters are left: presso dead-letters shows them"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_no_success() {
        assert!(verdict(&Report { sent: 3, ..Report::default() }).is_ok());
        for report in [
            Report { stayed: 1, ..Report::default() },
            Report { unseen: 1, ..Report::default() },
            Report { not_emptied: vec![NotEmptied { queue: "dead".into(), why: "gone".into() }], ..Report::default() },
            Report { interrupted: true, ..Report::default() },
        ] {
            assert_eq!(verdict(&report).unwrap_err().exit_code(), 1);
        }
    }

    #[test]
    fn an_age_is_told_in_the_unit_that_suits_it() {
        let ages = [0, 119, 120, 7_200, 172_800, 1_209_600].map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(ages, ["0 s", "119 s", "2 min", "2 h", "2 d", "14 d"]);
    }
}
