//! Prices an order that screens show: a phone that shows the order page for 4 minutes, one tablet
//! and one display, with 60 orders an hour.

use serde_json::{Value, json};

use crate::cost::bill::{Bill, Extras};
use crate::cost::expected::connected;
use crate::cost::prices::Prices;

/// Maximum price of a million orders with screens, in dollars.
const MOST: f64 = 212.0;

/// Maximum share of the price of the original with its deliveries to the same screens.
const MOST_OF_ORIGINAL: f64 = 0.27;

const ORDERS_AN_HOUR: f64 = 60.0;
const MINUTES_OF_A_PHONE: f64 = 4.0;

/// While its socket is open, a tablet or a display reads every 5 minutes.
const READS_AN_HOUR: f64 = 12.0;

/// Tickets an hour. A display's socket receives messages for 30 minutes, that of a tablet for the
/// 15 minutes until the barista's bearer token expires.
const TICKETS_OF_A_DISPLAY: f64 = 2.0;
const TICKETS_OF_A_TABLET: f64 = 4.0;

/// Polls a minute without sockets, of each phone and tablet. A display polls less often.
const POLLS_A_MINUTE: f64 = 12.0;
const POLLS_OF_A_DISPLAY_A_MINUTE: f64 = 2.0;

/// Bills of the scenarios that were played, in dollars a million, and what the sockets received.
#[derive(Debug, Clone)]
pub struct Bills {
    pub completed: f64,
    pub with_screens: f64,
    pub read_order: f64,
    pub read_queue: f64,
    pub read_code: f64,
    pub read_config: f64,
    /// Bytes that each socket received: display, tablet, phone.
    pub received_bytes: Vec<usize>,
    /// Billed units of the messages to all sockets.
    pub messages: f64,
}

#[derive(Debug, Clone)]
pub struct Screens {
    lines: Vec<(String, f64)>,
    total: f64,
    polling: f64,
    hours: [(&'static str, f64); 3],
    /// The original with its deliveries to one display, one phone, and one or two tablets.
    originals: [f64; 2],
}

impl Screens {
    pub fn new(bills: &Bills, originals: [f64; 2], prices: &Prices) -> Self {
        let price = |name: &str, quantity: f64| prices.of_a_million(name, quantity);
        // To verify the secret of a display takes one more consistent read.
        let display_read = bills.read_code + price("read", 1.0);
        // The request for a page costs as much as one for the settings, but reads no table.
        let page = bills.read_config - price("read", 1.0);
        let connect = Bill::new(&connected(), Extras::default(), prices).total;
        let ticket = bills.read_config + connect;
        // A read of the board costs as many units as one of the code: half a unit for each of three
        // items of the shop and two lists of orders.
        let display = READS_AN_HOUR * 2.0 * display_read + TICKETS_OF_A_DISPLAY * ticket;
        let tablet = READS_AN_HOUR * bills.read_queue + TICKETS_OF_A_TABLET * ticket;
        let minutes = price("socketMinute", MINUTES_OF_A_PHONE + 2.0 * 60.0 / ORDERS_AN_HOUR);
        let messages = price("socketMessage", bills.messages);
        let sockets = bills.with_screens - bills.completed - bills.read_order - messages;
        let received: Vec<String> = bills.received_bytes.iter().map(ToString::to_string).collect();
        let lines = vec![
            (
                "the order: a scan with menu, look and ticket in its answer, a choice, a claim, a completion"
                    .to_owned(),
                bills.completed,
            ),
            ("the page of the phone".to_owned(), page),
            ("one read of the order after the socket opened".to_owned(), bills.read_order),
            ("$connect, and the publisher's invocations and queries".to_owned(), sockets),
            (format!("{} messages; display, tablet, phone: {} bytes", bills.messages, received.join(", ")), messages),
            ("minutes of the sockets: 4 of the phone, 1 of the tablet, 1 of the display".to_owned(), minutes),
            ("the display's share: 24 reads and 2 tickets an hour".to_owned(), display / ORDERS_AN_HOUR),
            ("the tablet's share: 12 reads and 4 tickets an hour".to_owned(), tablet / ORDERS_AN_HOUR),
        ];
        let total = lines.iter().map(|(_, dollars)| dollars).sum();
        let hour = price("socketMinute", 60.0);
        let polls = POLLS_A_MINUTE * (MINUTES_OF_A_PHONE * bills.read_order + 60.0 / ORDERS_AN_HOUR * bills.read_queue);
        let of_display = POLLS_OF_A_DISPLAY_A_MINUTE * 60.0 / ORDERS_AN_HOUR * 2.0 * display_read;
        Self {
            lines,
            total,
            polling: bills.completed + page + polls + of_display,
            hours: [("display", display + hour), ("tablet", tablet + hour), ("phone", hour)],
            originals,
        }
    }

    fn share(&self) -> f64 {
        self.total / self.originals[0]
    }

    pub fn failure(&self) -> Option<String> {
        (self.total > MOST || self.share() > MOST_OF_ORIGINAL).then(|| {
            format!(
                "with screens a million orders cost $ {:.2}, {:.1} % of the original; the goal is $ {MOST:.0} and {:.0} %",
                self.total,
                100.0 * self.share(),
                100.0 * MOST_OF_ORIGINAL
            )
        })
    }

    pub fn paragraph(&self) -> String {
        let mut lines = vec!["with screens ($ / million completed orders):".to_owned()];
        lines.extend(self.lines.iter().map(|(what, dollars)| format!("  {dollars:8.2}  {what}")));
        lines.push(format!("  {:8.2}  with screens", self.total));
        let [one, two] = self.originals;
        lines.push(format!(
            "the original with its deliveries to the same screens: $ {one:.2}, of which ours is {:.1} %; with a second tablet $ {two:.2}",
            100.0 * self.share()
        ));
        lines.push(format!(
            "polling: phone and tablet every 5 s, display every 30 s, instead of sockets: $ {:.2}",
            self.polling
        ));
        let hours = self.hours.map(|(screen, dollars)| format!("{screen} $ {dollars:.2}"));
        lines.push(format!("per screen-hour, a million of them: {}", hours.join(", ")));
        lines.join("\n")
    }

    pub fn to_json(&self) -> Value {
        let lines: Vec<Value> =
            self.lines.iter().map(|(what, dollars)| json!({"what": what, "dollars": dollars})).collect();
        let hours: serde_json::Map<_, _> =
            self.hours.iter().map(|(screen, dollars)| ((*screen).to_owned(), json!(dollars))).collect();
        json!({
            "lines": lines, "total": self.total, "polling": self.polling, "screenHours": hours,
            "originals": self.originals, "share": self.share(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bills() -> Bills {
        Bills {
            completed: 185.0,
            with_screens: 201.9,
            read_order: 4.4,
            read_queue: 4.3,
            read_code: 4.5,
            read_config: 4.4,
            received_bytes: vec![300, 900, 800],
            messages: 9.0,
        }
    }

    #[test]
    fn the_price_is_the_sum_of_its_lines() {
        let screens = Screens::new(&bills(), [790.0, 797.0], &Prices::shipped().unwrap());
        let sum: f64 = screens.lines.iter().map(|(_, dollars)| dollars).sum();
        assert!((sum - screens.total).abs() < 1e-9 && screens.polling > screens.total, "{screens:?}");
        // What was played, the page, 6 minutes, and the shares of display and tablet.
        assert!((210.0..212.0).contains(&screens.total), "{}", screens.total);
    }

    #[test]
    fn a_price_above_either_goal_is_a_failure() {
        let prices = Prices::shipped().unwrap();
        assert_eq!(Screens::new(&bills(), [790.0, 797.0], &prices).failure(), None);
        assert!(Screens::new(&bills(), [700.0, 707.0], &prices).failure().is_some(), "more than the share");
        let dear = Bills { with_screens: 204.0, ..bills() };
        assert!(Screens::new(&dear, [900.0, 907.0], &prices).failure().is_some(), "more than the dollars");
    }
}
