//! From Lambda's event to a handler and back, with one log line for each request.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, VARY};
use bootstrap::environment;
use bootstrap::invocation::Payload;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;
use tracing::Instrument;

use crate::problem::{Code, Problem};
use crate::request::Request;
use crate::response::Response;

/// What a function makes of a request.
pub trait Handler: Send + Sync {
    /// Answers `request`.
    fn handle(&self, request: &Request) -> impl Future<Output = Result<Response, Problem>> + Send;
}

/// Serves `handler` until Lambda ends the process. `CORS_ORIGIN` names the pages that may read answers; none if it is not set.
pub async fn run(handler: impl Handler) -> Result<(), lambda_runtime::Error> {
    let handler = Arc::new(handler);
    let cors_origin = Arc::new(environment::optional("CORS_ORIGIN"));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Payload>| {
        let (handler, cors_origin) = (Arc::clone(&handler), Arc::clone(&cors_origin));
        // Boxed: the nested types of the SDK's futures are too deep for the compiler otherwise.
        Box::pin(async move {
            let response = answer(handler.as_ref(), &event.payload, cors_origin.as_deref()).await;
            Ok::<_, std::convert::Infallible>(response)
        })
    }))
    .await
}

/// What API Gateway hears of `payload`, whatever that is.
pub async fn answer(handler: &impl Handler, payload: &RawValue, cors_origin: Option<&str>) -> ApiGatewayProxyResponse {
    with_cors(respond(handler, payload).await, cors_origin).into()
}

async fn respond(handler: &impl Handler, payload: &RawValue) -> Response {
    let request = match payload.get().parse::<Request>() {
        Ok(request) => request,
        Err(error) => {
            tracing::warn!(error = bootstrap::failure::error_chain(&error), "a request that cannot be read");
            return Problem::new(Code::MalformedBody, "the request has a header or a part that cannot be read").into();
        }
    };
    let span = tracing::info_span!(
        "request",
        request_id = request.request_id(),
        route = request.route(),
        order_id = tracing::field::Empty
    );
    async {
        let begin = Instant::now();
        let (response, code) = match handler.handle(&request).await {
            Ok(response) => (response, "ok"),
            Err(problem) => {
                let code = problem.code().as_str();
                (Response::from(problem.at(request.request_id())), code)
            }
        };
        let (status, elapsed_ms) = (response.status(), begin.elapsed().as_millis());
        tracing::info!(status, code, elapsed_ms, "answered");
        response
    }
    .instrument(span)
    .await
}

fn with_cors(response: Response, origin: Option<&str>) -> Response {
    match origin {
        None => response,
        Some(origin) => response
            .with_header(ACCESS_CONTROL_ALLOW_ORIGIN, origin)
            .with_header(ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Retry-After")
            .with_header(VARY, "Origin"),
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
    async fn an_event_that_cannot_be_read_is_a_problem_not_a_crash() {
        for event in [event("GET", &json!({"x": "\u{0}"})), json!({}), json!(null)] {
            assert_eq!(answer(&event).await.status(), 400);
        }
    }

    #[test]
    fn pages_of_the_named_origin_may_read_answers() {
        let response = with_cors(Response::json(200, &()).unwrap(), Some("https://bar.example"));
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "https://bar.example");
    }
}
