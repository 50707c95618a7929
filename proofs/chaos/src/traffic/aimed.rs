//! Orders that a given failure of the workflow hits: ids are drawn until the hash fits.

use client::Error;
use client::venue::latte;
use domain::order::OrderStatus;
use harness::orders::new_order_id;
use tokio::task::JoinSet;

use super::Traffic;
use crate::histories::Histories;
use crate::workflow::{Failure, STATES, is_hit, reaches};

const CONCURRENCY: usize = 10;

/// Ids that are drawn for one order. About one in a thousand fits.
const MOST_IDS: usize = 100_000;

/// A failure may miss its order: the customer was faster, or another fault came first. So each pass
/// adds orders for the failures that are still missing, and these more for each.
const SPARE: u32 = 2;
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
        // Failures that cannot be read count as missing.
        if let Ok(histories) = Histories::read(&traffic.venue.stack, traffic.target.since.into()).await {
            missing = histories.missing(minimum);
        }
        if missing.is_empty() {
            return;
        }
    }
}

/// Places one order and follows it as far as the faults let it. The checks at the end compare what
/// was promised.
async fn visit(traffic: Traffic, user: String, state: &'static str, failure: Failure) {
    place_order(&traffic, &user, state, failure).await.ok();
}

async fn place_order(traffic: &Traffic, user: &str, state: &str, failure: Failure) -> Result<(), Error> {
    let share = traffic.target.share;
    let fits = |id: &String| is_hit(id, state, failure, share) && reaches(id, state, share);
    let Some(id) = std::iter::repeat_with(new_order_id).take(MOST_IDS).find(fits) else { return Ok(()) };
    let order_id = traffic.request_as(&id, &traffic.shops.open, user).await?;
    if (state, failure) == ("Admit", Failure::EveryAttempt) {
        // It is never stored while faults are active.
        return Ok(());
    }
    let venue = &traffic.venue;
    let customer = venue.customer(user)?;
    venue.reaches(&order_id, OrderStatus::Created).await?;
    venue.choose(&customer, &order_id).await?;
    traffic.promise(&order_id, |promise| promise.submitted = Some(latte().drink));
    venue.reaches(&order_id, OrderStatus::Waiting).await?;
    venue.complete(&order_id).await?;
    traffic.promise(&order_id, |promise| promise.completed = true);
    Ok(())
}
