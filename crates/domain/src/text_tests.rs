use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use proptest::prelude::*;

use super::*;
use crate::testing::cases;

type Short = Line<60>;
type Long = Paragraph<60>;

fn line(text: &str) -> Result<String, InvalidText> {
    text.parse::<Short>().map(String::from)
}

fn flaw(text: &str) -> Flaw {
    match line(text) {
        Err(InvalidText::NotAllowed { flaw, .. }) => flaw,
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn what_people_write_on_menus_is_accepted_as_it_is() {
    for text in [
        "Flat White",
        "Café crème",
        "Cà phê sữa đá",
        "Ärztekaffee № 3 – 0,5 ‰",
        "カフェラテ",
        "커피",
        "咖啡",
        "قهوة",
        "קפה שחור",
        "ชาเย็น",
        "चाय मसाला",
        "လက်ဖက်ရည်",
        "☕ to go",
        "❤️ Mocha",
        "1️⃣ Espresso",
        "👨‍👩‍👧‍👦 can",
        "👩🏽‍🍳 special",
        "🏳️‍🌈 Latte",
        "🇮🇹 Ristretto",
        "☕\u{fe0e}",
        "50 % off & \"free\" #1 *",
    ] {
        assert_eq!(line(text).as_deref(), Ok(text));
    }
}

#[test]
fn two_spellings_become_one_text() {
    for (spelling, text) in [
        ("Cafe\u{301}", "Café"),
        ("\u{212b}ngstrom", "Ångstrom"),
        ("\u{1100}\u{1161}", "가"),
        ("  Flat \u{a0}\u{2003}\u{3000} White\u{202f}", "Flat White"),
        ("\t\r\n\u{85}Latte\n\u{2028}", "Latte"),
        ("", ""),
        (" \n\t\u{a0}", ""),
    ] {
        assert_eq!(line(spelling).as_deref(), Ok(text), "{spelling:?}");
    }
}

#[test]
fn each_forbidden_character_is_refused_with_its_flaw() {
    for (text, expected) in [
        ("La\u{0}tte", Flaw::Control),
        ("La\ttte", Flaw::Control),
        ("La\u{7f}tte", Flaw::Control),
        ("La\u{9b}31mtte", Flaw::Control),
        ("La\ntte", Flaw::Break),
        ("La\u{2028}tte", Flaw::Break),
        ("La\u{200b}tte", Flaw::Format),
        ("\u{202e}etteL", Flaw::Format),
        ("\u{2066}Latte\u{2069}", Flaw::Format),
        ("La\u{ad}tte", Flaw::Format),
        ("\u{feff}Latte", Flaw::Format),
        ("Latte\u{e0041}\u{e007f}", Flaw::Format),
        ("La\u{200c}tte", Flaw::Format),
        ("\u{200b}", Flaw::Format),
        ("La\u{34f}tte", Flaw::Invisible),
        ("\u{3164}", Flaw::Invisible),
        ("La\u{2800}tte", Flaw::Invisible),
        ("Latte\u{fffc}", Flaw::Invisible),
        ("Latte\u{fffd}", Flaw::Lost),
        ("Latte\u{fe00}", Flaw::Invisible),
        ("Latte\u{e0100}", Flaw::Invisible),
        ("Latte\u{e000}", Flaw::PrivateUse),
        ("Latte\u{10ffff}", Flaw::Unassigned),
        ("Latte\u{378}", Flaw::Unassigned),
        ("La\u{200d}tte", Flaw::Joiner),
        ("\u{200d}", Flaw::Joiner),
        ("☕\u{200d}", Flaw::Joiner),
        ("☕\u{200d}a", Flaw::Joiner),
        ("☕\u{200d}\u{200d}☕", Flaw::Joiner),
        ("Latte\u{fe0f}", Flaw::Style),
        ("1\u{fe0f}", Flaw::Style),
        ("❤\u{fe0f}\u{fe0f}", Flaw::Style),
        ("\u{301}Latte", Flaw::MarkWithoutBase),
        ("Latte \u{301}", Flaw::MarkWithoutBase),
        ("x\u{321}\u{322}\u{323}\u{324}\u{325}", Flaw::TooManyMarks),
    ] {
        assert_eq!(flaw(text), expected, "{text:?}");
        assert!(text.parse::<Name>().is_err(), "{text:?}");
        assert_eq!(text.parse::<Long>().is_ok(), expected == Flaw::Break, "{text:?}");
    }
}

#[test]
fn the_error_names_the_character_and_the_rule() {
    let error = |text: &str| line(text).unwrap_err().to_string();
    assert_eq!(error("a\u{202e}b"), "must not contain U+202E: it is an invisible format character");
    assert_eq!(error(&"é".repeat(61)), "must have 0 to 60 characters, not 61");
    assert_eq!("\u{2003}".parse::<Name>().unwrap_err().to_string(), "must have 1 to 60 characters, not 0");
}

#[test]
fn a_length_counts_characters_after_normalisation() {
    assert_eq!(line(&"e\u{301}".repeat(60)), Ok("é".repeat(60)));
    assert_eq!(line(&format!("{} x", " ".repeat(500))), Ok("x".to_owned()));
    assert_eq!(
        line(&"\u{958}".repeat(31)),
        Err(InvalidText::Length { min: 0, max: 60, length: 62 }),
        "NFC decomposes U+0958, because Unicode excludes it from composition"
    );
    let widest = "😀".repeat(60);
    assert_eq!(line(&widest).map(|text| text.len()), Ok(240));
}

#[test]
fn a_paragraph_keeps_its_lines() {
    let paragraph = |text: &str| text.parse::<Long>().map(String::from);
    assert_eq!(paragraph(" one \r\n two\rthree\u{2028}four\u{b}five\n"), Ok("one\ntwo\nthree\nfour\nfive".into()));
    assert_eq!(paragraph("one\n \n\n\u{a0}\r\ntwo"), Ok("one\n\ntwo".into()));
    assert!(paragraph("one\n\u{301}").is_err() && paragraph("one\ttwo").is_err());
}

#[test]
fn names_are_the_same_without_joiners_and_variation_selectors() {
    let is_same = |one: &str, other: &str| one.parse::<Name>().unwrap().is_same(&other.parse().unwrap());
    assert!(is_same("Cafe\u{301}  noir", " Café noir"));
    assert!(is_same("❤", "❤\u{fe0f}") && is_same("👩🍳", "👩\u{200d}🍳"));
    assert!(!is_same("Latte", "latte") && !is_same("Latte", "Latt\u{435}") && !is_same("H2O", "H₂O"));
}

#[test]
fn a_text_in_json_is_checked_when_it_is_read() {
    assert_eq!(serde_json::from_str::<Name>("\" Cafe\\u0301 \"").unwrap().as_str(), "Café");
    let error = serde_json::from_str::<Name>("\"La\\u200btte\"").unwrap_err();
    assert!(error.to_string().starts_with("must not contain U+200B"), "{error}");
    assert_eq!(serde_json::to_string(&Short::cleaned("Café")).unwrap(), "\"Café\"");
    assert!(serde_json::from_str::<Name>("7").is_err());
}

#[test]
fn a_text_that_was_stored_without_the_rule_is_cleaned() {
    for (stored, cleaned) in [
        ("La\u{200b}tte", "Latte"),
        ("\u{202e}etteL", "etteL"),
        ("Cafe\u{200b}\u{301}", "Café"),
        ("a\nb", "ab"),
        ("\u{200b}", "?"),
        ("x\u{321}\u{322}\u{323}\u{324}\u{325}\u{326}", "x\u{321}\u{322}\u{323}\u{324}"),
    ] {
        assert_eq!(Name::cleaned(stored).as_str(), cleaned, "{stored:?}");
    }
    let long = format!("{}👩\u{200d}🍳", "x".repeat(58));
    assert_eq!(Name::cleaned(&long).as_str(), format!("{}👩", "x".repeat(58)));
    assert_eq!(Short::cleaned("\u{200b}").as_str(), "");
}

/// Generates short texts, mostly of characters that the rule treats specially, and texts around the
/// limit of 60 characters, of characters that are never refused.
fn any_text() -> impl Strategy<Value = String> {
    let special = proptest::sample::select(
        &[
            'a',
            'e',
            '\u{301}',
            '\u{323}',
            ' ',
            '\u{a0}',
            '\u{2003}',
            '\n',
            '\r',
            '\u{2028}',
            '\t',
            '\u{200b}',
            '\u{200d}',
            '\u{fe0f}',
            '\u{fe0e}',
            '☕',
            '❤',
            '👩',
            '🍳',
            '\u{1f3fd}',
            '1',
            '\u{20e3}',
            '\u{202e}',
            '\u{3164}',
            '\u{e000}',
            '\u{1100}',
            '\u{1161}',
            '\u{958}',
            '\u{fffd}',
        ][..],
    );
    let character = prop_oneof![6 => special, 1 => any::<char>(), 1 => proptest::char::range('\0', '\u{3ff}')];
    let ordinary = proptest::sample::select(&['a', 'é', '☕', '👩', '\u{958}', ' ', '\u{a0}'][..]);
    let characters = prop_oneof![
        4 => proptest::collection::vec(character, 0..40),
        1 => proptest::collection::vec(ordinary, 40..90),
    ];
    characters.prop_map(|characters| characters.into_iter().collect())
}

/// Checks an accepted text without the functions of the module, so that most mistakes in them are
/// found.
fn is_clean(text: &str, breaks: bool) -> bool {
    let category = |character| CodePointMapData::<GeneralCategory>::new().get(character);
    let allowed = |character| match category(character) {
        GeneralCategory::Control => breaks && character == '\n',
        GeneralCategory::Format => character == '\u{200d}',
        GeneralCategory::SpaceSeparator => character == ' ',
        GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned => false,
        _ => {
            !('\u{fe00}'..='\u{fe0d}').contains(&character)
                && !"\u{3164}\u{34f}\u{2800}\u{fffc}\u{fffd}".contains(character)
        }
    };
    let visible = |character: &char| !character.is_whitespace() && !"\u{200d}\u{fe0e}\u{fe0f}".contains(*character);
    text.chars().all(allowed)
        && text.trim() == text
        && !["  ", " \n", "\n ", "\n\n\n", "a\u{200d}", "\u{200d}a"].iter().any(|pair| text.contains(pair))
        && (text.is_empty() || text.chars().any(|character| visible(&character)))
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn normalisation_is_idempotent(text in any_text()) {
        if let Ok(first) = text.parse::<Short>() {
            prop_assert_eq!(first.as_str().parse(), Ok(first.clone()));
        }
        if let Ok(first) = text.parse::<Long>() {
            prop_assert_eq!(first.as_str().parse(), Ok(first.clone()));
        }
    }

    #[test]
    fn an_accepted_text_contains_nothing_that_is_forbidden(text in any_text()) {
        for (accepted, breaks) in [(line(&text), false), (text.parse::<Long>().map(String::from), true)] {
            if let Ok(accepted) = accepted {
                prop_assert!(is_clean(&accepted, breaks), "{:?} of {:?}", accepted, text);
                prop_assert!(accepted.chars().count() <= 60 && accepted.len() <= 240);
            }
        }
    }

    #[test]
    fn two_spellings_of_a_name_are_the_same(text in any_text(), width in 1_usize..4) {
        let Ok(name) = text.parse::<Name>() else { return Ok(()) };
        let decomposer = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd();
        let spelled = decomposer.normalize(name.as_str()).replace(' ', &"\u{2003}".repeat(width));
        let other: Name = format!("\n{spelled}\u{a0}").parse().unwrap();
        prop_assert_eq!(&other, &name);
        prop_assert!(other.is_same(&name) && other.key() == name.key());
    }

    #[test]
    fn a_cleaned_text_follows_the_rule_and_a_valid_one_stays(text in any_text()) {
        let cleaned = Name::cleaned(&text);
        prop_assert_eq!(cleaned.as_str().parse(), Ok(cleaned.clone()));
        if let Ok(valid) = text.parse::<Name>() {
            prop_assert_eq!(cleaned, valid);
        }
        let paragraph = Long::cleaned(&text);
        prop_assert_eq!(paragraph.as_str().parse(), Ok(paragraph.clone()));
    }
}
