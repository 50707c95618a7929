//! Customers and baristas who do everything that the API offers.

use std::time::Duration;

use client::{Error, wait};
use domain::caller::Role;
use domain::drink::DrinkRequest;
use domain::order::OrderStatus;
use tokio::time::{Instant, sleep};

use super::{PAUSE, Traffic, until_answered};
use crate::fault::{Function, Operation};

const PATIENCE: Duration = Duration::from_secs(20);

const NEEDED_FOR: &[(Function, Operation)] = &[
    (Function::Validator, Operation::BatchGetItem),
    (Function::Validator, Operation::GetItem),
    (Function::Validator, Operation::UpdateItem),
    (Function::Validator, Operation::PutEvents),
    (Function::OrderManager, Operation::GetItem),
    (Function::OrderManager, Operation::Query),
    (Function::OrderManager, Operation::UpdateItem),
    (Function::OrderManager, Operation::PutEvents),
    (Function::OrderManager, Operation::SendTaskSuccess),
    (Function::OrderManager, Operation::SendTaskFailure),
    (Function::Admission, Operation::GetItem),
    (Function::Admission, Operation::TransactWriteItems),
    (Function::OrderProjector, Operation::UpdateItem),
    (Function::OrderProjector, Operation::TransactWriteItems),
];

/// One customer after the other, each with a barista who is not sure.
pub(super) async fn serve(traffic: Traffic, worker: u32) {
    let mut number = 0;
    while !traffic.is_over() && traffic.is_needed(NEEDED_FOR) {
        number += 1;
        // What goes wrong on the way is what this is about; what was promised is checked at the end.
        one(&traffic, &format!("guest-{worker}-{number}"), number).await.ok();
    }
}

async fn one(traffic: &Traffic, user: &str, number: u32) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    let shop = &traffic.shops.bar;
    let (display, customer) = (traffic.somebody("admin", &[Role::Admin])?, traffic.somebody(user, &[])?);
    let barista = traffic.somebody("bea", &[Role::Barista])?;
    let code = until_answered(deadline, || display.qr_code(shop)).await?.code;
    let order_id = until_answered(deadline, || customer.scan(shop, &code)).await?.order_id;
    traffic.remember(&order_id, user);
    until_answered(deadline, || wait::order_is(&customer, &order_id, OrderStatus::Created, deadline)).await?;
    until_answered(deadline, || customer.my_orders(shop)).await?;
    if number.is_multiple_of(2) {
        until_answered(deadline, || customer.cancel(&order_id, "changed my mind")).await?;
        traffic.promise(&order_id, |promise| promise.cancelled = true);
        return Ok(());
    }
    let latte = DrinkRequest { drink: "Latte".into(), modifiers: vec!["Oat".into()] };
    until_answered(deadline, || customer.submit(&order_id, &latte)).await?;
    traffic.promise(&order_id, |promise| promise.submitted = Some(latte.drink.clone()));
    until_answered(deadline, || wait::order_is(&customer, &order_id, OrderStatus::Waiting, deadline)).await?;
    until_answered(deadline, || barista.queue(shop, OrderStatus::Waiting, 25, None)).await?;
    until_answered(deadline, || barista.make(&order_id)).await?;
    until_answered(deadline, || barista.unmake(&order_id)).await?;
    until_answered(deadline, || barista.make(&order_id)).await?;
    if number.is_multiple_of(5) {
        until_answered(deadline, || barista.cancel(&order_id, "no milk")).await?;
        return Ok(());
    }
    until_answered(deadline, || barista.complete(&order_id)).await?;
    traffic.promise(&order_id, |promise| promise.completed = true);
    Ok(())
}

/// Orders for a shop that is closed: admission refuses them behind the door, and writes that down.
pub(super) async fn refuse(traffic: Traffic) {
    let mut number = 0;
    while !traffic.is_over() && traffic.is_needed(&[(Function::Admission, Operation::PutItem)]) {
        number += 1;
        traffic.ask(&traffic.shops.closed, &format!("late-{number}")).await.ok();
        sleep(PAUSE).await;
    }
}
