//! Shows and edits the settings of shops: `GET /config` returns them, `PUT /config` edits them,
//! `PUT /store` opens or closes a shop, `PUT /menu/{drink}/availability` marks a drink as available
//! or sold out, `/logo` returns, replaces and removes the logo.

mod logo;

use adapters::shops::{EditShop, Edited, ReadLogo, ReadSettings};
use domain::caller::Caller;
use domain::ids::ShopId;
use domain::shop::{CustomerSignIn, InvalidEdit, SettingsDraft, Shop, ShopChange, ShopSettings};
use domain::text::Name;
use http_api::identity::{self, Authenticator};
use http_api::request::{self, SMALL_BODY};
use http_api::response::ETAG;
use http_api::{Code, Handler, Problem, Request, Response};
use serde::{Deserialize, Serialize};

/// Maximum size of the body of `PUT /config`, in bytes.
const MENU_BODY: usize = 64 * 1024;

/// Caches may keep the settings for a few seconds: every phone and every screen reads them.
const CACHED: &str = "public, max-age=5";

/// Body of `PUT /menu/{drink}/availability`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Availability {
    available: bool,
}

/// Release of the application, which the answer of `GET /config` contains.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Function `config` with the adapters that it uses.
#[derive(Debug)]
pub struct ConfigService<S> {
    /// Shop table, for reading and editing settings.
    pub shops: S,
    /// Verifier of bearer credentials.
    pub authenticator: Authenticator,
    /// True if only an administrator of the user pool can create an account.
    pub accounts_are_closed: bool,
}

/// Answer of `GET /config`.
#[derive(Serialize)]
struct ShownShop {
    #[serde(flatten)]
    shop: Shop,
    release: &'static str,
}

/// Answer of `PUT /config`.
#[derive(Serialize)]
struct EditedShop {
    #[serde(flatten)]
    shop: Shop,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

/// Effect of an edit that its author may not expect.
#[derive(Serialize)]
struct Warning {
    code: &'static str,
    detail: &'static str,
}

/// Warns that customers without an account can neither create one nor scan.
const SELF_SIGN_UP_CLOSED: Warning = Warning {
    code: "self_sign_up_closed",
    detail: "only customers who have an account can scan, and only an administrator can create one: deploy with \
             SelfSignUp=true, or set customerSignIn to guest; other customers order at the counter",
};

/// Operation behind a route of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Returns the settings, to anyone.
    Show,
    /// Edits the settings; for admins.
    Edit,
    /// Opens or closes the shop; for baristas.
    OpenOrClose,
    /// Marks a drink as available or sold out; for baristas.
    SetAvailable,
    /// Returns the logo, to anyone.
    ShowLogo,
    /// Replaces the logo; for admins.
    SetLogo,
    /// Removes the logo; for admins.
    RemoveLogo,
}

/// Routes of this function: method and resource as `openapi.yaml` names them, and the operation.
pub const ROUTES: &[(&str, Operation)] = &[
    ("GET /config", Operation::Show),
    ("PUT /config", Operation::Edit),
    ("PUT /store", Operation::OpenOrClose),
    ("PUT /menu/{drink}/availability", Operation::SetAvailable),
    ("GET /logo", Operation::ShowLogo),
    ("PUT /logo", Operation::SetLogo),
    ("DELETE /logo", Operation::RemoveLogo),
];

impl<S: ReadSettings + ReadLogo + EditShop> Handler for ConfigService<S> {
    async fn handle(&self, request: &Request) -> Result<Response, Problem> {
        match request.find_in(ROUTES)? {
            Operation::Show => self.show(request).await,
            Operation::Edit => self.edit(request).await,
            Operation::OpenOrClose => self.open_or_close(request).await,
            Operation::SetAvailable => self.set_available(request).await,
            Operation::ShowLogo => self.show_logo(request).await,
            Operation::SetLogo => self.set_logo(request).await,
            Operation::RemoveLogo => self.remove_logo(request).await,
        }
    }
}

impl<S: ReadSettings + ReadLogo + EditShop> ConfigService<S> {
    async fn show(&self, request: &Request) -> Result<Response, Problem> {
        request.only(&["eventId"])?;
        let shop_id: ShopId = request.query("eventId")?;
        let settings = self.shops.settings(&shop_id).await?;
        let tag = tag(&settings);
        let shown = ShownShop { shop: Shop { shop_id, settings }, release: RELEASE };
        request.versioned(&tag, CACHED, || Response::json(200, &shown))
    }

    async fn edit(&self, request: &Request) -> Result<Response, Problem> {
        let shop_id = self.shop_for(request, identity::require_admin, &["eventId"]).await?;
        let expected = expected_version(request)?;
        let draft: SettingsDraft = request.json(MENU_BODY)?;
        let edit = draft.parse().map_err(|error| {
            let code = match &error {
                InvalidEdit::Name(_) => Code::InvalidName,
                InvalidEdit::Colour { .. } => Code::InvalidColour,
                InvalidEdit::Menu(_) => Code::InvalidMenu,
                InvalidEdit::Links(_) => Code::InvalidLink,
                InvalidEdit::Limit { .. } => Code::InvalidLimit,
            };
            Problem::new(code, error.to_string()).with_field(error.field())
        })?;
        let settings = self.change(&shop_id, ShopChange::Edit(Box::new(edit)), expected).await?;
        let tag = tag(&settings);
        let asks_for_accounts = settings.state.customer_sign_in == CustomerSignIn::Account;
        let warnings = (asks_for_accounts && self.accounts_are_closed).then_some(SELF_SIGN_UP_CLOSED);
        let edited = EditedShop { shop: Shop { shop_id, settings }, warnings: warnings.into_iter().collect() };
        Ok(Response::json(200, &edited)?.with_header(ETAG, &tag))
    }

    async fn open_or_close(&self, request: &Request) -> Result<Response, Problem> {
        let parameters = ["eventId", "state", "newCode"];
        let shop_id = self.shop_for(request, identity::require_barista, &parameters).await?;
        let new_code = request.query_choice("newCode", [("true", true), ("false", false)])?.unwrap_or(false);
        let states = [("open", ShopChange::Open { new_code }), ("closed", ShopChange::Close)];
        let change = request.query_choice("state", states)?.ok_or_else(|| request::missing("state"))?;
        if new_code && change == ShopChange::Close {
            let detail = "newCode needs state=open: a closed shop shows no code";
            return Err(Problem::new(Code::InvalidParameter, detail).with_field("newCode"));
        }
        self.changed(shop_id, change).await
    }

    async fn set_available(&self, request: &Request) -> Result<Response, Problem> {
        let shop_id = self.shop_for(request, identity::require_barista, &["eventId"]).await?;
        let Availability { available } = request.json(SMALL_BODY)?;
        let mut answer = Err(Problem::new(Code::DrinkNotFound, "the path names no drink").with_field("drink"));
        let spellings = request.path_spellings("drink");
        for drink in spellings.iter().filter_map(|spelling| spelling.parse::<Name>().ok()) {
            answer = self.changed(shop_id.clone(), ShopChange::SetAvailable { drink, available }).await;
            if !matches!(&answer, Err(problem) if problem.code() == Code::DrinkNotFound) {
                break;
            }
        }
        answer
    }

    /// Requires the role that `require` checks, refuses other parameters than `parameters`, and
    /// returns the shop in the query.
    async fn shop_for(
        &self,
        request: &Request,
        require: fn(&Caller) -> Result<(), Problem>,
        parameters: &[&str],
    ) -> Result<ShopId, Problem> {
        require(&self.authenticator.caller(request).await?)?;
        request.only(parameters)?;
        request.query("eventId")
    }

    /// Changes a shop, whatever its version, and answers with its settings.
    async fn changed(&self, shop_id: ShopId, change: ShopChange) -> Result<Response, Problem> {
        let settings = self.change(&shop_id, change, None).await?;
        let tag = tag(&settings);
        Ok(Response::json(200, &Shop { shop_id, settings })?.with_header(ETAG, &tag))
    }

    async fn change(
        &self,
        shop_id: &ShopId,
        change: ShopChange,
        expected: Option<u64>,
    ) -> Result<ShopSettings, Problem> {
        match self.shops.edit(shop_id, &change, expected).await? {
            Edited::Done(settings) => Ok(*settings),
            Edited::Stale => {
                let detail = "the settings have changed since they were read; read them again and repeat the edit";
                Err(Problem::new(Code::VersionMismatch, detail))
            }
            Edited::NotOnMenu(error) => {
                let detail = format!("{error}; GET /config lists the menu");
                Err(Problem::new(Code::DrinkNotFound, detail).with_field("drink"))
            }
        }
    }
}

fn tag(settings: &ShopSettings) -> String {
    format!("\"{}\"", settings.state.version)
}

/// Returns the version that the header `If-Match` requires; `None` without the header and for `*`.
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
