//! Pairs screens: a screen gets a pairing code and shows it. An admin who enters the code activates
//! the screen.

use adapters::shops::{ManageDisplays, PairDisplay};
use domain::credential::DisplaySecret;
use domain::display::{self, Display, DisplayName, NewDisplay, NotActivated, PAIRING_LASTS, Pairing, PairingCode};
use domain::ids::{DisplayId, ShopId};
use http_api::{Code, Problem, Request, Response};

use crate::{DisplayService, random, shop_of};

/// Maximum number of codes to try until one is free. There are a billion codes, of which few are in
/// use.
const TRIES: u32 = 3;

impl<S: PairDisplay, O> DisplayService<S, O> {
    pub(crate) async fn pair(&self, request: &Request) -> Result<Response, Problem> {
        let shop_id = shop_of(request)?;
        let (secret, display_id) = (DisplaySecret::new(random()?), new_id()?);
        let expires_at = (self.now)().plus(PAIRING_LASTS);
        for _ in 0..TRIES {
            let pairing = Pairing {
                pairing_code: PairingCode::new(random()?),
                display_id: display_id.clone(),
                secret_hash: secret.hash(),
                expires_at,
                activated_at: None,
            };
            if self.shops.offer_pairing(&shop_id, &pairing).await? {
                let (secret, pairing_code) = (secret.reveal().to_owned(), Some(pairing.pairing_code));
                return Response::json(201, &NewDisplay { display_id, secret, pairing_code, expires_at });
            }
        }
        Err(Problem::new(Code::Unavailable, "no pairing code was free; send the same request again")
            .with_retry_after(1))
    }
}

impl<S: PairDisplay + ManageDisplays, O> DisplayService<S, O> {
    pub(crate) async fn activate(&self, shop_id: &ShopId, code: &str, name: DisplayName) -> Result<Display, Problem> {
        let found = match code.parse() {
            Ok(code) => self.shops.pairing(shop_id, &code).await?,
            Err(_) => None,
        };
        let pairing = found.ok_or_else(|| refused(NotActivated::Unknown))?;
        let display = pairing.activate(name, (self.now)()).map_err(refused)?;
        self.require_space(shop_id).await?;
        if self.shops.activate_display(shop_id, &pairing, &display).await? {
            Ok(display)
        } else {
            Err(refused(NotActivated::Used))
        }
    }
}

pub(crate) fn new_id() -> Result<DisplayId, Problem> {
    let id = display::display_id(random()?);
    id.ok_or_else(|| Problem::new(Code::Internal, "the id of the display could not be made"))
}

fn refused(reason: NotActivated) -> Problem {
    let code = match reason {
        NotActivated::Unknown => Code::PairingNotFound,
        NotActivated::Used => Code::PairingUsed,
        NotActivated::Expired => Code::PairingExpired,
    };
    Problem::new(code, reason.to_string()).with_field("pairingCode")
}
