//! Configuration from environment variables.

/// A variable that a function cannot do without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {name} is not set: set it in template.yaml, under the function's Environment")]
pub struct MissingVariable {
    name: String,
}

/// The variable `name`; an empty one counts as missing.
pub fn required(name: &str) -> Result<String, MissingVariable> {
    optional(name).ok_or_else(|| MissingVariable { name: name.to_owned() })
}

/// The variable `name`, unless it is missing or empty.
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named_with_what_to_do() {
        let error = required("NO_SUCH_VARIABLE").unwrap_err().to_string();
        assert!(error.contains("NO_SUCH_VARIABLE") && error.contains("template.yaml"), "{error}");
    }
}
