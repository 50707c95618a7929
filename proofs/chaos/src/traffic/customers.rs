//! Plays customers and baristas: scans, orders at the counter, lists, claims and commands. Also
//! requests orders that a closed shop refuses.

use client::venue::latte;
use client::{Api, Error};
use domain::caller::Role;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use harness::function::Function;
use tokio::time::sleep;

use super::{PAUSE, Traffic};
use crate::coverage::Rounds;
use crate::fault::{CallKind, Operation};

const MOST_IDLE_VISITS: u32 = 40;
const MOST_IDLE_REQUESTS: u32 = 400;

fn is_refusal(call: CallKind) -> bool {
    call == CallKind::new(Function::Admission, Operation::PutItem)
}

fn is_served(call: CallKind) -> bool {
    matches!(
        call.function,
        Function::Validator | Function::OrderManager | Function::Admission | Function::OrderProjector
    ) && !is_refusal(call)
}

pub(super) async fn serve(traffic: Traffic, worker: u32) {
    let mut rounds = Rounds::new(MOST_IDLE_VISITS);
    while rounds.start(traffic.coverage(is_served) + traffic.courier.coverage()) {
        // Faults may end a visit early. The final check compares the accepted commands with the
        // stored orders.
        visit(&traffic, &format!("visitor-{worker}-{}", rounds.number), rounds.number).await.ok();
    }
}

async fn visit(traffic: &Traffic, user: &str, number: u32) -> Result<(), Error> {
    let order_id = if number % 4 == 3 {
        Some(order_at_counter(traffic, user).await?)
    } else {
        order_by_scan(traffic, user, number.is_multiple_of(2)).await?
    };
    match order_id {
        Some(order_id) => serve_order(traffic, &order_id, number).await,
        None => Ok(()),
    }
}

/// Orders at the counter, where a barista sends the drink with the request.
async fn order_at_counter(traffic: &Traffic, key: &str) -> Result<OrderId, Error> {
    let (venue, drink) = (&traffic.venue, latte());
    let order_id = venue.retry(|| venue.barista.order_at_counter(&venue.shop_id, key, &drink)).await?;
    traffic.note_accepted(&order_id, |accepted| accepted.submitted = Some(drink.drink.into()));
    Ok(order_id)
}

/// Scans and chooses a drink. Returns `None` if the customer cancels instead.
async fn order_by_scan(traffic: &Traffic, user: &str, cancels: bool) -> Result<Option<OrderId>, Error> {
    let venue = &traffic.venue;
    let customer = venue.customer(user)?;
    let order_id = venue.scan(&customer).await?.order_id;
    traffic.note_accepted(&order_id, |_| {});
    venue.reaches(&order_id, OrderStatus::Created).await?;
    venue.retry(|| customer.my_orders(&venue.shop_id)).await?;
    if cancels {
        venue.retry(|| customer.cancel(&order_id, "changed my mind")).await?;
        traffic.note_accepted(&order_id, |accepted| accepted.cancelled = true);
        return Ok(None);
    }
    venue.choose(&customer, &order_id).await?;
    traffic.note_accepted(&order_id, |accepted| accepted.submitted = Some(latte().drink.into()));
    Ok(Some(order_id))
}

async fn serve_order(traffic: &Traffic, order_id: &OrderId, number: u32) -> Result<(), Error> {
    let (venue, barista) = (&traffic.venue, &traffic.venue.barista);
    venue.reaches(order_id, OrderStatus::Waiting).await?;
    venue.retry(|| barista.queue(&venue.shop_id, OrderStatus::Waiting, 25, None)).await?;
    venue.make(order_id).await?;
    let maker = change_hands(traffic, order_id, number).await?;
    if number.is_multiple_of(5) {
        return venue.retry(|| maker.cancel(order_id, "no milk")).await;
    }
    venue.retry(|| maker.complete(order_id)).await?;
    traffic.note_accepted(order_id, |accepted| accepted.completed = true);
    venue.reaches(order_id, OrderStatus::Completed).await?;
    venue.retry(|| barista.call_customer(order_id)).await.map(drop)
}

/// Changes the claim in one of three ways, which `number` selects: another barista takes it over,
/// an admin releases it, or its holder releases it and claims the order again. Returns the barista
/// who continues with the order. After the release by an admin, this barista does not hold the
/// claim.
async fn change_hands(traffic: &Traffic, order_id: &OrderId, number: u32) -> Result<Api, Error> {
    let venue = &traffic.venue;
    let (barista, other) = (&venue.barista, venue.user("barista-2", &[Role::Barista])?);
    match number % 3 {
        0 => {
            let claim = venue.retry(|| barista.make(order_id)).await?;
            venue.retry(|| other.take_over(order_id, claim.claim_version)).await?;
            Ok(other)
        }
        1 => {
            venue.retry(|| venue.admin.unmake(order_id)).await?;
            Ok(other)
        }
        _ => {
            venue.retry(|| barista.unmake(order_id)).await?;
            venue.make(order_id).await?;
            Ok(barista.clone())
        }
    }
}

pub(super) async fn refuse(traffic: Traffic) {
    let mut rounds = Rounds::new(MOST_IDLE_REQUESTS);
    while rounds.start(traffic.coverage(is_refusal)) {
        traffic.request(&traffic.shops.closed, &format!("late-{}", rounds.number)).await.ok();
        sleep(PAUSE).await;
    }
}
