//! What an execution recorded, as it goes to the bus.

use adapters::bus::Entry;
use domain::workflow::OutputEntry;

pub(crate) fn entries(recorded: Vec<OutputEntry>) -> Vec<Entry> {
    let entry = |entry: OutputEntry| Entry { detail_type: entry.detail_type, detail: entry.detail.to_string() };
    recorded.into_iter().map(entry).collect()
}
