//! Reads environment variables.

/// Error of a required variable that is missing, empty or not UTF-8. Its text names the variable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {name} is not set: set it in template.yaml, under the function's Environment")]
pub struct MissingVariable {
    name: String,
}

/// Returns the variable `name`. Fails if it is missing, empty or not UTF-8.
pub fn required(name: &str) -> Result<String, MissingVariable> {
    optional(name).ok_or_else(|| MissingVariable { name: name.to_owned() })
}

/// Returns the variable `name`, or `None` if it is missing, empty or not UTF-8.
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_missing_variable_says_where_to_set_it() {
        let error = required("NO_SUCH_VARIABLE").unwrap_err().to_string();
        assert!(error.contains("NO_SUCH_VARIABLE") && error.contains("template.yaml"), "{error}");
    }
}
