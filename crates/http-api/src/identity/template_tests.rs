//! Tests the sign-in parameters of `template.yaml`: tokens of a user pool are verified with the
//! keys of the pool, a pool that an earlier stack kept needs the ids of its clients, and nobody
//! signs up unless a parameter allows it.

use std::path::Path;

use yaml_serde::Value;

fn template() -> Value {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")).unwrap();
    yaml_serde::from_str(&text).unwrap()
}

/// Returns `value` as YAML text in one line, with its tags and without quotes.
fn text(value: &Value) -> String {
    let text = yaml_serde::to_string(value).unwrap();
    text.replace(['\'', '"'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn with_a_user_pool_the_functions_verify_with_its_keys_alone() {
    let template = template();
    let mut functions = 0;
    for resource in template["Resources"].as_mapping().unwrap().values() {
        let variables = &resource["Properties"]["Environment"]["Variables"];
        if variables.get("JWT_ISSUER").is_none() {
            continue;
        }
        functions += 1;
        let kept = |made: &str, kept: &str| format!("!If - MakesUserPool - !Ref {made} - !Ref {kept}");
        let of_pool = |path: &str| {
            let pool = kept("UserPool", "KeptUserPoolId");
            format!("!Sub - https://cognito-idp.${{AWS::Region}}.${{AWS::URLSuffix}}/${{Pool}}{path} - Pool: {pool}")
        };
        let [presso, pages] = [kept("UserPoolClient", "KeptClientId"), kept("PageClient", "KeptPageClientId")];
        for (variable, with_pool, external) in [
            ("JWT_ISSUER", of_pool("").as_str(), "!Ref JwtIssuer"),
            ("JWT_AUDIENCE", &format!("Fn::Join: - - - {presso} - {pages}"), "!Ref JwtAudience"),
            ("JWT_JWKS", "", "!Ref JwtJwks"),
            ("JWT_JWKS_URL", &of_pool("/.well-known/jwks.json"), "!Ref JwtJwksUrl"),
            ("JWT_GROUPS_CLAIM", "", "!Ref JwtGroupsClaim"),
        ] {
            let choice = variables[variable]["Fn::If"].as_sequence().unwrap();
            let choice: Vec<_> = choice.iter().map(text).collect();
            assert_eq!(choice, ["HasUserPool", with_pool, external], "{variable}");
        }
    }
    assert_eq!(functions, 5, "functions that verify tokens");
}

#[test]
fn keys_left_over_from_another_issuer_are_refused_with_a_user_pool() {
    let template = template();
    let rule = &template["Rules"]["CognitoHasKeysOfItsOwn"];
    assert_eq!(text(&rule["RuleCondition"]), "!Equals - !Ref IdentityProvider - cognito");
    let asserted: Vec<_> = rule["Assertions"].as_sequence().unwrap().iter().map(|one| text(&one["Assert"])).collect();
    assert_eq!(asserted, ["!Equals - !Ref JwtJwks -", "!Equals - !Ref JwtJwksUrl -"]);
}

#[test]
fn self_sign_up_is_off_unless_a_parameter_allows_it() {
    let template = template();
    assert_eq!(template["Parameters"]["SelfSignUp"]["Default"], "false");
    let pool = &template["Resources"]["UserPool"]["Properties"];
    let only_admins = &pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"];
    assert_eq!(text(only_admins), "!If - OpensSelfSignUp - false - true");
    assert_eq!(text(&template["Conditions"]["OpensSelfSignUp"]), "!Equals - !Ref SelfSignUp - true");
}

#[test]
fn a_kept_user_pool_needs_its_clients() {
    let template = template();
    let rule = &template["Rules"]["KeptUserPoolHasClients"];
    let asserted: Vec<_> = rule["Assertions"].as_sequence().unwrap().iter().map(|one| text(&one["Assert"])).collect();
    assert_eq!(
        asserted,
        [
            "!Equals - !Ref IdentityProvider - cognito",
            "!Not - !Equals - !Ref KeptClientId -",
            "!Not - !Equals - !Ref KeptPageClientId -"
        ]
    );
}
