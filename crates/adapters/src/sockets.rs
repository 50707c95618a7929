//! Sockets of the WebSocket API: posts messages to open connections.

use std::future::Future;

use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;

use crate::error::AdapterError;

/// Result of posting a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// API Gateway accepted the message.
    Sent,
    /// The connection is closed, or not open yet.
    Gone,
}

/// Posts messages.
pub trait PostMessage: Send + Sync {
    /// Posts `message` to the connection with this id.
    fn post(&self, connection_id: &str, message: &str) -> impl Future<Output = Result<Posted, AdapterError>> + Send;
}

/// Connections of a WebSocket API.
#[derive(Debug, Clone)]
pub struct Sockets {
    client: Client,
}

impl Sockets {
    /// Uses a client whose endpoint is the stage of the WebSocket API.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

impl PostMessage for Sockets {
    async fn post(&self, connection_id: &str, message: &str) -> Result<Posted, AdapterError> {
        let message = Blob::new(message.as_bytes());
        match self.client.post_to_connection().connection_id(connection_id).data(message).send().await {
            Ok(_) => Ok(Posted::Sent),
            Err(error) if error.as_service_error().is_some_and(PostToConnectionError::is_gone_exception) => {
                Ok(Posted::Gone)
            }
            Err(error) => Err(AdapterError::from_sdk("PostToConnection", error)),
        }
    }
}
