//! A page with its hash and its content security policy.

use data_encoding::{BASE64, HEXLOWER};
use http_api::Response;
use http_api::response::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use sha2::{Digest, Sha256};

/// Page of the program.
#[derive(Debug)]
pub struct Page {
    text: &'static str,
    tag: String,
    policy: String,
}

/// Error of a page that no content security policy by hash can allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{page} has {found} elements <{element}> instead of one: build the pages with web/")]
pub struct PageWithoutHash {
    page: &'static str,
    element: &'static str,
    found: usize,
}

impl Page {
    /// Creates the page `name`, which may connect to its own origin and to `hosts`.
    pub fn new(name: &'static str, text: &'static str, hosts: &[String]) -> Result<Self, PageWithoutHash> {
        let hash = |element| Ok(BASE64.encode(&Sha256::digest(only(name, text, element)?)));
        let (script, style) = (hash("script")?, hash("style")?);
        let connections: Vec<&str> = std::iter::once("'self'").chain(hosts.iter().map(String::as_str)).collect();
        let connections = connections.join(" ");
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; connect-src {connections}; \
             img-src 'self' data:; manifest-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
        );
        let hash = Sha256::new().chain_update(text).chain_update(&policy).finalize();
        let tag = format!("\"{}\"", HEXLOWER.encode(hash.get(..16).unwrap_or(&hash)));
        Ok(Self { text, tag, policy })
    }

    /// Returns the HTML document.
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Returns the value of `ETag`, a hash of the document and its policy.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Adds the headers that say what the page may do.
    pub fn protect(&self, response: Response) -> Response {
        response
            .with_header(CONTENT_SECURITY_POLICY, &self.policy)
            .with_header(X_CONTENT_TYPE_OPTIONS, "nosniff")
            // Other sites, to which links of a shop lead, do not learn the address of the page.
            .with_header(REFERRER_POLICY, "no-referrer")
    }
}

/// Returns the content of the one element of this name. A script that contains its own end tag
/// would end there for a browser, too.
fn only<'a>(page: &'static str, text: &'a str, element: &'static str) -> Result<&'a str, PageWithoutHash> {
    let (begin, end) = (format!("<{element}"), format!("</{element}>"));
    let contents: Vec<&str> = text
        .split(&begin)
        .skip(1)
        .filter_map(|rest| rest.split_once(&end))
        .filter_map(|(rest, _)| rest.split_once('>'))
        .filter(|(attributes, _)| attributes.is_empty() || attributes.starts_with(' '))
        .map(|(_, content)| content)
        .collect();
    match contents[..] {
        [content] => Ok(content),
        _ => Err(PageWithoutHash { page, element, found: contents.len() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "<script type=\"module\">run()</script>";
    const STYLE: &str = "<style>p{color:red}</style>";

    fn page(text: String) -> Result<Page, PageWithoutHash> {
        Page::new("test.html", text.leak(), &[])
    }

    #[test]
    fn the_policy_has_the_hashes_that_browsers_compute() {
        // printf 'run()' | openssl dgst -sha256 -binary | base64
        let page = page(format!("{STYLE}{SCRIPT}")).unwrap();
        assert!(
            page.policy.contains("script-src 'sha256-AvyuiL0SD1mVY3NNxR+V2uo+lhk6RMFrytWmRt6CrJQ='"),
            "{}",
            page.policy
        );
        assert!(
            page.policy.contains("style-src 'sha256-p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64='"),
            "{}",
            page.policy
        );
        assert!(page.policy.starts_with("default-src 'none'; "), "{}", page.policy);
        assert!(page.policy.contains("; connect-src 'self'; "), "{}", page.policy);
    }

    #[test]
    fn a_page_without_exactly_one_script_and_one_style_is_refused() {
        for (text, element) in [
            (STYLE.to_owned(), "script"),
            (SCRIPT.to_owned(), "style"),
            (format!("{STYLE}{SCRIPT}{SCRIPT}"), "script"),
            (format!("{STYLE}{STYLE}{SCRIPT}"), "style"),
            (format!("{STYLE}<script>run()"), "script"),
        ] {
            assert_eq!(page(text.clone()).unwrap_err().element, element, "{text}");
        }
    }

    #[test]
    fn the_tag_changes_with_the_page_and_with_its_policy() {
        let tag = |text: &str, hosts: &[String]| Page::new("test.html", text.to_owned().leak(), hosts).unwrap().tag;
        let text = format!("{STYLE}{SCRIPT}");
        let first = tag(&text, &[]);
        assert_eq!(first, tag(&text, &[]));
        assert_ne!(first, tag(&format!("{text} "), &[]));
        assert_ne!(first, tag(&text, &["https://issuer.example".to_owned()]));
    }
}
