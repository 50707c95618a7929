//! Suggests the existing name that was probably meant.

/// Returns `, did you mean X?` for the name that is spelled most like `wrong`; an empty text if
/// none is similar.
pub(super) fn suggestion<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let nearest = names.into_iter().map(|name| (strsim::jaro_winkler(wrong, name), name));
    let nearest = nearest.max_by(|(one, _), (other, _)| one.total_cmp(other));
    match nearest {
        Some((score, name)) if score > 0.85 => format!("; did you mean {name}?"),
        _ => String::new(),
    }
}
