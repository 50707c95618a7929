//! Sending letters back: each to the target that failed, and away only once that has taken it.

use std::time::Duration;

use futures::future::join_all;
use serde::Serialize;
use tokio::time::{Instant, interval_at, sleep};

use super::inbox::{HIDDEN, Held, Inbox};
use super::look::complete;
use super::target::Targets;
use super::{Letter, Selection};
use crate::error::{Error, causes};
use crate::resources::Resources;
use crate::stack::Stack;

/// A queue that says it has letters is asked for them this long: by then whoever held them has let them go, and its counts, which
/// SQS brings up to date within a minute, are those of its letters.
const PATIENCE: Duration = HIDDEN.saturating_add(Duration::from_secs(40));

/// Two that wait for each other's letters take turns.
const A_MOMENT: Duration = Duration::from_millis(500);

/// How a redrive goes.
pub struct Course<'a> {
    /// Which letters are sent.
    pub selection: &'a Selection,
    /// Whether nothing is sent at all, only found out what would be.
    pub rehearsal: bool,
    /// Whether somebody has asked for the end: what is in hand is brought to an end, nothing more is begun.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
    /// Hears how far it has got.
    pub progress: &'a (dyn Fn(Step) + Sync),
}

/// How far a redrive has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many letters more are there to be looked at.
    Found(usize),
    /// One letter has been dealt with.
    Handled,
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The target took it.
    Sent,
    /// It would be sent.
    WouldBeSent,
    /// It lies where it was.
    Stays,
}

/// A letter that was dealt with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Handled {
    /// The letter.
    #[serde(flatten)]
    pub letter: Letter,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it stays, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A queue that could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotEmptied {
    /// The queue.
    pub queue: String,
    /// Why.
    pub why: String,
}

/// What a redrive did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Letters that were sent.
    pub sent: usize,
    /// Letters that were tried, and stay.
    pub stayed: usize,
    /// Letters that could not be had: somebody else holds them, or the end came first.
    pub unseen: usize,
    /// Queues that could not be read to their end; what was sent of them counts.
    pub not_emptied: Vec<NotEmptied>,
    /// Whether nothing was sent, only found out what would be.
    pub rehearsal: bool,
    /// Whether the end came first.
    pub interrupted: bool,
    /// Every letter that was dealt with.
    pub letters: Vec<Handled>,
}

impl Report {
    /// What still lies in the queues, of what was to be sent.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.stayed + self.unseen
    }

    fn merge(&mut self, other: Self) {
        self.sent += other.sent;
        self.stayed += other.stayed;
        self.unseen += other.unseen;
        self.not_emptied.extend(other.not_emptied);
        self.letters.extend(other.letters);
    }

    fn add(&mut self, letter: Letter, outcome: Outcome, why: Option<String>) {
        match outcome {
            Outcome::Sent => self.sent += 1,
            Outcome::Stays => self.stayed += 1,
            Outcome::WouldBeSent => {}
        }
        self.letters.push(Handled { letter, outcome, why });
    }
}

/// Sends letters back. However it ends, a letter is either with its target or still in its queue; one that is both has no second
/// effect when it is sent again.
pub async fn redrive(stack: &Stack, course: &Course<'_>) -> Result<Report, Error> {
    let resources = Resources::find(stack).await?;
    let redrive = Redrive { stack, targets: Targets::of(stack, &resources), resources: &resources, course };
    let mut report = Report { rehearsal: course.rehearsal, ..Report::default() };
    let emptied =
        course.selection.queues(&resources)?.into_iter().map(|queue| redrive.empty(Inbox::open(stack, queue)));
    for emptied in join_all(emptied).await {
        report.merge(emptied);
    }
    report.interrupted = (course.stopped)();
    Ok(report)
}

struct Redrive<'a> {
    stack: &'a Stack,
    targets: Targets<'a>,
    resources: &'a Resources,
    course: &'a Course<'a>,
}

impl Redrive<'_> {
    async fn empty(&self, mut inbox: Inbox) -> Report {
        let mut report = Report::default();
        let emptied = self.send_all(&mut inbox, &mut report).await;
        inbox.put_back().await;
        if let Err(error) = emptied {
            report.not_emptied.push(NotEmptied { queue: inbox.queue.name, why: causes(&error) });
        }
        report
    }

    /// Sends what lies in a queue until nothing more comes.
    async fn send_all(&self, inbox: &mut Inbox, report: &mut Report) -> Result<(), Error> {
        let counts = inbox.counts().await?;
        (self.course.progress)(Step::Found(counts.visible + counts.hidden));
        let mut last_seen = Instant::now();
        while !(self.course.stopped)() {
            let received = inbox.receive().await?;
            if received.is_empty() {
                let elsewhere = inbox.elsewhere().await?;
                if elsewhere == 0 || last_seen.elapsed() > PATIENCE {
                    report.unseen += elsewhere;
                    return Ok(());
                }
                // Whoever holds what is missing may wait for what was received here.
                inbox.put_back().await;
                sleep(A_MOMENT).await;
                continue;
            }
            last_seen = Instant::now();
            self.deliver(inbox, received, report).await;
        }
        report.unseen += inbox.elsewhere().await?;
        Ok(())
    }

    /// Deals with some letters at once. All of them stay hidden from others meanwhile.
    async fn deliver(&self, inbox: &mut Inbox, received: Vec<Held>, report: &mut Report) {
        let ids: Vec<String> = received.iter().map(|held| held.letter.message_id.clone()).collect();
        let handled = {
            let reader = &*inbox;
            let deliveries = join_all(received.into_iter().map(|held| self.deliver_one(reader, held)));
            tokio::pin!(deliveries);
            let mut beat = interval_at(Instant::now() + HIDDEN / 3, HIDDEN / 3);
            loop {
                tokio::select! {
                    handled = &mut deliveries => break handled,
                    _ = beat.tick() => reader.keep_hidden(&ids).await,
                }
            }
        };
        for (letter, outcome, why) in handled.into_iter().flatten() {
            if outcome == Outcome::Sent {
                inbox.forget(&letter.message_id);
            }
            report.add(letter, outcome, why);
        }
    }

    /// Deals with a letter; one that is not meant is nothing.
    async fn deliver_one(&self, inbox: &Inbox, held: Held) -> Option<(Letter, Outcome, Option<String>)> {
        let letter = complete(self.stack, self.resources, held.letter, &held.errand).await;
        if !self.course.selection.takes(&letter) {
            return None;
        }
        let sent = self.targets.send(&held.errand, self.course.rehearsal).await;
        let (outcome, why) = match sent {
            Err(why) => (Outcome::Stays, Some(causes(&why))),
            Ok(()) if self.course.rehearsal => (Outcome::WouldBeSent, None),
            Ok(()) => match inbox.delete(&letter.message_id).await {
                Ok(()) => (Outcome::Sent, None),
                Err(error) => {
                    let error = causes(&error);
                    (
                        Outcome::Stays,
                        Some(format!("it was sent, but not taken away; sent again it changes nothing: {error}")),
                    )
                }
            },
        };
        (self.course.progress)(Step::Handled);
        Some((letter, outcome, why))
    }
}
