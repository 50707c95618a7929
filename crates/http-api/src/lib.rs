//! The HTTP side of the functions behind API Gateway: requests in, JSON or `application/problem+json` out, and who is calling.

pub mod identity;
pub mod jwks;
pub mod problem;
pub mod request;
pub mod response;

#[cfg(any(test, feature = "test-util"))]
pub mod testing;

mod serve;

pub use problem::{Code, Problem};
pub use request::Request;
pub use response::Response;
pub use serve::{Handler, answer, run};
