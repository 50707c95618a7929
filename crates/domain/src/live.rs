//! Realtime: topics of sockets, tickets that open sockets, and the messages of events.
//!
//! A ticket is signed with the key of its shop and names one topic. A connection is stored under
//! the topic of its ticket and cannot ask for another one, so isolation depends only on
//! the ticket.

pub mod bus;
pub mod message;
pub mod ticket;

use std::fmt;
use std::time::Duration;

use crate::ids::{ShopId, UserId};

pub use self::bus::BusEvent;
pub use self::message::{Message, Push, pushes};
pub use self::ticket::{InvalidSocketAddress, InvalidTicket, Live, SocketAddress, Ticket, UnverifiedTicket};

/// Time in which a ticket opens a socket.
pub const CONNECT_WITHIN: Duration = Duration::from_mins(1);

/// Maximum time for which a socket receives messages: API Gateway closes connections after 2 h.
pub const RECEIVES_FOR: Duration = Duration::from_hours(2);

/// Maximum time for which the socket of a display receives messages. It limits the time for which
/// a revoked display receives them.
pub const DISPLAY_RECEIVES_FOR: Duration = Duration::from_mins(30);

/// Age of a connection from which on an answer 410 means that the connection is gone. AWS also
/// gives this answer until `$connect` has returned.
pub const GONE_AFTER: Duration = Duration::from_secs(30);

/// Kind of a topic, as a caller names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TopicKind {
    /// Changes of the caller's own orders in a shop.
    Customer,
    /// Changes of a shop's orders in the queue, and of its settings.
    Queue,
    /// Numbers on the board of a shop, uses of its code, and changes of its settings.
    Board,
    /// Each event of a shop, except events with a task token.
    Bus,
}

impl TopicKind {
    /// All kinds with their spelling in requests.
    pub const ALL: [(&'static str, Self); 4] =
        [("customer", Self::Customer), ("queue", Self::Queue), ("board", Self::Board), ("bus", Self::Bus)];
}

/// Topic of a connection: names the messages that it receives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Orders of a customer in a shop.
    Customer(ShopId, UserId),
    /// Queue of a shop.
    Queue(ShopId),
    /// Board of a shop.
    Board(ShopId),
    /// All events of a shop, except events with a task token.
    Bus(ShopId),
}

impl Topic {
    /// Shop of the topic.
    pub const fn shop_id(&self) -> &ShopId {
        match self {
            Self::Customer(shop_id, _) | Self::Queue(shop_id) | Self::Board(shop_id) | Self::Bus(shop_id) => shop_id,
        }
    }

    /// Maximum number of connections that receive the messages of the topic: the newest ones. It
    /// limits the calls for an event, however many connections are open.
    pub const fn max_connections(&self) -> u32 {
        match self {
            Self::Customer(..) => 3,
            Self::Queue(_) | Self::Board(_) | Self::Bus(_) => 50,
        }
    }
}

impl fmt::Display for Topic {
    /// Partition key of the table of connections. Neither shop ids nor user ids contain `#`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(shop_id, user_id) => write!(f, "customer#{shop_id}#{user_id}"),
            Self::Queue(shop_id) => write!(f, "queue#{shop_id}"),
            Self::Board(shop_id) => write!(f, "board#{shop_id}"),
            Self::Bus(shop_id) => write!(f, "bus#{shop_id}"),
        }
    }
}
