//! Checks of the account: credentials, region, and the quotas that all stacks share.

use aws_config::SdkConfig;
use aws_sdk_servicequotas::types::ServiceQuota;
use client::Error;
use client::stack::emulator;

use super::finding::{Finding, Purpose, State};

/// Concurrent executions of all functions in an account, by AWS's documented default.
const USUAL_CONCURRENCY: i32 = 1_000;

/// Minimum concurrent executions. Below it, a few phones that poll delay admission and the sweeper.
const LEAST_CONCURRENCY: i32 = 100;

/// Minimum rate of orders, per second. Below it, a crowd that scans at once waits.
const LEAST_ORDERS: f64 = 50.0;

/// State transitions of a completed order.
const TRANSITIONS: f64 = 5.0;

/// Name in Service Quotas of the quota of started executions.
const STARTS: &str = "StartExecution throttle token refill rate per second";

/// Name in Service Quotas of the quota of state transitions.
const STEPS: &str = "StateTransition throttle token refill rate per second";

pub(super) async fn identity(aws: &SdkConfig) -> Result<[Finding; 3], Error> {
    let answer = aws_sdk_sts::Client::new(aws).get_caller_identity().send().await;
    let caller = answer.map_err(|error| Error::unreachable(emulator().unwrap_or_else(|| "AWS".to_owned()), error))?;
    let region = aws.region().map_or("none", AsRef::as_ref);
    let region = emulator().map_or_else(|| region.to_owned(), |url| format!("{region}, on the emulator at {url}"));
    Ok([
        Finding::ok("credentials", caller.arn().unwrap_or("accepted")),
        Finding::ok("account", caller.account().unwrap_or("not named")),
        Finding::ok("region", region),
    ])
}

pub(super) async fn concurrency(aws: &SdkConfig, purpose: Purpose) -> Finding {
    let settings = aws_sdk_lambda::Client::new(aws).get_account_settings().send().await;
    match settings {
        Ok(settings) => match settings.account_limit() {
            Some(limit) => {
                let all = limit.concurrent_executions();
                judge_concurrency(all, limit.unreserved_concurrent_executions().unwrap_or(all), purpose)
            }
            None => Finding::new("concurrency", State::Unknown, "Lambda names no limit", "look in Service Quotas"),
        },
        Err(error) => {
            let error = Error::failed("the settings of Lambda cannot be read", error);
            Finding::unread("concurrency", &error, "lambda:GetAccountSettings", purpose)
        }
    }
}

fn judge_concurrency(all: i32, unreserved: i32, purpose: Purpose) -> Finding {
    let found = format!("{unreserved} unreserved concurrent executions, of {all} in the account");
    let state = match unreserved {
        LEAST_CONCURRENCY.. if all >= USUAL_CONCURRENCY => return Finding::ok("concurrency", found),
        LEAST_CONCURRENCY.. => State::Warning,
        _ => purpose.enough_for_a_trial(),
    };
    let request = "aws service-quotas request-service-quota-increase --service-code lambda \
                   --quota-code L-B99A9384 --desired-value 1000";
    Finding::new(
        "concurrency",
        state,
        found,
        format!("all functions share the unreserved ones; request more: {request}"),
    )
}

pub(super) async fn rates(aws: &SdkConfig, purpose: Purpose) -> Finding {
    match quotas(aws).await {
        Ok(quotas) => judge_rates(value(&quotas, STARTS), value(&quotas, STEPS), purpose),
        Err(error) => {
            let permissions = "servicequotas:ListServiceQuotas and servicequotas:ListAWSDefaultServiceQuotas";
            Finding::unread("workflows", &error, permissions, purpose)
        }
    }
}

/// Returns the quotas of Step Functions: those of the account and, if one is missing, after them
/// AWS's defaults. For an account, Service Quotas does not list each quota that has its default.
async fn quotas(aws: &SdkConfig) -> Result<Vec<ServiceQuota>, Error> {
    let client = aws_sdk_servicequotas::Client::new(aws);
    let failed = |error| Error::failed("the quotas of Step Functions cannot be read", error);
    let own = client.list_service_quotas().service_code("states").into_paginator().items().send();
    let mut quotas = own.try_collect().await.map_err(failed)?;
    if value(&quotas, STARTS).is_none() || value(&quotas, STEPS).is_none() {
        let defaults = client.list_aws_default_service_quotas().service_code("states").into_paginator().items().send();
        let failed = |error| Error::failed("AWS's default quotas of Step Functions cannot be read", error);
        quotas.extend(defaults.try_collect().await.map_err(failed)?);
    }
    Ok(quotas)
}

/// Returns the first value of the quota with this name.
fn value(quotas: &[ServiceQuota], name: &str) -> Option<f64> {
    let named = |quota: &&ServiceQuota| quota.quota_name().is_some_and(|it| it.eq_ignore_ascii_case(name));
    quotas.iter().filter(named).find_map(ServiceQuota::value)
}

fn judge_rates(starts: Option<f64>, steps: Option<f64>, purpose: Purpose) -> Finding {
    let (Some(starts), Some(steps)) = (starts, steps) else {
        let next = "look for StartExecution and StateTransition in the console of Service Quotas";
        return Finding::new("workflows", State::Unknown, "Service Quotas does not list the rates", next);
    };
    let orders = starts.min(steps / TRANSITIONS);
    let found = format!("{starts} executions and {steps} state transitions a second: {orders:.0} orders a second");
    if orders >= LEAST_ORDERS {
        return Finding::ok("workflows", found);
    }
    let next = "orders above this rate start late; request higher quotas of Step Functions in Service Quotas";
    Finding::new("workflows", purpose.enough_for_a_trial(), found, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_1000_in_the_account_is_a_warning_and_less_than_100_unreserved_a_problem_for_prod() {
        let state = |all, unreserved, purpose| judge_concurrency(all, unreserved, purpose).state;
        assert_eq!((state(1_000, 1_000, Purpose::Prod), state(1_000, 100, Purpose::Prod)), (State::Ok, State::Ok));
        assert_eq!((state(999, 999, Purpose::Prod), state(100, 100, Purpose::Prod)), (State::Warning, State::Warning));
        assert_eq!((state(1_000, 99, Purpose::Trial), state(10, 10, Purpose::Prod)), (State::Warning, State::Problem));
        let finding = judge_concurrency(10, 10, Purpose::Prod);
        assert!(finding.next.unwrap().contains("--quota-code L-B99A9384"));
    }

    #[test]
    fn the_first_quota_with_the_name_and_a_value_counts() {
        let quota = |name: &str, value| ServiceQuota::builder().quota_name(name).value(value).build();
        let unread = ServiceQuota::builder().quota_name(STEPS).build();
        let quotas = [unread, quota(&STARTS.to_uppercase(), 300.0), quota(STARTS, 150.0), quota(STEPS, 1_500.0)];
        assert_eq!((value(&quotas, STARTS), value(&quotas, STEPS)), (Some(300.0), Some(1_500.0)));
        assert_eq!(value(&quotas, "Another quota"), None);
    }

    #[test]
    fn the_lower_rate_of_step_functions_decides() {
        for (starts, steps, purpose, state) in [
            (300.0, 1_500.0, Purpose::Prod, State::Ok),
            (150.0, 500.0, Purpose::Prod, State::Ok),
            (150.0, 200.0, Purpose::Trial, State::Warning),
            (20.0, 500.0, Purpose::Prod, State::Problem),
        ] {
            assert_eq!(judge_rates(Some(starts), Some(steps), purpose).state, state, "{starts} {steps}");
        }
        assert!(judge_rates(Some(150.0), Some(500.0), Purpose::Trial).found.ends_with("100 orders a second"));
        assert_eq!(
            judge_rates(None, Some(500.0), Purpose::Prod).state,
            State::Unknown,
            "a rate that is not listed is unknown"
        );
    }
}
