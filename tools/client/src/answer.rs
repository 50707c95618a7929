//! Reads an HTTP answer, of the API or of another program.

use std::time::Duration;

use reqwest::header::{AsHeaderName, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::error::Error;
use crate::problem::{ForeignAnswer, Problem};

/// HTTP answer of any status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Address of the request, without its query.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// Headers of the answer.
    pub headers: HeaderMap,
    /// Body of the answer, as text.
    pub body: String,
}

impl Answer {
    /// Returns the body as JSON.
    pub fn json(&self) -> Result<Value, Error> {
        serde_json::from_str(&self.body)
            .map_err(|error| Error::failed(format!("the answer is not JSON: {}", self.body), error))
    }

    /// Returns the body as a problem. Any other body is not the API's, and yields a
    /// [`ForeignAnswer`] as the error.
    pub fn problem(&self) -> Result<Problem, Error> {
        let mut problem: Problem = serde_json::from_str(&self.body).map_err(|_| self.foreign())?;
        problem.retry_after = self.retry_after();
        Ok(problem)
    }

    fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn is_json(&self) -> bool {
        self.header(CONTENT_TYPE).is_none_or(|kind| kind.contains("json"))
    }

    pub(crate) fn foreign(&self) -> Error {
        let answer = ForeignAnswer {
            url: self.url.clone(),
            status: self.status,
            content_type: self.header(CONTENT_TYPE).unwrap_or("without a content type").to_owned(),
            first_line: ForeignAnswer::first_line(&self.body),
            is_gateways: self.header("x-amzn-errortype").is_some() || self.header("apigw-requestid").is_some(),
        };
        Error::from(Box::new(answer))
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header(RETRY_AFTER)?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse::<reqwest::header::HeaderName>().unwrap(), value.parse().unwrap()));
        let url = "https://bar.example/v1/config".to_owned();
        Answer { url, status, headers: headers.collect(), body: body.to_owned() }
    }

    #[test]
    fn a_foreign_answer_is_an_error_with_its_status_content_type_and_first_line() {
        let json = ("content-type", "application/json");
        let gateway = ("x-amzn-errortype", "ForbiddenException");
        let html = ("content-type", "text/html; charset=utf-8");
        let cases: [(Answer, &str, &str); 4] = [
            (
                answer(403, &[json, gateway], r#"{"message":"Forbidden"}"#),
                r#"403 (application/json), which is no answer of the bar: {"message":"Forbidden"}"#,
                "ApiUrl",
            ),
            (answer(502, &[html], "\n\n <html>\u{1b}[31m\n<b>x"), "502 (text/html; charset=utf-8)", "proxy"),
            (
                answer(407, &[], ""),
                "407 (without a content type), which is no answer of the bar: an empty body",
                "NO_PROXY",
            ),
            (answer(302, &[html], "moved"), "302", "sign-in page"),
        ];
        for (answer, shown, help) in cases {
            let error = answer.problem().unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with("https://bar.example/v1/config answered ") && text.contains(shown), "{text}");
            assert!(!text.contains('\u{1b}') && !text.contains('\n'), "{text:?}");
            assert!(error.help().unwrap().contains(help), "{error:?}");
            assert_eq!(error.exit_code(), 4);
        }
        let long = answer(500, &[], &"é".repeat(1_000)).problem().unwrap_err().to_string();
        assert!(long.ends_with('…') && long.chars().count() < 300, "{long}");
    }

    #[test]
    fn a_problem_is_read_from_an_answer_without_a_content_type() {
        let body = r#"{"status": 429, "code": "throttled", "title": "Too many requests"}"#;
        let problem = answer(429, &[("retry-after", "3")], body).problem().unwrap();
        assert_eq!((problem.code.as_str(), problem.retry_after), ("throttled", Some(Duration::from_secs(3))));
    }
}
