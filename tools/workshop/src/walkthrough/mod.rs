//! Follows the pages of the workshop from top to bottom, as a reader does: commands are run and what they print is compared, edits are
//! made, and after a module's page each wrong attempt must be told by its own message. The pages are the only source.

pub mod attempts;
pub mod reader;
pub mod shell;
