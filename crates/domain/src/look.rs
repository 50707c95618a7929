//! Look of a shop: its colours and its logo.

use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, BASE64};
use roxmltree::{Document, Node};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use crate::names::{not_null, object};

/// Maximum size of a logo's file, in bytes.
pub const MAX_LOGO: usize = 20 * 1024;

/// Maximum width and height of a PNG file: a small file can hold a large image of one colour.
const MAX_SIDE: u32 = 2_048;

const TAG_BYTES: usize = 16;

const SVG: &str = "http://www.w3.org/2000/svg";

/// Namespaces in which SVG editors keep data. Browsers do not draw it.
const EDITORS: [&str; 5] = [
    "http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd",
    "http://www.inkscape.org/namespaces/inkscape",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://creativecommons.org/ns#",
    "http://purl.org/dc/elements/1.1/",
];

/// Prefixes of the names of elements that are refused: they run scripts, contain HTML, or change
/// attributes later.
const REFUSED_PREFIXES: [&str; 6] = ["script", "foreignObject", "animate", "set", "iframe", "handler"];

/// Error of a text that is not a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour has the form #rrggbb, such as #0b6b43")]
pub struct InvalidColour;

/// Colour in the form `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(String);

impl FromStr for Colour {
    type Err = InvalidColour;

    fn from_str(text: &str) -> Result<Self, InvalidColour> {
        let digits = text.strip_prefix('#').ok_or(InvalidColour)?;
        let valid = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidColour) }
    }
}

impl TryFrom<String> for Colour {
    type Error = InvalidColour;

    fn try_from(text: String) -> Result<Self, InvalidColour> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.0
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Colour {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Colour".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^#[0-9A-Fa-f]{6}$" })
    }
}

/// Colours of a shop. Web pages use default colours for absent ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Colours"))]
pub struct Colours<C = Colour> {
    /// Colour behind the shop's name and of the main buttons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<C>,
    /// Colour of highlights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<C>,
}

impl<'de, C: Deserialize<'de>> Deserialize<'de> for Colours<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, bound(deserialize = "C: Deserialize<'de>"))]
        struct Fields<C> {
            #[serde(default, deserialize_with = "not_null")]
            primary: Option<C>,
            #[serde(default, deserialize_with = "not_null")]
            accent: Option<C>,
        }
        let Fields { primary, accent } = object(deserializer)?;
        Ok(Self { primary, accent })
    }
}

/// Reads stored colours. Fields of a later version of the program are ignored.
pub(crate) fn read_stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Colours, D::Error> {
    #[derive(Deserialize)]
    struct Stored {
        primary: Option<Colour>,
        accent: Option<Colour>,
    }
    let Stored { primary, accent } = Stored::deserialize(deserializer)?;
    Ok(Colours { primary, accent })
}

impl<C> Default for Colours<C> {
    fn default() -> Self {
        Self { primary: None, accent: None }
    }
}

impl Colours<String> {
    /// Checks the colours. The error names the first one at fault.
    pub(crate) fn parse(&self) -> Result<Colours, &'static str> {
        let colour = |text: &Option<String>, field| text.as_deref().map(str::parse).transpose().map_err(|_| field);
        Ok(Colours {
            primary: colour(&self.primary, "colours.primary")?,
            accent: colour(&self.accent, "colours.accent")?,
        })
    }
}

/// Type of a logo's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogoType {
    /// SVG.
    #[serde(rename = "image/svg+xml")]
    Svg,
    /// PNG.
    #[serde(rename = "image/png")]
    Png,
}

/// Logo as an admin sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogoDraft {
    /// Type of the file.
    pub content_type: LogoType,
    /// The file in base64.
    pub data: String,
}

/// Error of a logo that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLogo {
    /// The file is not in base64.
    #[error("data must be the file in base64")]
    Encoding,
    /// The file is empty or too large.
    #[error("the file must have 1 to {MAX_LOGO} bytes, not {0}")]
    Size(usize),
    /// The file is not a PNG image, or its sides are too long.
    #[error("the file is not a PNG image of at most {MAX_SIDE} by {MAX_SIDE} pixels")]
    Png,
    /// The file is not an SVG image.
    #[error("the file is not an SVG image: {0}")]
    Svg(String),
    /// The SVG image contains something that is not allowed.
    #[error("the SVG image contains {0}, which is not allowed")]
    Refused(String),
}

/// Logo of a shop, in SVG. A PNG file is embedded in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// The image.
    pub svg: String,
}

impl Logo {
    /// Returns a hash of the image, which changes with the image: 26 base32 characters.
    pub fn tag(&self) -> String {
        let hash = Sha256::digest(self.svg.as_bytes());
        BASE32_NOPAD.encode(hash.get(..TAG_BYTES).unwrap_or_default()).to_ascii_lowercase()
    }
}

impl LogoDraft {
    /// Checks the file and returns the logo.
    pub fn parse(&self) -> Result<Logo, InvalidLogo> {
        let file = BASE64.decode(self.data.as_bytes()).map_err(|_| InvalidLogo::Encoding)?;
        if file.is_empty() || file.len() > MAX_LOGO {
            return Err(InvalidLogo::Size(file.len()));
        }
        match self.content_type {
            LogoType::Png => embedded(&file).ok_or(InvalidLogo::Png),
            LogoType::Svg => {
                let svg = String::from_utf8(file).map_err(|error| InvalidLogo::Svg(error.to_string()))?;
                check_svg(&svg)?;
                Ok(Logo { svg })
            }
        }
    }
}

/// Embeds a PNG image in an SVG image of its size. `None` if the file is not such an image, or is
/// too wide or too high.
fn embedded(file: &[u8]) -> Option<Logo> {
    let header = file.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    let (width, rest) = header.split_first_chunk::<4>()?;
    let (height, _) = rest.split_first_chunk::<4>()?;
    let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*height));
    let sides = 1..=MAX_SIDE;
    if !sides.contains(&width) || !sides.contains(&height) || !file.ends_with(b"\0\0\0\0IEND\xaeB`\x82") {
        return None;
    }
    let svg = format!(
        "<svg xmlns=\"{SVG}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\
         <image width=\"{width}\" height=\"{height}\" href=\"data:image/png;base64,{}\"/></svg>",
        BASE64.encode(file)
    );
    Some(Logo { svg })
}

fn check_svg(text: &str) -> Result<(), InvalidLogo> {
    // The parser refuses a document type, whose entities could make a small file large.
    let document = Document::parse(text).map_err(|error| InvalidLogo::Svg(error.to_string()))?;
    if !document.root_element().has_tag_name((SVG, "svg")) {
        return Err(InvalidLogo::Svg(format!("its root must be svg in the namespace {SVG}")));
    }
    document.root().descendants().try_for_each(check_node)
}

fn check_node(node: Node<'_, '_>) -> Result<(), InvalidLogo> {
    let refused = |what: String| Err(InvalidLogo::Refused(what));
    if node.is_pi() {
        return refused("a processing instruction".to_owned());
    }
    if node.is_text() && is_in_style(node) && !is_inner_style(node.text().unwrap_or_default()) {
        return refused("a style with a url( other than url(#, with @import, image-set( or a backslash".to_owned());
    }
    if !node.is_element() {
        return Ok(());
    }
    let name = node.tag_name();
    let is_refused = match name.namespace() {
        Some(SVG) => REFUSED_PREFIXES.iter().any(|prefix| name.name().starts_with(prefix)),
        namespace => !is_of_editor(namespace),
    };
    if is_refused {
        return refused(format!("the element {}", name.name()));
    }
    for attribute in node.attributes().filter(|attribute| !is_of_editor(attribute.namespace())) {
        let (name, value) = (attribute.name(), attribute.value());
        let is_inner = match name {
            "href" | "src" | "base" => is_inner_reference(value),
            _ if name.starts_with("data-") || name.starts_with("aria-") => true,
            _ => is_inner_style(value),
        };
        if !is_inner || name.to_ascii_lowercase().starts_with("on") {
            return refused(format!("the attribute {name}"));
        }
    }
    Ok(())
}

fn is_of_editor(namespace: Option<&str>) -> bool {
    namespace.is_some_and(|namespace| EDITORS.contains(&namespace))
}

fn is_in_style(node: Node<'_, '_>) -> bool {
    node.ancestors().any(|element| element.tag_name().name() == "style")
}

fn is_inner_reference(address: &str) -> bool {
    let raster = ["data:image/png;base64,", "data:image/jpeg;base64,", "data:image/webp;base64,"];
    address.starts_with('#') || raster.iter().any(|prefix| address.starts_with(prefix))
}

/// Returns true if a style, or an attribute that may have one, refers to nothing outside the image.
/// A backslash is refused, because a CSS escape can hide a `url(`.
fn is_inner_style(text: &str) -> bool {
    let text: String = text.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let mut addresses = text.split("url(").skip(1).map(|rest| rest.trim_start_matches(['"', '\'']));
    !text.contains("@import")
        && !text.contains("image-set(")
        && !text.contains('\\')
        && addresses.all(|address| address.starts_with('#'))
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
