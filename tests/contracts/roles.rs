//! Tests that each role may put exactly the events that its program publishes, and that a service
//! assumes a role for this account alone.

#[cfg(test)]
mod roles {
    use std::collections::{BTreeMap, BTreeSet};

    use domain::architecture::PRODUCERS;
    use domain::event::SOURCE;
    use end_to_end::world::yaml;
    use yaml_serde::Value;

    type Publishers = BTreeMap<String, BTreeSet<String>>;

    fn items(value: &Value) -> &[Value] {
        value.as_sequence().map_or(std::slice::from_ref(value), Vec::as_slice)
    }

    fn texts(value: &Value) -> BTreeSet<String> {
        items(value).iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    }

    /// Returns the statements of a function's or a role's policies. The policies of a user pool
    /// have no statements.
    fn statements(properties: &Value) -> Vec<&Value> {
        let policies = properties.get("Policies").map(items).unwrap_or_default();
        let statements = policies.iter().map(|policy| {
            let document = policy.get("PolicyDocument").unwrap_or(policy);
            document.get("Statement").map(items).unwrap_or_default()
        });
        statements.flatten().collect()
    }

    /// Returns the detail-types that each program's role may put.
    fn allowed() -> Publishers {
        let template = yaml("template.yaml");
        let mut allowed = Publishers::new();
        for (name, resource) in template["Resources"].as_mapping().unwrap() {
            for statement in statements(&resource["Properties"]) {
                if texts(&statement["Action"]).contains("events:PutEvents") {
                    let name = name.as_str().unwrap().trim_end_matches("Role");
                    let events = &statement["Condition"]["ForAllValues:StringEquals"];
                    assert_eq!(texts(&events["events:source"]), BTreeSet::from([SOURCE.to_owned()]), "{name}");
                    allowed.insert(name.to_owned(), texts(&events["events:detail-type"]));
                }
            }
        }
        allowed
    }

    #[test]
    fn each_role_may_put_exactly_the_events_that_its_program_publishes() {
        let types = |types: &[&str]| types.iter().map(|one| (*one).to_owned()).collect();
        let published: Publishers =
            PRODUCERS.iter().map(|producer| (producer.name.to_owned(), types(producer.detail_types))).collect();
        assert_eq!(allowed(), published);
    }

    #[test]
    fn a_service_assumes_a_role_for_resources_of_this_account_alone() {
        let template = yaml("template.yaml");
        let mut roles = 0;
        for (name, resource) in template["Resources"].as_mapping().unwrap() {
            // API Gateway assumes this role for the whole account, and its documentation has no
            // condition for that.
            if resource["Type"] != "AWS::IAM::Role" || name.as_str() == Some("GatewayLogsRole") {
                continue;
            }
            roles += 1;
            let trust = &resource["Properties"]["AssumeRolePolicyDocument"]["Statement"];
            for statement in items(trust) {
                let condition = &statement["Condition"];
                let Value::Tagged(account) = &condition["StringEquals"]["aws:SourceAccount"] else {
                    panic!("the trust policy of {name:?} names no account")
                };
                assert_eq!(account.value.as_str(), Some("AWS::AccountId"), "{name:?}");
                assert!(
                    condition["ArnLike"].get("aws:SourceArn").is_some(),
                    "{name:?} may be assumed for any resource"
                );
            }
        }
        assert_eq!(roles, 3, "the test did not find the roles");
    }
}
