//! Names the source of the credentials that the environment selects, for error messages.

use std::fmt;

use aws_config::profile::{Profile, ProfileSet};

use super::{profile_name, variable};

/// Source of credentials, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Environment,
    Profile {
        name: String,
        steps: Vec<Step>,
    },
    /// The selected profile does not exist, or has no setting that yields credentials.
    NoProfile {
        name: String,
    },
    WebIdentity,
    Container,
    None,
}

/// Setting that yields credentials: of the selected profile, or of a profile that `source_profile`
/// names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    profile: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Keys,
    Sso,
    Login,
    Process,
    WebIdentity,
    Role { asks_for_mfa: bool },
    CredentialSource,
}

impl Source {
    pub(super) fn find(profiles: &ProfileSet) -> Self {
        Self::of(variable, profiles, &profile_name())
    }

    fn of(variable: impl Fn(&str) -> Option<String>, profiles: &ProfileSet, name: &str) -> Self {
        let is_set = |name: &str| variable(name).is_some();
        if is_set("AWS_ACCESS_KEY_ID") && is_set("AWS_SECRET_ACCESS_KEY") {
            return Self::Environment;
        }
        let steps = steps(profiles, name);
        if !steps.is_empty() {
            return Self::Profile { name: name.to_owned(), steps };
        }
        if is_set("AWS_WEB_IDENTITY_TOKEN_FILE") {
            return Self::WebIdentity;
        }
        if is_set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || is_set("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            return Self::Container;
        }
        let selects_one = is_set("AWS_PROFILE") || is_set("AWS_DEFAULT_PROFILE");
        if selects_one { Self::NoProfile { name: name.to_owned() } } else { Self::None }
    }

    /// Returns the next step of a person whose credentials do not work.
    pub(super) fn help(&self) -> String {
        match self {
            Self::Environment => "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN again, or unset \
                                  them to use a profile"
                .to_owned(),
            Self::Profile { name, steps } => {
                let steps: Vec<String> = steps.iter().rev().map(Step::help).collect();
                format!("{}; then aws sts get-caller-identity --profile {name} should succeed", steps.join("; "))
            }
            Self::NoProfile { name } => {
                format!("aws configure list-profiles lists the profiles; AWS_PROFILE selects one, now {name}")
            }
            Self::WebIdentity => "check that AWS_WEB_IDENTITY_TOKEN_FILE holds a current token, and that \
                                  the role AWS_ROLE_ARN trusts the issuer of the token"
                .to_owned(),
            Self::Container => "check AWS_CONTAINER_CREDENTIALS_FULL_URI, or the role of the task".to_owned(),
            Self::None => "sign in with aws login or aws sso login, or select a profile with AWS_PROFILE; for the \
                           local stack, . .local/env"
                .to_owned(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("the environment (AWS_ACCESS_KEY_ID)"),
            Self::Profile { name, steps } => {
                let kinds: Vec<&str> = steps.iter().map(|step| step.kind.setting()).collect();
                write!(f, "the profile {name} ({})", kinds.join(" of "))
            }
            Self::NoProfile { name } => write!(f, "the profile {name}, which has none or does not exist"),
            Self::WebIdentity => f.write_str("web identity (AWS_WEB_IDENTITY_TOKEN_FILE)"),
            Self::Container => f.write_str("the container (AWS_CONTAINER_CREDENTIALS_…)"),
            Self::None => f.write_str("the environment, a profile or this machine"),
        }
    }
}

/// Returns the settings that yield a profile's credentials, its own first; empty if it has none.
fn steps(profiles: &ProfileSet, name: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut next = profiles.get_profile(name);
    while let Some(profile) = next.take() {
        let Some(kind) = kind(profile, steps.is_empty()) else { break };
        let step = |kind| Step { profile: profile.name().to_owned(), kind };
        steps.push(step(kind));
        if !matches!(kind, Kind::Role { .. }) {
            break;
        }
        match profile.get("source_profile") {
            None => steps.push(step(Kind::CredentialSource)),
            // A profile that is its own source also has keys.
            Some(source) if source == profile.name() => steps.push(step(Kind::Keys)),
            Some(source) if steps.iter().any(|step| step.profile == source) => break,
            Some(source) => next = profiles.get_profile(source),
        }
    }
    steps
}

/// Returns the kind of the setting to which the SDK gives precedence. `selected` is true for the
/// selected profile, and false for a source profile, in which keys precede all other settings.
fn kind(profile: &Profile, selected: bool) -> Option<Kind> {
    let has = |key: &str| profile.get(key).is_some();
    if !selected && has("aws_access_key_id") {
        return Some(Kind::Keys);
    }
    let settings = [
        ("web_identity_token_file", Kind::WebIdentity),
        ("role_arn", Kind::Role { asks_for_mfa: has("mfa_serial") }),
        ("credential_source", Kind::CredentialSource),
        ("sso_session", Kind::Sso),
        ("sso_start_url", Kind::Sso),
        ("login_session", Kind::Login),
        ("credential_process", Kind::Process),
        ("aws_access_key_id", Kind::Keys),
    ];
    settings.into_iter().find(|(setting, _)| has(setting)).map(|(_, kind)| kind)
}

impl Kind {
    /// Returns the name of the setting, for messages.
    const fn setting(self) -> &'static str {
        match self {
            Self::Keys => "aws_access_key_id",
            Self::Sso => "sso_session",
            Self::Login => "login_session",
            Self::Process => "credential_process",
            Self::WebIdentity => "web_identity_token_file",
            Self::Role { .. } => "role_arn",
            Self::CredentialSource => "credential_source",
        }
    }
}

impl Step {
    fn help(&self) -> String {
        let profile = &self.profile;
        match self.kind {
            Kind::Keys => format!("check aws_access_key_id and its secret in the profile {profile}"),
            Kind::Sso => format!("sign in with aws sso login --profile {profile}"),
            Kind::Login => format!("sign in with aws login --profile {profile}"),
            Kind::Process => {
                format!("run the credential_process of the profile {profile}: it must succeed and print current keys")
            }
            Kind::WebIdentity => {
                format!("check the token in web_identity_token_file of the profile {profile} and its role_arn")
            }
            Kind::Role { asks_for_mfa: false } => {
                format!("check that the role_arn of the profile {profile} trusts its source")
            }
            Kind::Role { asks_for_mfa: true } => {
                format!("enter a current code of mfa_serial in the profile {profile}, or set PRESSO_MFA_CODE")
            }
            Kind::CredentialSource => format!("check the credential_source of the profile {profile}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::profile::Property;
    use std::collections::HashMap;

    fn kind_of(settings: &[&str], selected: bool) -> Option<Kind> {
        let properties =
            settings.iter().map(|name| ((*name).to_owned(), Property::new((*name).to_owned(), "x".to_owned())));
        kind(&Profile::new("dev", properties.collect::<HashMap<_, _>>()), selected)
    }

    #[test]
    fn the_settings_of_a_profile_have_the_precedence_of_the_sdk() {
        assert_eq!(kind_of(&["sso_session", "role_arn"], true), Some(Kind::Role { asks_for_mfa: false }));
        assert_eq!(kind_of(&["role_arn", "mfa_serial"], true), Some(Kind::Role { asks_for_mfa: true }));
        assert_eq!(kind_of(&["role_arn", "web_identity_token_file"], true), Some(Kind::WebIdentity));
        assert_eq!(kind_of(&["credential_process", "sso_start_url"], true), Some(Kind::Sso));
        assert_eq!(kind_of(&["aws_access_key_id", "role_arn"], true), Some(Kind::Role { asks_for_mfa: false }));
        assert_eq!(kind_of(&["aws_access_key_id", "role_arn"], false), Some(Kind::Keys));
        assert_eq!(kind_of(&["region", "output"], true), None);
    }

    #[test]
    fn keys_in_the_environment_precede_aws_profile_and_web_identity_precedes_a_container() {
        let none = ProfileSet::default();
        let of = |set: &'static [&'static str]| {
            Source::of(|name| set.contains(&name).then(|| "x".to_owned()), &none, "default")
        };
        assert_eq!(of(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"]), Source::Environment);
        assert_eq!(of(&["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]), Source::WebIdentity);
        assert_eq!(of(&["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]), Source::Container);
        assert_eq!(of(&["AWS_PROFILE"]), Source::NoProfile { name: "default".to_owned() });
        assert_eq!(of(&[]), Source::None);
    }
}
