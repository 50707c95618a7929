//! One rule for every text that people write.
//!
//! A text is first normalised:
//!
//! - characters are composed ([NFC](https://www.unicode.org/reports/tr15/)), so that `é` has one
//!   spelling;
//! - each run of blanks of any width becomes one space; blanks and line breaks at both ends are
//!   removed;
//! - in a [`Paragraph`], every kind of line break becomes `\n`, without blanks beside it, and at
//!   most two follow each other.
//!
//! Then every character must be visible, except spaces and the line breaks of a [`Paragraph`].
//! Refused are control characters, line breaks in a [`Line`], format characters such as the
//! bidirectional controls and the zero-width space, everything else that Unicode calls ignorable,
//! glyphs that are blank, the replacement character (U+FFFD), characters for private use,
//! unassigned code points, a combining mark without a base, and more than four nonspacing or
//! enclosing marks in a row. The zero-width joiner (U+200D) and the variation selectors U+FE0E and
//! U+FE0F are allowed within an emoji.
//!
//! A length is a number of characters (Unicode scalar values), counted after normalisation. A
//! character takes at most four bytes in UTF-8, so that `Line<60>` has at most 240 bytes.
//!
//! Two names are the same if their normalised texts are equal without joiners and variation
//! selectors: see [`Name::is_same`]. Upper and lower case differ.
//!
//! # Limits of the rule
//!
//! - Similar letters of different scripts or widths, such as Latin `a` and Cyrillic `а`, or `fi`
//!   and its ligature, stay two names.
//! - The zero-width joiner and non-joiner of Persian and of Indic scripts are refused, as are emoji
//!   tag sequences, such as the flag of Scotland, and ideographic variation sequences.
//! - Characters that a later version of Unicode adds are refused until the tables are updated.

mod rule;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use self::rule::Form;

/// Error of a text that violates the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// The text is too short or too long.
    #[error("must have {min} to {max} characters, not {length}")]
    Length {
        /// Minimum number of characters.
        min: usize,
        /// Maximum number of characters.
        max: usize,
        /// Number of characters after normalisation.
        length: usize,
    },
    /// The text contains a character that is not allowed.
    #[error("must not contain U+{:04X}: {flaw}", u32::from(*.character))]
    NotAllowed {
        /// First character that is not allowed.
        character: char,
        /// Reason why it is not allowed.
        flaw: Flaw,
    },
}

/// Reason why a character is not allowed in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Control character.
    #[error("it is a control character")]
    Control,
    /// Line break in a text of one line.
    #[error("it breaks the line, and this text has one line")]
    Break,
    /// Format character, such as a bidirectional control.
    #[error("it is an invisible format character")]
    Format,
    /// Character without a glyph.
    #[error("it is invisible")]
    Invisible,
    /// Replacement character (U+FFFD), which stands for bytes that are no character.
    #[error("it replaces bytes that are not valid UTF-8")]
    Lost,
    /// Character for private use.
    #[error("it is for private use")]
    PrivateUse,
    /// Code point without a character.
    #[error("Unicode assigns no character to it")]
    Unassigned,
    /// Combining mark at the beginning, or after a blank or a line break.
    #[error("it is a combining mark without a base")]
    MarkWithoutBase,
    /// One combining mark too many.
    #[error("it is the fifth combining mark in a row")]
    TooManyMarks,
    /// Zero-width joiner (U+200D) outside an emoji.
    #[error("it is invisible outside an emoji")]
    Joiner,
    /// Variation selector (U+FE0E or U+FE0F) that follows no emoji.
    #[error("it is invisible where it follows no emoji")]
    Style,
}

macro_rules! text_type {
    ($(#[$doc:meta])* $type:ident $(<$max:ident>)?, $form:expr, $if_empty:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type$(<const $max: usize>)?(String);

        impl$(<const $max: usize>)? $type$(<$max>)? {
            const FORM: Form = $form;

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Normalises `text`, drops refused characters and cuts it to the maximum length; an
            /// empty [`Name`] becomes `?`. For texts that an earlier version of the program stored,
            /// and for constants.
            #[must_use]
            pub fn cleaned(text: &str) -> Self {
                let cleaned = rule::clean(text, Self::FORM);
                Self(if cleaned.is_empty() { $if_empty.to_owned() } else { cleaned })
            }
        }

        impl$(<const $max: usize>)? FromStr for $type$(<$max>)? {
            type Err = InvalidText;

            fn from_str(text: &str) -> Result<Self, InvalidText> {
                rule::parse(text, Self::FORM).map(Self)
            }
        }

        impl$(<const $max: usize>)? TryFrom<String> for $type$(<$max>)? {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, InvalidText> {
                text.parse()
            }
        }

        impl$(<const $max: usize>)? From<$type$(<$max>)?> for String {
            fn from(text: $type$(<$max>)?) -> Self {
                text.0
            }
        }

        impl$(<const $max: usize>)? fmt::Display for $type$(<$max>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[cfg(feature = "schema")]
        impl$(<const $max: usize>)? schemars::JsonSchema for $type$(<$max>)? {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string" })
            }
        }
    };
}

text_type!(
    /// Text of one line and at most `MAX` characters. It may be empty.
    Line<MAX>,
    Form { min: 0, max: MAX, has_breaks: false },
    ""
);
text_type!(
    /// Text of several lines and at most `MAX` characters. It may be empty.
    Paragraph<MAX>,
    Form { min: 0, max: MAX, has_breaks: true },
    ""
);
text_type!(
    /// Name, for example of a drink, a shop or a display: one line of 1 to 60 characters.
    Name,
    Form { min: 1, max: Name::MAX, has_breaks: false },
    "?"
);

impl<const MAX: usize> Default for Line<MAX> {
    fn default() -> Self {
        Self(String::new())
    }
}

impl<const MAX: usize> Default for Paragraph<MAX> {
    fn default() -> Self {
        Self(String::new())
    }
}

impl Name {
    /// Maximum number of characters.
    pub const MAX: usize = 60;

    /// Returns true if the names are equal without joiners and variation selectors.
    pub fn is_same(&self, other: &Self) -> bool {
        rule::visible(&self.0).eq(rule::visible(&other.0))
    }

    /// Returns a text that is equal for names that are the same.
    pub fn key(&self) -> String {
        rule::visible(&self.0).collect()
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
