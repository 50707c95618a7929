//! Checks of a deployed stack: its state, key set, mail and version.

use aws_config::SdkConfig;
use aws_sdk_cloudformation::types::Stack as Description;
use aws_sdk_cognitoidentityprovider::types::EmailSendingAccountType;
use client::error::causes;
use client::{Api, Error, Stack, stack};
use domain::ids::ShopId;
use reqwest::Method;
use serde::Deserialize;

use super::finding::{Finding, Purpose, State};
use super::keys;

/// Shop whose settings are read for the version. It need not exist.
const ANY_SHOP: &str = "doctor";

/// Checks the stack `name`. `release` is the version of the calling program.
pub(super) async fn findings(
    aws: &SdkConfig,
    name: &str,
    api_url: Option<&str>,
    purpose: Purpose,
    release: &str,
) -> Vec<Finding> {
    let (described, found) = tokio::join!(stack::describe(aws, name), Stack::find(name, api_url));
    let (description, stack) = match (described, found) {
        (Ok(description), Ok(stack)) => (description, stack),
        (Err(Error::NoStack(_)), _) => return not_deployed(name, aws, purpose),
        (Err(error), _) | (_, Err(error)) => {
            let next = error.help().unwrap_or("look at the stack in the console of CloudFormation").to_owned();
            return vec![Finding::new("stack", State::Problem, causes(&error), next)];
        }
    };
    let parameters = Parameters::of(&description);
    let (keys, mail, version) =
        tokio::join!(keys::finding(&stack, &parameters, purpose), mail(&stack, purpose), version(&stack, release));
    vec![state_of(name, &description), keys, mail, version]
}

fn not_deployed(name: &str, aws: &SdkConfig, purpose: Purpose) -> Vec<Finding> {
    let region = aws.region().map_or("this region", AsRef::as_ref);
    let found = format!("there is no stack {name} in {region}");
    let next = "name the stack that make deploy printed, with --stack or PRESSO_STACK, or deploy it: make deploy";
    let rest = ["keys", "mail", "version"].map(|check| Finding::new(check, State::Unknown, "no stack", next));
    [Finding::new("stack", purpose.enough_for_a_trial(), found, next)].into_iter().chain(rest).collect()
}

fn state_of(name: &str, description: &Description) -> Finding {
    let status = description.stack_status().map_or("UNKNOWN", |status| status.as_str());
    let found = format!("{name} is {status}");
    match status {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => Finding::ok("stack", found),
        "UPDATE_ROLLBACK_COMPLETE" => {
            let next =
                format!("the last deployment was undone: aws cloudformation describe-stack-events --stack-name {name}");
            Finding::new("stack", State::Warning, found, next)
        }
        status if status.ends_with("_IN_PROGRESS") => {
            Finding::new("stack", State::Warning, found, "wait until the deployment has ended")
        }
        _ => {
            let next = format!("aws cloudformation describe-stack-events --stack-name {name} shows the cause");
            Finding::new("stack", State::Problem, found, next)
        }
    }
}

/// Parameters of a deployed stack.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(description: &Description) -> Self {
        let parameters = description.parameters().iter();
        Self(
            parameters
                .filter_map(|it| Some((it.parameter_key()?.to_owned(), it.parameter_value()?.to_owned())))
                .collect(),
        )
    }

    #[cfg(test)]
    pub(super) fn new(parameters: &[(&str, &str)]) -> Self {
        Self(parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// Returns the value of a parameter, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }
}

/// Sender of the mails of a user pool.
enum Mailer {
    /// Amazon SES, with this address.
    Ses(String),
    /// The mailer of Cognito.
    Cognito,
}

async fn mail(stack: &Stack, purpose: Purpose) -> Finding {
    let Some(pool) = &stack.user_pool_id else {
        return Finding::ok("mail", "none: the stack has no user pool, its issuer signs people in");
    };
    let client = aws_sdk_cognitoidentityprovider::Client::new(&stack.aws);
    match client.describe_user_pool().user_pool_id(pool).send().await {
        Ok(answer) => {
            let mail = answer.user_pool().and_then(|pool| pool.email_configuration());
            let is_ses =
                mail.and_then(|mail| mail.email_sending_account()) == Some(&EmailSendingAccountType::Developer);
            let from = mail.and_then(|mail| mail.from().or_else(|| mail.source_arn())).unwrap_or("an address of yours");
            judge_mail(if is_ses { Mailer::Ses(from.to_owned()) } else { Mailer::Cognito }, purpose)
        }
        Err(error) => {
            let error = Error::failed("the user pool cannot be read", error);
            Finding::unread("mail", &error, "cognito-idp:DescribeUserPool", purpose)
        }
    }
}

fn judge_mail(mailer: Mailer, purpose: Purpose) -> Finding {
    match mailer {
        Mailer::Ses(from) => Finding::ok("mail", format!("Amazon SES, from {from}")),
        Mailer::Cognito => Finding::new(
            "mail",
            purpose.enough_for_a_trial(),
            "Cognito's own mailer: 50 messages a day for all pools of the account",
            "the 51st mail of a day fails; verify a domain in Amazon SES and deploy with SesIdentityArn and MailFrom",
        ),
    }
}

async fn version(stack: &Stack, release: &str) -> Finding {
    match deployed_release(stack).await {
        Ok(deployed) => judge_version(deployed.as_deref(), release),
        Err(error) => {
            let next = error
                .help()
                .unwrap_or("read the log group of the stack; for the learner's bar: presso workshop logs")
                .to_owned();
            Finding::new("version", State::Problem, format!("GET /config: {}", causes(&error)), next)
        }
    }
}

/// Reads the version of the stack's functions.
async fn deployed_release(stack: &Stack) -> Result<Option<String>, Error> {
    #[derive(Deserialize)]
    struct Settings {
        release: Option<String>,
    }
    let shop_id: ShopId = ANY_SHOP.parse().map_err(|error| Error::failed("no shop id", error))?;
    let api = Api::new(&stack.api_url)?.with_attempts(3);
    let answer = api.send(api.request(Method::GET, "/config").query(&[("eventId", shop_id.as_str())])).await?;
    if answer.status != 200 {
        return Err(answer.problem()?.into());
    }
    let settings: Settings =
        serde_json::from_str(&answer.body).map_err(|error| Error::failed("the settings cannot be read", error))?;
    Ok(settings.release)
}

fn judge_version(deployed: Option<&str>, release: &str) -> Finding {
    match deployed {
        Some(deployed) if deployed == release => Finding::ok("version", format!("{deployed}, as this presso")),
        Some(deployed) => {
            let found = format!("the stack has {deployed}, this presso is {release}");
            Finding::new(
                "version",
                State::Warning,
                found,
                "deploy this version, or use the presso of the stack's version",
            )
        }
        None => {
            let found = "the stack does not report its version, so it is older than this presso";
            Finding::new("version", State::Warning, found, "deploy this version: docs/operations.md, upgrading")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudformation::types::StackStatus;

    #[test]
    fn cognitos_own_mailer_is_a_warning_for_a_trial_and_a_problem_for_prod() {
        assert_eq!(judge_mail(Mailer::Cognito, Purpose::Trial).state, State::Warning);
        let refused = judge_mail(Mailer::Cognito, Purpose::Prod);
        assert_eq!(refused.state, State::Problem);
        assert!(refused.next.unwrap().contains("SesIdentityArn"));
        assert_eq!(judge_mail(Mailer::Ses("bar@bar.example".into()), Purpose::Prod).state, State::Ok);
    }

    #[test]
    fn a_stack_that_does_not_exist_is_a_warning_for_a_trial_and_a_problem_for_prod() {
        let of = |purpose| not_deployed("bar", &SdkConfig::builder().build(), purpose)[0].state;
        assert_eq!((of(Purpose::Trial), of(Purpose::Prod)), (State::Warning, State::Problem));
    }

    #[test]
    fn another_version_than_that_of_presso_is_a_warning() {
        assert_eq!(judge_version(Some("1.2.0"), "1.2.0").state, State::Ok);
        assert_eq!(judge_version(Some("1.1.0"), "1.2.0").state, State::Warning);
        assert_eq!(judge_version(None, "1.2.0").state, State::Warning);
    }

    #[test]
    fn an_undone_or_running_deployment_is_a_warning_and_a_failed_stack_is_a_problem() {
        let state = |status: StackStatus| {
            let description = Description::builder().stack_status(status).build();
            state_of("bar", &description).state
        };
        assert_eq!(state(StackStatus::UpdateComplete), State::Ok);
        assert_eq!(state(StackStatus::UpdateInProgress), State::Warning);
        assert_eq!(state(StackStatus::UpdateRollbackComplete), State::Warning);
        assert_eq!(state(StackStatus::RollbackComplete), State::Problem);
        assert_eq!(state(StackStatus::DeleteFailed), State::Problem);
    }
}
