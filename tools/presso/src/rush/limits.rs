//! Changes the limits of a shop for a rush or a burst, and restores them afterwards.

use std::time::Duration;

use client::error::causes;
use client::{Api, Error};
use domain::ids::ShopId;
use domain::shop::{SettingsEdit, ShopState};
use tokio::time::sleep;

use crate::cli::{BurstArgs, RushArgs};

const ATTEMPTS: u32 = 6;
const PAUSE: Duration = Duration::from_millis(300);

/// A limit before and during the rush or burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit {
    before: u32,
    during: u32,
}

/// The limits that a rush or a burst changes.
#[derive(Debug)]
pub(crate) struct Limits {
    drinks_per_barcode: Limit,
    max_orders_in_queue: Limit,
}

impl Limit {
    /// Raises the limit to `wanted`, or to `max` if that is lower. Never lowers it.
    fn at_least(before: u32, wanted: u32, max: u32) -> Self {
        Self { before, during: before.max(wanted.min(max)) }
    }

    const fn exactly(before: u32, wanted: u32) -> Self {
        Self { before, during: wanted }
    }

    fn edit(self) -> Option<u32> {
        (self.during != self.before).then_some(self.during)
    }

    /// Returns the value to restore; `None` if the rush or burst did not change the limit, or if it
    /// was changed again since.
    fn restored(self, now: u32) -> Option<u32> {
        (self.during != self.before && now == self.during).then_some(self.before)
    }
}

impl Limits {
    /// Returns the limits that a rush needs.
    fn for_rush(before: &ShopState, args: &RushArgs) -> Self {
        let drinks = args.orders.saturating_mul(2);
        let capacity = args.concurrency.saturating_mul(2);
        Self {
            drinks_per_barcode: Limit::at_least(before.drinks_per_barcode, drinks, 1_000),
            max_orders_in_queue: Limit::at_least(before.max_orders_in_queue, capacity, 10_000),
        }
    }

    /// Returns the limits that a burst needs: a code for all customers, capacity for some.
    pub(crate) fn for_burst(before: &ShopState, args: &BurstArgs) -> Self {
        Self {
            drinks_per_barcode: Limit::at_least(before.drinks_per_barcode, args.scans, 1_000),
            max_orders_in_queue: Limit::exactly(before.max_orders_in_queue, args.capacity),
        }
    }

    fn edit(&self) -> SettingsEdit {
        SettingsEdit {
            drinks_per_barcode: self.drinks_per_barcode.edit(),
            max_orders_in_queue: self.max_orders_in_queue.edit(),
            ..SettingsEdit::default()
        }
    }

    fn edit_to_restore(&self, now: &ShopState) -> SettingsEdit {
        SettingsEdit {
            drinks_per_barcode: self.drinks_per_barcode.restored(now.drinks_per_barcode),
            max_orders_in_queue: self.max_orders_in_queue.restored(now.max_orders_in_queue),
            ..SettingsEdit::default()
        }
    }

    /// Raises the limits for a rush.
    pub(super) async fn raise(admin: &Api, shop_id: &ShopId, args: &RushArgs) -> Result<Self, Error> {
        Self::change(admin, shop_id, |before| Self::for_rush(before, args)).await
    }

    /// Changes the limits to those that `fit` returns. If the edit fails, for example because its
    /// answer is lost, restores the limits. `admin` must not retry: after a lost answer, a retry is
    /// answered `version_mismatch`, and the changed limits would be taken for the original ones.
    pub(crate) async fn change(admin: &Api, shop_id: &ShopId, fit: impl Fn(&ShopState) -> Self) -> Result<Self, Error> {
        for _ in 1..ATTEMPTS {
            let before = admin.config(shop_id).await?.settings.state;
            let limits = fit(&before);
            match apply(admin, shop_id, limits.edit(), before.version).await {
                Ok(()) => return Ok(limits),
                Err(error) if is_outdated(&error) => {}
                Err(error) => {
                    limits.restore(admin, shop_id).await?;
                    return Err(error);
                }
            }
        }
        Err(Error::TimedOut("the shop's limits cannot be changed, because another admin changes them".into()))
    }

    /// Restores each limit that this rush or burst changed and nobody has changed since.
    pub(crate) async fn restore(&self, admin: &Api, shop_id: &ShopId) -> Result<(), Error> {
        let mut attempt = 1;
        loop {
            let Err(error) = self.try_restore(admin, shop_id).await else { return Ok(()) };
            if attempt >= ATTEMPTS {
                let Self { drinks_per_barcode: drinks, max_orders_in_queue: capacity } = self;
                return Err(Error::TimedOut(format!(
                    "the limits drinksPerBarcode {} and maxOrdersInQueue {} cannot be restored: {}",
                    drinks.before,
                    capacity.before,
                    causes(&error)
                )));
            }
            sleep(PAUSE * attempt).await;
            attempt += 1;
        }
    }

    async fn try_restore(&self, admin: &Api, shop_id: &ShopId) -> Result<(), Error> {
        let now = admin.config(shop_id).await?.settings.state;
        apply(admin, shop_id, self.edit_to_restore(&now), now.version).await
    }
}

async fn apply(admin: &Api, shop_id: &ShopId, edit: SettingsEdit, version: u64) -> Result<(), Error> {
    if edit == SettingsEdit::default() {
        return Ok(());
    }
    admin.edit(shop_id, &edit, Some(version)).await.map(|_| ())
}

fn is_outdated(error: &Error) -> bool {
    error.problem().is_some_and(|problem| problem.code == "version_mismatch")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(drinks_per_barcode: u32, max_orders_in_queue: u32) -> ShopState {
        ShopState { drinks_per_barcode, max_orders_in_queue, ..ShopState::default() }
    }

    fn args(orders: u32, concurrency: u32) -> RushArgs {
        RushArgs { orders, concurrency, raise_limits: true, cancel: 0, leave: 0, attempts: 1, patience: 120 }
    }

    fn edit(drinks_per_barcode: Option<u32>, max_orders_in_queue: Option<u32>) -> SettingsEdit {
        SettingsEdit { drinks_per_barcode, max_orders_in_queue, ..SettingsEdit::default() }
    }

    #[test]
    fn a_limit_is_restored_unless_it_was_changed_meanwhile() {
        let args = args(50, 30);
        let limits = Limits::for_rush(&settings(10, 20), &args);
        assert_eq!(limits.edit(), edit(Some(100), Some(60)));
        assert_eq!(limits.edit_to_restore(&settings(100, 60)), edit(Some(10), Some(20)));
        assert_eq!(limits.edit_to_restore(&settings(100, 7)), edit(Some(10), None));
        assert_eq!(limits.edit_to_restore(&settings(10, 20)), SettingsEdit::default());
    }

    #[test]
    fn a_burst_sets_exactly_its_capacity_and_restores_that_of_the_shop() {
        let args = BurstArgs { scans: 1_000, within: 1, capacity: 20, kind: None, requests: 600 };
        let limits = Limits::for_burst(&settings(10, 500), &args);
        assert_eq!(limits.edit(), edit(Some(1_000), Some(20)));
        assert_eq!(limits.edit_to_restore(&settings(1_000, 20)), edit(Some(10), Some(500)));
    }

    #[test]
    fn a_limit_that_is_high_enough_or_at_its_maximum_is_not_changed() {
        let args = args(100_000, 10);
        let limits = Limits::for_rush(&settings(1_000, 500), &args);
        assert_eq!(limits.edit(), SettingsEdit::default());
        assert_eq!(limits.edit_to_restore(&settings(1_000, 500)), SettingsEdit::default());
    }
}
