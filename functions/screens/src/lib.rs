//! Serves the pages of the bar, which the program contains, and `GET /sign-in`.

mod page;
mod sign_in;

use domain::ids::ShopId;
use domain::live::SocketAddress;
use http_api::response::{CACHE_CONTROL, LOCATION};
use http_api::{Handler, Problem, Request, Response};

pub use self::page::{Page, PageWithoutHash};
pub use self::sign_in::{InvalidSignIn, SignIn, SignInKind};

/// Caches may keep a page, and the answer of `GET /sign-in`, for a minute.
const CACHED: &str = "public, max-age=60";

/// Function `screens` with the pages that it serves.
#[derive(Debug)]
pub struct ScreensService {
    pages: Pages,
    sign_in: SignIn,
}

/// The pages of the program.
#[derive(Debug)]
struct Pages {
    index: Page,
    order: Page,
    barista: Page,
    more: Page,
    admin: Page,
    display: Page,
    bus: Page,
}

/// Name of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// Links to the other pages.
    Index,
    /// For customers.
    Order,
    /// For baristas.
    Barista,
    /// The view `more` of the page for baristas, for tasks that are less frequent.
    More,
    /// The view `admin` of the page for baristas.
    Admin,
    /// For a screen that all customers see.
    Display,
    /// For a room that watches the events of the bar.
    Bus,
}

/// Operation behind a route of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Returns a page, to anyone.
    Show(Name),
    /// Returns where people sign in, to anyone.
    SignIn,
}

/// Routes of this function: method and resource as `openapi.yaml` names them, and the operation.
pub const ROUTES: &[(&str, Operation)] = &[
    ("GET /", Operation::Show(Name::Index)),
    ("GET /order", Operation::Show(Name::Order)),
    ("GET /barista", Operation::Show(Name::Barista)),
    ("GET /display", Operation::Show(Name::Display)),
    ("GET /bus", Operation::Show(Name::Bus)),
    ("GET /sign-in", Operation::SignIn),
];

impl ScreensService {
    /// Creates the function for an issuer and for sockets, whose hosts the pages may call.
    pub fn new(sign_in: SignIn, sockets: Option<&SocketAddress>) -> Result<Self, PageWithoutHash> {
        let mut hosts = sign_in.origins();
        hosts.extend(sockets.map(|address| address.origin().to_owned()));
        let page = |name, text| Page::new(name, text, &hosts);
        let pages = Pages {
            index: page("index.html", include_str!("../pages/index.html"))?,
            order: page("order.html", include_str!("../pages/order.html"))?,
            barista: page("barista.html", include_str!("../pages/barista.html"))?,
            more: page("more.html", include_str!("../pages/more.html"))?,
            admin: page("admin.html", include_str!("../pages/admin.html"))?,
            display: page("display.html", include_str!("../pages/display.html"))?,
            bus: page("bus.html", include_str!("../pages/bus.html"))?,
        };
        Ok(Self { pages, sign_in })
    }

    const fn page(&self, name: Name) -> &Page {
        match name {
            Name::Index => &self.pages.index,
            Name::Order => &self.pages.order,
            Name::Barista => &self.pages.barista,
            Name::More => &self.pages.more,
            Name::Admin => &self.pages.admin,
            Name::Display => &self.pages.display,
            Name::Bus => &self.pages.bus,
        }
    }

    /// Returns a page, 304 if the caller has it, or a redirect to the index with a slash. The
    /// script of the page reads the query, so every query is accepted.
    fn show(&self, name: Name, request: &Request) -> Result<Response, Problem> {
        if let Some(folder) = folder_without_slash(name, request) {
            let shop_id: Option<ShopId> = request.query_optional("e").ok().flatten();
            let query = shop_id.map(|shop_id| format!("?e={shop_id}")).unwrap_or_default();
            return Ok(Response::empty(307).with_header(LOCATION, &format!("{folder}/{query}")));
        }
        let page = self.page(view(name, request));
        request.versioned(page.tag(), CACHED, || Ok(Response::html(page.text()))).map(|response| page.protect(response))
    }

    fn show_sign_in(&self, request: &Request) -> Result<Response, Problem> {
        request.only(&[])?;
        Ok(Response::json(200, &self.sign_in)?.with_header(CACHE_CONTROL, CACHED))
    }
}

/// Returns the page that the query selects: a tablet loads only the view that it shows.
fn view(name: Name, request: &Request) -> Name {
    let view: Option<String> = request.query_optional("view").ok().flatten();
    match (name, view.as_deref()) {
        (Name::Barista, Some("more")) => Name::More,
        (Name::Barista, Some("admin")) => Name::Admin,
        _ => name,
    }
}

/// Returns the last part of the address of the index if no slash follows it. Without the slash,
/// relative addresses on the page would leave the stage. The redirect is relative, because a
/// gateway in front may have another host and base path.
fn folder_without_slash(name: Name, request: &Request) -> Option<&str> {
    let (_, last) = request.address_path().rsplit_once('/')?;
    (name == Name::Index && !last.is_empty()).then_some(last)
}

impl Handler for ScreensService {
    async fn handle(&self, request: &Request) -> Result<Response, Problem> {
        match request.find_in(ROUTES)? {
            Operation::Show(name) => self.show(name, request),
            Operation::SignIn => self.show_sign_in(request),
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
