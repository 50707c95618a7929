//! Lists, redrives and deletes dead-letter messages.

mod dead_letter;
mod inbox;
mod look;
mod redact;
mod redrive;
mod redrive_error;
mod stream;
mod targets;

pub use dead_letter::{DeadLetter, FailureInfo, Sender};
pub use look::{Listing, count, delete, look};
pub use redrive::{Handled, Outcome, RedriveOptions, RedriveProgress, RedriveReport, UnreadQueue, redrive};
pub use stream::stream_event;

use crate::error::{Cause, Error};
use crate::resources::Resources;

use self::inbox::Queue;

/// Selection of messages: those that match every field that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Logical id of the queue. `None` selects every queue.
    pub queue: Option<String>,
    /// Id of the order that the messages are about. `None` selects every order.
    pub order: Option<String>,
    /// Id of the shop that the messages are about. `None` selects every shop.
    pub shop: Option<String>,
    /// SQS message id. `None` selects every message.
    pub message_id: Option<String>,
}

impl Selection {
    /// Returns true if `order`, `shop` and `message_id` select the message. [`Self::queues`]
    /// selects by queue.
    fn includes(&self, message: &DeadLetter) -> bool {
        let fits = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        fits(&self.order, message.order_id.as_deref())
            && self.shop.as_ref().is_none_or(|shop| message.shops.contains(shop))
            && fits(&self.message_id, Some(&message.message_id))
    }

    /// Returns the selected dead-letter queues.
    fn queues(&self, resources: &Resources) -> Result<Vec<Queue>, Error> {
        let all = resources.dead_letter_queues().map(|(name, url)| Queue { name: name.into(), url: url.into() });
        let Some(wanted) = &self.queue else { return Ok(all.collect()) };
        let (found, others): (Vec<Queue>, Vec<Queue>) = all.partition(|queue| queue.name == *wanted);
        if found.is_empty() {
            let names: Vec<&str> = others.iter().map(|queue| queue.name.as_str()).collect();
            let known = format!("the dead-letter queues are {}", names.join(", "));
            return Err(Error::Usage(format!("there is no dead-letter queue {wanted}")).with_help(known));
        }
        Ok(found)
    }
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("a call to a dead-letter queue failed", source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_selected_by_its_logical_id_and_an_unknown_one_is_a_usage_error() {
        let names = |queue: Option<&str>| {
            let selection = Selection { queue: queue.map(str::to_owned), ..Selection::default() };
            let queues = selection.queues(&crate::resources::tests::resources());
            queues.map(|queues| queues.into_iter().map(|queue| queue.name).collect::<Vec<_>>())
        };
        assert_eq!(names(None).unwrap(), ["NewOrderDeadLetters"]);
        assert_eq!(names(Some("NewOrderDeadLetters")).unwrap(), ["NewOrderDeadLetters"]);
        let error = names(Some("Inbox")).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.help().unwrap().contains("NewOrderDeadLetters"), "{error}");
    }
}
