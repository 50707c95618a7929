//! Tests sign-in with Amazon Cognito: tokens of a user pool, which the keys of the pool verify, and
//! users whom the deployer creates or invites.

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, ExplicitAuthFlowsType};
use client::{Api, Stack};
use end_to_end::venue::{TestVenue, answered};
use http_api::identity::Authenticator;
use http_api::jwks::Keys;
use http_api::{Code, Request};
use serde_json::json;

/// Returns API Gateway's event for a request with this bearer token.
fn request(token: &str) -> Request {
    let event = json!({
        "resource": "/orders", "path": "/orders", "httpMethod": "GET", "headers": {"authorization": format!("Bearer {token}")},
        "requestContext": {"httpMethod": "GET", "requestId": "test"}
    });
    event.to_string().parse().expect("the text is an event of API Gateway")
}

pub(crate) async fn a_user_of_a_user_pool_is_authenticated(venue: TestVenue) {
    let endpoint = client::stack::emulator().expect("AWS_ENDPOINT_URL names an emulator");
    let client = Client::new(&venue.stack.aws);
    let pool = client.create_user_pool().pool_name(venue.shop_id.as_str()).send().await.unwrap();
    let pool = pool.user_pool.and_then(|pool| pool.id).expect("a pool has an id");
    let app = client
        .create_user_pool_client()
        .user_pool_id(&pool)
        .client_name("presso")
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth)
        .send()
        .await
        .unwrap();
    let app = app.user_pool_client().and_then(|app| app.client_id()).unwrap().to_owned();
    client.create_group().user_pool_id(&pool).group_name("barista").send().await.unwrap();
    let (user, password) = ("bea@bar.example", "Espresso-Machine-1");
    client.admin_create_user().user_pool_id(&pool).username(user).send().await.unwrap();
    let set = client.admin_set_user_password().user_pool_id(&pool).username(user).password(password).permanent(true);
    set.send().await.unwrap();
    client.admin_add_user_to_group().user_pool_id(&pool).username(user).group_name("barista").send().await.unwrap();
    let signed_in = client
        .initiate_auth()
        .auth_flow(AuthFlowType::UserPasswordAuth)
        .client_id(&app)
        .auth_parameters("USERNAME", user)
        .auth_parameters("PASSWORD", password)
        .send()
        .await
        .unwrap();
    let tokens = signed_in.authentication_result().unwrap();
    let url = format!("{endpoint}/{pool}/.well-known/jwks.json");
    let issuer = format!("https://cognito-idp.us-east-1.amazonaws.com/{pool}");
    let authenticator = |audience: &str| {
        let keys = Keys::fetched(&issuer, Some(&url), &bootstrap::clients::connector()).unwrap();
        Authenticator::new(issuer.clone(), audience, "cognito:groups".into(), keys)
    };
    let (access, id) = (request(tokens.access_token().unwrap()), request(tokens.id_token().unwrap()));
    let caller = authenticator(&app).caller(&access).await.unwrap();
    assert!(caller.is_barista() && !caller.is_admin() && !caller.is_guest());
    let refused = async |audience: &str, token: &Request| authenticator(audience).caller(token).await.unwrap_err();
    assert_eq!(refused("another-client", &access).await.code(), Code::Unauthenticated);
    assert_eq!(refused(&app, &id).await.code(), Code::Unauthenticated);
    client.delete_user_pool().user_pool_id(&pool).send().await.unwrap();
}

/// Serves an order with the commands of docs/operations.md, in a stack with its own user pool.
pub(crate) async fn the_deployer_can_sign_in_and_serve_an_order(venue: TestVenue) {
    let stack = format!("{}-pool", venue.stack.name);
    let aws = aws_sdk_cloudformation::Client::new(&venue.stack.aws);
    let described = aws.describe_stacks().stack_name(&stack).send().await.unwrap();
    let outputs = described.stacks()[0].outputs();
    let pool = outputs.iter().find(|output| output.output_key() == Some("UserPoolId")).unwrap().output_value().unwrap();
    let client = Client::new(&venue.stack.aws);
    let described = client.describe_user_pool().user_pool_id(pool).send().await.unwrap();
    let sign_up = described.user_pool().and_then(|pool| pool.admin_create_user_config()).unwrap();
    assert!(sign_up.allow_admin_create_user_only(), "anybody may sign up");
    let (user, password) = (format!("{}@bar.example", venue.shop_id), "Temporary-Password-1");
    let user_of = client.admin_create_user().user_pool_id(pool).username(&user);
    user_of.temporary_password(password).send().await.unwrap();
    client.admin_add_user_to_group().user_pool_id(pool).username(&user).group_name("admin").send().await.unwrap();

    let home = std::env::temp_dir().join(venue.shop_id.as_str());
    let presso = |arguments: &str| {
        let mut command = tokio::process::Command::new("presso");
        command
            .env("XDG_CONFIG_HOME", &home)
            // `.local/env` has the addresses of another stack.
            .env("PRESSO_STACK", &stack)
            .env("PRESSO_EVENT_ID", venue.shop_id.as_str());
        command.env("PRESSO_PASSWORD", password).env("PRESSO_NEW_PASSWORD", "Espresso-Machine-1");
        command.args(arguments.split(' '));
        async move {
            let ran = command.output().await.expect("presso cannot be run; first run `. .local/env`");
            assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
            String::from_utf8(ran.stdout).unwrap()
        }
    };
    presso(&format!("login --user {user}")).await;
    presso("open").await;
    let events = presso("order --json").await;
    assert!(events.contains(r#""status":"COMPLETED""#), "{events}");
    client.admin_delete_user().user_pool_id(pool).username(&user).send().await.unwrap();
    std::fs::remove_dir_all(&home).unwrap();
    venue.in_stack(&Stack::find(&stack, None).await.unwrap()).remove().await;
}

/// Invites a barista as docs/operations.md says, and again with another role.
pub(crate) async fn staff_are_invited_with_a_role(venue: TestVenue) {
    let stack = Stack::find(&format!("{}-pool", venue.stack.name), None).await.unwrap();
    let (client, pool) = (Client::new(&venue.stack.aws), stack.user_pool_id.as_deref().unwrap());
    let email = format!("{}-staff@bar.example", venue.shop_id);
    let invite = async |role: &str| {
        let mut command = tokio::process::Command::new("presso");
        command.env("PRESSO_STACK", &stack.name);
        let ran = command.args(["admin", "invite", &email, "--role", role, "--json"]).output().await.unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        serde_json::from_slice::<serde_json::Value>(&ran.stdout).unwrap()
    };
    assert_eq!(invite("barista").await["new"], true);
    assert_eq!(invite("admin").await["new"], false);
    let found = client.admin_list_groups_for_user().user_pool_id(pool).username(&email).send().await.unwrap();
    let mut groups: Vec<&str> = found.groups().iter().filter_map(|group| group.group_name()).collect();
    groups.sort_unstable();
    assert_eq!(groups, ["admin", "barista"]);
    let user = client.admin_get_user().user_pool_id(pool).username(&email).send().await.unwrap();
    let verified = user.user_attributes().iter().find(|attribute| attribute.name() == "email_verified");
    assert_eq!(
        verified.and_then(|attribute| attribute.value()),
        Some("true"),
        "Cognito sends codes to a verified address only"
    );
    client.admin_delete_user().user_pool_id(pool).username(&email).send().await.unwrap();

    // The pages sign in with another client of the pool than presso.
    let sign_in = answered(Api::new(&stack.api_url)).request(reqwest::Method::GET, "/sign-in");
    let sign_in: serde_json::Value = sign_in.send().await.unwrap().json().await.unwrap();
    assert_eq!((&sign_in["kind"], &sign_in["selfSignUp"]), (&json!("cognito"), &json!(false)));
    let page_client = sign_in["clientId"].as_str().unwrap();
    assert_ne!(Some(page_client), stack.user_pool_client_id.as_deref());
    let described = client.describe_user_pool_client().user_pool_id(pool).client_id(page_client).send().await.unwrap();
    let described = described.user_pool_client().unwrap();
    assert_eq!((described.access_token_validity(), described.refresh_token_validity()), (Some(15), 14));
    let flows: Vec<&str> = described.explicit_auth_flows().iter().map(ExplicitAuthFlowsType::as_str).collect();
    assert!(flows.contains(&"ALLOW_USER_AUTH") && !flows.contains(&"ALLOW_REFRESH_TOKEN_AUTH"), "{flows:?}");
}
