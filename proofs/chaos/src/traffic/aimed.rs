//! Places orders that a chosen failure of the workflow hits. `workflow::is_hit` decides by a hash
//! of the order id, so random ids are generated until the failure hits one.

use client::Error;
use client::venue::latte;
use domain::order::OrderStatus;
use harness::orders::new_order_id;
use tokio::task::JoinSet;

use super::Traffic;
use crate::histories::Histories;
use crate::workflow::{Failure, STATES, is_hit, reaches};

const CONCURRENCY: usize = 10;

/// Maximum number of ids to try for one order. On average, a given failure hits more than one id in
/// a hundred.
const MOST_IDS: usize = 100_000;

/// Orders added per failure and pass, beyond those still missing: another fault may end an order
/// before the failure hits it.
const SPARE: u32 = 2;
/// Maximum number of passes. Each pass places orders for the failures that are still missing, and
/// then reads from the histories which failures have occurred.
const MOST_PASSES: u32 = 8;

pub(super) async fn fail_each(traffic: Traffic) {
    let minimum = traffic.target.minimum;
    let all = STATES.iter().flat_map(|(state, failures)| failures.iter().map(move |failure| (*state, *failure, 0)));
    let mut missing: Vec<_> = all.collect();
    for pass in 0..MOST_PASSES {
        let mut visits = JoinSet::new();
        for number in 0..minimum + SPARE {
            for &(state, failure, count) in &missing {
                if number >= minimum - count + SPARE {
                    continue;
                }
                if visits.len() >= CONCURRENCY {
                    visits.join_next().await;
                }
                let user = format!("aimed-{pass}-{number}-{state}-{}", failure as u8);
                visits.spawn(visit(traffic.clone(), user, state, failure));
            }
        }
        visits.join_all().await;
        // If the histories cannot be read, the next pass repeats the same failures.
        if let Ok(histories) = Histories::read(&traffic.venue.stack, traffic.target.since.into()).await {
            missing = histories.missing(minimum);
        }
        if missing.is_empty() {
            return;
        }
    }
}

/// Places one order and continues it as far as the faults allow. Records each command that the API
/// accepted; the final check compares the commands with the stored orders.
async fn visit(traffic: Traffic, user: String, state: &'static str, failure: Failure) {
    place_order(&traffic, &user, state, failure).await.ok();
}

async fn place_order(traffic: &Traffic, user: &str, state: &str, failure: Failure) -> Result<(), Error> {
    let share = traffic.target.share;
    let fits = |id: &String| is_hit(id, state, failure, share) && reaches(id, state, share);
    let Some(id) = std::iter::repeat_with(new_order_id).take(MOST_IDS).find(fits) else { return Ok(()) };
    let order_id = traffic.request_as(&id, &traffic.shops.open, user).await?;
    if (state, failure) == ("Admit", Failure::EveryAttempt) {
        // Such an order is not stored until the sweeper records it.
        return Ok(());
    }
    let venue = &traffic.venue;
    let customer = venue.customer(user)?;
    venue.reaches(&order_id, OrderStatus::Created).await?;
    venue.choose(&customer, &order_id).await?;
    traffic.note_accepted(&order_id, |accepted| accepted.submitted = Some(latte().drink.into()));
    venue.reaches(&order_id, OrderStatus::Waiting).await?;
    venue.complete(&order_id).await?;
    traffic.note_accepted(&order_id, |accepted| accepted.completed = true);
    Ok(())
}
