use client::api::{Answer, Api};
use data_encoding::BASE64;
use domain::live::SocketAddress;
use end_to_end::venue::{TestVenue, answered};
use end_to_end::world::root;
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::json;
use sha2::{Digest, Sha256};

const PAGES: [(&str, &str); 5] = [
    ("/", "index.html"),
    ("/order", "order.html"),
    ("/barista", "barista.html"),
    ("/display", "display.html"),
    ("/bus", "bus.html"),
];

async fn get(api: &Api, path: &str) -> Answer {
    answered(api.send(api.request(Method::GET, path)).await)
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns the part of the security policy that allows the page's element of this name, by the hash
/// that a browser computes of its content.
fn source(page: &str, element: &str) -> String {
    let (_, rest) = page.split_once(&format!("<{element}")).unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    let (content, _) = rest.split_once(&format!("</{element}>")).unwrap();
    format!("{element}-src 'sha256-{}';", BASE64.encode(&Sha256::digest(content)))
}

pub(crate) async fn each_page_is_served_and_all_but_the_index_also_without_a_slash(venue: TestVenue) {
    let sockets = venue.stack.live_url.as_ref().map(|url| url.parse::<SocketAddress>().unwrap());
    let connections = sockets.map_or("'self'".to_owned(), |sockets| format!("'self' {}", sockets.origin()));
    for (path, file) in PAGES {
        let expected = std::fs::read_to_string(root().join("functions/screens/pages").join(file)).unwrap();
        let with_slash = format!("{}/?e={}", path.trim_end_matches('/'), venue.shop_id);
        for address in [path, &with_slash] {
            let page = get(&venue.anonymous, address).await;
            assert_eq!(
                (page.status, header(&page, "content-type")),
                (200, Some("text/html; charset=utf-8")),
                "{address}"
            );
            assert!(page.body == expected, "{address} differs from the file {file}");
            let policy = header(&page, "content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'; "), "{address}: {policy}");
            for element in ["script", "style"] {
                assert!(policy.contains(&source(&page.body, element)), "{address}: {policy}");
            }
            assert!(policy.contains(&format!("; connect-src {connections}; ")), "{address}: {policy}");
            assert_eq!(header(&page, "x-content-type-options"), Some("nosniff"), "{address}");
            assert_eq!(header(&page, "referrer-policy"), Some("no-referrer"), "{address}");
        }
    }
}

pub(crate) async fn a_page_that_the_browser_has_is_not_sent_again(venue: TestVenue) {
    for (path, _) in PAGES {
        let first = get(&venue.anonymous, path).await;
        let request = venue.anonymous.request(Method::GET, path).header(IF_NONE_MATCH, header(&first, "etag").unwrap());
        let again = answered(venue.anonymous.send(request).await);
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
        assert_eq!(header(&again, "etag"), header(&first, "etag"), "{path}");
    }
}

/// The links of the index are relative, so they work only with a slash after the API's stage `v1`.
pub(crate) async fn the_stage_leads_to_the_index(venue: TestVenue) {
    let answer = get(&venue.anonymous, &format!("?e={}", venue.shop_id)).await;
    assert_eq!(answer.status, 307, "{}", answer.body);
    assert_eq!(header(&answer, "location"), Some(format!("v1/?e={}", venue.shop_id).as_str()));
}

pub(crate) async fn the_sign_in_settings_name_the_local_issuer(venue: TestVenue) {
    let answer = get(&venue.anonymous, "/sign-in").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let expected = json!({"local": true, "kind": "local", "issuer": "presso-local"});
    assert_eq!(answered(answer.json()), expected);
}
