use super::*;

fn mistakes_in(file: &str, text: &str) -> Vec<String> {
    let mut mistakes = Vec::new();
    if file == TEMPLATE {
        if let Some(template) = yaml::parse(file, text, &mut mistakes) {
            template::lint(&template, &mut mistakes);
        }
    } else if let Some(workflow) = json::parse(file, text, &mut mistakes) {
        workflow::lint(&workflow, None, &mut mistakes);
    }
    mistakes.iter().map(|mistake| mistake.to_string().replace("workshop/bar/", "")).collect()
}

fn workflow(states: &str) -> Vec<String> {
    let text = format!("{{\"QueryLanguage\": \"JSONata\",\n\"StartAt\": \"A\",\n\"States\": {{\n{states}\n}}}}");
    let mistakes = mistakes_in(WORKFLOW, &text);
    mistakes.iter().map(|mistake| mistake.replace("statemachines/order-processor.asl.json", "asl")).collect()
}

const RESOURCES: &str = "Parameters:\n  P: { Type: String }\nConditions:\n  C: !Equals [a, b]\nResources:\n";

fn template(resources: &str) -> Vec<String> {
    mistakes_in(TEMPLATE, &format!("{RESOURCES}{resources}"))
}

#[test]
fn the_application_has_no_mistakes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    assert_eq!(lint(&root).unwrap(), []);
}

#[test]
fn a_missing_or_trailing_comma_is_reported_with_its_line() {
    let found = workflow("\"A\": {\"Type\": \"Pass\", \"End\": true}\n\"B\": {}");
    assert_eq!(found, ["asl:5:1: this is not JSON: expected `,` or `}`: a comma is missing at the end of line 4"]);
    let found = workflow("\"A\": {\"Type\": \"Pass\", \"End\": true,\n}");
    assert_eq!(found, ["asl:5:1: this is not JSON: trailing comma: remove the comma at the end of line 4"]);
    let found = workflow("\"A\": {\"Type\": \"Pass\", \"End\": true,}");
    assert_eq!(found, ["asl:4:35: this is not JSON: trailing comma: remove the comma before the bracket"]);
}

#[test]
fn a_second_state_with_the_same_name_is_reported() {
    let found = workflow("\"A\": {\"Type\": \"Pass\", \"End\": true},\n\"A\": {\"Type\": \"Pass\", \"End\": true}");
    assert_eq!(
        found,
        ["asl:5:1: A is here a second time; the first is on line 4. Only one of them would count: remove the other"]
    );
}

#[test]
fn a_transition_to_no_state_is_reported_with_the_name_that_was_meant() {
    let found = workflow(
        "\"A\": {\"Type\": \"Pass\", \"Next\": \"Baen\"},\n\"Bean\": {\"Type\": \"Pass\"},\n\"D\": {\"Type\": \"Fail\"}",
    );
    assert_eq!(
        found,
        [
            "asl:4:31: there is no state Baen; did you mean Bean?",
            "asl:5:1: the state Bean has neither \"Next\" nor \"End\"",
            "asl:5:1: no other state leads to the state Bean",
            "asl:6:1: no other state leads to the state D",
        ]
    );
}

#[test]
fn jsonata_without_its_query_language_and_fields_that_it_does_not_have_are_reported() {
    let text = "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Pass\", \"Output\": 1, \"End\": true}}}";
    let found = mistakes_in(WORKFLOW, text);
    assert!(found[0].contains("A has Output, which only JSONata knows"), "{found:?}");
    assert!(found[0].ends_with("write \"QueryLanguage\": \"JSONata\", above \"StartAt\""), "{found:?}");
    let found = workflow("\"A\": {\"Type\": \"Pass\", \"ResultPath\": \"$\", \"End\": true, \"Retri\": []}");
    assert_eq!(
        found,
        [
            "asl:4:23: A has ResultPath, which JSONata does not know: use Arguments, Output or Assign",
            "asl:4:55: a state has no field Retri; did you mean Retry?",
        ]
    );
}

#[test]
fn an_expression_that_cannot_be_read_is_reported() {
    for (expression, what) in [
        ("{% $merge([$a, {'b': $c}) %}", "Expected `]`, got `)`"),
        ("{% $a.b", "begins with {%, but does not end with %}"),
        ("$a.b %}", "ends with %}, but does not begin with {%"),
    ] {
        let found = workflow(&format!("\"A\": {{\"Type\": \"Pass\", \"Output\": \"{expression}\", \"End\": true}}"));
        assert!(found.len() == 1 && found[0].contains(what), "{found:?}");
    }
}

#[test]
fn wrong_indentation_is_reported_with_the_indentation_that_fits() {
    let found = template("  A:\n    Type: T\n Bee:\n    Type: T\n");
    assert_eq!(
        found,
        [
            "template.yaml:8:2: this line begins with 1 space, but the blocks around it with 0, 2, 4: indent it by 2 spaces"
        ]
    );
    let found = template("  A:\n    Type: T\n    Properties:\n      L:\n        - X: 1\n          - Y: 2\n");
    assert!(found[0].starts_with("template.yaml:11:1"), "{found:?}");
    let found = template("  A:\n    Type: T\n    Properties:\n      L:\n        - x\n         - y\n");
    assert_eq!(
        found,
        [
            "template.yaml:11:10: this item of a list is further to the right than the text above it, so YAML reads both as one text: move it to the left"
        ]
    );
    let found = template("  A:\n\tType: T\n");
    assert_eq!(found, ["template.yaml:7:2: the indentation of this line contains a tab: YAML is indented with spaces"]);
}

#[test]
fn a_template_without_content_is_reported() {
    for text in ["", "# soon\n"] {
        let found = mistakes_in(TEMPLATE, text);
        assert!(found.len() == 1 && found[0].ends_with(": this file has no content"), "{found:?}");
    }
}

#[test]
fn a_block_that_is_indented_differently_is_named_by_its_first_line() {
    let found = template("  A:\n    Properties:\n     B:\n       C: 1\n      D: 2\n");
    assert_eq!(
        found,
        [
            "template.yaml:8:6: this line begins with 5 spaces, but line 10, which follows its block, with 6: shift the lines 8 to 9 so that this line is indented like line 10, or move them to another place"
        ]
    );
    // A property directly below the line of its resource.
    let found = template("  A:\n      B:\n        C: 1\n    Type: T\n    Properties:\n      D: 2\n");
    assert!(
        found[0].starts_with("template.yaml:7:7: this line begins with 6 spaces, but line 9, which follows"),
        "{found:?}"
    );
    let found = template("  A:\n    L:\n        - x\n      - y\n      - z\n");
    assert_eq!(
        found,
        [
            "template.yaml:8:9: this line begins with 8 spaces, but line 9, which follows its block, with 6: indent this line like line 9, or move it to another place"
        ]
    );
}

#[test]
fn a_block_between_a_key_and_its_items_is_reported_at_its_first_line() {
    let found = template("  A:\n    Properties:\n      L:\n      B:\n        C: 1\n        - x\n");
    assert_eq!(
        found,
        [
            "template.yaml:9:7: B is between a key and the items of its list, which begin at line 11: move B and the lines below it after these items, or before their key"
        ]
    );
}

#[test]
fn a_resource_outside_resources_is_reported() {
    let found =
        template("  A: { Type: AWS::SQS::Queue }\nOutputs:\n  B:\n    Type: AWS::SQS::Queue\n    Properties: {}\n");
    assert_eq!(
        found,
        [
            "template.yaml:8:3: the resource B is under Outputs, where no resource is created: move it directly below the line Resources:, indented by 2 spaces"
        ]
    );
    let found = template("  A: { Type: T }\nB:\n  Type: AWS::SQS::Queue\n  Properties: {}\n");
    assert!(found[0].contains("the resource B is at the left margin"), "{found:?}");
}

#[test]
fn a_block_that_is_pasted_without_its_indentation_is_one_mistake_per_resource() {
    // The resources after the block become part of its last resource.
    let others = "  Q:\n    Type: AWS::SQS::Queue\n    Properties: { A: !Ref Q, B: !Ref Queue }\n";
    let pasted = "Rule:\n  Type: AWS::Events::Rule\n  Properties:\n    A: !Ref Queue\n\
                  Queue:\n  Type: AWS::SQS::Queue\n  Properties: {}\n";
    let found = template(&format!("{pasted}{others}"));
    assert_eq!(
        found,
        [
            "template.yaml:6:1: the resource Rule is at the left margin, where no resource is created: indent each of its lines by 2 spaces, below the line Resources:",
            "template.yaml:10:1: the resource Queue is at the left margin, where no resource is created: indent each of its lines by 2 spaces, below the line Resources:",
        ]
    );
}

#[test]
fn a_resource_inside_another_is_reported_and_the_references_to_it_are_not() {
    let found = template(
        "  A:\n    Type: T\n    Properties: { B: !Ref B }\n    B:\n      Type: AWS::T\n      Properties: {}\n",
    );
    assert_eq!(found, ["template.yaml:9:5: the resource B is inside A: indent it by 2 spaces"]);
}

#[test]
fn the_first_mistakes_are_listed_and_the_others_counted() {
    let mistakes = |count| vec![Mistake::of_file("a", "b"); count];
    assert_eq!(list(&mistakes(5)), vec!["workshop/bar/a: b"; 5]);
    assert_eq!(list(&mistakes(7))[4..], ["workshop/bar/a: b", "and 2 more, which may have the same cause"]);
}

#[test]
fn a_property_beside_the_properties_is_reported() {
    let found = template("  A:\n    Type: T\n    EventInvokeConfig: {}\n    Properties: {}\n");
    assert_eq!(
        found,
        [
            "template.yaml:8:5: EventInvokeConfig is beside the Properties of A, where it has no effect: a property is inside, indented by 6 spaces"
        ]
    );
}

#[test]
fn a_reference_to_nothing_is_reported() {
    let resources = "  Queue1:\n    Type: AWS::SQS::Queue\n    Condition: D\n    Properties:\n      A: !GetAtt Queue2.Arn\n      B: !Sub \"${P}-${X.Arn}-${!Y}-${AWS::Region}\"\n      C: !Ref P\n      D: !If [C, a, b]\n      E: { Ref: Q }\n      F: { Condition: { ArnEquals: {} } }\n";
    let found = template(resources);
    assert_eq!(
        found,
        [
            "template.yaml:8:16: there is no condition D",
            "template.yaml:10:10: there is no resource or parameter Queue2; did you mean Queue1?",
            "template.yaml:11:10: there is no resource or parameter X",
            "template.yaml:14:17: there is no resource or parameter Q",
        ]
    );
}
