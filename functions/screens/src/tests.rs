#[path = "any_bytes.rs"]
mod any_bytes;
#[path = "generated.rs"]
mod generated;

use super::*;

use http_api::Code;

const PAGES: [(&str, Name); 5] = [
    ("/", Name::Index),
    ("/order", Name::Order),
    ("/barista", Name::Barista),
    ("/display", Name::Display),
    ("/bus", Name::Bus),
];

fn service() -> ScreensService {
    ScreensService::new(SignIn::from_environment().unwrap(), None).unwrap()
}

async fn ask(route: &str, headers: &[(&'static str, &str)]) -> Result<Response, Problem> {
    let request = Request::new(route, &[], &[], None);
    let request = headers.iter().fold(request, |request, (name, value)| request.with_header(name, value));
    service().handle(&request).await
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

#[tokio::test]
async fn each_page_has_its_own_text_and_the_headers_that_protect_it() {
    for (path, name) in PAGES {
        let response = ask(&format!("GET {path}"), &[]).await.unwrap();
        assert_eq!((response.status(), header(&response, "content-type")), (200, Some("text/html; charset=utf-8")));
        assert_eq!(response.body(), service().page(name).text(), "{path}");
        let policy = header(&response, "content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&response, "referrer-policy"), Some("no-referrer"));
        assert_eq!(header(&response, "cache-control"), Some(CACHED));
    }
}

#[tokio::test]
async fn a_page_that_the_caller_has_is_not_sent_again() {
    let first = ask("GET /order", &[]).await.unwrap();
    let tag = header(&first, "etag").unwrap().to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = ask("GET /order", &[("if-none-match", &known)]).await.unwrap();
        assert_eq!((again.status(), again.body()), (304, ""), "{known}");
        assert_eq!(header(&again, "etag"), Some(tag.as_str()));
        assert_eq!(header(&again, "content-security-policy"), header(&first, "content-security-policy"));
    }
    assert_eq!(ask("GET /order", &[("if-none-match", "\"other\"")]).await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_index_without_a_slash_is_redirected_within_any_base_path() {
    for (address, query, location) in [
        ("/v1", None, Some("v1/")),
        ("/v1", Some("RUSTCONF"), Some("v1/?e=RUSTCONF")),
        ("/v1", Some("a b"), Some("v1/")),
        ("/events/bar", None, Some("bar/")),
        ("/v1/", None, None),
        ("/", None, None),
        ("", None, None),
    ] {
        let query: Vec<(&str, &str)> = query.map(|shop_id| ("e", shop_id)).into_iter().collect();
        let response = service().handle(&Request::new("GET /", &[], &query, None).at(address)).await.unwrap();
        assert_eq!(header(&response, "location"), location, "{address}");
        assert_eq!(response.status(), if location.is_some() { 307 } else { 200 }, "{address}");
    }
    let page = service().handle(&Request::new("GET /order", &[], &[], None).at("/v1/order")).await.unwrap();
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn the_page_for_baristas_has_views() {
    for (route, view, name) in [
        ("GET /barista", "more", Name::More),
        ("GET /barista", "admin", Name::Admin),
        ("GET /barista", "Admin", Name::Barista),
        ("GET /order", "admin", Name::Order),
    ] {
        let request = Request::new(route, &[], &[("e", "RUSTCONF"), ("view", view)], None);
        let response = service().handle(&request).await.unwrap();
        assert_eq!(response.body(), service().page(name).text(), "{route} {view}");
    }
    let tags = [Name::Barista, Name::More, Name::Admin].map(|name| service().page(name).tag().to_owned());
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[2] != tags[0], "{tags:?}");
}

#[tokio::test]
async fn a_page_accepts_any_query_and_the_sign_in_none() {
    let query = [("e", "RUSTCONF"), ("code", "x"), ("state", "y")];
    let page = service().handle(&Request::new("GET /barista", &[], &query, None)).await.unwrap();
    assert_eq!(page.status(), 200);
    let problem = service().handle(&Request::new("GET /sign-in", &[], &query, None)).await.unwrap_err();
    assert_eq!(problem.code(), Code::InvalidParameter);
}

/// Text of a page outside of its script and its style.
fn markup(page: &str) -> String {
    let without = |text: &str, element: &str| {
        let (before, rest) = text.split_once(&format!("<{element}")).unwrap();
        let (_, after) = rest.split_once(&format!("</{element}>")).unwrap();
        format!("{before}{after}")
    };
    without(&without(page, "script"), "style")
}

#[test]
fn a_page_needs_nothing_that_its_policy_forbids() {
    for (path, name) in PAGES {
        // The name of a namespace is no address.
        let markup =
            markup(service().page(name).text()).to_lowercase().replace("xmlns='http://www.w3.org/2000/svg'", "");
        for forbidden in [" src=", "srcset", "http:", "https:", "href=\"/", " style=", "<base", "<form", "<iframe"] {
            assert!(!markup.contains(forbidden), "{path}: {forbidden}");
        }
        let handlers = markup.split(" on").skip(1).filter_map(|rest| rest.split_once('=')).map(|(name, _)| name);
        let handlers: Vec<&str> = handlers.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase())).collect();
        assert!(handlers.is_empty(), "{path}: {handlers:?}");
    }
}
