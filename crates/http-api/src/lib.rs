//! HTTP for the functions behind API Gateway: strict requests, JSON answers, problems,
//! authentication.
//!
//! A function implements [`Handler`] with a table of routes for [`Request::find_in`], and its
//! `main` calls [`run`]. Every error is a [`Problem`] (RFC 9457) with a stable [`Code`]. The
//! feature `test-util` adds `testing`: an issuer, arbitrary requests, and requests generated from
//! `openapi.yaml`.

pub mod cors;
pub mod display;
pub mod identity;
pub mod jwks;
pub mod problem;
pub mod request;
pub mod response;

#[cfg(any(test, feature = "test-util"))]
pub mod testing;

mod body;
mod echo;
mod serve;

pub use problem::{Code, Problem};
pub use request::Request;
pub use response::Response;
pub use serve::{Handler, answer, run};
