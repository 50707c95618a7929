//! Signs in to a stack with a user pool, and stores the token.
//!
//! A token is stored under the ARN of its stack, so that it is never sent to a stack of the same
//! name in another account or region.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, AuthenticationResultType, ChallengeNameType};
use client::error::Cause;
use client::{Error, Stack};

use crate::cli::LoginArgs;
use crate::output;

/// Tokens by the ARN of their stack.
type Tokens = BTreeMap<String, String>;

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the user cannot sign in", source)
}

fn file() -> Result<PathBuf, Error> {
    let unknown = || Error::failed("the stored tokens cannot be found", "the settings folder is unknown: set HOME");
    let folder = dirs::config_dir().ok_or_else(unknown)?;
    Ok(folder.join("presso").join("tokens.json"))
}

/// Returns the tokens in `file`, without those that an earlier presso stored under the name of a
/// stack instead of its ARN.
fn read(file: &Path) -> Result<Tokens, Error> {
    let Ok(text) = fs::read_to_string(file) else { return Ok(Tokens::new()) };
    let mut tokens: Tokens = serde_json::from_str(&text).map_err(|error| {
        Error::failed("the stored tokens cannot be read", error).with_help("presso login --user YOUR-ADDRESS")
    })?;
    tokens.retain(|stack, _| stack.starts_with("arn:"));
    Ok(tokens)
}

/// Returns the stored token for this stack.
pub(crate) fn stored(stack: &Stack) -> Result<Option<String>, Error> {
    Ok(read(&file()?)?.remove(&stack.arn))
}

/// Signs in with the password in `PRESSO_PASSWORD`, or asks for it on the terminal.
pub(crate) async fn login(stack: &Stack, args: &LoginArgs) -> Result<(), Error> {
    let client_id = stack.user_pool_client_id.as_deref().ok_or_else(|| {
        Error::Usage(format!("the stack {} has no user pool", stack.name))
            .with_help("print a token with presso token --role ROLE --user USER")
    })?;
    let password = match std::env::var("PRESSO_PASSWORD") {
        Ok(password) => password,
        Err(_) => rpassword::prompt_password(format!("Password of {}: ", args.user)).map_err(failed)?,
    };
    let client = Client::new(&stack.aws);
    let answer = client
        .initiate_auth()
        .auth_flow(AuthFlowType::UserPasswordAuth)
        .client_id(client_id)
        .auth_parameters("USERNAME", &args.user)
        .auth_parameters("PASSWORD", &password)
        .send()
        .await
        .map_err(failed)?;
    let result = match answer.challenge_name() {
        Some(ChallengeNameType::NewPasswordRequired) => {
            // For this challenge Cognito expects the user name that it generated, not the e-mail
            // address.
            let generated = answer.challenge_parameters().and_then(|parameters| parameters.get("USER_ID_FOR_SRP"));
            let user = generated.map_or(args.user.as_str(), String::as_str);
            new_password(&client, client_id, user, answer.session()).await?
        }
        Some(other) => {
            return Err(failed(format!("the user pool asks for {}, which presso does not support", other.as_str())));
        }
        None => answer.authentication_result,
    };
    let token =
        result.and_then(|result| result.access_token).ok_or_else(|| failed("the user pool returned no token"))?;
    store(&file()?, &stack.arn, &token)?;
    if args.print {
        output::line(&token)?;
    }
    output::note(format_args!("signed in to {} as {}", stack.name, args.user));
    Ok(())
}

async fn new_password(
    client: &Client,
    client_id: &str,
    user: &str,
    session: Option<&str>,
) -> Result<Option<AuthenticationResultType>, Error> {
    let password = match std::env::var("PRESSO_NEW_PASSWORD") {
        Ok(password) => password,
        Err(_) => rpassword::prompt_password("New password: ").map_err(failed)?,
    };
    let answer = client
        .respond_to_auth_challenge()
        .client_id(client_id)
        .challenge_name(ChallengeNameType::NewPasswordRequired)
        .set_session(session.map(str::to_owned))
        .challenge_responses("USERNAME", user)
        .challenge_responses("NEW_PASSWORD", password)
        .send()
        .await
        .map_err(failed)?;
    Ok(answer.authentication_result)
}

fn store(file: &Path, stack: &str, token: &str) -> Result<(), Error> {
    let mut tokens = read(file).unwrap_or_default();
    tokens.insert(stack.to_owned(), token.to_owned());
    write(file, &tokens)
        .map_err(|error| Error::failed(format!("the token cannot be stored in {}", file.display()), error))
}

/// Writes a file that only its owner may read.
fn write(file: &Path, tokens: &Tokens) -> io::Result<()> {
    let text = serde_json::to_string(tokens)?;
    fs::create_dir_all(file.parent().unwrap_or(file))?;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: &str = "arn:aws:cloudformation:eu-west-1:111111111111:stack/bar/aaaa";
    const OTHER: &str = "arn:aws:cloudformation:eu-west-1:222222222222:stack/bar/bbbb";

    fn with_file(test: impl FnOnce(&Path)) {
        let folder = std::env::temp_dir().join(format!("presso-login-{:x}", fastrand::u64(..)));
        test(&folder.join("presso/tokens.json"));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_token_is_kept_for_its_stack_and_not_for_another_one_of_the_same_name() {
        with_file(|file| {
            store(file, MINE, "mine").unwrap();
            let mut tokens = read(file).unwrap();
            assert_eq!((tokens.remove(MINE).as_deref(), tokens.remove(OTHER)), (Some("mine"), None));
            store(file, OTHER, "other").unwrap();
            let tokens = read(file).unwrap();
            assert_eq!((tokens[MINE].as_str(), tokens[OTHER].as_str()), ("mine", "other"));
        });
    }

    #[test]
    fn tokens_that_an_earlier_presso_stored_by_name_are_ignored_and_removed() {
        with_file(|file| {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, r#"{"serverlesspresso":"of an unknown account"}"#).unwrap();
            assert!(read(file).unwrap().is_empty());
            store(file, MINE, "mine").unwrap();
            assert!(!fs::read_to_string(file).unwrap().contains("unknown account"));
        });
    }

    #[test]
    fn a_malformed_token_file_is_an_error_until_the_next_sign_in() {
        with_file(|file| {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "[]").unwrap();
            assert!(read(file).unwrap_err().help().unwrap().contains("presso login"));
            store(file, MINE, "mine").unwrap();
            assert_eq!(read(file).unwrap()[MINE], "mine");
        });
    }

    #[test]
    fn the_error_of_a_token_that_cannot_be_stored_names_the_file() {
        with_file(|file| {
            fs::create_dir_all(file).unwrap();
            let error = store(file, MINE, "mine").unwrap_err().to_string();
            assert!(error.contains(&file.display().to_string()), "{error}");
        });
    }
}
