//! Links that pages show beside an order, such as the one to an extension's page.

use serde::{Deserialize, Serialize};

const MAX_LINKS: usize = 10;
const MAX_TITLE: usize = 60;
const MAX_URL: usize = 300;

/// Link that pages show as plain text with a title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Text of the link.
    pub title: String,
    /// Address, with https. A page replaces `{orderId}` by the id of the order.
    pub url: String,
}

/// Error of a link that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct InvalidLink {
    /// Path of the field at fault, such as `links[2].url`.
    pub field: String,
    /// Rule that the field violates.
    pub rule: String,
}

/// Validates the links of a shop. The error names the first field at fault.
pub fn validate(links: &[Link]) -> Result<(), InvalidLink> {
    let invalid = |field: String, rule: String| Err(InvalidLink { field, rule });
    if links.len() > MAX_LINKS {
        return invalid("links".into(), format!("must have at most {MAX_LINKS} links"));
    }
    for (index, link) in links.iter().enumerate() {
        let length = link.title.chars().count();
        if length == 0
            || length > MAX_TITLE
            || link.title.trim() != link.title
            || link.title.chars().any(char::is_control)
        {
            let rule = format!("must be 1 to {MAX_TITLE} printable characters, without spaces at either end");
            return invalid(format!("links[{index}].title"), rule);
        }
        if !is_address(&link.url) {
            let rule =
                format!("must be an https address of at most {MAX_URL} ASCII characters; only {{orderId}} is replaced");
            return invalid(format!("links[{index}].url"), rule);
        }
    }
    Ok(())
}

fn is_address(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = url.replace("{orderId}", "");
    url.len() <= MAX_URL
        && !host.is_empty()
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':'))
        && plain.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '{' | '}' | '\\' | '`'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field_of(title: &str, url: &str) -> Option<String> {
        validate(&[Link { title: title.into(), url: url.into() }]).err().map(|error| error.field)
    }

    #[test]
    fn an_https_address_with_the_order_id_is_a_link() {
        for url in ["https://bar.example", "https://bar.example:8443/journey?order={orderId}#top"] {
            assert_eq!(field_of("Journey", url), None, "{url}");
        }
    }

    #[test]
    fn another_address_is_refused_by_name() {
        let long = format!("https://bar.example/{}", "x".repeat(MAX_URL));
        for url in [
            "",
            "http://bar.example",
            "javascript:alert(1)",
            "https://",
            "https:///path",
            "https://user@bar.example",
            "https://{orderId}.example",
            "https://bar.example/{userId}",
            "https://bar.example/a b",
            &long,
        ] {
            assert_eq!(field_of("Journey", url).as_deref(), Some("links[0].url"), "{url}");
        }
    }

    #[test]
    fn a_title_is_short_and_visible() {
        for title in ["", " Journey", "a\nb", &"x".repeat(61)] {
            assert_eq!(field_of(title, "https://bar.example").as_deref(), Some("links[0].title"), "{title}");
        }
        let link = Link { title: "Journey".into(), url: "https://bar.example".into() };
        assert_eq!(validate(&vec![link; 11]).unwrap_err().field, "links");
    }
}
