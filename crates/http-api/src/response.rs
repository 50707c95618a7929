//! HTTP responses: JSON, problems, pages, images, and responses without a body.

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use aws_lambda_events::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

pub use aws_lambda_events::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use crate::problem::{Code, Problem};

/// HTTP response with a body or none.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Response {
    /// Creates a response with this status, and `body` as JSON.
    pub fn json(status: u16, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(|error| Problem::internal(&error))?;
        Ok(Self::new("application/json", status, body))
    }

    /// Creates a response with a page.
    pub fn html(page: &str) -> Self {
        Self::new("text/html; charset=utf-8", 200, page.to_owned())
    }

    /// Creates a response without a body.
    pub fn empty(status: u16) -> Self {
        let mut response = Self::new("application/json", status, String::new());
        response.headers.remove(CONTENT_TYPE);
        response
    }

    /// Creates a response with an SVG image.
    pub fn svg(image: String) -> Self {
        Self::new("image/svg+xml", 200, image)
    }

    /// Sets a header. A value that no header can hold is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Returns the HTTP status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the body: a JSON text, a page, an image, or nothing.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns the headers.
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    fn new(content_type: &'static str, status: u16, body: String) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self { status, headers, body }
    }
}

impl From<Problem> for Response {
    fn from(problem: Problem) -> Self {
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = Self::new("application/problem+json", problem.code().status(), body);
        if let Some(seconds) = problem.retry_after_secs() {
            response = response.with_header(RETRY_AFTER, &seconds.to_string());
        }
        if problem.code() == Code::Unauthenticated {
            response = response.with_header(WWW_AUTHENTICATE, "Bearer");
        }
        response
    }
}

impl From<Response> for ApiGatewayProxyResponse {
    fn from(response: Response) -> Self {
        let mut event = Self::default();
        event.status_code = i64::from(response.status);
        event.headers = response.headers;
        event.body = Some(Body::Text(response.body));
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_without_a_body_has_no_content_type() {
        let response = Response::empty(204);
        assert_eq!((response.status(), response.body()), (204, ""));
        assert!(!response.headers().contains_key(CONTENT_TYPE));
    }

    #[test]
    fn a_problem_sets_the_content_type_and_the_headers_that_its_code_or_retry_time_requires() {
        let response = Response::from(Problem::new(Code::NoTokens, "wait").with_retry_after(30));
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[RETRY_AFTER], "30");
        let response = Response::from(Problem::new(Code::Unauthenticated, "sign in"));
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
    }
}
