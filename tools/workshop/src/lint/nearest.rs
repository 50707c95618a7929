//! Suggests the existing name that was probably meant.

/// A name counts as misspelt if it has at most one typing error per this number of characters.
const CHARACTERS_A_MISTAKE: usize = 4;

/// Returns `; did you mean X?` for the name X of `names` that is most similar to `wrong`; an empty
/// text if they differ by more than typing errors.
pub(crate) fn suggestion<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let most = wrong.chars().count() / CHARACTERS_A_MISTAKE;
    let distances = names.into_iter().map(|name| (strsim::osa_distance(wrong, name), name));
    match distances.min() {
        Some((distance, name)) if distance <= most => format!("; did you mean {name}?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn a_similar_name_is_suggested_for_a_misspelt_one_and_a_different_one_is_not() {
        let suggested = "; did you mean NotificationRule?";
        assert_eq!(suggestion("NotificationRul", ["Bus", "NotificationRule"]), suggested);
        assert_eq!(suggestion("NotificationsRuel", ["Bus", "NotificationRule"]), suggested);
        // The rule is there, and the function that it calls is not built yet.
        assert_eq!(suggestion("Notifications", ["Bus", "NotificationRule", "NotificationPermission"]), "");
        assert_eq!(suggestion("Q", ["P"]), "");
    }
}
