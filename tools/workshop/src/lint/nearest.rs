//! Suggests the existing name that was probably meant.

/// A misspelt name has at most one wrong character in this many.
const CHARACTERS_A_MISTAKE: usize = 4;

/// Returns `; did you mean X?` for the name from which `wrong` differs by a typing error; an empty
/// text if no name is that similar.
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
    fn a_misspelt_name_is_suggested_and_another_one_is_not() {
        let suggested = "; did you mean NotificationRule?";
        assert_eq!(suggestion("NotificationRul", ["Bus", "NotificationRule"]), suggested);
        assert_eq!(suggestion("NotificationsRuel", ["Bus", "NotificationRule"]), suggested);
        // The rule is there, and the function that it calls is not built yet.
        assert_eq!(suggestion("Notifications", ["Bus", "NotificationRule", "NotificationPermission"]), "");
        assert_eq!(suggestion("Q", ["P"]), "");
    }
}
