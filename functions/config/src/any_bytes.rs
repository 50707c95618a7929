//! Tests the config function with arbitrary requests.

use bootstrap::testing::{any_mutation_of, cases};
use domain::drink::DrinkRequest;
use domain::menu;
use http_api::testing::answers_any_request;
use proptest::test_runner::TestRunner;
use serde_json::json;

use super::*;

#[test]
fn any_request_is_answered() {
    let bar = Bar::new();
    let authorization = bar.issuer.authorization("boss", &["admin"]);
    let any_version = (r#"\"3\""#, "*");
    let replaced = [("Bearer PUT-A-TOKEN-HERE", authorization.as_str()), any_version];
    answers_any_request("config", &replaced, &bar.service);
}

/// Returns an edit of all settings.
fn edit() -> Value {
    let milk = json!({
        "name": "Milk", "names": {"es": "Leche"}, "options": ["Regular", "Oat"],
        "optionNames": {"Oat": {"es": "De avena", "pt-BR": "De aveia"}},
    });
    let size = json!({"name": "Size", "options": ["Small", "Large"]});
    json!({
        "menu": [
            {"drink": "Latte", "icon": "latte", "available": true, "modifiers": [milk, size]},
            {"drink": "Tea", "names": {"es": "Té"}, "icon": "tea", "available": false, "modifiers": []},
        ],
        "name": "Bar", "colours": {"primary": "#0b6b43", "accent": "#ffffff"},
        "drinksPerBarcode": 10, "maxOrdersInQueue": 20, "maxOrdersPerUser": 2, "customerSignIn": "account",
        "links": [{"title": "Journey", "url": "https://bar.example/{orderId}"}],
    })
}

#[test]
fn a_mutated_edit_is_accepted_or_refused_with_the_invalid_field() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (accepted, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let check = |body: String| {
        let bar = Bar::new();
        let (status, answer) = runtime.block_on(bar.edit(&body));
        let shape: Result<Value, _> = serde_json::from_str(&body);
        if status == 200 {
            let menu = bar.service.shops.0.lock().unwrap().catalog.menu.clone();
            for item in menu.iter().filter(|item| item.available) {
                let one_of_each = item.modifiers.iter().map(|modifier| modifier.options[0].clone()).collect();
                let request = DrinkRequest { drink: item.drink.clone(), modifiers: one_of_each };
                let order = menu::accept(&menu, &request).unwrap();
                assert!(order.is_for(&request), "{order:?} of {request:?}");
            }
            return true;
        }
        assert!([400, 413, 422].contains(&status), "{answer}");
        let version = bar.service.shops.0.lock().unwrap().state.version;
        assert_eq!(version, 0, "a refused edit must not change the settings");
        // The problem of a body that is too large or not a JSON object names no field.
        if let (Ok(Value::Object(members)), 400 | 422) = (shape, status) {
            let field =
                answer["field"].as_str().unwrap_or_else(|| panic!("no field in the problem: {answer} for {body}"));
            let first = field.split(['.', '[']).next().unwrap();
            assert!(members.contains_key(first), "{field} is not a field of {body}");
        }
        false
    };
    TestRunner::new(cases(1_000))
        .run(&any_mutation_of(edit()), |body| {
            let count = if check(body) { &accepted } else { &refused };
            count.set(count.get() + 1);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(accepted.get() > 0 && refused.get() > 0, "{accepted:?} accepted, {refused:?} refused");
}
