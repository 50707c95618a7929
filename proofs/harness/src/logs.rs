//! Reads the log group of a stack over HTTP. The SDK of CloudWatch Logs is not used, because it
//! would enable event streams in every SDK crate. The requests have no valid signature: the
//! emulators do not verify that of the access key `test`.

use std::time::{SystemTime, UNIX_EPOCH};

use client::Error;
use client::error::Cause;
use serde::Deserialize;
use serde_json::json;

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

    /// Returns the lines that were logged at `at` or later.
    pub async fn since(&self, at: SystemTime) -> Result<Vec<String>, Error> {
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
