//! Redrives: delivers each message to the target that failed, and deletes it after acceptance.

use std::time::Duration;

use futures::future::join_all;
use serde::Serialize;
use tokio::time::{Instant, interval_at, sleep};

use super::inbox::{HIDDEN, Inbox, Received};
use super::look::complete;
use super::targets::Targets;
use super::{DeadLetter, Selection};
use crate::error::{Error, causes};
use crate::resources::Resources;
use crate::stack::Stack;

/// Time for which the redrive receives again after empty answers, while SQS counts messages in the
/// queue. It is longer than the visibility timeout, and longer than the delay of the count.
const POLLING_TIME: Duration = HIDDEN.saturating_add(Duration::from_secs(40));

/// Pause in which another redrive can receive the messages that this one has put back.
const PAUSE_FOR_OTHERS: Duration = Duration::from_millis(500);

/// Selection, mode and callbacks of a redrive.
pub struct RedriveOptions<'a> {
    /// Messages to deliver.
    pub selection: &'a Selection,
    /// If true, the redrive checks each delivery, but delivers and deletes nothing.
    pub dry_run: bool,
    /// Returns true if the redrive must stop. Deliveries in progress are finished first.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
    /// Receives the progress.
    pub progress: &'a (dyn Fn(RedriveProgress) + Sync),
}

/// Step of a redrive, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedriveProgress {
    /// A queue reports this many messages.
    Found(usize),
    /// One message was handled.
    Handled,
}

/// Outcome of the delivery of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The target accepted the message, which was then deleted.
    Sent,
    /// In a dry run: the target would receive the message.
    WouldBeSent,
    /// The message stays in its queue or, in a dry run, would stay there.
    Stays,
}

/// Message and its outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Handled {
    /// Message without secrets.
    #[serde(flatten)]
    pub message: DeadLetter,
    /// Outcome of its delivery.
    pub outcome: Outcome,
    /// Error with its causes. Set if the message stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Queue that could not be read completely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadQueue {
    /// Logical id of the queue.
    pub queue: String,
    /// Error with its causes.
    pub why: String,
}

/// Counts and outcomes of the messages of a redrive, as `presso redrive --json` prints them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RedriveReport {
    /// Number of delivered and deleted messages.
    pub sent: usize,
    /// Number of messages that stay in their queue because the delivery or the deletion failed.
    pub stayed: usize,
    /// Number of messages not received: another consumer has them, or the redrive was stopped.
    pub unseen: usize,
    /// Queues that could not be read completely.
    // Wire name.
    #[serde(rename = "notEmptied")]
    pub unread: Vec<UnreadQueue>,
    /// True if nothing was delivered because it was a dry run.
    // Wire name.
    #[serde(rename = "rehearsal")]
    pub dry_run: bool,
    /// True if a stop was requested, even after the last delivery.
    pub interrupted: bool,
    /// Messages and their outcomes.
    // Wire name.
    #[serde(rename = "letters")]
    pub messages: Vec<Handled>,
}

impl RedriveReport {
    /// Returns the number of messages that stayed or were not received. After a dry run, excludes
    /// those that a redrive would deliver.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.stayed + self.unseen
    }

    fn merge(&mut self, other: Self) {
        self.sent += other.sent;
        self.stayed += other.stayed;
        self.unseen += other.unseen;
        self.unread.extend(other.unread);
        self.messages.extend(other.messages);
    }

    fn add(&mut self, message: DeadLetter, outcome: Outcome, why: Option<String>) {
        match outcome {
            Outcome::Sent => self.sent += 1,
            Outcome::Stays => self.stayed += 1,
            Outcome::WouldBeSent => {}
        }
        self.messages.push(Handled { message, outcome, why });
    }
}

/// Redrives the selected messages. At the end each message is delivered or still in its queue. A
/// message that is both has no second effect when it is delivered again.
pub async fn redrive(stack: &Stack, options: &RedriveOptions<'_>) -> Result<RedriveReport, Error> {
    let resources = Resources::find(stack).await?;
    let redrive = Redrive { stack, targets: Targets::new(stack, &resources), resources: &resources, options };
    let mut report = RedriveReport { dry_run: options.dry_run, ..RedriveReport::default() };
    let queues = options.selection.queues(&resources)?;
    let reports = join_all(queues.into_iter().map(|queue| redrive.redrive_queue(Inbox::open(stack, queue)))).await;
    for of_queue in reports {
        report.merge(of_queue);
    }
    report.interrupted = (options.stopped)();
    Ok(report)
}

struct Redrive<'a> {
    stack: &'a Stack,
    targets: Targets<'a>,
    resources: &'a Resources,
    options: &'a RedriveOptions<'a>,
}

impl Redrive<'_> {
    async fn redrive_queue(&self, mut inbox: Inbox) -> RedriveReport {
        let mut report = RedriveReport::default();
        let read = self.deliver_all(&mut inbox, &mut report).await;
        inbox.put_back().await;
        if let Err(error) = read {
            report.unread.push(UnreadQueue { queue: inbox.queue.name, why: causes(&error) });
        }
        report
    }

    /// Delivers the messages of a queue until no more arrive.
    async fn deliver_all(&self, inbox: &mut Inbox, report: &mut RedriveReport) -> Result<(), Error> {
        (self.options.progress)(RedriveProgress::Found(inbox.count().await?));
        let mut last_seen = Instant::now();
        while !(self.options.stopped)() {
            let received = inbox.receive().await?;
            if received.is_empty() {
                let elsewhere = inbox.count_elsewhere().await?;
                if elsewhere == 0 || last_seen.elapsed() > POLLING_TIME {
                    report.unseen += elsewhere;
                    return Ok(());
                }
                // Another redrive may wait for the messages that this one has received.
                inbox.put_back().await;
                sleep(PAUSE_FOR_OTHERS).await;
                continue;
            }
            last_seen = Instant::now();
            self.deliver(inbox, received, report).await;
        }
        report.unseen += inbox.count_elsewhere().await?;
        Ok(())
    }

    /// Delivers messages concurrently, and extends their visibility timeout meanwhile.
    async fn deliver(&self, inbox: &mut Inbox, received: Vec<Received>, report: &mut RedriveReport) {
        let ids: Vec<String> = received.iter().map(|received| received.message.message_id.clone()).collect();
        let handled = {
            let reader = &*inbox;
            let deliveries = join_all(received.into_iter().map(|received| self.deliver_one(reader, received)));
            tokio::pin!(deliveries);
            let mut extension = interval_at(Instant::now() + HIDDEN / 3, HIDDEN / 3);
            loop {
                tokio::select! {
                    handled = &mut deliveries => break handled,
                    _ = extension.tick() => reader.keep_hidden(&ids).await,
                }
            }
        };
        for (message, outcome, why) in handled.into_iter().flatten() {
            if outcome == Outcome::Sent {
                inbox.record_deleted(&message.message_id);
            }
            report.add(message, outcome, why);
        }
    }

    /// Delivers one message; `None` if it is not selected.
    async fn deliver_one(&self, inbox: &Inbox, received: Received) -> Option<(DeadLetter, Outcome, Option<String>)> {
        let message = complete(self.stack, self.resources, received.message, &received.redelivery).await;
        if !self.options.selection.includes(&message) {
            return None;
        }
        let delivered = self.targets.deliver(&received.redelivery, self.options.dry_run).await;
        let (outcome, why) = match delivered {
            Err(why) => (Outcome::Stays, Some(causes(&why))),
            Ok(()) if self.options.dry_run => (Outcome::WouldBeSent, None),
            Ok(()) => match inbox.delete(&message.message_id).await {
                Ok(()) => (Outcome::Sent, None),
                Err(error) => {
                    let why = "it was delivered but not deleted; delivering it again has no effect";
                    (Outcome::Stays, Some(format!("{why}: {}", causes(&error))))
                }
            },
        };
        (self.options.progress)(RedriveProgress::Handled);
        Some((message, outcome, why))
    }
}
