//! The HTTP API, as openapi.yaml describes it.

use std::fmt;
use std::time::Duration;

use domain::drink::DrinkRequest;
use domain::ids::{OrderId, ShopId};
use domain::order::{Order, OrderStatus};
use domain::shop::{SettingsEdit, Shop};
use domain::timestamp::Timestamp;
use reqwest::header::{HeaderMap, IF_MATCH, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::Error;

const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// A problem, as the API answers it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What is wrong, for people.
    pub title: String,
    /// What to do next, for people.
    #[serde(default)]
    pub detail: String,
    /// The field at fault.
    #[serde(default)]
    pub field: Option<String>,
    /// When to try again.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {}): {}", self.title, self.status, self.code, self.detail)
    }
}

impl std::error::Error for Problem {}

/// What the display shows.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QrCode {
    /// The code.
    pub code: String,
    /// The page that a phone opens.
    pub url: String,
    /// When the code changes.
    pub expires_at: Timestamp,
    /// Orders that it is still good for.
    pub available_tokens: u32,
}

/// What a scan gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The order.
    pub order_id: OrderId,
    /// False where the same customer had scanned in this window before.
    pub first: bool,
}

/// A page of orders.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderList {
    /// The orders.
    pub orders: Vec<Order>,
    /// For the next page.
    #[serde(default)]
    pub next_token: Option<String>,
}

/// Who makes an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The barista, unless it was given back.
    #[serde(default)]
    pub barista_user_id: Option<String>,
    /// Counts the changes.
    pub claim_version: u64,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

/// The API, called as one person or as nobody.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    base: String,
    token: Option<String>,
    attempts: u32,
}

impl Api {
    /// The API at `base`, called as nobody.
    pub fn new(base: &str) -> Result<Self, Error> {
        let http = Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .build()
            .map_err(|error| Error::failed("no HTTP client could be made", error))?;
        Ok(Self { http, base: base.to_owned(), token: None, attempts: 1 })
    }

    /// The same API, called with this token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The same API, asked again when it is too busy to answer: `attempts` times in all.
    #[must_use]
    pub fn with_attempts(&self, attempts: u32) -> Self {
        Self { attempts, ..self.clone() }
    }

    /// A request to `path`, with the caller's token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends `request` and gives the answer as it came, whatever its status.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let mut request = request;
        for _ in 1..self.attempts {
            let Some(again) = request.try_clone() else { break };
            let answer = self.send_once(request).await?;
            if answer.status != StatusCode::SERVICE_UNAVAILABLE.as_u16() {
                return Ok(answer);
            }
            tokio::time::sleep(answer.retry_after().unwrap_or(BUSY_PAUSE)).await;
            request = again;
        }
        self.send_once(request).await
    }

    async fn send_once(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let unreachable = |error: reqwest::Error| Error::Unreachable { what: self.base.clone(), source: error.into() };
        let answer = request.send().await.map_err(unreachable)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.text().await.map_err(unreachable)?;
        Ok(Answer { status, headers, body })
    }

    async fn call<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<(u16, T), Error> {
        let answer = self.send(request).await?;
        if StatusCode::from_u16(answer.status).is_ok_and(|status| status.is_success()) {
            let body = serde_json::from_str(&answer.body)
                .map_err(|error| Error::failed(format!("an answer that is not understood: {}", answer.body), error))?;
            return Ok((answer.status, body));
        }
        Err(answer.problem()?.into())
    }

    /// `GET /qr-code`.
    pub async fn qr_code(&self, shop_id: &ShopId) -> Result<QrCode, Error> {
        let request = self.request(Method::GET, "/qr-code").query(&[("eventId", shop_id.as_str())]);
        Ok(self.call(request).await?.1)
    }

    /// `POST /qr-code`.
    pub async fn scan(&self, shop_id: &ShopId, code: &str) -> Result<Scan, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Scanned {
            order_id: OrderId,
        }
        let query = [("eventId", shop_id.as_str()), ("token", code)];
        let (status, scanned) = self.call::<Scanned>(self.request(Method::POST, "/qr-code").query(&query)).await?;
        Ok(Scan { order_id: scanned.order_id, first: status == 201 })
    }

    /// `GET /config`.
    pub async fn config(&self, shop_id: &ShopId) -> Result<Shop, Error> {
        let request = self.request(Method::GET, "/config").query(&[("eventId", shop_id.as_str())]);
        Ok(self.call(request).await?.1)
    }

    /// `PUT /config`, if the settings still have the version `expected`, where one is given.
    pub async fn edit(&self, shop_id: &ShopId, edit: &SettingsEdit, expected: Option<u64>) -> Result<Shop, Error> {
        let mut request = self.request(Method::PUT, "/config").query(&[("eventId", shop_id.as_str())]).json(edit);
        if let Some(version) = expected {
            request = request.header(IF_MATCH, format!("\"{version}\""));
        }
        Ok(self.call(request).await?.1)
    }

    /// `PUT /store`.
    pub async fn set_open(&self, shop_id: &ShopId, open: bool) -> Result<Shop, Error> {
        let state = if open { "open" } else { "closed" };
        let query = [("eventId", shop_id.as_str()), ("state", state)];
        Ok(self.call(self.request(Method::PUT, "/store").query(&query)).await?.1)
    }

    /// `GET /orders`, one page.
    pub async fn queue(
        &self,
        shop_id: &ShopId,
        status: OrderStatus,
        max_items: u32,
        next_token: Option<&str>,
    ) -> Result<OrderList, Error> {
        let request = self.request(Method::GET, "/orders").query(&[
            ("eventId", shop_id.as_str()),
            ("status", status.as_str()),
            ("maxItems", &max_items.to_string()),
        ]);
        let request = match next_token {
            Some(token) => request.query(&[("nextToken", token)]),
            None => request,
        };
        Ok(self.call(request).await?.1)
    }

    /// `GET /myOrders`, the first page.
    pub async fn my_orders(&self, shop_id: &ShopId) -> Result<OrderList, Error> {
        let request = self.request(Method::GET, "/myOrders").query(&[("eventId", shop_id.as_str())]);
        Ok(self.call(request).await?.1)
    }

    /// `GET /orders/{id}`.
    pub async fn order(&self, order_id: &OrderId) -> Result<Order, Error> {
        Ok(self.call(self.request(Method::GET, &format!("/orders/{order_id}"))).await?.1)
    }

    /// `PUT /orders/{id}`: the customer chooses.
    pub async fn submit(&self, order_id: &OrderId, drink: &DrinkRequest) -> Result<(), Error> {
        let request = self.request(Method::PUT, &format!("/orders/{order_id}")).json(drink);
        self.call::<Value>(request).await.map(|_| ())
    }

    /// `PUT /orders/{id}?action=cancel`.
    pub async fn cancel(&self, order_id: &OrderId, reason: &str) -> Result<(), Error> {
        let request = self.action(order_id, "cancel").json(&json!({"reason": reason}));
        self.call::<Value>(request).await.map(|_| ())
    }

    /// `PUT /orders/{id}?action=make`.
    pub async fn make(&self, order_id: &OrderId) -> Result<Claim, Error> {
        Ok(self.call(self.action(order_id, "make")).await?.1)
    }

    /// `PUT /orders/{id}?action=unmake`.
    pub async fn unmake(&self, order_id: &OrderId) -> Result<Claim, Error> {
        Ok(self.call(self.action(order_id, "unmake")).await?.1)
    }

    /// `PUT /orders/{id}?action=complete`.
    pub async fn complete(&self, order_id: &OrderId) -> Result<(), Error> {
        self.call::<Value>(self.action(order_id, "complete")).await.map(|_| ())
    }

    fn action(&self, order_id: &OrderId, action: &str) -> RequestBuilder {
        self.request(Method::PUT, &format!("/orders/{order_id}")).query(&[("action", action)])
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<Value, Error> {
        serde_json::from_str(&self.body)
            .map_err(|error| Error::failed(format!("an answer that is not JSON: {}", self.body), error))
    }

    /// The body as a problem.
    pub fn problem(&self) -> Result<Problem, Error> {
        let mut problem: Problem = serde_json::from_str(&self.body).map_err(|error| {
            Error::failed(format!("an answer {} that is no problem: {}", self.status, self.body), error)
        })?;
        problem.retry_after = self.retry_after();
        Ok(problem)
    }

    fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}
