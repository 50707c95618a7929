//! Checks access to the routes that a display may read.

use adapters::shops::FindDisplay;
use bootstrap::record;
use domain::display::{Display, DisplayState};
use domain::ids::ShopId;
use domain::timestamp::Timestamp;

use crate::identity::{self, Authenticator};
use crate::problem::{Code, Problem};
use crate::request::Request;

/// Requires the secret of an active display of the shop in the query, or the group `barista` or
/// `admin`. A secret of another shop is a problem with the code [`Code::Unauthenticated`], as an
/// unknown, a revoked or an expired one is.
pub async fn require_display_or_barista(
    request: &Request,
    authenticator: &Authenticator,
    displays: &impl FindDisplay,
    now: Timestamp,
) -> Result<(), Problem> {
    match calling_display(request, displays, now).await? {
        Some(_) => Ok(()),
        None => identity::require_barista(&authenticator.caller(request).await?),
    }
}

/// Returns the active display whose secret the request has; `None` if its credential is not a
/// display secret. A secret that the shop in the query does not accept is a problem with the code
/// [`Code::Unauthenticated`].
pub async fn calling_display(
    request: &Request,
    displays: &impl FindDisplay,
    now: Timestamp,
) -> Result<Option<Display>, Problem> {
    let Some(secret) = identity::display_secret(request) else { return Ok(None) };
    let shop_id: ShopId = request.query("eventId")?;
    match displays.display(&shop_id, &secret.hash()).await? {
        None => Err(not_accepted("unknown in this shop")),
        Some(display) if display.state(now) == DisplayState::Expired => Err(not_accepted("expired")),
        found => Ok(found),
    }
}

fn not_accepted(reason: &str) -> Problem {
    record::detail("reason", format!("display secret {reason}"));
    let detail = "the display secret is not accepted in this shop; pair the display again";
    Problem::new(Code::Unauthenticated, detail)
}

#[cfg(test)]
mod tests {
    use adapters::error::AdapterError;
    use domain::credential::DisplaySecret;
    use domain::display::{DISPLAY_LASTS, DisplayName, display_id};

    use super::*;
    use crate::testing::Issuer;

    const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    struct OneDisplay;

    fn secret() -> DisplaySecret {
        DisplaySecret::new([7; 32])
    }

    impl FindDisplay for OneDisplay {
        async fn display(&self, shop_id: &ShopId, hash: &str) -> Result<Option<Display>, AdapterError> {
            let known = shop_id.as_str() == "bar" && hash == secret().hash();
            Ok(known.then(|| Display::new(display_id([1; 10]).unwrap(), DisplayName::default(), START)))
        }
    }

    /// Asks for the board of `shop` with `credential`: a display secret, or the role of an account.
    /// `None` sends no credential.
    async fn read(credential: Option<&str>, shop: &str, now: Timestamp) -> Result<(), Problem> {
        let issuer = Issuer::new("k");
        let mut request = Request::new("GET /board", &[], &[("eventId", shop)], None);
        if let Some(credential) = credential {
            let given = match credential {
                "admin" | "barista" => issuer.authorization("bea", &[credential]),
                "customer" => issuer.authorization("anna", &[]),
                other => format!("Bearer {other}"),
            };
            request = request.with_header("authorization", &given);
        }
        require_display_or_barista(&request, &issuer.authenticator(), &OneDisplay, now).await
    }

    #[tokio::test]
    async fn a_display_reads_its_own_shop_until_it_expires() {
        let secret = secret();
        let secret = secret.reveal();
        let end = START.plus(DISPLAY_LASTS);
        assert_eq!(read(Some(secret), "bar", START).await, Ok(()));
        for (shop, now) in [("bar", end), ("other", START)] {
            let problem = read(Some(secret), shop, now).await.unwrap_err();
            assert_eq!(problem.code(), Code::Unauthenticated, "{shop}");
            assert!(!problem.to_string().contains(secret), "{problem}");
        }
    }

    #[tokio::test]
    async fn any_other_display_secret_is_refused() {
        let unknown = DisplaySecret::new([8; 32]);
        for credential in [unknown.reveal(), "display_", "display_x", &secret().reveal()[8..], &secret().reveal()[..50]]
        {
            let problem = read(Some(credential), "bar", START).await.unwrap_err();
            assert_eq!(problem.code(), Code::Unauthenticated, "{credential}");
        }
    }

    #[tokio::test]
    async fn staff_may_read_and_customers_may_not() {
        assert_eq!(read(Some("barista"), "bar", START).await, Ok(()));
        assert_eq!(read(Some("admin"), "bar", START).await, Ok(()));
        assert_eq!(read(Some("customer"), "bar", START).await.unwrap_err().code(), Code::Forbidden);
        assert_eq!(read(None, "bar", START).await.unwrap_err().code(), Code::Unauthenticated);
    }
}
