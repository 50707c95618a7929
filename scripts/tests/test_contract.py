"""Tests that contract.py finds each kind of change, and which of them are additions."""

import json
import subprocess
import sys
import unittest

from folder import tree

import contract
import facts

OPENAPI = """
paths:
  /orders:
    get:
      operationId: listOrders
      security: [{ bearer: [] }]
      summary: Lists orders.
      parameters:
        - { name: status, in: query, schema: { type: string, enum: [open, closed] } }
      responses:
        "200":
          description: The orders.
          content: { application/json: { schema: { $ref: "#/components/schemas/Orders" } } }
        "404":
          content: { application/problem+json: { schema: { $ref: "#/components/schemas/Problem", properties: { code: { enum: [none] } } } } }
    put:
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } }
      responses: {}
components:
  schemas:
    Problem: { type: object, required: [code], properties: { code: { type: string } } }
    Order: { type: object, required: [drink], properties: { drink: { type: string, maxLength: 9 }, icon: { type: string } } }
    Orders: { type: array, items: { $ref: "#/components/schemas/Order" } }
"""
TEMPLATE = """
Parameters:
  Origin: { Type: String, Default: "*" }
Resources:
  OrdersTable:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: orderId, AttributeType: S }]
      KeySchema: [{ AttributeName: orderId, KeyType: HASH }]
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
      GlobalSecondaryIndexes:
        - IndexName: byStatus
          KeySchema: [{ AttributeName: status, KeyType: HASH }]
          Projection: { ProjectionType: INCLUDE, NonKeyAttributes: [drink, userId] }
Outputs:
  ApiUrl: { Value: !Ref Api }
"""
SCHEMA = {
    "title": "A",
    "type": "object",
    "properties": {"orderId": {"type": "string", "format": "uuid"}, "by": {"$ref": "#/$defs/By"}},
    "required": ["orderId"],
    "$defs": {"By": {"oneOf": [{"const": "customer"}, {"const": "barista"}]}},
}
SAMPLE = {"source": "bar", "detail-type": "A", "detail": {"orderId": "1", "list": [{"a": 1}]}}
ADAPTER = """
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    pub execution_arn: Option<HashMap<String, u8>>,
    #[serde(rename = "TaskToken")]
    pub token: String,
    #[serde(flatten)]
    pub order: Order,
}
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum News {
    Stale,
    Code {
        #[serde(default)]
        ends_at: Timestamp,
    },
}
const FLOOR: &str = "FLOOR";
fn f() {
    read("orderNumber, #status");
    call("SET #drink = :drink, reason = :reason", "attribute_not_exists(userId)").name("#drink", "drinkOrder");
    tracing::warn!("unseen");
}
#[cfg(test)]
mod tests { const A: &str = "test"; }
"""
WORKFLOW = {"States": {"A": {"Arguments": {"UpdateExpression": "ADD lastNumber :one"}}}}

FILES = {
    "openapi.yaml": OPENAPI,
    "template.yaml": TEMPLATE,
    "schemas/A.json": json.dumps(SCHEMA),
    "schemas/Validator.NewOrder.json": json.dumps(SCHEMA),
    "events/A.json": json.dumps(SAMPLE),
    "crates/adapters/src/item.rs": ADAPTER,
    "statemachines/a.json": json.dumps(WORKFLOW),
}

# File, replaced text, new text, printed lines, and True if the change is an addition.
CHANGES = [
    ("openapi.yaml", "Lists orders", "Answers with orders", [], True),
    ("openapi.yaml", "listOrders", "orders", ["changed: GET /orders: operationId: listOrders is now orders"], False),
    ("openapi.yaml", "[{ bearer: [] }]", "[{ bearer: [] }, { guest: [] }]", ["changed: GET /orders: security: also {'guest': []}"], True),
    ("openapi.yaml", "[{ bearer: [] }]", "[{ guest: [] }]", [
        "changed: GET /orders: security: also {'guest': []}",
        "changed: GET /orders: security: no longer {'bearer': []}",
    ], False),
    ("openapi.yaml", "[{ bearer: [] }]", "[]", ["changed: GET /orders: security: {'bearer': []} is now "], False),
    ("openapi.yaml", "/orders:", "/order:", ["added: GET /order", "added: PUT /order", "removed: GET /orders", "removed: PUT /orders"], False),
    ("openapi.yaml", "    put:", "    post:", ["added: POST /orders", "removed: PUT /orders"], False),
    ("openapi.yaml", "[open, closed]", "[open, closed, all]", ["changed: GET /orders query status: also all"], True),
    ("openapi.yaml", "[open, closed]", "[open]", ["changed: GET /orders query status: no longer closed"], False),
    ("openapi.yaml", "in: query,", "in: query, required: true,", ["changed: GET /orders query status: required"], False),
    ("openapi.yaml", '"404":', '"409":', ["added: GET /orders 409", "removed: GET /orders 404"], False),
    ("openapi.yaml", "[none]", "[none, other]", ["changed: GET /orders 404 application/problem+json .code: also other"], True),
    ("openapi.yaml", "icon:", "size:", [
        "added: GET /orders 200 application/json [] .size",
        "added: PUT /orders body application/json .size",
        "removed: GET /orders 200 application/json [] .icon",
        "removed: PUT /orders body application/json .icon",
    ], False),
    ("openapi.yaml", "maxLength: 9", "maxLength: 8", [
        "changed: GET /orders 200 application/json [] .drink: maxLength: 9 is now 8",
        "changed: PUT /orders body application/json .drink: maxLength: 9 is now 8",
    ], False),
    ("schemas/A.json", '"title": "A"', '"title": "B", "description": "x"', [], True),
    ("schemas/A.json", '"orderId": {', '"at": {}, "orderId": {', ["added: schema A .at"], True),
    ("schemas/A.json", '"by":', '"closedBy":', ["added: schema A .closedBy", "removed: schema A .by"], False),
    ("schemas/A.json", "uuid", "date", ["changed: schema A .orderId: format: uuid is now date"], False),
    ("schemas/A.json", '"barista"', '"system"', ["changed: schema A .by: also system", "changed: schema A .by: no longer barista"], False),
    ("schemas/A.json", '["orderId"]', "[]", ["changed: schema A .orderId: no longer required"], False),
    ("schemas/A.json", '["orderId"]', '["orderId", "by"]', ["changed: schema A .by: required"], True),
    ("schemas/Validator.NewOrder.json", '["orderId"]', '["orderId", "by"]', ["changed: schema Validator.NewOrder .by: required"], False),
    ("events/A.json", '"a": 1', '"b": 1', ["added: sample A .detail .list [] .b", "removed: sample A .detail .list [] .a"], False),
    ("events/A.json", '"source": "bar"', '"source": "cafe"', ["changed: sample A: source: bar is now cafe"], False),
    ("template.yaml", "ApiUrl", "Url", ["added: output Url", "removed: output ApiUrl"], False),
    ("template.yaml", "Outputs:", "Outputs:\n  Bus: { Value: x }", ["added: output Bus"], True),
    ("template.yaml", 'Default: "*"', 'Default: ""', ["changed: parameter Origin: default: * is now "], False),
    ("template.yaml", "Parameters:", "Parameters:\n  Key: { Type: String }", ["added: parameter Key"], False),
    ("template.yaml", "Parameters:", 'Parameters:\n  Key: { Type: String, Default: "" }', ["added: parameter Key"], True),
    ("template.yaml", "[drink, userId]", "[drink]", ["removed: table OrdersTable index byStatus userId"], False),
    ("template.yaml", "ttl", "expires", ["changed: table OrdersTable: expires by: ttl is now expires"], False),
    ("template.yaml", "[{ AttributeName: orderId, KeyType: HASH }]", "[{ AttributeName: id, KeyType: HASH }]", [
        "changed: table OrdersTable: key: orderId HASH is now id HASH",
    ], False),
    ("crates/adapters/src/item.rs", "execution_arn", "execution", ["added: name execution", "removed: name executionArn"], False),
    ("crates/adapters/src/item.rs", '"TaskToken"', '"Token"', ["added: name Token", "removed: name TaskToken"], False),
    ("crates/adapters/src/item.rs", '"drinkOrder"', '"order"', ["added: name order", "removed: name drinkOrder"], False),
    ("crates/adapters/src/item.rs", "Stale,", "Old,", ["added: name old", "removed: name stale"], False),
    ("crates/adapters/src/item.rs", "ends_at", "end", ["added: name end", "removed: name endsAt"], False),
    ("crates/adapters/src/item.rs", '"kind"', '"type"', ["added: name type", "removed: name kind"], False),
    ("crates/adapters/src/item.rs", '"orderNumber,', '"number,', ["added: name number", "removed: name orderNumber"], False),
    ("crates/adapters/src/item.rs", '"FLOOR"', '"STATE"', ["added: name STATE", "removed: name FLOOR"], False),
    ("crates/adapters/src/item.rs", "reason =", "cause =", ["added: name cause", "removed: name reason"], False),
    ("crates/adapters/src/item.rs", "exists(userId)", "exists(person)", ["added: name person", "removed: name userId"], False),
    ("crates/adapters/src/item.rs", "unseen", "other", [], True),
    ("crates/adapters/src/item.rs", '"test"', '"other"', [], True),
    ("statemachines/a.json", "lastNumber", "number", ["added: name number", "removed: name lastNumber"], False),
]


class Contract(unittest.TestCase):
    def facts(self, **changed):
        return facts.facts_of(tree(self, {**FILES, **changed}))

    def test_each_change_is_found_and_classified(self):
        before = self.facts()
        for file, find, replace, lines, adds in CHANGES:
            with self.subTest(file=file, find=find, replace=replace):
                self.assertIn(find, FILES[file])
                after = self.facts(**{file: FILES[file].replace(find, replace)})
                found = dict(contract.changes(before, after))
                self.assertEqual(sorted(found), sorted(lines))
                self.assertEqual(all(found.values()), adds)

    def test_a_narrower_answer_is_an_addition_and_a_narrower_request_is_not(self):
        for name in sorted(contract.NARROWING):
            for sent_by_caller in (False, True):
                with self.subTest(name=name, sent_by_caller=sent_by_caller):
                    self.assertEqual([adds for _, adds in contract.keyword_changes(name, None, 1, sent_by_caller)], [not sent_by_caller])
                    self.assertEqual([adds for _, adds in contract.keyword_changes(name, 1, 2, sent_by_caller)], [False])

    def test_only_a_whole_line_between_backticks_is_recorded(self):
        text = "- `removed: name takers`: a reason.\n- `changed: GET /a: format: None is now\n  name`\n"
        recorded = contract.recorded_lines(text)
        self.assertEqual(recorded, {"removed: name takers", "changed: GET /a: format: None is now name"})
        self.assertNotIn("removed: name take", recorded)

    def test_help_is_printed_and_is_no_error(self):
        result = subprocess.run([sys.executable, "-B", contract.__file__, "--help"], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("contract.py [REVISION]", result.stdout)

    def test_a_type_that_refers_to_itself_is_read_once(self):
        schema = {"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}}}
        self.assertEqual(len(facts.facts_of(tree(self, {"schemas/A.json": json.dumps(schema)}))), 2)


if __name__ == "__main__":
    unittest.main()
