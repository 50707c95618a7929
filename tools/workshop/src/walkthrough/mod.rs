//! Follows the pages of the workshop as a reader does: runs their commands, compares the output and
//! makes their edits. After each page with a check, applies wrong solutions and requires the
//! message of `workshop/attempts.yaml`.

pub mod attempts;
pub mod reader;
pub mod shell;
