//! Settings of shops: `GET /config` returns them, `PUT /config` edits them, `PUT /store` opens and
//! closes a shop.

use adapters::shops::{EditSettings, Edited, ReadSettings};
use domain::ids::ShopId;
use domain::shop::{InvalidEdit, SettingsEdit, Shop, ShopSettings};
use http_api::identity::{self, Authenticator};
use http_api::{Code, Handler, Problem, Request, Response};

/// Maximum size of the body of `PUT /config`, in bytes.
const MENU_BODY: usize = 64 * 1024;

/// Function `config` with the adapters that it uses.
#[derive(Debug)]
pub struct ConfigService<S> {
    /// Shop table, for reading and editing settings.
    pub shops: S,
    /// Verifier of bearer tokens.
    pub authenticator: Authenticator,
}

/// Operation behind a route of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Returns the settings, to anyone.
    Show,
    /// Edits the settings; for admins.
    Edit,
    /// Opens or closes the shop; for admins.
    OpenOrClose,
}

/// Routes of this function: method and resource as `openapi.yaml` names them, and the operation.
pub const ROUTES: &[(&str, Operation)] =
    &[("GET /config", Operation::Show), ("PUT /config", Operation::Edit), ("PUT /store", Operation::OpenOrClose)];

impl<S: ReadSettings + EditSettings> Handler for ConfigService<S> {
    async fn handle(&self, request: &Request) -> Result<Response, Problem> {
        match request.find_in(ROUTES)? {
            Operation::Show => self.show(request).await,
            Operation::Edit => self.edit(request).await,
            Operation::OpenOrClose => self.open_or_close(request).await,
        }
    }
}

impl<S: ReadSettings + EditSettings> ConfigService<S> {
    async fn show(&self, request: &Request) -> Result<Response, Problem> {
        request.only(&["eventId"])?;
        let shop_id: ShopId = request.query("eventId")?;
        let settings = self.shops.settings(&shop_id).await?;
        answer(shop_id, settings)
    }

    async fn edit(&self, request: &Request) -> Result<Response, Problem> {
        let caller = self.authenticator.caller(request).await?;
        identity::require_admin(&caller)?;
        request.only(&["eventId"])?;
        let shop_id: ShopId = request.query("eventId")?;
        let expected = expected_version(request)?;
        let edit: SettingsEdit = request.json(MENU_BODY)?;
        edit.validate().map_err(|error| {
            let code = match &error {
                InvalidEdit::Menu(_) => Code::InvalidMenu,
                InvalidEdit::Limit { .. } => Code::InvalidLimit,
            };
            Problem::new(code, error.to_string()).with_field(error.field())
        })?;
        match self.shops.edit(&shop_id, &edit, expected).await? {
            Edited::Done(settings) => answer(shop_id, *settings),
            Edited::Stale => {
                let detail = "the settings have changed since they were read; read them again and repeat the edit";
                Err(Problem::new(Code::VersionMismatch, detail))
            }
        }
    }

    async fn open_or_close(&self, request: &Request) -> Result<Response, Problem> {
        let caller = self.authenticator.caller(request).await?;
        identity::require_admin(&caller)?;
        request.only(&["eventId", "state"])?;
        let shop_id: ShopId = request.query("eventId")?;
        let open = match request.query::<String>("state")?.as_str() {
            "open" => true,
            "closed" => false,
            _ => {
                let detail = "state must be open or closed";
                return Err(Problem::new(Code::InvalidParameter, detail).with_field("state"));
            }
        };
        let settings = self.shops.set_open(&shop_id, open).await?;
        answer(shop_id, settings)
    }
}

fn answer(shop_id: ShopId, settings: ShopSettings) -> Result<Response, Problem> {
    let tag = format!("\"{}\"", settings.version);
    Ok(Response::json(200, &Shop { shop_id, settings })?.with_header(http_api::response::ETAG, &tag))
}

/// Returns the version that `If-Match` requires; `*` requires none.
fn expected_version(request: &Request) -> Result<Option<u64>, Problem> {
    let Some(tag) = request.header("if-match")?.map(str::trim).filter(|tag| *tag != "*") else {
        return Ok(None);
    };
    let digits = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).map(Some).ok_or_else(|| {
        let detail = "If-Match must be the ETag that GET /config returned, such as \"3\"";
        Problem::new(Code::InvalidParameter, detail).with_field("If-Match")
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
