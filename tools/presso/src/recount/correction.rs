//! Writes the correction of counters, on the condition that no order began or ended since they were
//! read.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use client::error::Cause;
use client::{Error, now};

use super::counters::{CHANGES, Counter, FLOOR, IN_FLIGHT, OPEN_ORDERS, Recounter};

/// Maximum number of customers in one transaction, which has at most 100 writes.
const CUSTOMERS: usize = 99;

/// Time for which the count of a customer is kept, in seconds; the same as in admission.
const CUSTOMER_KEPT_SECS: i64 = 7 * 24 * 3600;

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the counters cannot be corrected", source)
}

impl Recounter<'_> {
    /// Corrects the counters `wrong`, which were read when `FLOOR` had this number of `changes`.
    /// Returns false if an order began or ended since, or another transaction conflicts. Then the
    /// last transaction wrote nothing; earlier ones may have written.
    pub(super) async fn correct(&self, changes: Option<i64>, wrong: &[Counter]) -> Result<bool, Error> {
        let (shop, customers): (Vec<&Counter>, Vec<&Counter>) = wrong.iter().partition(|counter| counter.item == FLOOR);
        let mut shop = shop.first().copied();
        let mut seen = changes;
        let none = [[].as_slice()];
        let parts: Vec<&[&Counter]> =
            if customers.is_empty() { none.into() } else { customers.chunks(CUSTOMERS).collect() };
        for part in parts {
            let next = seen.unwrap_or(0) + 1;
            if !self.write(seen, next, shop.take(), part).await? {
                return Ok(false);
            }
            seen = Some(next);
        }
        Ok(true)
    }

    fn update(&self, item: &str) -> UpdateBuilder {
        Update::builder().table_name(&self.stack.shop_table).set_key(Some(self.key(item)))
    }

    /// Builds the update of `FLOOR`: replaces the number `seen` of changes by `next`, and the count
    /// of open orders if `shop` is given. The next number makes one of two simultaneous recounts
    /// read again.
    fn floor_update(&self, seen: Option<i64>, next: i64, shop: Option<&Counter>) -> UpdateBuilder {
        let update = self.update(FLOOR).expression_attribute_names("#changes", CHANGES);
        let update = update.expression_attribute_values(":next", number(next));
        let update = match seen {
            Some(seen) => {
                update.condition_expression("#changes = :seen").expression_attribute_values(":seen", number(seen))
            }
            None => update.condition_expression("attribute_not_exists(#changes)"),
        };
        match shop {
            None => update.update_expression("SET #changes = :next"),
            Some(shop) => update
                .update_expression("SET #changes = :next, #count = :orders")
                .expression_attribute_names("#count", IN_FLIGHT)
                .expression_attribute_values(":orders", number(shop.orders)),
        }
    }

    fn customer_update(&self, customer: &Counter) -> UpdateBuilder {
        self.update(&customer.item)
            .update_expression("SET #count = :orders, #ttl = :ttl")
            .expression_attribute_names("#count", OPEN_ORDERS)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":orders", number(customer.orders))
            .expression_attribute_values(":ttl", number(now().as_secs() + CUSTOMER_KEPT_SECS))
    }

    /// Runs one transaction. Returns false if the number of changes is no longer `seen`, or another
    /// transaction conflicts.
    async fn write(
        &self,
        seen: Option<i64>,
        next: i64,
        shop: Option<&Counter>,
        customers: &[&Counter],
    ) -> Result<bool, Error> {
        let updates = [self.floor_update(seen, next, shop)].into_iter();
        let updates = updates.chain(customers.iter().map(|customer| self.customer_update(customer)));
        let items: Result<Vec<_>, _> =
            updates.map(|update| Ok(TransactWriteItem::builder().update(update.build()?).build())).collect();
        let items = items.map_err(|error: aws_sdk_dynamodb::error::BuildError| failed(error))?;
        let Err(error) = self.client.transact_write_items().set_transact_items(Some(items)).send().await else {
            return Ok(true);
        };
        let changed = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let codes = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
                codes.into_iter().any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
            }
            _ => false,
        };
        if changed { Ok(false) } else { Err(failed(error)) }
    }
}
