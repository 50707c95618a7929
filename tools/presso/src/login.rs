//! Signing in to a stack with a user pool, and storing the token.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, AuthenticationResultType, ChallengeNameType};
use client::error::Cause;
use client::{Error, Stack};

use crate::cli::LoginArgs;
use crate::output;

type Tokens = BTreeMap<String, String>;

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the user cannot sign in", source)
}

fn file() -> Result<PathBuf, Error> {
    let folder = dirs::config_dir().ok_or_else(|| failed("the settings folder is unknown: set HOME"))?;
    Ok(folder.join("presso").join("tokens.json"))
}

fn read() -> Result<Tokens, Error> {
    match fs::read_to_string(file()?) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| {
            Error::failed("the stored tokens cannot be read", error).with_help("presso login --user YOUR-ADDRESS")
        }),
        Err(_) => Ok(Tokens::new()),
    }
}

/// The stored token for this stack.
pub(crate) fn stored(stack: &str) -> Result<Option<String>, Error> {
    Ok(read()?.remove(stack))
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
            // Here Cognito expects its own user name, not the e-mail address.
            let own_name = answer.challenge_parameters().and_then(|parameters| parameters.get("USER_ID_FOR_SRP"));
            let user = own_name.map_or(args.user.as_str(), String::as_str);
            new_password(&client, client_id, user, answer.session()).await?
        }
        Some(other) => {
            return Err(failed(format!("the user pool asks for {}, which presso does not support", other.as_str())));
        }
        None => answer.authentication_result,
    };
    let token =
        result.and_then(|result| result.access_token).ok_or_else(|| failed("the user pool returned no token"))?;
    store(&stack.name, &token)?;
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

fn store(stack: &str, token: &str) -> Result<(), Error> {
    let path = file()?;
    let mut tokens = read().unwrap_or_default();
    tokens.insert(stack.to_owned(), token.to_owned());
    let text = serde_json::to_string(&tokens).map_err(failed)?;
    fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(failed)?;
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
