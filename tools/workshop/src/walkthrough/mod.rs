//! Follows the pages of the workshop as a reader does: runs their commands, compares the output and
//! makes their edits. After a module's page, each wrong attempt must be reported by its own
//! message.

pub mod attempts;
pub mod reader;
pub mod shell;
