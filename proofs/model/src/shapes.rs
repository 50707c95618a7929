//! The shapes of the shops that are explored. Each includes only some of the faults, people and
//! actions: a shop with all of them would have too many states.

use crate::world::Shape;

const BASE: Shape = Shape {
    name: "",
    scans: &[(0, 0)],
    orders_per_place: 1,
    baristas: 1,
    admin: false,
    drinks: 1,
    tokens: 1,
    capacity: 1,
    per_customer: 1,
    runs: 1,
    attempts_per_state: 2,
    faults: 0,
    losses: 0,
    claims: false,
    closes: false,
};

const TWO: Shape = Shape { scans: &[(0, 0), (1, 0)], tokens: 2, attempts_per_state: 1, ..BASE };

const CLAIMS: Shape = Shape { baristas: 2, attempts_per_state: 1, claims: true, ..BASE };

pub const SHORT: [Shape; 12] = [
    Shape { name: "a duplicate and a fault", runs: 2, faults: 1, ..BASE },
    Shape { name: "a fault and a lost event", faults: 1, losses: 1, ..BASE },
    Shape { name: "two faults", faults: 2, ..BASE },
    Shape { name: "a duplicate, two faults, cancels only", runs: 2, faults: 2, baristas: 0, drinks: 0, ..BASE },
    Shape {
        name: "a customer who scans again",
        orders_per_place: 4,
        baristas: 0,
        drinks: 0,
        attempts_per_state: 1,
        ..BASE
    },
    Shape {
        name: "a customer who scans again, a fault",
        orders_per_place: 2,
        baristas: 0,
        drinks: 0,
        attempts_per_state: 1,
        faults: 1,
        ..BASE
    },
    Shape { name: "two baristas, two drinks", baristas: 2, drinks: 2, attempts_per_state: 1, ..BASE },
    Shape { name: "two baristas who claim", ..CLAIMS },
    Shape { name: "a barista and an admin who claim", admin: true, ..CLAIMS },
    Shape { name: "two orders, a fault, a lost event", baristas: 0, drinks: 0, faults: 1, losses: 1, ..TWO },
    Shape { name: "a small shop", scans: &CROWD, baristas: 0, closes: true, ..BASE },
    Shape {
        name: "capacity for two, a fault",
        scans: &CROWD,
        capacity: 2,
        baristas: 0,
        drinks: 0,
        attempts_per_state: 1,
        faults: 1,
        closes: true,
        ..BASE
    },
];

/// Explored only with `--long`. No shop has two orders and a barista: its exploration had not ended
/// after eight minutes, with 15 GB of memory.
pub const LONG: [Shape; 6] = [
    Shape { name: "two orders, a duplicate, cancels only", runs: 2, baristas: 0, drinks: 0, ..TWO },
    Shape { name: "two orders, a drink", capacity: 2, baristas: 0, ..TWO },
    Shape { name: "a duplicate, a fault, a lost event", runs: 2, faults: 1, losses: 1, ..BASE },
    Shape { name: "three faults", faults: 3, ..BASE },
    Shape { name: "two faults and two lost events", faults: 2, losses: 2, attempts_per_state: 1, ..BASE },
    Shape {
        name: "two baristas, two drinks, a fault",
        baristas: 2,
        drinks: 2,
        faults: 1,
        attempts_per_state: 1,
        ..BASE
    },
];

const CROWD: [(u8, u8); 3] = [(0, 0), (0, 1), (1, 0)];
