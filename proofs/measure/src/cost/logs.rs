//! The log group of a stack, read over HTTP. The SDK of CloudWatch Logs would enable event streams
//! in every crate that the SDKs share. The emulators check no signature.

use std::time::{SystemTime, UNIX_EPOCH};

use client::Error;
use client::error::Cause;
use serde::Deserialize;
use serde_json::json;

use crate::cost::evidence::{Counted, number};

#[derive(Debug, Clone)]
pub struct Logs {
    http: reqwest::Client,
    endpoint: String,
    group: String,
    region: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    events: Vec<Line>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Line {
    message: String,
}

impl Logs {
    pub fn new(endpoint: &str, group: &str, region: &str) -> Self {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Self { http: reqwest::Client::new(), endpoint, group: group.to_owned(), region: region.to_owned() }
    }

    pub(crate) async fn since(&self, at: SystemTime) -> Result<Vec<String>, Error> {
        let millis = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let mut request = json!({"logGroupName": self.group, "startTime": u64::try_from(millis).unwrap_or(u64::MAX)});
        let mut lines = Vec::new();
        loop {
            let page = self.page(&request.to_string()).await?;
            lines.extend(page.events.into_iter().map(|line| line.message));
            match (page.next_token, request.as_object_mut()) {
                (Some(token), Some(fields)) => drop(fields.insert("nextToken".into(), token.into())),
                _ => return Ok(lines),
            }
        }
    }

    async fn page(&self, request: &str) -> Result<Page, Error> {
        let failed = |error: Cause| Error::failed(format!("the log group {} cannot be read", self.group), error);
        let scope = format!("test/20260101/{}/logs/aws4_request", self.region);
        let answer = self
            .http
            .post(&self.endpoint)
            .header("x-amz-target", "Logs_20140328.FilterLogEvents")
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"))
            .body(request.to_owned())
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| failed(error.into()))?;
        answer.json().await.map_err(|error| failed(error.into()))
    }
}

impl Counted {
    /// Counts a function's log line. AWS writes no lines of the platform, such as `START`, with the
    /// template's `SystemLogLevel: WARN`.
    pub(super) fn count_log_line(&mut self, line: &str) {
        if line.starts_with("START RequestId:") {
            self.logged_invocations += 1.0;
        } else if line.starts_with("REPORT RequestId:") {
            let duration = line.split("Duration: ").nth(1).and_then(|rest| rest.split(' ').next());
            self.millis.extend(duration.and_then(|millis| millis.parse::<f64>().ok()));
        } else if !line.starts_with("END RequestId:") {
            self.log_lines += 1.0;
            self.log_bytes += number(line.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platform_lines_are_distinguished_from_log_lines() {
        let mut counted = Counted::default();
        let report = "REPORT RequestId: 1\tDuration: 12.5 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB";
        for line in ["START RequestId: 1 Version: $LATEST", r#"{"level":"INFO"}"#, "END RequestId: 1", report] {
            counted.count_log_line(line);
        }
        let lines = (counted.logged_invocations, counted.log_lines, counted.log_bytes, counted.millis);
        assert_eq!(lines, (1.0, 1.0, 16.0, vec![12.5]));
    }
}
