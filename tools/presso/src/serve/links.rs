//! The links to the pages of a shop.

use std::fmt::Write as _;
use std::time::Duration;

use client::Error;
use domain::ids::ShopId;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde::Serialize;

use crate::Context;
use crate::cli::RoleName;
use crate::identity::Identity;

/// Lifetime of the token in the links for staff: one working day.
const STAFF_LIFETIME: Duration = Duration::from_hours(12);
const STAFF: &str = "barista";

/// One link for each page. If a link has a secret, its fragment contains the secret: a browser
/// sends no fragment to a server.
#[derive(Debug, Serialize)]
pub(crate) struct Links {
    pub(crate) display: String,
    pub(crate) order: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) barista: Option<String>,
    /// Absent without links for staff, and without realtime: the page `bus` shows only pushes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bus: Option<String>,
}

impl Links {
    /// Returns the links to the pages below `base`. The link for the display has the secret of a
    /// new display. If none could be created, the page shows a pairing code.
    pub(crate) async fn create(context: &Context, base: &str, with_staff: bool) -> Result<Self, Error> {
        let admin = context.identity.call(&context.api, RoleName::Admin, STAFF);
        let created = match admin {
            Ok(admin) => admin.create_display(&context.shop_id, Some("presso serve")).await.ok(),
            Err(_) => None,
        };
        let secret = created.map(|display| display.secret);
        let with_bus = with_staff && context.stack.live_url.is_some();
        Ok(Self {
            display: link(base, "display", &context.shop_id, secret.map(|secret| ("secret", secret))),
            order: link(base, "order", &context.shop_id, None),
            barista: if with_staff { Some(staff(context, base, "barista")?) } else { None },
            bus: if with_bus { Some(staff(context, base, "bus")?) } else { None },
        })
    }

    /// Returns the links in lines, each after its name.
    pub(crate) fn lines(&self) -> String {
        let mut lines = format!("display {}\norder {}", self.display, self.order);
        for (name, link) in [("barista", &self.barista), ("bus", &self.bus)] {
            if let Some(link) = link {
                let _ = write!(lines, "\n{name} {link}");
            }
        }
        lines
    }
}

/// Returns the link to a page of staff. If there is a local key, the link has a bearer token.
fn staff(context: &Context, base: &str, page: &str) -> Result<String, Error> {
    let token = match &context.identity {
        Identity::Local(key) => Some(key.mint(STAFF, RoleName::Admin.roles(), STAFF_LIFETIME)?),
        Identity::SignedIn(_) | Identity::Anonymous => None,
    };
    Ok(link(base, page, &context.shop_id, token.map(|token| ("token", token))))
}

/// Returns the link to a page of a shop. `secret` has the name and the value of its secret.
pub(crate) fn link(base: &str, page: &str, shop_id: &ShopId, secret: Option<(&str, String)>) -> String {
    let secret = secret.map(|(name, secret)| format!("&{name}={secret}")).unwrap_or_default();
    format!("{base}/{page}#e={shop_id}{secret}")
}

/// Returns a QR code for a terminal.
pub(super) fn picture(link: &str) -> Result<String, Error> {
    let code = QrCode::new(link).map_err(|error| Error::failed("the link has no QR code", error.to_string()))?;
    // Cameras need dark on light, and most terminals are dark.
    Ok(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_in_the_fragment_of_the_link() {
        let shop_id = "bar".parse().unwrap();
        assert_eq!(link("http://localhost:8080", "order", &shop_id, None), "http://localhost:8080/order#e=bar");
        let display = link("https://abc.example/v1", "display", &shop_id, Some(("secret", "display_x".into())));
        assert_eq!(display, "https://abc.example/v1/display#e=bar&secret=display_x");
    }

    #[test]
    fn each_link_is_on_its_own_line_after_its_name() {
        let (display, order) = ("http://d".into(), "http://o".into());
        let links = Links { display, order, barista: Some("http://b".into()), bus: Some("http://e".into()) };
        assert_eq!(links.lines(), "display http://d\norder http://o\nbarista http://b\nbus http://e");
        let links = Links { barista: None, bus: None, ..links };
        assert_eq!(links.lines(), "display http://d\norder http://o");
    }
}
