//! Lists, creates, activates and revokes displays, for admins.

use adapters::shops::{ManageDisplays, PairDisplay};
use domain::credential::DisplaySecret;
use domain::display::{Display, DisplayList, DisplayRequest, DisplayState, ListedDisplay, MAX_DISPLAYS, NewDisplay};
use domain::ids::ShopId;
use http_api::request::SMALL_BODY;
use http_api::{Code, Problem, Request, Response, identity};

use crate::pairing::new_id;
use crate::{DisplayService, random, shop_of};

impl<S: ManageDisplays + PairDisplay, O> DisplayService<S, O> {
    pub(crate) async fn create(&self, request: &Request) -> Result<Response, Problem> {
        let shop_id = self.admin(request).await?;
        let DisplayRequest { pairing_code, name } = request.json_or_default(SMALL_BODY)?;
        let name = name.unwrap_or_default();
        if let Some(code) = pairing_code {
            let display = self.activate(&shop_id, &code, name).await?;
            return Response::json(201, &ListedDisplay { display, state: DisplayState::Active });
        }
        self.require_space(&shop_id).await?;
        let secret = DisplaySecret::new(random()?);
        let display = Display::new(new_id()?, name, (self.now)());
        self.shops.create_display(&shop_id, &secret.hash(), &display).await?;
        let Display { display_id, expires_at, .. } = display;
        let secret = secret.reveal().to_owned();
        Response::json(201, &NewDisplay { display_id, secret, pairing_code: None, expires_at })
    }
}

impl<S: ManageDisplays, O> DisplayService<S, O> {
    pub(crate) async fn list(&self, request: &Request) -> Result<Response, Problem> {
        let shop_id = self.admin(request).await?;
        let now = (self.now)();
        let mut displays = self.shops.displays(&shop_id).await?;
        displays.sort_by(|a, b| (a.created_at, &a.display_id).cmp(&(b.created_at, &b.display_id)));
        let displays = displays.into_iter().map(|display| ListedDisplay { state: display.state(now), display });
        Response::json(200, &DisplayList { displays: displays.collect() })
    }

    /// Answers 204 also if there is no such display, so that a revocation can be repeated.
    pub(crate) async fn revoke(&self, request: &Request) -> Result<Response, Problem> {
        let shop_id = self.admin(request).await?;
        if let Some(display_id) = request.path("displayId") {
            self.shops.revoke_display(&shop_id, &display_id).await?;
        }
        Ok(Response::empty(204))
    }

    /// Requires an admin, and returns the shop in the query.
    async fn admin(&self, request: &Request) -> Result<ShopId, Problem> {
        identity::require_admin(&self.authenticator.caller(request).await?)?;
        shop_of(request)
    }

    /// Refuses another display if the shop has [`MAX_DISPLAYS`] active ones. Requests at the same
    /// time may exceed the limit, each by one. This does no harm: the limit only keeps the list
    /// short.
    pub(crate) async fn require_space(&self, shop_id: &ShopId) -> Result<(), Problem> {
        let now = (self.now)();
        let displays = self.shops.displays(shop_id).await?;
        let active = displays.iter().filter(|display| display.state(now) == DisplayState::Active).count();
        if active < MAX_DISPLAYS {
            return Ok(());
        }
        let detail = format!("a shop has at most {MAX_DISPLAYS} displays; revoke one that is not in use");
        Err(Problem::new(Code::TooManyDisplays, detail))
    }
}
