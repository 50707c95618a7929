//! What the command-line tool and the end-to-end suite share: a deployed stack, its API, its bus, its
//! dead letters, and tokens for a local one.

pub mod api;
pub mod bus;
pub mod error;
pub mod letters;
pub mod record;
pub mod stack;
pub mod token;
pub mod wait;
pub mod workshop;

pub use error::Error;
