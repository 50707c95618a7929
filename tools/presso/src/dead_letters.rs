//! Lists, deletes and redrives dead-letter messages.

use std::time::Duration;

use client::Error;
use client::Stack;
use client::dead_letters::{
    self, DeadLetter, Handled, Listing, Outcome, RedriveOptions, RedriveProgress, RedriveReport, Selection, UnreadQueue,
};
use comfy_table::{Cell, Color, Table};

use crate::cli::{DeadLettersArgs, RedriveArgs};
use crate::output::{self, Progress};
use crate::shutdown::Shutdown;

/// Prints the selected messages, or deletes the one with the given id.
pub(crate) async fn show(stack: &Stack, args: &DeadLettersArgs, json: bool) -> Result<(), Error> {
    let selection = args.selection.selection();
    if args.delete {
        return delete(stack, &selection, json).await;
    }
    let reading = Progress::step("reading the dead-letter queues");
    let listing = dead_letters::look(stack, &selection).await?;
    drop(reading);
    if json { output::json(&listing) } else { print_listing(&listing) }
}

async fn delete(stack: &Stack, selection: &Selection, json: bool) -> Result<(), Error> {
    let deleted = dead_letters::delete(stack, selection).await?;
    if deleted.is_empty() {
        let error = Error::Unexpected("no selected queue holds this message, it does not match the other options, or another consumer has received it".into());
        return Err(error.with_help("presso dead-letters --json lists the messages"));
    }
    if json { output::json(&deleted) } else { output::line(format_args!("{} deleted", deleted.len())) }
}

fn print_listing(listing: &Listing) -> Result<(), Error> {
    if !listing.messages.is_empty() {
        let mut table = output::table(&["queue", "age", "event", "about", "target", "attempts", "error"]);
        for message in &listing.messages {
            let attempts = message.error.attempts.map(|count| count.to_string()).unwrap_or_default();
            table.add_row([
                message.queue.clone(),
                age(Duration::from_secs(message.age_seconds)),
                message.detail_type.clone().unwrap_or_else(|| "?".to_owned()),
                subject(message),
                message.target.clone().unwrap_or_else(|| "?".to_owned()),
                attempts,
                error(message),
            ]);
        }
        output::print_table(&table)?;
    }
    let held = match listing.held {
        0 => String::new(),
        held => format!("; another consumer has received {held} more"),
    };
    let count = listing.messages.len();
    output::line(format_args!("{} in {}{held}", counted(count), listing.queues.join(", ")))?;
    if count > 0 { output::line("presso redrive, with the same options, tries to deliver them again") } else { Ok(()) }
}

/// Returns a number of messages as text.
pub(crate) fn counted(count: usize) -> String {
    format!("{count} dead-letter message{}", if count == 1 { "" } else { "s" })
}

/// Returns the order id, or the shops if there is no order.
fn subject(message: &DeadLetter) -> String {
    message.order_id.clone().unwrap_or_else(|| message.shops.join(", "))
}

fn error(message: &DeadLetter) -> String {
    let error = &message.error;
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

/// Redrives the selected messages and prints their outcomes.
pub(crate) async fn redrive(stack: &Stack, args: &RedriveArgs, json: bool, shutdown: &Shutdown) -> Result<(), Error> {
    let bar = Progress::count(0, "messages");
    let selection = args.selection.selection();
    let options = RedriveOptions {
        selection: &selection,
        dry_run: args.dry_run,
        stopped: &|| shutdown.is_requested(),
        progress: &|step| match step {
            RedriveProgress::Found(count) => bar.inc_length(u64::try_from(count).unwrap_or(u64::MAX)),
            RedriveProgress::Handled => bar.inc(1),
        },
    };
    let redriven = shutdown.finish_within_grace(dead_letters::redrive(stack, &options)).await;
    drop(bar);
    let report = redriven.map_err(|error| match error {
        Error::Interrupted(_) => interrupted(),
        error => error,
    })?;
    if json { output::json(&report) } else { print_report(&report) }?;
    verdict(&report)
}

fn interrupted() -> Error {
    Error::Interrupted("interrupted; messages that were not delivered are still in their queues".into())
        .with_help("run the command again to continue")
}

fn print_report(report: &RedriveReport) -> Result<(), Error> {
    if !report.messages.is_empty() {
        output::print_table(&summary(&report.messages))?;
    }
    let RedriveReport { sent, stayed, unseen, .. } = report;
    let done = if report.dry_run {
        format!("{} would be sent, {stayed} would stay", report.messages.len() - stayed)
    } else {
        format!("{sent} sent, {stayed} stayed")
    };
    match unseen {
        0 => output::line(done),
        unseen => output::line(format_args!("{done}, {unseen} not received")),
    }
}

fn summary(messages: &[Handled]) -> Table {
    let mut table = output::table(&["queue", "event", "about", "target", "outcome"]);
    for Handled { message, outcome, why } in messages {
        let why = why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let outcome = match outcome {
            Outcome::Sent => output::colored("sent", Color::Green),
            Outcome::WouldBeSent => Cell::new("would be sent"),
            Outcome::Stays => output::colored(format!("stayed{why}"), Color::Red),
        };
        table.add_row([
            Cell::new(&message.queue),
            Cell::new(message.detail_type.as_deref().unwrap_or("?")),
            Cell::new(subject(message)),
            Cell::new(message.target.as_deref().unwrap_or("?")),
            outcome,
        ]);
    }
    table
}

/// Fails if the redrive was interrupted, did not read a queue completely, or left a message. A dry
/// run fails if a redrive would leave a message.
fn verdict(report: &RedriveReport) -> Result<(), Error> {
    if report.interrupted {
        return Err(interrupted());
    }
    if let [UnreadQueue { queue, why }, ..] = report.unread.as_slice() {
        let error = Error::Incomplete(format!("the queue {queue} was not read completely: {why}"));
        return Err(error.with_help("run the command again to continue"));
    }
    match report.left() {
        0 => Ok(()),
        left => {
            let are_left = if left == 1 { "is" } else { "are" };
            let error = Error::Incomplete(format!("{} {are_left} left", counted(left)));
            Err(error.with_help(
                "the outcomes above name the causes; run the command again for messages that were not received",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_or_interrupted_redrive_fails() {
        assert!(verdict(&RedriveReport { sent: 3, ..RedriveReport::default() }).is_ok());
        let unread = vec![UnreadQueue { queue: "dead".into(), why: "gone".into() }];
        for report in [
            RedriveReport { stayed: 1, ..RedriveReport::default() },
            RedriveReport { unseen: 1, ..RedriveReport::default() },
            RedriveReport { unread, ..RedriveReport::default() },
            RedriveReport { interrupted: true, ..RedriveReport::default() },
        ] {
            assert_eq!(verdict(&report).unwrap_err().exit_code(), 1);
        }
    }

    #[test]
    fn an_age_is_printed_in_a_suitable_unit() {
        let ages = [0, 119, 120, 7_200, 172_800, 1_209_600].map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(ages, ["0 s", "119 s", "2 min", "2 h", "2 d", "14 d"]);
    }
}
