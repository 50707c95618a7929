//! Lists orders page by page: those of a shop with one status, and those of the caller.

use adapters::orders::{Direction, ListOrders, OrderPage, PageRequest, PageToken, StatusFilter};
use data_encoding::BASE64URL_NOPAD;
use domain::caller::Caller;
use domain::command;
use domain::ids::ShopId;
use domain::order::{Order, OrderStatus};
use domain::timestamp::Timestamp;
use http_api::{Code, Problem, Request, Response, identity};
use serde::Serialize;

use crate::OrderManager;

const DEFAULT_ITEMS: u64 = 25;
const MOST_ITEMS: u64 = 100;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List {
    orders: Vec<Order>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl<O: ListOrders, S, W, P> OrderManager<O, S, W, P> {
    pub(crate) async fn queue(&self, request: &Request, caller: &Caller) -> Result<Response, Problem> {
        identity::require_barista(caller)?;
        request.only(&["eventId", "status", "order", "since", "maxItems", "nextToken"])?;
        let shop_id: ShopId = request.query("eventId")?;
        let status: String = request.query("status")?;
        let status = OrderStatus::parse(&status).ok_or_else(|| {
            let known = OrderStatus::ALL.map(OrderStatus::as_str).join(", ");
            Problem::new(Code::InvalidParameter, format!("status must be one of {known}")).with_field("status")
        })?;
        let since = request.query_optional("since")?;
        let directions = [("oldest", Direction::OldestFirst), ("newest", Direction::NewestFirst)];
        let direction = request.query_choice("order", directions)?.unwrap_or_default();
        let filter = StatusFilter { status, since, direction };
        let page = page(request)?;
        check_position(filter.since, &page)?;
        answer(self.orders.by_status(&shop_id, filter, &page).await?, caller)
    }

    pub(crate) async fn my_orders(&self, request: &Request, caller: &Caller) -> Result<Response, Problem> {
        request.only(&["eventId", "maxItems", "nextToken"])?;
        let shop_id: ShopId = request.query("eventId")?;
        answer(self.orders.by_customer(&shop_id, &caller.user_id, &page(request)?).await?, caller)
    }
}

/// Refuses a page token with a position before `since`. It belongs to a list with another `since`,
/// and DynamoDB refuses a position outside the range of the query.
fn check_position(since: Option<Timestamp>, page: &PageRequest) -> Result<(), Problem> {
    match (since, &page.after) {
        (Some(since), Some(after)) if after.created_at < since => {
            let detail = "nextToken belongs to a list with another since; send the since of the previous page";
            Err(Problem::new(Code::InvalidParameter, detail).with_field("nextToken"))
        }
        _ => Ok(()),
    }
}

fn page(request: &Request) -> Result<PageRequest, Problem> {
    let max_items = request.query_digits("maxItems", 1..=MOST_ITEMS)?.unwrap_or(DEFAULT_ITEMS);
    let next_token: Option<String> = request.query_optional("nextToken")?;
    let after = next_token.map(|text| {
        parse_page_token(&text).ok_or_else(|| {
            let detail = "nextToken must be the value that the previous page returned";
            Problem::new(Code::InvalidParameter, detail).with_field("nextToken")
        })
    });
    Ok(PageRequest { max_items: u32::try_from(max_items).unwrap_or(u32::MAX), after: after.transpose()? })
}

fn answer(page: OrderPage, caller: &Caller) -> Result<Response, Problem> {
    let next_token = page.next.as_ref().map(write_page_token);
    let orders = page.orders.into_iter().map(|order| command::as_seen_by(order, caller)).collect();
    Response::json(200, &List { orders, next_token })
}

/// Encodes a page token. It is not signed, because a forged page token cannot show more: the
/// request itself names the shop and the customer.
fn write_page_token(PageToken { order_id, created_at }: &PageToken) -> String {
    BASE64URL_NOPAD.encode(format!("{created_at} {order_id}").as_bytes())
}

fn parse_page_token(text: &str) -> Option<PageToken> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let (created_at, order_id) = std::str::from_utf8(&bytes).ok()?.split_once(' ')?;
    Some(PageToken { order_id: order_id.parse().ok()?, created_at: created_at.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_token_can_be_decoded_and_other_text_is_refused() {
        let created_at = Timestamp::from_millis(1_700_000_000_123);
        let page_token = PageToken { order_id: "abc".parse().unwrap(), created_at };
        assert_eq!(parse_page_token(&write_page_token(&page_token)), Some(page_token));
        for nonsense in ["", "x", "%%%", &BASE64URL_NOPAD.encode(b"a b"), &BASE64URL_NOPAD.encode(b"2026 x")] {
            assert_eq!(parse_page_token(nonsense), None, "{nonsense}");
        }
    }
}
