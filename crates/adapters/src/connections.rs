//! Open sockets: which connection receives the messages of which topic, and until when.

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::live::Topic;
use domain::timestamp::Timestamp;

use crate::error::AdapterError;

/// Connection that receives the messages of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Id that API Gateway gave the connection.
    pub id: String,
    /// Time at which it was opened.
    pub opened_at: Timestamp,
    /// Time until which it receives messages.
    pub until: Timestamp,
}

/// Stores connections.
pub trait StoreConnection: Send + Sync {
    /// Inserts a connection that receives the messages of `topic`.
    fn store(&self, topic: &Topic, connection: &Connection) -> impl Future<Output = Result<(), AdapterError>> + Send;
}

/// Finds the connections that get a message.
pub trait FindConnections: Send + Sync {
    /// Returns the newest connections of `topic`, as many as may receive its messages. Some may be
    /// closed or past `until`. An eventually consistent read is enough: if it misses a new
    /// connection, the page reads the change with the GET that it sends after its socket opened.
    fn newest(&self, topic: &Topic) -> impl Future<Output = Result<Vec<Connection>, AdapterError>> + Send;
}

/// Deletes connections.
pub trait DeleteConnection: Send + Sync {
    /// Deletes a connection of `topic`, if it is stored.
    fn delete(&self, topic: &Topic, connection: &Connection) -> impl Future<Output = Result<(), AdapterError>> + Send;
}

/// DynamoDB table of connections, keyed by topic, and by opening time and id of the connection.
#[derive(Debug, Clone)]
pub struct ConnectionsTable {
    client: Client,
    name: String,
}

type Item = HashMap<String, AttributeValue>;

impl ConnectionsTable {
    /// Uses the table called `name`.
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }
}

fn key(topic: &Topic, connection: &Connection) -> Item {
    HashMap::from([
        ("topic".to_owned(), AttributeValue::S(topic.to_string())),
        ("connection".to_owned(), AttributeValue::S(format!("{}#{}", connection.opened_at, connection.id))),
    ])
}

fn read(item: &Item) -> Option<Connection> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let (opened_at, id) = text("connection")?.split_once('#')?;
    Some(Connection { id: id.to_owned(), opened_at: opened_at.parse().ok()?, until: text("until")?.parse().ok()? })
}

impl StoreConnection for ConnectionsTable {
    async fn store(&self, topic: &Topic, connection: &Connection) -> Result<(), AdapterError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(key(topic, connection)))
            .item("until", AttributeValue::S(connection.until.to_string()))
            .item("ttl", AttributeValue::N(connection.until.as_secs().to_string()));
        put.send().await.map(drop).map_err(|error| AdapterError::from_sdk("PutItem connection", error))
    }
}

impl FindConnections for ConnectionsTable {
    async fn newest(&self, topic: &Topic) -> Result<Vec<Connection>, AdapterError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("topic = :topic")
            .expression_attribute_values(":topic", AttributeValue::S(topic.to_string()))
            .scan_index_forward(false)
            .limit(i32::try_from(topic.max_connections()).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("Query connections", error))?;
        let unreadable = || AdapterError::unreadable("the connection", "a time or the id is missing or malformed");
        answer.items.unwrap_or_default().iter().map(|item| read(item).ok_or_else(unreadable)).collect()
    }
}

impl DeleteConnection for ConnectionsTable {
    async fn delete(&self, topic: &Topic, connection: &Connection) -> Result<(), AdapterError> {
        let delete = self.client.delete_item().table_name(&self.name).set_key(Some(key(topic, connection)));
        delete.send().await.map(drop).map_err(|error| AdapterError::from_sdk("DeleteItem connection", error))
    }
}
