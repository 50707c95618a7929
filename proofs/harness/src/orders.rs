//! Requests orders by events on the bus, without a scan.

use client::bus::publish;
use client::{Error, Stack};
use domain::event::{About, Detail, NewOrder};
use domain::ids::{InvalidId, OrderId, ShopId};
use serde_json::Value;

pub fn new_order_id() -> String {
    format!("{:016x}{:08x}", fastrand::u64(..), fastrand::u32(..))
}

pub fn new_order(order_id: &OrderId, shop: &ShopId, user: &str) -> Result<Value, Error> {
    let detail = NewOrder {
        about: About {
            order_id: order_id.clone(),
            user_id: user.parse().map_err(invalid)?,
            shop_id: shop.clone(),
            message: "Requested without a scan".to_owned(),
            at: client::now(),
        },
        bucket: None,
    };
    serde_json::to_value(detail).map_err(|error| Error::failed("an order cannot be requested", error))
}

pub async fn request_order(stack: &Stack, order_id: &str, shop: &ShopId, user: &str) -> Result<OrderId, Error> {
    let order_id: OrderId = order_id.parse().map_err(invalid)?;
    publish(stack, NewOrder::DETAIL_TYPE, &new_order(&order_id, shop, user)?).await?;
    Ok(order_id)
}

fn invalid(error: InvalidId) -> Error {
    Error::failed("an order cannot be requested", error)
}
