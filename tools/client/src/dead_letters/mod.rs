//! Dead letters: what could not be delivered, looked at without taking it away, and sent back to the target that failed.

mod dead_letter;
mod inbox;
mod look;
mod redact;
mod redrive;
mod stream;
mod target;

pub use dead_letter::{Letter, Sender, Trouble};
pub use look::{Listing, look, throw_away};
pub use redact::redacted;
pub use redrive::{Course, Handled, NotEmptied, Outcome, Report, Step, redrive};

use crate::error::{Cause, Error};
use crate::resources::Resources;

use self::inbox::Queue;

/// Which letters are meant: those that everything here fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The queue, by its name in the template. None means every one.
    pub queue: Option<String>,
    /// The order that they are about.
    pub order: Option<String>,
    /// The shop that they are about.
    pub shop: Option<String>,
    /// The one letter, by its id in the queue.
    pub letter: Option<String>,
}

impl Selection {
    fn takes(&self, letter: &Letter) -> bool {
        let fits = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        fits(&self.order, letter.order_id.as_deref())
            && self.shop.as_ref().is_none_or(|shop| letter.shops.contains(shop))
            && fits(&self.letter, Some(&letter.message_id))
    }

    /// The dead-letter queues that are selected.
    fn queues(&self, resources: &Resources) -> Result<Vec<Queue>, Error> {
        let all = resources.dead_letter_queues().map(|(name, url)| Queue { name: name.into(), url: url.into() });
        let Some(wanted) = &self.queue else { return Ok(all.collect()) };
        let (found, others): (Vec<Queue>, Vec<Queue>) = all.partition(|queue| queue.name == *wanted);
        if found.is_empty() {
            let names: Vec<&str> = others.iter().map(|queue| queue.name.as_str()).collect();
            return Err(Error::Usage(format!("there is no queue {wanted}: there are {}", names.join(", "))));
        }
        Ok(found)
    }
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the dead letters cannot be reached", source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_selected_by_its_logical_id() {
        let names = |queue: Option<&str>| {
            let selection = Selection { queue: queue.map(str::to_owned), ..Selection::default() };
            let queues = selection.queues(&crate::resources::tests::resources());
            queues.map(|queues| queues.into_iter().map(|queue| queue.name).collect::<Vec<_>>())
        };
        assert_eq!(names(None).unwrap(), ["NewOrderDeadLetters"]);
        assert_eq!(names(Some("NewOrderDeadLetters")).unwrap(), ["NewOrderDeadLetters"]);
        let error = names(Some("Inbox")).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("NewOrderDeadLetters"), "{error}");
    }
}
