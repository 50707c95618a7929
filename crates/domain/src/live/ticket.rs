//! Tickets: which messages a socket receives and until when, signed with the key of the shop.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use hmac::Mac;
use serde::{Deserialize, Serialize};

use super::{CONNECT_WITHIN, DISPLAY_RECEIVES_FOR, RECEIVES_FOR, Topic};
use crate::ids::{ShopId, UserId};
use crate::qr_code::QrKey;
use crate::timestamp::Timestamp;

/// Label of the signature: the same key signs codes with other labels.
const LABEL: &str = "live";

/// Longest text that is read as a ticket. A ticket with the longest ids has fewer than 600
/// characters.
const MAX_CHARS: usize = 1_000;

/// Right to open a socket that receives the messages of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Topic whose messages the socket receives.
    pub topic: Topic,
    /// Time until which the ticket opens a socket.
    pub connect_by: Timestamp,
    /// Time until which the socket receives messages.
    pub until: Timestamp,
}

/// Ticket whose signature was not verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedTicket {
    claims: Claims,
    payload: String,
    signature: Vec<u8>,
}

/// Error of a ticket that opens no socket. It quotes nothing of the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTicket {
    /// The text is not a ticket.
    #[error("the ticket is malformed")]
    Malformed,
    /// The signature is not that of the shop's key.
    #[error("the ticket was not signed with the key of its shop")]
    Signature,
    /// The time to connect has passed.
    #[error("the ticket has expired")]
    Expired,
}

/// Members of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    shop: ShopId,
    topic: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<UserId>,
    /// Time until which the ticket opens a socket, in milliseconds since the Unix epoch.
    by: i64,
    /// Time until which the socket receives messages, in the same unit.
    until: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Customer,
    Queue,
    Board,
    Bus,
}

impl From<&Ticket> for Claims {
    fn from(ticket: &Ticket) -> Self {
        let (topic, user) = match &ticket.topic {
            Topic::Customer(_, user_id) => (Kind::Customer, Some(user_id.clone())),
            Topic::Queue(_) => (Kind::Queue, None),
            Topic::Board(_) => (Kind::Board, None),
            Topic::Bus(_) => (Kind::Bus, None),
        };
        let shop = ticket.topic.shop_id().clone();
        Self { shop, topic, user, by: ticket.connect_by.as_millis(), until: ticket.until.as_millis() }
    }
}

impl Claims {
    fn ticket(self) -> Result<Ticket, InvalidTicket> {
        let topic = match (self.topic, self.user) {
            (Kind::Customer, Some(user_id)) => Topic::Customer(self.shop, user_id),
            (Kind::Queue, None) => Topic::Queue(self.shop),
            (Kind::Board, None) => Topic::Board(self.shop),
            (Kind::Bus, None) => Topic::Bus(self.shop),
            _ => return Err(InvalidTicket::Malformed),
        };
        let (connect_by, until) = (Timestamp::from_millis(self.by), Timestamp::from_millis(self.until));
        Ok(Ticket { topic, connect_by, until })
    }
}

impl Ticket {
    /// Creates a ticket at `now` for a credential that ends at `credential_ends`; `None` if the
    /// credential never ends.
    pub fn new(topic: Topic, credential_ends: Option<Timestamp>, now: Timestamp) -> Self {
        let longest = if matches!(topic, Topic::Board(_)) { DISPLAY_RECEIVES_FOR } else { RECEIVES_FOR };
        let latest = now.plus(longest);
        let until = credential_ends.map_or(latest, |end| end.min(latest));
        Self { topic, connect_by: now.plus(CONNECT_WITHIN).min(until), until }
    }

    /// Returns the text of the ticket, signed with the key of its shop. `None` if it has no JSON
    /// form, which does not happen.
    pub fn sign(&self, key: &QrKey) -> Option<String> {
        let claims = serde_json::to_vec(&Claims::from(self)).ok()?;
        let payload = BASE64URL_NOPAD.encode(&claims);
        let signature = key.mac(&[LABEL, &payload]).finalize().into_bytes();
        Some(format!("{payload}.{}", BASE64URL_NOPAD.encode(&signature)))
    }
}

impl FromStr for UnverifiedTicket {
    type Err = InvalidTicket;

    fn from_str(text: &str) -> Result<Self, InvalidTicket> {
        let read = || {
            let (payload, signature) = text.split_once('.').filter(|_| text.len() <= MAX_CHARS)?;
            let claims = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?).ok()?;
            let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
            Some(Self { claims, payload: payload.to_owned(), signature })
        };
        read().ok_or(InvalidTicket::Malformed)
    }
}

impl UnverifiedTicket {
    /// Shop whose key must have signed the ticket.
    pub const fn shop_id(&self) -> &ShopId {
        &self.claims.shop
    }

    /// Returns the ticket if `key`, the key of its shop, signed it and it opens a socket at `now`.
    pub fn verify(self, key: &QrKey, now: Timestamp) -> Result<Ticket, InvalidTicket> {
        let signed = key.mac(&[LABEL, &self.payload]);
        signed.verify_slice(&self.signature).map_err(|_| InvalidTicket::Signature)?;
        let ticket = self.claims.ticket()?;
        if now >= ticket.connect_by { Err(InvalidTicket::Expired) } else { Ok(ticket) }
    }
}

/// Address of the WebSocket API, without a query. It begins with `wss://`, or `ws://` on an
/// emulator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketAddress(String);

/// Error of a text that is not the address of a WebSocket API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the address of a socket: it begins with wss:// or ws:// and a host, and has no query")]
pub struct InvalidSocketAddress(String);

impl FromStr for SocketAddress {
    type Err = InvalidSocketAddress;

    fn from_str(text: &str) -> Result<Self, InvalidSocketAddress> {
        let rest = text.strip_prefix("wss://").or_else(|| text.strip_prefix("ws://"));
        let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_/".contains(&byte);
        if host.is_empty() || !rest.unwrap_or_default().bytes().all(is_plain) {
            return Err(InvalidSocketAddress(text.to_owned()));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl SocketAddress {
    /// Returns the address with a ticket.
    pub fn with_ticket(&self, ticket: &str) -> String {
        format!("{}?ticket={ticket}", self.0)
    }

    /// Returns scheme, host and port.
    pub fn origin(&self) -> &str {
        let path = self.0.match_indices('/').nth(2).map_or(self.0.len(), |(at, _)| at);
        self.0.get(..path).unwrap_or(&self.0)
    }

    /// Returns the address at which messages are posted: this address with `https` in place of
    /// `wss`, or `http` in place of `ws`.
    pub fn management(&self) -> String {
        self.0.replacen("ws", "http", 1)
    }
}

impl fmt::Display for SocketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Socket in an answer of the API.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Live {
    /// Address with the ticket.
    pub url: String,
    /// Time until which the address opens a socket.
    pub expires_at: Timestamp,
    /// Time until which the socket receives messages.
    pub until: Timestamp,
}

impl Live {
    /// Returns the socket at `address` for `ticket`, signed with the key of its shop. `None` if
    /// [`Ticket::sign`] returns `None`.
    pub fn new(address: &SocketAddress, ticket: &Ticket, key: &QrKey) -> Option<Self> {
        let url = address.with_ticket(&ticket.sign(key)?);
        Some(Self { url, expires_at: ticket.connect_by, until: ticket.until })
    }
}

impl fmt::Debug for Live {
    /// Leaves out the ticket.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Live(until {})", self.until)
    }
}

#[cfg(test)]
#[path = "ticket_tests.rs"]
mod tests;
