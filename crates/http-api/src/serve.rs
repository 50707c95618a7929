//! Runs a handler for API Gateway, and records the members of the request's log line.

use std::convert::Infallible;
use std::future::Future;

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use bootstrap::{invocation, record};
use domain::ids::{OrderId, ShopId};
use serde_json::value::RawValue;

use crate::cors::AllowedOrigin;
use crate::problem::{Code, Problem};
use crate::request::Request;
use crate::response::Response;

/// Handler of a function's routes.
pub trait Handler: Send + Sync {
    /// Answers `request`, or returns the problem to answer with.
    fn handle(&self, request: &Request) -> impl Future<Output = Result<Response, Problem>> + Send;
}

/// Runs `handler` in the Lambda runtime. Pages of the origin that
/// [`AllowedOrigin::from_environment`] returns may read answers.
pub async fn run(handler: impl Handler) -> Result<(), lambda_runtime::Error> {
    let (handler, origin) = (&handler, AllowedOrigin::from_environment());
    let origin = origin.as_ref();
    invocation::run(|payload| async move { Ok::<_, Infallible>(answer(handler, &payload, origin).await) }).await
}

/// Answers any payload; one that is not a request gets a problem. Pages of `origin` may read the
/// answer.
pub async fn answer(
    handler: &impl Handler,
    payload: &RawValue,
    origin: Option<&AllowedOrigin>,
) -> ApiGatewayProxyResponse {
    let response = respond(handler, payload).await;
    match origin {
        Some(origin) => origin.allow(response).into(),
        None => response.into(),
    }
}

async fn respond(handler: &impl Handler, payload: &RawValue) -> Response {
    let request = match payload.get().parse::<Request>() {
        Ok(request) => request,
        Err(error) => {
            record::outcome(Code::MalformedBody.as_str());
            tracing::warn!(error = bootstrap::failure::error_chain(&error), "unreadable request");
            return Problem::new(Code::MalformedBody, "a header or another part of the request is malformed").into();
        }
    };
    identify(&request);
    let response = match handler.handle(&request).await {
        Ok(response) => response,
        Err(problem) => {
            let code = problem.code();
            if code.status() >= 500 {
                record::failed(code.as_str());
            } else {
                record::outcome(code.as_str());
            }
            Response::from(problem.at(request.request_id()))
        }
    };
    record::detail("status", response.status());
    response
}

/// Records the request's id and route, and the shop and order that it names. A handler records the
/// ids that it derives.
fn identify(request: &Request) {
    record::request(request.request_id());
    record::detail("route", request.route());
    if let Ok(shop) = request.query::<ShopId>("eventId") {
        record::shop(&shop);
    }
    if let Some(order) = request.path::<OrderId>("id") {
        record::order(&order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    struct Echo;

    impl Handler for Echo {
        async fn handle(&self, request: &Request) -> Result<Response, Problem> {
            match request.route() {
                "GET /config" => Response::json(200, &request.request_id()),
                _ => Err(Problem::new(Code::RouteNotFound, "look at openapi.yaml")),
            }
        }
    }

    fn event(method: &str, headers: &Value) -> Value {
        json!({
            "resource": "/config", "path": "/config", "httpMethod": method, "headers": headers,
            "requestContext": {"httpMethod": method, "requestId": "abc"}
        })
    }

    async fn answer(event: &Value) -> Response {
        respond(&Echo, &serde_json::value::to_raw_value(event).unwrap()).await
    }

    #[tokio::test]
    async fn a_request_reaches_the_handler_and_a_problem_names_the_request() {
        let response = answer(&event("GET", &json!({}))).await;
        assert_eq!((response.status(), response.body()), (200, "\"abc\""));
        let response = answer(&event("DELETE", &json!({}))).await;
        assert_eq!(response.status(), 404);
        assert!(response.body().contains("urn:request:abc"), "{}", response.body());
    }

    #[tokio::test]
    async fn an_unreadable_event_is_a_problem_and_not_a_panic() {
        for event in [event("GET", &json!({"x": "\u{0}"})), json!({}), json!(null)] {
            assert_eq!(answer(&event).await.status(), 400);
        }
    }
}
