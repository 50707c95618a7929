//! Dead letters: what could not be delivered, looked at without taking it away, and sent back to the target that failed.

mod dead_letter;
mod inbox;
mod look;
mod parts;
mod redact;
mod redrive;
mod stream;
mod target;

pub use dead_letter::{Letter, Sender, Trouble};
pub use look::{Listing, look, throw_away};
pub use redact::redacted;
pub use redrive::{Course, Handled, NotEmptied, Outcome, Report, Step, redrive};

use crate::error::{Cause, Error};

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
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the dead letters cannot be reached", source)
}
