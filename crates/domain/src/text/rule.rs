//! Normalisation of a text, and the search for its first character that is not allowed.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{DefaultIgnorableCodePoint, Emoji, ExtendedPictographic, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

use super::{Flaw, InvalidText};

const JOINER: char = '\u{200d}';
const TEXT_STYLE: char = '\u{fe0e}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// Symbols and letters without a glyph of their own, which Unicode does not list as ignorable: the
/// Braille blank, the null notehead, hieroglyphic blanks, the Khitan filler, and the placeholder
/// for an object.
const BLANK_GLYPHS: [char; 6] = ['\u{2800}', '\u{1d159}', '\u{13441}', '\u{13442}', '\u{16fe4}', '\u{fffc}'];

/// Maximum number of nonspacing or enclosing marks that follow each other.
const MAX_MARKS: usize = 4;

/// Length and breaks that a type of text allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) has_breaks: bool,
}

/// Role of a character in a normalised text.
enum Kind {
    Visible,
    Mark { stacks: bool },
    Blank,
    Break,
    Joiner,
    Style,
    Forbidden(Flaw),
}

/// Returns `text` normalised, or the first reason why it is not allowed.
pub(super) fn parse(text: &str, form: Form) -> Result<String, InvalidText> {
    let normalised = if is_plain(text) { text.to_owned() } else { normalise(text, form) };
    if let Some((_, character, flaw)) = first_flaw(&normalised, form) {
        return Err(InvalidText::NotAllowed { character, flaw });
    }
    let length = normalised.chars().count();
    if length < form.min || length > form.max {
        return Err(InvalidText::Length { min: form.min, max: form.max, length });
    }
    Ok(normalised)
}

/// Returns `text` normalised, without the characters that are not allowed and without those beyond
/// the maximum length. It may be shorter than the minimum.
pub(super) fn clean(text: &str, form: Form) -> String {
    let mut cleaned = if is_plain(text) { text.to_owned() } else { normalise(text, form) };
    // Without a character, its neighbours may compose, or be at fault themselves.
    while let Some((at, _, _)) = first_flaw(&cleaned, form) {
        cleaned.remove(at);
        cleaned = normalise(&cleaned, form);
    }
    match cleaned.char_indices().nth(form.max) {
        // The cut may leave a joiner or a blank at the end.
        Some((end, _)) => clean(cleaned.get(..end).unwrap_or_default(), form),
        None => cleaned,
    }
}

/// Returns true if `text` has only visible ASCII characters and single spaces between them. Such a
/// text is normalised and has no flaw. Most texts are plain, so that the Unicode tables are rarely
/// searched.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !text.contains("  ") && text.trim() == text
}

/// Returns the characters that are compared to find the same names: all but joiners and variation
/// selectors.
pub(super) fn visible(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|character| !matches!(*character, JOINER | TEXT_STYLE | EMOJI_STYLE))
}

/// Composes characters (NFC), makes one space of each run of blanks, and removes blanks at both
/// ends. If `form` has breaks, removes the blanks beside a break, and keeps at most two breaks that
/// follow each other.
fn normalise(text: &str, form: Form) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text.trim());
    let mut normalised = String::with_capacity(composed.len());
    let mut characters = composed.chars().peekable();
    while let Some(character) = characters.next() {
        if form.has_breaks && is_break(character) {
            if character == '\r' && characters.peek() == Some(&'\n') {
                continue;
            }
            normalised.truncate(normalised.trim_end_matches(' ').len());
            if !normalised.ends_with("\n\n") {
                normalised.push('\n');
            }
        } else if category(character) != GeneralCategory::SpaceSeparator {
            normalised.push(character);
        } else if !normalised.ends_with([' ', '\n']) {
            normalised.push(' ');
        }
    }
    normalised
}

/// Returns the first character of a normalised text that is not allowed, with its offset in bytes.
fn first_flaw(text: &str, form: Form) -> Option<(usize, char, Flaw)> {
    if is_plain(text) {
        return None;
    }
    let (mut has_base, mut in_emoji, mut marks) = (false, false, 0);
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let kind = kind(character);
        marks = if matches!(kind, Kind::Mark { stacks: true }) { marks + 1 } else { 0 };
        let flaw = match kind {
            Kind::Forbidden(flaw) => Some(flaw),
            Kind::Break => (!form.has_breaks).then_some(Flaw::Break),
            Kind::Mark { .. } if !has_base => Some(Flaw::MarkWithoutBase),
            Kind::Mark { .. } => (marks > MAX_MARKS).then_some(Flaw::TooManyMarks),
            Kind::Joiner => (!(in_emoji && next.is_some_and(is_pictograph))).then_some(Flaw::Joiner),
            Kind::Style => (!before.is_some_and(|before| takes_style(before, next))).then_some(Flaw::Style),
            Kind::Visible | Kind::Blank => None,
        };
        if let Some(flaw) = flaw {
            return Some((at, character, flaw));
        }
        has_base = match kind {
            Kind::Visible => true,
            Kind::Blank | Kind::Break => false,
            _ => has_base,
        };
        in_emoji = match kind {
            Kind::Visible => is_pictograph(character) || (in_emoji && is_skin_tone(character)),
            Kind::Style => in_emoji,
            _ => false,
        };
        before = Some(character);
    }
    None
}

fn kind(character: char) -> Kind {
    match character {
        ' ' => return Kind::Blank,
        '\n' => return Kind::Break,
        JOINER => return Kind::Joiner,
        TEXT_STYLE | EMOJI_STYLE => return Kind::Style,
        _ => {}
    }
    match category(character) {
        _ if is_break(character) => Kind::Forbidden(Flaw::Break),
        GeneralCategory::Control => Kind::Forbidden(Flaw::Control),
        _ if character == char::REPLACEMENT_CHARACTER => Kind::Forbidden(Flaw::Lost),
        GeneralCategory::Format => Kind::Forbidden(Flaw::Format),
        _ if is_invisible(character) => Kind::Forbidden(Flaw::Invisible),
        GeneralCategory::PrivateUse => Kind::Forbidden(Flaw::PrivateUse),
        GeneralCategory::Unassigned | GeneralCategory::Surrogate => Kind::Forbidden(Flaw::Unassigned),
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark => Kind::Mark { stacks: true },
        GeneralCategory::SpacingMark => Kind::Mark { stacks: false },
        _ => Kind::Visible,
    }
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

const fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_invisible(character: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character) || BLANK_GLYPHS.contains(&character)
}

fn is_pictograph(character: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(character)
}

const fn is_skin_tone(character: char) -> bool {
    matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Returns true if a variation selector may follow `character`: it is an emoji, or a digit or sign
/// that becomes an emoji because `next`, the character after the selector, is the keycap.
fn takes_style(character: char, next: Option<char>) -> bool {
    CodePointSetData::new::<Emoji>().contains(character) && (!character.is_ascii() || next == Some(KEYCAP))
}
