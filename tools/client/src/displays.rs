//! Calls the routes of the HTTP API for displays and for the board.

use domain::board::Board;
use domain::display::{DisplayList, ListedDisplay, NewDisplay};
use domain::ids::{DisplayId, ShopId};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::api::Api;
use crate::error::Error;

impl Api {
    /// Sends `POST /displays/pair`.
    pub async fn pair_display(&self, shop_id: &ShopId) -> Result<NewDisplay, Error> {
        Ok(self.call(self.of_shop(Method::POST, "/displays/pair", shop_id)).await?.1)
    }

    /// Sends `POST /displays` with a pairing code.
    pub async fn activate_display(&self, shop_id: &ShopId, code: &str, name: &str) -> Result<ListedDisplay, Error> {
        let body = json!({"pairingCode": code, "name": name});
        Ok(self.call(self.of_shop(Method::POST, "/displays", shop_id).json(&body)).await?.1)
    }

    /// Sends `POST /displays` without a pairing code. If `name` is `None`, the API chooses the
    /// name.
    pub async fn create_display(&self, shop_id: &ShopId, name: Option<&str>) -> Result<NewDisplay, Error> {
        let body: Value = name.into_iter().map(|name| ("name", name)).collect();
        Ok(self.call(self.of_shop(Method::POST, "/displays", shop_id).json(&body)).await?.1)
    }

    /// Sends `GET /displays`.
    pub async fn displays(&self, shop_id: &ShopId) -> Result<Vec<ListedDisplay>, Error> {
        Ok(self.call::<DisplayList>(self.of_shop(Method::GET, "/displays", shop_id)).await?.1.displays)
    }

    /// Sends `DELETE /displays/{displayId}`.
    pub async fn revoke_display(&self, shop_id: &ShopId, display_id: &DisplayId) -> Result<(), Error> {
        let answer = self.send(self.of_shop(Method::DELETE, &format!("/displays/{display_id}"), shop_id)).await?;
        if answer.status == 204 { Ok(()) } else { Err(answer.problem()?.into()) }
    }

    /// Sends `GET /board`.
    pub async fn board(&self, shop_id: &ShopId) -> Result<Board, Error> {
        Ok(self.call(self.of_shop(Method::GET, "/board", shop_id)).await?.1)
    }

    fn of_shop(&self, method: Method, path: &str, shop_id: &ShopId) -> RequestBuilder {
        self.request(method, path).query(&[("eventId", shop_id.as_str())])
    }
}
