//! Assumes roles that need the code of an MFA device. The SDK does not support such roles.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::profile::{Profile, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Providing;
use aws_credential_types::provider::{ProvideCredentials, Result, SharedCredentialsProvider};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_sdk_sts::primitives::{DateTime, DateTimeFormat};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{profile_name, variable};
use crate::http;

/// Minimum remaining validity of credentials that are taken from the cache, as in the AWS CLI.
const LEAST_VALIDITY: Duration = Duration::from_mins(15);
const DEFAULT_SESSION: &str = "presso";

/// Roles of the selected profile, of which at least one asks for a code.
#[derive(Debug)]
pub(super) struct Provider {
    base: SharedCredentialsProvider,
    /// The first role is assumed with the credentials of `base`, each other role with those of the
    /// role before it.
    roles: Vec<Role>,
    config: SdkConfig,
}

#[derive(Debug, Clone)]
struct Role {
    profile: String,
    arn: String,
    external_id: Option<String>,
    session_name: Option<String>,
    seconds: Option<i32>,
    mfa_serial: Option<String>,
}

impl Role {
    /// Returns the role of a profile, unless it has none or assumes it with a web identity.
    fn of(profile: &Profile) -> Option<Self> {
        if profile.get("web_identity_token_file").is_some() {
            return None;
        }
        let setting = |name: &str| profile.get(name).map(str::to_owned);
        Some(Self {
            profile: profile.name().to_owned(),
            arn: setting("role_arn")?,
            external_id: setting("external_id"),
            session_name: setting("role_session_name"),
            seconds: profile.get("duration_seconds").and_then(|seconds| seconds.parse().ok()),
            mfa_serial: setting("mfa_serial"),
        })
    }

    /// Returns the name under which the AWS CLI keeps the role's credentials.
    fn cache_name(&self) -> String {
        let texts = [
            ("ExternalId", &self.external_id),
            ("RoleArn", &Some(self.arn.clone())),
            ("RoleSessionName", &self.session_name),
            ("SerialNumber", &self.mfa_serial),
        ];
        let texts = texts.into_iter().filter_map(|(name, value)| Some((name, Value::from(value.clone()?))));
        let arguments: BTreeMap<&str, Value> =
            texts.chain(self.seconds.map(|seconds| ("DurationSeconds", Value::from(seconds)))).collect();
        // The same text as that of Python's json.dumps, because the AWS CLI hashes that text.
        let members: Vec<String> = arguments.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        let text = format!("{{{}}}", members.join(", "));
        HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref())
    }
}

impl Provider {
    /// Returns the provider of the selected profile, if one of its roles asks for a code and no
    /// keys in the environment take precedence.
    pub(super) fn find(config: &SdkConfig, profiles: &ProfileSet) -> Option<Self> {
        if variable("AWS_ACCESS_KEY_ID").is_some() {
            return None;
        }
        let (base, mut roles) = chain(profiles, &profile_name())?;
        if !roles.iter().any(|role| role.mfa_serial.is_some()) {
            return None;
        }
        roles.reverse();
        let base = match base {
            Base::Keys(keys) => SharedCredentialsProvider::new(keys),
            Base::Profile(name) => {
                let settings = ProviderConfig::without_region().with_region(config.region().cloned());
                let settings = settings.with_http_client(http::aws_client());
                let profile = ProfileFileCredentialsProvider::builder().configure(&settings).profile_name(name);
                SharedCredentialsProvider::new(profile.build())
            }
        };
        Some(Self { base, roles, config: config.clone() })
    }

    async fn obtain(&self) -> Result {
        // The first role to assume is the one after the last role whose credentials are in the
        // cache.
        let kept = self.roles.iter().enumerate().rev().find_map(|(index, role)| Some((index, kept(role)?)));
        let (mut credentials, next) = match kept {
            Some((index, credentials)) => (credentials, index.saturating_add(1)),
            None => (self.base.provide_credentials().await?, 0),
        };
        for role in self.roles.iter().skip(next) {
            credentials = self.assume(role, credentials).await?;
        }
        Ok(credentials)
    }

    async fn assume(&self, role: &Role, credentials: Credentials) -> Result {
        let source = SharedCredentialsProvider::new(credentials);
        let client = aws_sdk_sts::Client::new(&self.config.to_builder().credentials_provider(source).build());
        let code = role.mfa_serial.as_deref().map(|serial| ask(serial, &role.profile)).transpose()?;
        let assume = client
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(DEFAULT_SESSION))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.seconds)
            .set_serial_number(role.mfa_serial.clone())
            .set_token_code(code);
        let answer = assume.send().await.map_err(CredentialsError::provider_error)?;
        let keys = answer.credentials.ok_or_else(|| CredentialsError::unhandled("STS returned no credentials"))?;
        let kept = Kept {
            access_key_id: keys.access_key_id,
            secret_access_key: keys.secret_access_key,
            session_token: keys.session_token,
            expiration: keys.expiration.fmt(DateTimeFormat::DateTime).map_err(CredentialsError::unhandled)?,
        };
        keep(role, &kept);
        kept.credentials().ok_or_else(|| CredentialsError::unhandled("STS returned an expiration that cannot be read"))
    }
}

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> Providing<'a>
    where
        Self: 'a,
    {
        Providing::new(self.obtain())
    }
}

/// Credentials with which the first role is assumed.
#[derive(Debug, PartialEq, Eq)]
enum Base {
    Keys(Credentials),
    Profile(String),
}

/// Returns the base of a profile, and its roles from the profile's own to the one that is assumed
/// with the base. `None` if the chain of `source_profile` is incomplete or has a loop.
fn chain(profiles: &ProfileSet, name: &str) -> Option<(Base, Vec<Role>)> {
    let mut roles: Vec<Role> = Vec::new();
    let mut profile = profiles.get_profile(name)?;
    loop {
        let keys = || {
            let (id, secret) = (profile.get("aws_access_key_id")?, profile.get("aws_secret_access_key")?);
            let token = profile.get("aws_session_token").map(str::to_owned);
            Some(Base::Keys(Credentials::new(id, secret, token, None, "profile")))
        };
        if let Some(keys) = keys().filter(|_| !roles.is_empty()) {
            return Some((keys, roles));
        }
        let Some(role) = Role::of(profile) else {
            return Some((Base::Profile(profile.name().to_owned()), roles));
        };
        let is_repeated = roles.iter().any(|known| known.profile == role.profile);
        let source = profile.get("source_profile").filter(|_| !is_repeated)?;
        roles.push(role);
        if source == profile.name() {
            return Some((keys()?, roles));
        }
        profile = profiles.get_profile(source)?;
    }
}

/// Returns the code of a device, from `PRESSO_MFA_CODE` or from the terminal.
fn ask(serial: &str, profile: &str) -> std::result::Result<String, CredentialsError> {
    if let Some(code) = variable("PRESSO_MFA_CODE") {
        return Ok(code);
    }
    let code = rpassword::prompt_password(format!("MFA code of {serial} for the profile {profile}: "));
    code.map(|code| code.trim().to_owned())
        .map_err(|error| CredentialsError::provider_error(format!("the code of {serial} cannot be read: {error}")))
}

/// Credentials in the form in which the AWS CLI keeps them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Kept {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

impl Kept {
    fn credentials(&self) -> Option<Credentials> {
        // The time is UTC. The CLI writes `Z`, `UTC` or `+00:00` after it.
        let seconds = self.expiration.get(..19)?;
        let expiry = DateTime::from_str(&format!("{seconds}Z"), DateTimeFormat::DateTime).ok()?;
        let token = Some(self.session_token.clone());
        let expiry = SystemTime::try_from(expiry).ok();
        Some(Credentials::new(&self.access_key_id, &self.secret_access_key, token, expiry, "assumed role"))
    }
}

fn file(role: &Role) -> Option<PathBuf> {
    let home = std::env::home_dir()?;
    Some(home.join(".aws/cli/cache").join(role.cache_name()).with_extension("json"))
}

/// Returns the credentials of a role that this program or the AWS CLI kept, if they are valid for
/// more than [`LEAST_VALIDITY`].
fn kept(role: &Role) -> Option<Credentials> {
    let text = fs::read_to_string(file(role)?).ok()?;
    let mut cached: BTreeMap<String, Value> = serde_json::from_str(&text).ok()?;
    let kept: Kept = serde_json::from_value(cached.remove("Credentials")?).ok()?;
    let credentials = kept.credentials()?;
    let is_long = credentials.expiry()? > SystemTime::now().checked_add(LEAST_VALIDITY)?;
    is_long.then_some(credentials)
}

/// Keeps credentials, so that the next command asks for no code. If they cannot be written, the
/// next command asks for a code again.
fn keep(role: &Role, credentials: &Kept) {
    let Some(path) = file(role) else { return };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).ok();
    }
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    if let Ok(mut file) = file {
        file.write_all(json!({ "Credentials": credentials }).to_string().as_bytes()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_kept_under_the_name_that_the_aws_cli_gives_them() {
        let role = Role {
            profile: "dev".to_owned(),
            arn: "arn:aws:iam::111122223333:role/bar".to_owned(),
            external_id: Some("x".to_owned()),
            session_name: None,
            seconds: Some(3600),
            mfa_serial: Some("arn:aws:iam::111122223333:mfa/mia".to_owned()),
        };
        // sha1(json.dumps({…}, sort_keys=True)) of botocore's AssumeRoleCredentialFetcher.
        assert_eq!(role.cache_name(), "a4fc54bb5724a7cdb009dbcc121d61b5e9f980b6");
    }

    #[test]
    fn the_expiration_is_read_in_each_form_that_the_aws_cli_writes() {
        for expiration in ["2099-01-01T00:00:00Z", "2099-01-01T00:00:00UTC", "2099-01-01T00:00:00+00:00"] {
            let text = format!(
                r#"{{"AccessKeyId": "a", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "{expiration}"}}"#
            );
            let expiry = serde_json::from_str::<Kept>(&text).unwrap().credentials().unwrap().expiry().unwrap();
            assert_eq!(expiry.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(), 4_070_908_800);
        }
    }
}
