//! Cleans texts that a person pasted from a chat, a browser, a terminal or an env file.

use reqwest::Url;

use crate::error::Error;

/// Quotes and brackets that surround a text in a chat, a shell or an env file.
const WRAPPING: [char; 12] = ['"', '\'', '`', '<', '>', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}', '«', '»', '„'];
/// Characters that may follow an address: punctuation of a sentence, and slashes.
const PUNCTUATION: [char; 4] = ['.', ',', ';', '/'];

/// Returns the text without surrounding blanks, quotes and angle brackets, and without invisible
/// characters.
pub fn text(pasted: &str) -> String {
    let visible: String = pasted.chars().filter(|character| !is_invisible(*character)).collect();
    name(&visible)
}

/// Trims blanks, quotes, angle brackets and invisible characters. Keeps those inside the name, such
/// as the joiners of an emoji.
pub fn name(pasted: &str) -> String {
    let around =
        |character: char| character.is_whitespace() || is_invisible(character) || WRAPPING.contains(&character);
    pasted.trim_matches(around).to_owned()
}

/// Returns a bearer token without the word `Bearer`, blanks, line breaks, surrounding quotes and
/// invisible characters.
pub fn token(pasted: &str) -> String {
    let text = text(pasted);
    let token = match text.split_once(char::is_whitespace) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => self::text(token),
        _ => text,
    };
    token.split_whitespace().collect()
}

/// Returns the address of an API without slashes and punctuation at the end. Fails if it is not an
/// address of HTTP or HTTPS, or has a query, a fragment or a blank.
pub fn address(pasted: &str) -> Result<String, Error> {
    let text = text(pasted);
    let address = text.trim_end_matches(|last: char| last.is_whitespace() || PUNCTUATION.contains(&last));
    let wrong = |why: &str| {
        let error = Error::Usage(format!("{text:?} is no address of the API: {why}"));
        error.with_help("an address has the form of the stack's output ApiUrl: https://HOST/STAGE")
    };
    let url = Url::parse(address).map_err(|error| wrong(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" if address.contains(char::is_whitespace) => Err(wrong("it contains a blank")),
        "http" | "https" if url.query().is_some() || url.fragment().is_some() => {
            Err(wrong("it has a part after ? or #"))
        }
        "http" | "https" => Ok(address.to_owned()),
        _ => Err(wrong("it does not begin with https:// or http://")),
    }
}

/// Returns true for soft hyphens, zero-width characters, marks of writing direction, and control
/// characters other than blanks.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    ) || (character.is_control() && !character.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_loses_the_blanks_and_quotes_around_it_and_all_invisible_characters() {
        for pasted in [
            "coffee-bar",
            "  coffee-bar\t\r\n",
            "\u{a0}coffee-bar\u{3000}",
            "\"coffee-bar\"",
            "' coffee-bar '",
            "`coffee-bar`",
            "\u{201c}coffee-bar\u{201d}",
            "coffee\u{200b}-bar\u{feff}",
            "\u{202a}coffee-bar\u{202c}",
            "coffee-bar\u{1b}",
        ] {
            assert_eq!(text(pasted), "coffee-bar", "{pasted:?}");
        }
        assert_eq!(text(" Flat  White "), "Flat  White");
        assert_eq!(text("l'ours"), "l'ours");
        assert_eq!(name(" \"Barista\u{200d}s Choice\u{200b}\" "), "Barista\u{200d}s Choice");
    }

    #[test]
    fn a_token_loses_its_scheme_blanks_and_quotes() {
        for pasted in
            ["ab.cd.ef", " ab.cd.ef\n", "Bearer ab.cd.ef", "bearer  'ab.cd.ef'", "\"ab.cd\n.ef\"", "ab\u{200b}.cd.ef"]
        {
            assert_eq!(token(pasted), "ab.cd.ef", "{pasted:?}");
        }
    }

    #[test]
    fn an_address_has_no_blank_quote_slash_or_invisible_character_at_its_ends() {
        for pasted in [
            "https://api.example/v1",
            "https://api.example/v1   ",
            "https://api.example/v1/",
            " https://api.example/v1// ",
            "\"https://api.example/v1\"",
            "'https://api.example/v1/'",
            "<https://api.example/v1>",
            "https://api.example/v1\u{200b}",
            "\u{feff}https://api.example/v1\r\n",
            "https://api.example/v1.",
            "https://api.example/v1/, ",
        ] {
            assert_eq!(address(pasted).unwrap(), "https://api.example/v1", "{pasted:?}");
        }
        assert_eq!(
            address("http://127.0.0.1:4566/_aws/execute-api/a/v1").unwrap(),
            "http://127.0.0.1:4566/_aws/execute-api/a/v1"
        );
    }

    #[test]
    fn a_text_that_is_no_address_is_a_usage_error_whose_help_shows_the_form() {
        for pasted in [
            "",
            "api.example/v1",
            "/v1",
            "file:///v1",
            "https://",
            "ftp://api.example/v1",
            "https://api.example/v1 v2",
            "https://api.example/v1/config?eventId=coffee-bar",
            "https://api.example/v1#order",
            "localhost:4566/v1",
        ] {
            let error = address(pasted).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{pasted:?}");
            assert!(error.help().unwrap().contains("ApiUrl"), "{pasted:?}");
        }
    }
}
