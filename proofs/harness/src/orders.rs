//! Orders that are requested on the bus, without a scan.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use client::Error;
use client::error::Cause;
use client::stack::Stack;
use domain::event::{About, CodeWindow, Detail, NewOrder, SOURCE};
use domain::ids::{OrderId, ShopId, UserId};
use domain::qr_code::Window;

pub fn new_order_id() -> String {
    format!("{:016x}{:08x}", fastrand::u64(..), fastrand::u32(..))
}

pub async fn request_order(stack: &Stack, order_id: &str, shop: &ShopId, user: &str) -> Result<OrderId, Error> {
    let order_id: OrderId = order_id.parse().map_err(failed)?;
    let user_id: UserId = user.parse().map_err(failed)?;
    let now = client::now();
    let window = Window::at(now);
    let detail = NewOrder {
        about: About {
            order_id: order_id.clone(),
            user_id,
            shop_id: shop.clone(),
            message: "Requested by a proof".to_owned(),
            at: now,
        },
        bucket: CodeWindow {
            window: window.number(),
            starts_at: window.starts_at(),
            ends_at: window.ends_at(),
            available_tokens: 1,
        },
    };
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(&stack.bus_name)
        .source(SOURCE)
        .detail_type(NewOrder::DETAIL_TYPE)
        .detail(serde_json::to_string(&detail).map_err(failed)?)
        .build();
    let events = aws_sdk_eventbridge::Client::new(&stack.aws);
    let answer = events.put_events().entries(entry).send().await.map_err(failed)?;
    if answer.failed_entry_count() > 0 {
        return Err(failed("the bus rejected the event"));
    }
    Ok(order_id)
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("an order cannot be requested", source)
}
