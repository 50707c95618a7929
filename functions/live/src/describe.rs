//! `GET /architecture`: the stack as deployed, kept for a minute.

use std::sync::Mutex;
use std::time::Duration;

use adapters::architecture::ReadArchitecture;
use domain::timestamp::Timestamp;
use http_api::identity::require_admin;
use http_api::response::CACHE_CONTROL;
use http_api::{Problem, Request, Response};

use crate::LiveService;

/// Time for which an answer is kept. Reading the stack takes a call for each rule.
const KEPT_FOR: Duration = Duration::from_mins(1);

/// Last answer, with the time at which the stack was read.
#[derive(Debug, Default)]
pub struct Cache(Mutex<Option<(Timestamp, Response)>>);

impl Cache {
    fn get(&self, now: Timestamp) -> Option<Response> {
        let kept = self.0.lock().ok()?;
        let (read_at, response) = kept.as_ref()?;
        (now.since(*read_at) < KEPT_FOR).then(|| response.clone())
    }

    fn set(&self, now: Timestamp, response: &Response) {
        if let Ok(mut kept) = self.0.lock() {
            *kept = Some((now, response.clone()));
        }
    }
}

impl<S: Sync, C: Sync, A: ReadArchitecture> LiveService<S, C, A> {
    pub(crate) async fn describe(&self, request: &Request) -> Result<Response, Problem> {
        require_admin(&self.authenticator.caller(request).await?)?;
        request.only(&[])?;
        let now = (self.now)();
        if let Some(response) = self.cache.get(now) {
            return Ok(response);
        }
        let response = Response::json(200, &self.stack.architecture().await?)?;
        let response = response.with_header(CACHE_CONTROL, "private, max-age=60");
        self.cache.set(now, &response);
        Ok(response)
    }
}
