//! Calls the HTTP API that `openapi.yaml` describes.

use std::time::Duration;

use domain::drink::DrinkRequest;
use domain::ids::{OrderId, ShopId};
use domain::live::Live;
use domain::look::LogoDraft;
use domain::order::{Order, OrderStatus};
use domain::shop::{SettingsEdit, Shop};
use domain::timestamp::Timestamp;
use domain::waiting::QueuedOrder;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::IF_MATCH;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use crate::answer::Answer;
use crate::error::Error;
use crate::problem::ForeignAnswer;
use crate::{http, pasted};

const BUSY_PAUSE: Duration = Duration::from_secs(1);
/// Text in MiniStack's answer if a function timed out, as on a busy machine.
const MINISTACK_TIME_OUT: &str = "Sandbox.Timedout";

/// QR code that the display shows.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QrCode {
    /// Code in the QR code.
    pub code: String,
    /// Short code of the same window, for people who type it.
    pub short_code: String,
    /// URL in the QR code, which a phone opens; none if the API does not know the pages' address.
    #[serde(default)]
    pub url: Option<String>,
    /// End of the code's window.
    pub expires_at: Timestamp,
    /// Number of bucket tokens that the code has left.
    pub available_tokens: u32,
}

/// Answer to a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Id of the customer's order.
    pub order_id: OrderId,
    /// True if this scan requested the order; false if an earlier scan did.
    pub first: bool,
    /// Address of a socket for changes of the customer's orders, if the stack has realtime.
    pub live: Option<Live>,
}

/// Selection of a shop's orders for a list.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Status of the orders.
    pub status: OrderStatus,
    /// True if the newest comes first.
    pub newest_first: bool,
    /// Earliest time of admission, if any.
    pub since: Option<Timestamp>,
    /// Maximum number of orders on a page.
    pub max_items: u32,
}

/// Page of orders.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderList {
    /// Orders of this page.
    pub orders: Vec<Order>,
    /// Page token of the next page; none on the last page.
    #[serde(default)]
    pub next_token: Option<String>,
}

/// Claim of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// User id of the barista; none after `unmake`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barista_user_id: Option<String>,
    /// Time at which that barista claimed the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<Timestamp>,
    /// Number of changes to the claim.
    pub claim_version: u64,
}

/// Call of a completed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Time of the call.
    pub called_at: Timestamp,
}

/// Client of the API for one caller, with or without a bearer credential.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    base: String,
    token: Option<String>,
    attempts: u32,
    weak_gateway: bool,
}

impl Api {
    /// Creates a client of the API at `base`, without a bearer credential.
    pub fn new(base: &str) -> Result<Self, Error> {
        let base = pasted::address(base)?;
        let http = http::builder(&base)
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            // The API never redirects. A redirect comes from another program, which must not send
            // the token elsewhere.
            .redirect(Policy::none())
            .build()
            .map_err(|error| Error::failed("the HTTP client cannot be built", error))?;
        Ok(Self { http, base, token: None, attempts: 1, weak_gateway: false })
    }

    /// Returns a client with this bearer credential.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(pasted::token(&token.into())), ..self.clone() }
    }

    /// Returns a client that sends a request up to `attempts` times while the answer is 503, or
    /// while MiniStack answers that the function timed out.
    #[must_use]
    pub fn with_attempts(&self, attempts: u32) -> Self {
        Self { attempts, ..self.clone() }
    }

    /// Returns a client whose attempts also repeat a request after 502, 504 or no answer. An
    /// emulator's overloaded gateway causes these. On AWS this would hide a function that crashes.
    #[must_use]
    pub fn behind_weak_gateway(&self) -> Self {
        Self { weak_gateway: true, ..self.clone() }
    }

    /// Builds a request to `path` with the caller's bearer credential, if any.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends `request` and returns the answer of any status.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let mut request = request;
        for _ in 1..self.attempts {
            let Some(again) = request.try_clone() else { break };
            let answer = self.send_once(request).await;
            if !self.is_retryable(&answer) {
                return answer;
            }
            let pause = answer.ok().and_then(|answer| answer.retry_after());
            tokio::time::sleep(pause.unwrap_or(BUSY_PAUSE)).await;
            request = again;
        }
        self.send_once(request).await
    }

    fn is_retryable(&self, answer: &Result<Answer, Error>) -> bool {
        match answer {
            Ok(answer) => {
                answer.status == 503
                    || answer.body.contains(MINISTACK_TIME_OUT)
                    || (self.weak_gateway && matches!(answer.status, 502 | 504))
            }
            Err(_) => self.weak_gateway,
        }
    }

    async fn send_once(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let unreachable = |error: reqwest::Error| Error::Unreachable { what: self.base.clone(), source: error.into() };
        let answer = request.send().await.map_err(unreachable)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut url = answer.url().clone();
        url.set_query(None);
        let body = answer.text().await.map_err(unreachable)?;
        Ok(Answer { url: url.into(), status, headers, body })
    }

    pub(crate) async fn call<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<(u16, T), Error> {
        let answer = self.send(request).await?;
        if StatusCode::from_u16(answer.status).is_ok_and(|status| status.is_success()) {
            if !answer.is_json() {
                return Err(answer.foreign());
            }
            let body = serde_json::from_str(&answer.body).map_err(|error| {
                let what = format!("the answer has an unknown form: {}", ForeignAnswer::first_line(&answer.body));
                Error::failed(what, error).with_help("check that this program and the stack have the same version")
            })?;
            return Ok((answer.status, body));
        }
        Err(answer.problem()?.into())
    }

    /// Sends `GET /qr-code`.
    pub async fn qr_code(&self, shop_id: &ShopId) -> Result<QrCode, Error> {
        let request = self.request(Method::GET, "/qr-code").query(&[("eventId", shop_id.as_str())]);
        Ok(self.call(request).await?.1)
    }

    /// Sends `POST /qr-code`.
    pub async fn scan(&self, shop_id: &ShopId, code: &str) -> Result<Scan, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Scanned {
            order_id: OrderId,
            #[serde(default)]
            live: Option<Live>,
        }
        let query = [("eventId", shop_id.as_str()), ("token", code)];
        let (status, scanned) = self.call::<Scanned>(self.request(Method::POST, "/qr-code").query(&query)).await?;
        Ok(Scan { order_id: scanned.order_id, first: status == 201, live: scanned.live })
    }

    /// Sends `POST /live`.
    pub async fn live(&self, shop_id: &ShopId, topic: &str) -> Result<Live, Error> {
        let query = [("eventId", shop_id.as_str()), ("topic", topic)];
        Ok(self.call(self.request(Method::POST, "/live").query(&query)).await?.1)
    }

    /// Sends `GET /config`.
    pub async fn config(&self, shop_id: &ShopId) -> Result<Shop, Error> {
        let request = self.request(Method::GET, "/config").query(&[("eventId", shop_id.as_str())]);
        Ok(self.call(request).await?.1)
    }

    /// Sends `PUT /config`. If `expected` is given, the API edits the settings only if they have
    /// that version.
    pub async fn edit(&self, shop_id: &ShopId, edit: &SettingsEdit, expected: Option<u64>) -> Result<Shop, Error> {
        let mut request = self.request(Method::PUT, "/config").query(&[("eventId", shop_id.as_str())]).json(edit);
        if let Some(version) = expected {
            request = request.header(IF_MATCH, format!("\"{version}\""));
        }
        Ok(self.call(request).await?.1)
    }

    /// Sends `PUT /store`.
    pub async fn set_open(&self, shop_id: &ShopId, open: bool) -> Result<Shop, Error> {
        let state = if open { "open" } else { "closed" };
        let query = [("eventId", shop_id.as_str()), ("state", state)];
        Ok(self.call(self.request(Method::PUT, "/store").query(&query)).await?.1)
    }

    /// Sends `PUT /store`: opens the shop and replaces the key of its QR codes.
    pub async fn open_with_new_code(&self, shop_id: &ShopId) -> Result<Shop, Error> {
        let query = [("eventId", shop_id.as_str()), ("state", "open"), ("newCode", "true")];
        Ok(self.call(self.request(Method::PUT, "/store").query(&query)).await?.1)
    }

    /// Sends `PUT /menu/{drink}/availability`.
    pub async fn set_available(&self, shop_id: &ShopId, drink: &str, available: bool) -> Result<Shop, Error> {
        let path = format!("/menu/{}/availability", utf8_percent_encode(drink, NON_ALPHANUMERIC));
        let request = self.request(Method::PUT, &path).query(&[("eventId", shop_id.as_str())]);
        Ok(self.call(request.json(&json!({"available": available}))).await?.1)
    }

    /// Sends `PUT /logo`.
    pub async fn set_logo(&self, shop_id: &ShopId, logo: &LogoDraft) -> Result<Shop, Error> {
        let request = self.request(Method::PUT, "/logo").query(&[("eventId", shop_id.as_str())]);
        Ok(self.call(request.json(logo)).await?.1)
    }

    /// Sends `DELETE /logo`.
    pub async fn remove_logo(&self, shop_id: &ShopId) -> Result<Shop, Error> {
        Ok(self.call(self.request(Method::DELETE, "/logo").query(&[("eventId", shop_id.as_str())])).await?.1)
    }

    /// Sends `POST /orders`: orders at the counter. A request with the same `key` returns the same
    /// order.
    pub async fn order_at_counter(&self, shop_id: &ShopId, key: &str, drink: &DrinkRequest) -> Result<OrderId, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Ordered {
            order_id: OrderId,
        }
        let request = self.request(Method::POST, "/orders").query(&[("eventId", shop_id.as_str())]);
        Ok(self.call::<Ordered>(request.header("idempotency-key", key).json(drink)).await?.1.order_id)
    }

    /// Returns one page of `GET /orders`, oldest first: the one that the page token `next_token`
    /// names, or the first page.
    pub async fn queue(
        &self,
        shop_id: &ShopId,
        status: OrderStatus,
        max_items: u32,
        next_token: Option<&str>,
    ) -> Result<OrderList, Error> {
        self.list(shop_id, &Listing { status, newest_first: false, since: None, max_items }, next_token).await
    }

    /// Returns one page of `GET /orders`: the one that the page token `next_token` names, or the
    /// first one.
    pub async fn list(
        &self,
        shop_id: &ShopId,
        listing: &Listing,
        next_token: Option<&str>,
    ) -> Result<OrderList, Error> {
        let request = self.request(Method::GET, "/orders").query(&[
            ("eventId", shop_id.as_str()),
            ("status", listing.status.as_str()),
            ("maxItems", &listing.max_items.to_string()),
        ]);
        // A parameter whose value is `None` is left out of the query.
        let order = listing.newest_first.then_some("newest");
        let request = request.query(&[("order", order)]).query(&[("since", listing.since)]);
        Ok(self.call(request.query(&[("nextToken", next_token)])).await?.1)
    }

    /// Returns the first page of `GET /myOrders`.
    pub async fn my_orders(&self, shop_id: &ShopId) -> Result<OrderList, Error> {
        let request = self.request(Method::GET, "/myOrders").query(&[("eventId", shop_id.as_str())]);
        Ok(self.call(request).await?.1)
    }

    /// Sends `GET /orders/{id}`.
    pub async fn order(&self, order_id: &OrderId) -> Result<Order, Error> {
        Ok(self.call(self.request(Method::GET, &format!("/orders/{order_id}"))).await?.1)
    }

    /// Sends `GET /orders/{id}`, with position and estimate of an order in the queue.
    pub async fn queued_order(&self, order_id: &OrderId) -> Result<QueuedOrder, Error> {
        Ok(self.call(self.request(Method::GET, &format!("/orders/{order_id}"))).await?.1)
    }

    /// Sends `PUT /orders/{id}`: submits the drink.
    pub async fn submit(&self, order_id: &OrderId, drink: &DrinkRequest) -> Result<(), Error> {
        let request = self.request(Method::PUT, &format!("/orders/{order_id}")).json(drink);
        self.call::<Value>(request).await.map(|_| ())
    }

    /// Sends `PUT /orders/{id}?action=cancel`.
    pub async fn cancel(&self, order_id: &OrderId, reason: &str) -> Result<(), Error> {
        let request = self.action(order_id, "cancel").json(&json!({"reason": reason}));
        self.call::<Value>(request).await.map(|_| ())
    }

    /// Sends `PUT /orders/{id}?action=make`.
    pub async fn make(&self, order_id: &OrderId) -> Result<Claim, Error> {
        Ok(self.call(self.action(order_id, "make")).await?.1)
    }

    /// Sends `PUT /orders/{id}?action=make&from=…`: takes over the claim of this version.
    pub async fn take_over(&self, order_id: &OrderId, from: u64) -> Result<Claim, Error> {
        Ok(self.call(self.action(order_id, "make").query(&[("from", from)])).await?.1)
    }

    /// Sends `PUT /orders/{id}?action=unmake`.
    pub async fn unmake(&self, order_id: &OrderId) -> Result<Claim, Error> {
        Ok(self.call(self.action(order_id, "unmake")).await?.1)
    }

    /// Sends `PUT /orders/{id}?action=complete`.
    pub async fn complete(&self, order_id: &OrderId) -> Result<(), Error> {
        self.call::<Value>(self.action(order_id, "complete")).await.map(|_| ())
    }

    /// Sends `PUT /orders/{id}?action=call`.
    pub async fn call_customer(&self, order_id: &OrderId) -> Result<Call, Error> {
        Ok(self.call(self.action(order_id, "call")).await?.1)
    }

    fn action(&self, order_id: &OrderId, action: &str) -> RequestBuilder {
        self.request(Method::PUT, &format!("/orders/{order_id}")).query(&[("action", action)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_address_and_a_pasted_token_are_cleaned() {
        assert_eq!(Api::new(" \"https://bar.example/v1/\" ").unwrap().base, "https://bar.example/v1");
        assert_eq!(Api::new("bar.example/v1").unwrap_err().exit_code(), 2);
        let api = Api::new("https://bar.example/v1").unwrap().with_token(" Bearer a.b.c\n");
        assert_eq!(api.token.as_deref(), Some("a.b.c"));
    }
}
