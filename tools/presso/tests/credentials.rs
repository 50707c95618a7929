//! Tests that `presso` finds AWS credentials in the sources of the AWS CLI, and that its errors
//! name the source that failed.

#[cfg(test)]
mod support;

use support::Home;

const SSO_SESSION: &str = "[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Barista\n\
                           [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n";
const SSO_ALONE: &str = "[profile dev]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n\
                         sso_account_id = 111122223333\nsso_role_name = Barista\n";
const LOGIN: &str = "[profile dev]\nlogin_session = arn:aws:iam::111122223333:user/mia\n";
const ROLE: &str = "[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/bar\nsource_profile = base\n";
const BASE_KEYS: &str = "[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n";

/// Files of the AWS CLI's caches. Their names are the SHA-1 of the SSO session's name, the SHA-1 of
/// the start URL, and the SHA-256 of the ARN in `login_session`.
const SESSION_CACHE: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
const START_URL_CACHE: &str = ".aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json";
const LOGIN_CACHE: &str = ".aws/login/cache/1fb8abed97b32177dc5cc2a957715ef8deaf70c4cffe19ac0e63f1f2e4aeac0e.json";

fn sso_token(expires_at: &str, refresh: bool) -> String {
    let refresh = if refresh {
        r#", "clientId": "c", "clientSecret": "s", "refreshToken": "r", "registrationExpiresAt": "2099-01-01T00:00:00Z""#
    } else {
        ""
    };
    let token = if expires_at.starts_with("2099") { "sso-token" } else { "an-expired-token" };
    format!(
        r#"{{"startUrl": "https://corp.awsapps.com/start", "region": "us-east-1", "accessToken": "{token}", "expiresAt": "{expires_at}"{refresh}}}"#
    )
}

fn login_token(expires_at: &str) -> String {
    format!(
        r#"{{"accessToken": {{"accessKeyId": "ASIALOGIN", "secretAccessKey": "s", "sessionToken": "t", "accountId": "111122223333", "expiresAt": "{expires_at}"}}, "tokenType": "aws_sigv4", "refreshToken": "r", "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": "none"}}"#
    )
}

fn process(home: &Home, script: &str) -> String {
    let path = home.file("keys.sh", script);
    format!("[profile dev]\ncredential_process = sh '{}'\n", path.display())
}

const PRINTS_KEYS: &str = r#"echo '{"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "s"}'"#;

/// Runs `presso` and expects that it reads the stack with this key.
#[track_caller]
fn reads_with(home: &Home, key: &str) {
    let ran = home.presso();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{stderr}");
    assert_eq!(home.aws.reader().as_deref(), Some(key), "{stderr}");
    assert!(String::from_utf8_lossy(&ran.stdout).contains("Latte"));
}

/// Runs `presso` and expects an error of the credentials that contains all of `parts`.
#[track_caller]
fn is_an_error_of_the_credentials(home: &Home, parts: &[&str]) {
    let ran = home.presso();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(4), "{stderr}");
    assert!(stderr.starts_with("error: no usable AWS credentials from ") && stderr.contains("help: "), "{stderr}");
    assert!(!stderr.contains("does not answer") && !stderr.contains("cargo feature"), "{stderr}");
    for part in parts {
        assert!(stderr.contains(part), "{part:?} is not in {stderr}");
    }
}

#[test]
fn keys_in_the_environment_are_used() {
    let home = Home::with_config("").set("AWS_ACCESS_KEY_ID", "AKIDENV").set("AWS_SECRET_ACCESS_KEY", "s");
    reads_with(&home, "AKIDENV");
}

#[test]
fn keys_in_the_credentials_file_are_used() {
    let home = Home::with_config("");
    home.file(".aws/credentials", "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\n");
    reads_with(&home, "AKIDFILE");
}

#[test]
fn either_variable_of_the_cli_selects_the_profile() {
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        reads_with(&Home::with_config(BASE_KEYS).set(variable, "base"), "AKIDBASE");
    }
    reads_with(&Home::with_config(BASE_KEYS).set("AWS_PROFILE", " \"base\" "), "AKIDBASE");
}

#[test]
fn the_keys_of_a_credential_process_are_used() {
    let home = Home::with_config("").set("AWS_PROFILE", "dev");
    home.file(".aws/config", &process(&home, PRINTS_KEYS));
    reads_with(&home, "AKIDPROCESS");
}

#[test]
fn a_slow_credential_process_is_run_once() {
    let home = Home::with_config("").set("AWS_PROFILE", "dev");
    // Longer than the SDK waits for credentials by default.
    let script = format!("echo asked >>\"$HOME/asked\"; sleep 6; {PRINTS_KEYS}");
    home.file(".aws/config", &process(&home, &script));
    let asked = home.file("asked", "");
    reads_with(&home, "AKIDPROCESS");
    assert_eq!(std::fs::read_to_string(asked).unwrap(), "asked\n");
}

#[test]
fn an_sso_session_is_used() {
    let home = Home::with_config(SSO_SESSION).set("AWS_PROFILE", "dev");
    home.file(SESSION_CACHE, &sso_token("2099-01-01T00:00:00Z", false));
    reads_with(&home, "ASIASSO");
}

#[test]
fn the_expired_token_of_an_sso_session_is_refreshed() {
    let home = Home::with_config(SSO_SESSION).set("AWS_PROFILE", "dev");
    home.file(SESSION_CACHE, &sso_token("2020-01-01T00:00:00Z", true));
    reads_with(&home, "ASIASSO");
    assert_eq!(home.aws.count("/token"), 1);
}

#[test]
fn sso_without_a_session_is_used() {
    let home = Home::with_config(SSO_ALONE).set("AWS_PROFILE", "dev");
    home.file(START_URL_CACHE, &sso_token("2099-01-01T00:00:00Z", false));
    reads_with(&home, "ASIASSO");
}

#[test]
fn a_login_session_is_used() {
    let home = Home::with_config(LOGIN).set("AWS_PROFILE", "dev");
    home.file(LOGIN_CACHE, &login_token("2099-01-01T00:00:00Z"));
    reads_with(&home, "ASIALOGIN");
}

#[test]
fn a_profile_with_keys_assumes_a_role() {
    let home = Home::with_config(&format!("{ROLE}{BASE_KEYS}")).set("AWS_PROFILE", "dev");
    reads_with(&home, "ASIAROLE");
    assert!(home.aws.calls.lock().unwrap().contains(&("AssumeRole".to_owned(), "AKIDBASE".to_owned())));
}

#[test]
fn a_signed_in_profile_assumes_a_role() {
    let config = format!("{}{}", ROLE.replace("base", "sso").replace("dev", "bar"), SSO_SESSION.replace("dev", "sso"));
    let home = Home::with_config(&config).set("AWS_PROFILE", "bar");
    home.file(SESSION_CACHE, &sso_token("2099-01-01T00:00:00Z", false));
    reads_with(&home, "ASIAROLE");
    assert!(home.aws.calls.lock().unwrap().contains(&("AssumeRole".to_owned(), "ASIASSO".to_owned())));
}

#[test]
fn a_role_that_asks_for_a_code_is_assumed_once_and_a_wrong_code_is_an_error() {
    let mfa = format!("{ROLE}mfa_serial = arn:aws:iam::111122223333:mfa/mia\n{BASE_KEYS}");
    let home = Home::with_config(&mfa).set("AWS_PROFILE", "dev").set("PRESSO_MFA_CODE", "123456");
    reads_with(&home, "ASIAROLE");
    reads_with(&home, "ASIAROLE");
    assert_eq!(home.aws.count("AssumeRole"), 1);
    let wrong = Home::with_config(&mfa).set("AWS_PROFILE", "dev").set("PRESSO_MFA_CODE", "000000");
    is_an_error_of_the_credentials(&wrong, &["role_arn of aws_access_key_id", "mfa_serial"]);
}

#[test]
fn a_container_assumes_a_role() {
    let config = ROLE.replace("source_profile = base", "credential_source = EcsContainer");
    let home = Home::with_config(&config).set("AWS_PROFILE", "dev");
    let agent = format!("{}/agent", home.aws.url);
    reads_with(&home.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent), "ASIAROLE");
}

#[test]
fn web_identity_of_the_environment_and_of_a_profile_is_used() {
    let home = Home::with_config("").set("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/ci");
    let token = home.file("token", "a.b.c");
    reads_with(&home.set("AWS_WEB_IDENTITY_TOKEN_FILE", &token), "ASIAWEBIDENTITY");
    let home = Home::with_config("").set("AWS_PROFILE", "dev");
    let token = home.file("token", "a.b.c");
    let profile = "[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/ci\nweb_identity_token_file = ";
    home.file(".aws/config", &format!("{profile}{}\n", token.display()));
    reads_with(&home, "ASIAWEBIDENTITY");
}

#[test]
fn the_credentials_of_a_container_agent_are_used() {
    let home = Home::with_config("");
    let agent = format!("{}/agent", home.aws.url);
    reads_with(&home.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent), "ASIACONTAINER");
}

#[test]
fn an_expired_or_missing_sign_in_is_an_error_that_says_how_to_sign_in() {
    let home = Home::with_config(SSO_SESSION).set("AWS_PROFILE", "dev");
    home.file(SESSION_CACHE, &sso_token("2020-01-01T00:00:00Z", false));
    is_an_error_of_the_credentials(&home, &["the profile dev (sso_session)", "aws sso login --profile dev"]);
    let home = Home::with_config(SSO_SESSION).set("AWS_PROFILE", "dev");
    is_an_error_of_the_credentials(&home, &["aws sso login --profile dev"]);
    let home = Home::with_config(LOGIN).set("AWS_PROFILE", "dev");
    home.file(LOGIN_CACHE, &login_token("2020-01-01T00:00:00Z"));
    is_an_error_of_the_credentials(&home, &["the profile dev (login_session)", "aws login --profile dev"]);
}

#[test]
fn the_error_of_a_missing_sign_in_of_a_source_profile_names_that_profile() {
    let config = format!("{}{}", ROLE.replace("base", "sso").replace("dev", "bar"), SSO_SESSION.replace("dev", "sso"));
    let home = Home::with_config(&config).set("AWS_PROFILE", "bar");
    is_an_error_of_the_credentials(
        &home,
        &["the profile bar (role_arn of sso_session)", "aws sso login --profile sso"],
    );
}

#[test]
fn a_failed_process_a_denied_role_and_a_missing_token_are_named() {
    let home = Home::with_config("").set("AWS_PROFILE", "dev");
    home.file(".aws/config", &process(&home, "echo 'vault is locked' >&2; exit 3"));
    is_an_error_of_the_credentials(&home, &["the profile dev (credential_process)", "vault is locked"]);
    let denied = Home::with_config(&format!("{}{BASE_KEYS}", ROLE.replace("role/bar", "role/denied")));
    is_an_error_of_the_credentials(
        &denied.set("AWS_PROFILE", "dev"),
        &["role_arn of aws_access_key_id", "AccessDenied"],
    );
    let home = Home::with_config("").set("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/ci");
    let home = home.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token");
    is_an_error_of_the_credentials(&home, &["web identity", "AWS_WEB_IDENTITY_TOKEN_FILE"]);
}

#[test]
fn no_credentials_and_an_unknown_profile_are_named() {
    is_an_error_of_the_credentials(&Home::with_config(""), &["aws login", "AWS_PROFILE", ". .local/env"]);
    let home = Home::with_config(BASE_KEYS).set("AWS_PROFILE", "bsae");
    is_an_error_of_the_credentials(&home, &["the profile bsae", "list-profiles"]);
}

#[test]
fn credentials_that_aws_refuses_are_an_error_of_the_credentials() {
    let home = Home::with_config("").set("AWS_ACCESS_KEY_ID", "AKIDEXPIRED").set("AWS_SECRET_ACCESS_KEY", "s");
    is_an_error_of_the_credentials(&home, &["the environment (AWS_ACCESS_KEY_ID)", "ExpiredToken"]);
}

#[test]
fn a_missing_region_is_a_usage_error_that_names_it() {
    let home = Home::with_config(BASE_KEYS).set("AWS_PROFILE", "base").set("AWS_REGION", "");
    let ran = home.presso();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("no AWS region is set") && stderr.contains("the profile base"), "{stderr}");
}

#[test]
fn an_endpoint_that_does_not_answer_is_named() {
    let home = Home::with_config(BASE_KEYS).set("AWS_PROFILE", "base").set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let ran = home.set("AWS_MAX_ATTEMPTS", "1").presso();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(4), "{stderr}");
    assert!(stderr.starts_with("error: http://127.0.0.1:9 does not answer"), "{stderr}");
}

#[test]
fn no_request_for_this_machine_goes_to_a_proxy() {
    let proxy = "http://127.0.0.1:9";
    let mut home = Home::with_config(BASE_KEYS).set("AWS_PROFILE", "base");
    for variable in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        home = home.set(variable, proxy);
    }
    // This list lacks loopback.
    reads_with(&home.set("NO_PROXY", "intranet.example"), "AKIDBASE");
}
