//! Address of the page that a phone opens when it scans the QR code.

use std::str::FromStr;

use crate::ids::ShopId;

/// Maximum length of an address, in characters.
const LONGEST: usize = 200;

/// Error of a text that is not the address of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address of a page must begin with http:// or https:// and a host, without a user name; it has at most 200 ASCII characters, none of them a blank or one of \"<>\\^`{{|}}"
)]
pub struct InvalidPage;

/// Base address of the web pages, with a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPage(String);

impl OrderPage {
    /// Returns the link in the QR code. Shop and code are in the fragment, which a phone sends to
    /// no server.
    pub fn link(&self, shop_id: &ShopId, code: &str) -> String {
        format!("{}order#e={shop_id}&t={code}", self.0)
    }
}

impl FromStr for OrderPage {
    type Err = InvalidPage;

    /// Parses the address of any of the web pages. Drops query, fragment and the last segment of
    /// the path, like the resolution of a relative URL.
    fn from_str(text: &str) -> Result<Self, InvalidPage> {
        if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
        {
            return Err(InvalidPage);
        }
        let (scheme, rest) = text.split_once("://").ok_or(InvalidPage)?;
        let scheme = scheme.to_ascii_lowercase();
        let address = rest.split(['?', '#']).next().unwrap_or_default();
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        // No user information: it would hide the host from the person who reads the link.
        if !is_authority(host) || !matches!(scheme.as_str(), "http" | "https") {
            return Err(InvalidPage);
        }
        let folder = path.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        Ok(Self(format!("{scheme}://{host}/{folder}")))
    }
}

/// Returns true for a host name or an IP address, with or without a port. `openapi.yaml` has the
/// same rule as a pattern.
fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_address = |byte: u8| byte.is_ascii_hexdigit() || b":.".contains(&byte);
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => !address.is_empty() && address.bytes().all(is_address),
        None => !host.is_empty() && host.bytes().all(is_named),
    };
    let is_port = |port: &str| port.starts_with(|first| ('1'..='9').contains(&first)) && port.parse::<u16>().is_ok();
    is_host && port.is_none_or(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(page: &str) -> Result<String, InvalidPage> {
        Ok(page.parse::<OrderPage>()?.link(&"RUSTCONF".parse().unwrap(), "MFRGGZDFMZTWQ2LK"))
    }

    #[test]
    fn the_link_is_the_page_order_in_the_folder_of_the_given_address() {
        for (page, folder) in [
            ("https://bar.example", "https://bar.example/"),
            ("https://bar.example/", "https://bar.example/"),
            ("https://bar.example/order", "https://bar.example/"),
            ("https://bar.example/v1/display", "https://bar.example/v1/"),
            ("https://bar.example/v1/display?eventId=A/B#s=C/D", "https://bar.example/v1/"),
            ("https://bar.example?x=/y", "https://bar.example/"),
            ("HTTP://127.0.0.1:4566/_aws/execute-api/abc/v1/", "http://127.0.0.1:4566/_aws/execute-api/abc/v1/"),
            ("http://[::1]:8080/a", "http://[::1]:8080/"),
        ] {
            assert_eq!(link(page), Ok(format!("{folder}order#e=RUSTCONF&t=MFRGGZDFMZTWQ2LK")), "{page}");
        }
    }

    #[test]
    fn a_text_that_is_not_the_address_of_a_page_is_refused() {
        let long = format!("https://bar.example/{}", "x".repeat(180));
        assert_eq!(long.len(), 200);
        assert!(link(&long).is_ok());
        let longer = format!("{long}x");
        for page in [
            "",
            "bar.example",
            "/order",
            "//bar.example/",
            "javascript:alert(1)",
            "javascript://bar.example/%0aalert(1)",
            "ftp://bar.example/",
            "data:text/html,x",
            "https://",
            "https:///order",
            "https://?x",
            "https://:80/",
            "https://bar.example:x/",
            "https://bar.example:99999/",
            "https://bar.example:/",
            "https://bar.example:080/",
            "https://bar.example:+80/",
            "https://[/",
            "https://[]/",
            "https://[::1]x/",
            "https://[bar.example.org]/",
            "https://bar.example@evil.example/",
            "https://bar.example\\@evil.example/",
            "https://bar example/",
            "https://bar.example/\"><script>",
            "https://bär.example/",
            "https://bar.example/\n",
            &longer,
        ] {
            assert_eq!(link(page), Err(InvalidPage), "{page:?}");
        }
    }
}
