//! Logo of a shop: `GET /logo`, `PUT /logo`, `DELETE /logo`.

use adapters::shops::{EditShop, ReadLogo, ReadSettings};
use domain::ids::ShopId;
use domain::look::LogoDraft;
use domain::shop::ShopChange;
use http_api::response::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use http_api::{Code, Problem, Request, Response, identity};

use crate::ConfigService;

/// Maximum size of the body of `PUT /logo`, in bytes: enough for JSON with the largest logo in
/// base64.
const LOGO_BODY: usize = 32 * 1024;

/// Caches may keep a logo for a minute: every screen shows it.
const CACHED: &str = "public, max-age=60";

/// Content security policy, for a browser that opens the address of the logo as a document.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

impl<S: ReadSettings + ReadLogo + EditShop> ConfigService<S> {
    pub(crate) async fn show_logo(&self, request: &Request) -> Result<Response, Problem> {
        request.only(&["eventId", "hash"])?;
        let shop_id: ShopId = request.query("eventId")?;
        // The answer does not depend on `hash`. A new hash makes a new address, for which no cache
        // has an earlier logo.
        request.query_optional::<String>("hash")?;
        let Some(logo) = self.shops.logo(&shop_id).await? else {
            return Err(Problem::new(Code::LogoNotFound, format!("the shop {shop_id} has no logo")));
        };
        request.versioned(&format!("\"{}\"", logo.tag), CACHED, || {
            let image = Response::svg(logo.svg).with_header(CONTENT_SECURITY_POLICY, POLICY);
            Ok(image.with_header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        })
    }

    pub(crate) async fn set_logo(&self, request: &Request) -> Result<Response, Problem> {
        let shop_id = self.shop_for(request, identity::require_admin, &["eventId"]).await?;
        let draft: LogoDraft = request.json(LOGO_BODY)?;
        let logo =
            draft.parse().map_err(|error| Problem::new(Code::InvalidLogo, error.to_string()).with_field("data"))?;
        self.changed(shop_id, ShopChange::SetLogo(Some(logo))).await
    }

    pub(crate) async fn remove_logo(&self, request: &Request) -> Result<Response, Problem> {
        let shop_id = self.shop_for(request, identity::require_admin, &["eventId"]).await?;
        self.changed(shop_id, ShopChange::SetLogo(None)).await
    }
}
