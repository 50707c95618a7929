//! Follows the pages of the workshop as a reader does: runs their commands, compares the output and
//! makes their edits. After each page with a check, applies wrong solutions and requires the
//! message of `workshop/attempts.yaml`. Makes the mistakes of `workshop/mistakes.yaml` and requires
//! their sentences.

pub mod attempts;
pub mod mistakes;
pub mod reader;
pub mod shell;
