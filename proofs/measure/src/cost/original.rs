//! Counts and price of one order in AWS's Serverlesspresso, counted in its source code:
//! <https://github.com/aws-samples/serverless-coffee> (commit 082d2e3) and
//! <https://github.com/aws-samples/serverless-coffee-workshop> (commit 30b0731).

use crate::cost::bill::{Bill, Extras};
use crate::cost::count::{Counts, Kind};
use crate::cost::prices::Prices;

/// Kind of what AWS bills, its quantity in the core, and that in the original as deployed.
type Quantities = (Kind, f64, f64);

const QUANTITIES: [Quantities; 8] = [
    (Kind::Transition, 28.0, 63.0),
    (Kind::Invocation, 17.0, 18.0),
    (Kind::Event, 7.0, 7.0),
    (Kind::Delivery, 23.0, 30.0),
    (Kind::Write, 24.0, 30.0),
    (Kind::Read, 3.0, 4.0),
    (Kind::Request, 4.0, 4.0),
    (Kind::Realtime, 13.0, 13.0),
];

#[derive(Debug, Clone, Copy)]
pub struct Original {
    pub name: &'static str,
    quantity: fn(Quantities) -> f64,
}

/// The original without its order journey, a workflow that records each event of an order.
pub const CORE: Original = Original { name: "original, core", quantity: |(_, core, _)| core };

/// The original as its template deploys it: with its order journey, which starts one more execution
/// per event.
pub const DEPLOYED: Original = Original { name: "original, as deployed", quantity: |(.., deployed)| deployed };

/// Messages that IoT Core bills besides the 13 published ones, with one display, one tablet and one
/// phone: 7 delivered to each of display and tablet, 6 to the phone, and 3 for the phone's
/// connection and its two subscriptions.
const DELIVERED: f64 = 2.0 * 7.0 + 6.0 + 1.0 + 2.0;

/// Messages that a second tablet receives.
const DELIVERED_TO_A_TABLET: f64 = 7.0;

/// Invocations of the functions that publish realtime messages.
const PUBLISHERS: f64 = 13.0;

impl Original {
    pub fn counts(&self) -> Counts {
        QUANTITIES.iter().fold(Counts::default(), |counts, one| counts.with(one.0, self.name, (self.quantity)(*one)))
    }

    /// Computes the bill. Duration and log bytes per invocation are assumed to be ours. The latter
    /// favours the original: its functions log whole events, and a rule logs each event once more.
    /// The original records no traces.
    pub fn bill(&self, log_bytes_per_invocation: f64, prices: &Prices) -> Bill {
        priced(&self.counts(), log_bytes_per_invocation, prices)
    }

    /// Computes the bill with what IoT Core bills for deliveries to one display, one phone and
    /// `tablets` tablets, and for the phone's connection and subscriptions. Connection minutes are
    /// left out, which favours the original.
    pub fn bill_with_deliveries(&self, tablets: f64, log_bytes_per_invocation: f64, prices: &Prices) -> Bill {
        let delivered = DELIVERED + (tablets - 1.0) * DELIVERED_TO_A_TABLET;
        let counts = self.counts().with(Kind::Realtime, self.name, delivered);
        priced(&counts, log_bytes_per_invocation, prices)
    }

    pub fn bill_without_realtime(&self, log_bytes_per_invocation: f64, prices: &Prices) -> Bill {
        let counts = self.counts().with(Kind::Realtime, self.name, -self.counts().total(Kind::Realtime)).with(
            Kind::Invocation,
            self.name,
            -PUBLISHERS,
        );
        priced(&counts, log_bytes_per_invocation, prices)
    }
}

fn priced(counts: &Counts, log_bytes_per_invocation: f64, prices: &Prices) -> Bill {
    let log_bytes = counts.total(Kind::Invocation) * log_bytes_per_invocation;
    Bill::new(counts, Extras { log_bytes, traces: 0.0 }, prices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bill_of_the_core_is_the_sum_of_its_priced_counts() {
        let prices = Prices::shipped().unwrap();
        let bill = CORE.bill(0.0, &prices);
        // Transitions, invocations, their GB-seconds, events, writes, reads, requests, messages.
        let expected = 700.0 + 3.4 + 0.850_004_25 + 7.0 + 15.0 + 0.375 + 14.0 + 13.0;
        assert!((bill.total - expected).abs() < 1e-6, "{}", bill.total);
        let without = CORE.bill_without_realtime(0.0, &prices);
        assert!((bill.total - without.total - (13.0 + 2.6 + 0.650_003_25)).abs() < 1e-6, "{}", without.total);
        let delivered = [1.0, 2.0].map(|tablets| CORE.bill_with_deliveries(tablets, 0.0, &prices).total - bill.total);
        assert!((delivered[0] - 23.0).abs() < 1e-6 && (delivered[1] - 30.0).abs() < 1e-6, "{delivered:?}");
    }
}
