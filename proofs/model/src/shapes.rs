//! The bars that are explored. A bar with all of it at once has more states than there is time for, so each has some of it.

use crate::world::Shape;

/// One order, once through.
const BASE: Shape = Shape {
    name: "",
    scans: &[(0, 0)],
    baristas: 1,
    drinks: 1,
    tokens: 1,
    room: 1,
    per_customer: 1,
    runs: 1,
    tries: 2,
    faults: 0,
    losses: 0,
    claims: false,
    closes: false,
};

/// Two customers who scan the same code, which is good for both.
const TWO: Shape = Shape { scans: &[(0, 0), (1, 0)], tokens: 2, tries: 1, ..BASE };

/// What is explored in a minute or two.
pub const SHORT: [Shape; 8] = [
    Shape { name: "a duplicate and a fault", runs: 2, faults: 1, ..BASE },
    Shape { name: "a fault and a lost event", faults: 1, losses: 1, ..BASE },
    Shape { name: "two faults", faults: 2, ..BASE },
    Shape { name: "a duplicate, two faults, nobody comes", runs: 2, faults: 2, baristas: 0, drinks: 0, ..BASE },
    Shape { name: "two baristas who claim, two drinks", baristas: 2, drinks: 2, tries: 1, claims: true, ..BASE },
    Shape { name: "two orders, a fault, a lost event", baristas: 0, drinks: 0, faults: 1, losses: 1, ..TWO },
    Shape { name: "a small shop", scans: &CROWD, baristas: 0, closes: true, ..BASE },
    Shape {
        name: "a shop with room for two, and a fault",
        scans: &CROWD,
        room: 2,
        baristas: 0,
        drinks: 0,
        tries: 1,
        faults: 1,
        closes: true,
        ..BASE
    },
];

/// What is explored besides, where there is more time.
pub const LONG: [Shape; 7] = [
    Shape { name: "two orders, a duplicate, nobody comes", runs: 2, baristas: 0, drinks: 0, ..TWO },
    Shape { name: "two orders, a barista", room: 2, ..TWO },
    Shape { name: "a duplicate, a fault, a lost event", runs: 2, faults: 1, losses: 1, ..BASE },
    Shape { name: "three faults", faults: 3, ..BASE },
    Shape { name: "two faults and two lost events", faults: 2, losses: 2, tries: 1, ..BASE },
    Shape { name: "two baristas, two drinks, a fault", baristas: 2, drinks: 2, faults: 1, tries: 1, ..BASE },
    Shape { name: "a small shop with a barista", scans: &CROWD, closes: true, ..BASE },
];

/// A customer who comes twice, and another; room for one.
const CROWD: [(u8, u8); 3] = [(0, 0), (0, 1), (1, 0)];
