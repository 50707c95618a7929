//! Links that pages show beside an order, such as the one to an extension's page.

use serde::{Deserialize, Deserializer, Serialize};

use crate::text::{InvalidText, Name};

const MAX_LINKS: usize = 10;
const MAX_URL: usize = 300;

/// Link as an admin writes it: neither title nor address is checked yet.
pub type LinkDraft = Link<String>;

/// Link that pages show by its title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Link"))]
#[serde(deny_unknown_fields)]
pub struct Link<N = Name> {
    /// Text of the link.
    pub title: N,
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

/// Checks the links of a shop and returns them with normalised titles. The error names the first
/// field at fault.
pub fn parse(draft: &[LinkDraft]) -> Result<Vec<Link>, InvalidLink> {
    if draft.len() > MAX_LINKS {
        return Err(InvalidLink { field: "links".into(), rule: format!("must have at most {MAX_LINKS} links") });
    }
    let links = draft.iter().enumerate().map(|(index, link)| {
        let invalid = |member: &str, rule: String| InvalidLink { field: format!("links[{index}].{member}"), rule };
        let title = link.title.parse().map_err(|error: InvalidText| invalid("title", error.to_string()))?;
        if is_address(&link.url) {
            return Ok(Link { title, url: link.url.clone() });
        }
        let rule =
            format!("must be an https address of at most {MAX_URL} ASCII characters; only {{orderId}} is replaced");
        Err(invalid("url", rule))
    });
    links.collect()
}

/// Reads stored links. Titles that violate today's rule are cleaned; fields of a later version of
/// the program are ignored.
pub(crate) fn read_stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Link>, D::Error> {
    #[derive(Deserialize)]
    struct Stored {
        title: String,
        url: String,
    }
    let link = |Stored { title, url }| Link { title: Name::cleaned(&title), url };
    Ok(Vec::deserialize(deserializer)?.into_iter().map(link).collect())
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
        parse(&[Link { title: title.into(), url: url.into() }]).err().map(|error| error.field)
    }

    #[test]
    fn an_https_address_with_or_without_the_order_id_is_a_link() {
        for url in ["https://bar.example", "https://bar.example:8443/journey?order={orderId}#top"] {
            assert_eq!(field_of("Journey", url), None, "{url}");
        }
    }

    #[test]
    fn any_other_address_is_refused_with_the_name_of_its_field() {
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
    fn a_title_follows_the_rule_for_names_and_at_most_ten_links_are_accepted() {
        for title in ["", " \u{2003}", "a\nb", "Jour\u{200b}ney", &"x".repeat(61)] {
            assert_eq!(field_of(title, "https://bar.example").as_deref(), Some("links[0].title"), "{title}");
        }
        let link = Link { title: " Journey\n".to_owned(), url: "https://bar.example".into() };
        assert_eq!(parse(std::slice::from_ref(&link)).unwrap()[0].title.as_str(), "Journey");
        assert_eq!(parse(&vec![link; 11]).unwrap_err().field, "links");
    }
}
