//! What the command-line tool and the end-to-end suite share: a deployed stack, its API, its bus, its
//! dead letters, and tokens for a local one.

pub mod api;
pub mod bus;
pub mod dead_letters;
pub mod error;
pub mod record;
pub mod resources;
pub mod stack;
pub mod token;
pub mod wait;

pub use error::Error;
