//! Orders that fail where the workflow is to fail: their ids are drawn until the hash fits.

use std::time::Duration;

use client::{Error, wait};
use domain::caller::Role;
use domain::drink::DrinkRequest;
use domain::order::OrderStatus;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Traffic, new_order_id, until_answered};
use crate::workflow::{Failure, STATES, is_hit, reaches};

const AT_ONCE: usize = 10;
const PATIENCE: Duration = Duration::from_secs(25);

/// Fails each call of the workflow in each of its ways.
pub(super) async fn fail_each(traffic: Traffic) {
    // More than are needed: a customer may be faster than the failure that is meant for a wait, or be hit by another on the way.
    let (minimum, _) = traffic.aim;
    let mut walks = JoinSet::new();
    for place in 0..minimum + 4 {
        for (state, failures) in STATES {
            for failure in *failures {
                if walks.len() >= AT_ONCE {
                    walks.join_next().await;
                }
                if traffic.is_over() {
                    return;
                }
                walks.spawn(walk(
                    traffic.clone(),
                    format!("aimed-{place}-{state}-{}", *failure as u8),
                    state,
                    *failure,
                ));
            }
        }
    }
    walks.join_all().await;
}

/// What goes wrong on the way is meant to; what was promised is checked at the end.
async fn walk(traffic: Traffic, user: String, state: &'static str, failure: Failure) {
    visit(&traffic, &user, state, failure).await.ok();
}

async fn visit(traffic: &Traffic, user: &str, state: &str, failure: Failure) -> Result<(), Error> {
    let (_, share) = traffic.aim;
    let fits = |id: &String| is_hit(id, state, failure, share) && reaches(id, state, share);
    let Some(id) = std::iter::repeat_with(new_order_id).take(100_000).find(fits) else { return Ok(()) };
    let order_id = traffic.ask_for(&id, &traffic.shops.bar, user).await?;
    let deadline = Instant::now() + PATIENCE;
    let (customer, barista) = (traffic.somebody(user, &[])?, traffic.somebody("bea", &[Role::Barista])?);
    until_answered(deadline, || wait::order_is(&customer, &order_id, OrderStatus::Created, deadline)).await?;
    let latte = DrinkRequest { drink: "Latte".into(), modifiers: Vec::new() };
    until_answered(deadline, || customer.submit(&order_id, &latte)).await?;
    traffic.promise(&order_id, |promise| promise.submitted = Some(latte.drink.clone()));
    until_answered(deadline, || wait::order_is(&customer, &order_id, OrderStatus::Waiting, deadline)).await?;
    until_answered(deadline, || barista.complete(&order_id)).await?;
    traffic.promise(&order_id, |promise| promise.completed = true);
    Ok(())
}
