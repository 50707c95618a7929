"""Reads the contract of a tree as facts. A fact has a location, such as ("GET /orders", "200"), and
the keywords that hold there.

Texts for people are left out. The names in the code are:

- each field of a struct, and each variant of an enum with its fields and tag, of crates/adapters
  and crates/domain that serde reads or writes;
- in crates/adapters, each string that is one word in camel case (an attribute of a table) or in
  capitals (a key), and each word of a DynamoDB expression except keywords, functions and
  placeholders. Strings in tests, in attributes of Rust such as #[serde(...)], in log lines, in an
  AdapterError and in unwrap_or do not count;
- each such word in the DynamoDB expressions of statemachines/*.json.
"""

import json
import re
from dataclasses import dataclass

import yaml

from sources import closing, scan_rust

# Keywords that are not compared, most of them texts for people. Then the keywords that schema_facts
# reads one by one.
TEXTS = {"title", "description", "summary", "example", "examples", "$comment", "$schema", "deprecated", "tags"}
TAKEN_APART = {"$ref", "$defs", "properties", "required", "items", "allOf", "oneOf", "anyOf", "additionalProperties"}
METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
# Events that other producers may publish. All others are published only by this stack.
PUBLISHED_BY_OTHERS = {"Validator.NewOrder"}
EXPRESSION = re.compile(r"(?<!\w):[a-z]\w*|\battribute_(?:not_)?exists\b|^(?:SET|ADD|REMOVE) ")
PROJECTION = re.compile(r"#?[a-z]\w*(?:, #?[a-z]\w*)+")
EXPRESSION_WORD = re.compile(r"(?<![:#\w{])[a-z]\w*(?!\w*\()")
MEMBER = re.compile(r"(?:\s*#\[[^\]]*\])*\s*(?:pub(?:\([^)]*\))?\s+)?(?:r#)?(\w+)")
FIELDS = re.compile(r"\s*\{")
CODE = ("crates/adapters/src/", "crates/domain/src/")


@dataclass
class Fact:
    """The keywords at one location. `sent_by_caller`: a caller or another producer sends the value,
    so a stricter rule breaks the sender."""

    keywords: dict
    sent_by_caller: bool = False


class Loader(yaml.SafeLoader):
    """Reads a short form of CloudFormation, such as !Ref, as text, and each mapping as a dict."""


# SAM's reader of YAML, once imported, makes each mapping of SafeLoader an OrderedDict.
Loader.add_constructor(Loader.DEFAULT_MAPPING_TAG, yaml.SafeLoader.construct_yaml_map)
Loader.add_multi_constructor("!", lambda loader, tag, node: f"!{tag} {node.value}")


def add(facts, location, keywords, sent_by_caller=False):
    known = facts.setdefault(location, Fact({}, sent_by_caller)).keywords
    required = known.get("required", False) or keywords.get("required", False)
    known.update(keywords)
    if "required" in known:
        known["required"] = required


def resolve(document, reference):
    target = document
    for part in reference.removeprefix("#/").split("/"):
        target = target[part.replace("~1", "/").replace("~0", "~")]
    return target


def resolved(document, node):
    """Returns the target of a reference, merged with the keywords beside the reference."""
    if "$ref" not in node:
        return node
    return {**resolved(document, resolve(document, node["$ref"])), **{name: one for name, one in node.items() if name != "$ref"}}


def schema_facts(facts, location, schema, document, sent_by_caller, seen=()):
    """Adds the keywords of a JSON Schema at `location`, and of each schema within it."""
    if not isinstance(schema, dict):
        add(facts, location, {"schema": schema}, sent_by_caller)
        return
    reference = schema.get("$ref")
    if reference and reference not in seen:
        schema_facts(facts, location, resolve(document, reference), document, sent_by_caller, (*seen, reference))
    add(facts, location, {name: one for name, one in schema.items() if name not in TEXTS | TAKEN_APART}, sent_by_caller)

    def within(name, one):
        schema_facts(facts, (*location, name), one, document, sent_by_caller, seen)

    for name, one in schema.get("properties", {}).items():
        within(f".{name}", one)
    for name in schema.get("required", []):
        add(facts, (*location, f".{name}"), {"required": True}, sent_by_caller)
    if "items" in schema:
        within("[]", schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        within("{}", schema["additionalProperties"])
    elif "additionalProperties" in schema:
        add(facts, location, {"additionalProperties": schema["additionalProperties"]}, sent_by_caller)
    for one in schema.get("allOf", []):
        schema_facts(facts, location, one, document, sent_by_caller, seen)
    for choice in ("oneOf", "anyOf"):
        choices = schema.get(choice, [])
        if choices and all("const" in one for one in choices):
            add(facts, location, {"enum": [one["const"] for one in choices]}, sent_by_caller)
        else:
            for number, one in enumerate(choices, 1):
                within(f"{choice} {number}", one)


def content_facts(facts, location, content, document, sent_by_caller):
    for media_type, one in content.items():
        schema_facts(facts, (*location, media_type), one.get("schema", {}), document, sent_by_caller)


def operation_facts(facts, location, operation, document):
    security = operation.get("security", document.get("security"))
    add(facts, location, {"operationId": operation.get("operationId"), "security": security})
    for parameter in operation.get("parameters", []):
        parameter = resolved(document, parameter)
        named = (*location, f"{parameter['in']} {parameter['name']}")
        schema_facts(facts, named, parameter.get("schema", {}), document, sent_by_caller=True)
        add(facts, named, {"required": parameter.get("required", False)}, sent_by_caller=True)
    if "requestBody" in operation:
        body = resolved(document, operation["requestBody"])
        add(facts, (*location, "body"), {"required": body.get("required", False)}, sent_by_caller=True)
        content_facts(facts, (*location, "body"), body.get("content", {}), document, sent_by_caller=True)
    for status, response in operation.get("responses", {}).items():
        response = resolved(document, response)
        add(facts, (*location, status), {})
        content_facts(facts, (*location, status), response.get("content", {}), document, sent_by_caller=False)
        for name, header in response.get("headers", {}).items():
            schema_facts(facts, (*location, status, f"header {name}"), resolved(document, header).get("schema", {}), document, False)


def api_facts(facts, document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                shared = item.get("parameters", [])
                operation = {**operation, "parameters": [*shared, *operation.get("parameters", [])]}
                operation_facts(facts, (f"{method.upper()} {path}",), operation, document)


def sample_facts(facts, location, value):
    add(facts, location, {"type": type(value).__name__})
    if isinstance(value, dict):
        for name, one in value.items():
            sample_facts(facts, (*location, f".{name}"), one)
    elif isinstance(value, list) and value:
        sample_facts(facts, (*location, "[]"), value[0])


def event_facts(facts, tree):
    for file in tree.with_suffix(".json"):
        if str(file.parent) == "schemas":
            schema = json.loads(tree.text(file))
            schema_facts(facts, (f"schema {file.stem}",), schema, schema, file.stem in PUBLISHED_BY_OTHERS)
        elif str(file.parent) == "events":
            sample = json.loads(tree.text(file))
            sample_facts(facts, (f"sample {file.stem}",), sample)
            add(facts, (f"sample {file.stem}",), {"source": sample["source"], "detail-type": sample["detail-type"]})


def keys(one):
    return [f"{key['AttributeName']} {key['KeyType']}" for key in one["KeySchema"]]


def table_facts(facts, location, table):
    """Adds the keys, attributes and indexes of a table of the template."""
    stream = table.get("StreamSpecification", {}).get("StreamViewType")
    expires = table.get("TimeToLiveSpecification", {}).get("AttributeName")
    add(facts, location, {"key": keys(table), "stream": stream, "expires by": expires})
    for attribute in table["AttributeDefinitions"]:
        add(facts, (*location, f"key attribute {attribute['AttributeName']}"), {"type": attribute["AttributeType"]})
    for index in table.get("GlobalSecondaryIndexes", []):
        named = (*location, f"index {index['IndexName']}")
        add(facts, named, {"key": keys(index), "projection": index["Projection"]["ProjectionType"]})
        for attribute in index["Projection"].get("NonKeyAttributes", []):
            add(facts, (*named, attribute), {})


def template_facts(facts, template):
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            table_facts(facts, (f"table {name}",), resource["Properties"])
    for name, parameter in template.get("Parameters", {}).items():
        keywords = {"type": parameter["Type"], "default": parameter.get("Default"), "required": "Default" not in parameter}
        if "AllowedValues" in parameter:
            keywords["enum"] = parameter["AllowedValues"]
        add(facts, (f"parameter {name}",), keywords, sent_by_caller=True)
    for name, output in template.get("Outputs", {}).items():
        add(facts, (f"output {name}",), {"condition": output.get("Condition")})


def cased(name, style):
    words = re.findall(r"[A-Z]?[a-z0-9]+", name) if "_" not in name else name.split("_")
    words = [word.lower() for word in words]
    if style == "camelCase":
        return words[0] + "".join(word.capitalize() for word in words[1:])
    joined = {"PascalCase": "".join(map(str.capitalize, words)), "lowercase": "".join(words), "kebab-case": "-".join(words)}
    joined["snake_case"] = "_".join(words)
    return joined.get(style, "_".join(words).upper() if style == "SCREAMING_SNAKE_CASE" else name)


def members(code, opening):
    """Yields each field of a struct or each variant of an enum: its start, with attributes, the
    match of its name, and its end."""
    end, depth, start = closing(code, opening), 0, opening + 1
    for offset in range(opening + 1, end + 1):
        depth += {"{": 1, "(": 1, "[": 1, "<": 1, "}": -1, ")": -1, "]": -1, ">": -1}.get(code[offset], 0)
        if offset == end or (code[offset] == "," and depth == 0):
            name = MEMBER.match(code, start, offset)
            if name:
                yield start, name, offset
            start = offset + 1


def setting(attributes, name):
    """Returns the value of a setting of serde, such as rename_all; empty if it is not set."""
    found = re.search(rf'serde\([^]]*\b{name}\s*=\s*"([^"]+)"', attributes)
    return found[1] if found else ""


def member_names(code, text, opening, style, style_of_fields=""):
    for start, name, end in members(code, opening):
        own = text[start : name.start(1)]
        if re.search(r"serde\([^]]*\b(?:flatten|skip)\b", own):
            continue
        yield setting(own, "rename") or cased(name[1], style)
        fields = FIELDS.match(code, name.end(), end)
        if fields:
            own_style = setting(own, "rename_all") or style_of_fields
            yield from member_names(code, text, fields.end() - 1, own_style)


def serde_names(text):
    scanned = scan_rust(text)
    for match in re.finditer(r"\b(?:struct|enum)\s+\w+[^;{(]*\{", scanned.code):
        before = max(scanned.code.rfind(mark, 0, match.start()) for mark in "};")
        attributes = text[before + 1 : match.start()]
        if not re.search(r"derive\([^)]*\b(?:Des|S)erialize\b", attributes):
            continue
        yield from filter(None, [setting(attributes, "tag"), setting(attributes, "content")])
        styles = setting(attributes, "rename_all"), setting(attributes, "rename_all_fields")
        yield from member_names(scanned.code, text, match.end() - 1, *styles)


def without_tests(text):
    """Returns the text before the first #[cfg(test)]."""
    return re.split(r"#\[cfg\(test\)\]", text)[0]


def attribute_strings(text):
    """Yields the strings that may contain names of a table."""
    scanned = scan_rust(text)
    said = re.compile(r"#!?\[|\b(?:trace|debug|info|warn|error)!\(|\bAdapterError::\w+\(|\bunwrap_or\(")
    spans = [(match.start(), closing(scanned.code, match.end() - 1)) for match in said.finditer(scanned.code)]
    for offset, string in scanned.strings:
        if not any(start < offset < end for start, end in spans):
            yield string


def names_in_string(string):
    if re.fullmatch(r"[a-z]+(?:[A-Z][a-z0-9]*)*|[A-Z]{3,}#?", string):
        return {string}
    if PROJECTION.fullmatch(string):
        return {word for word in string.split(", ") if not word.startswith("#")}
    if EXPRESSION.search(string):
        return set(EXPRESSION_WORD.findall(re.sub(r"\{[^}]*\}", " ", string)))
    return set()


def expressions(value):
    """Yields the strings of a workflow that are DynamoDB expressions."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name.endswith("Expression") and isinstance(one, str):
                yield one
            yield from expressions(one)
    elif isinstance(value, list):
        for one in value:
            yield from expressions(one)


def names_in_code(tree):
    names = set()
    for file in tree.with_suffix(".rs"):
        if str(file).startswith(CODE) and not file.name.endswith("tests.rs"):
            text = without_tests(tree.text(file))
            names.update(serde_names(text))
            if str(file).startswith(CODE[0]):
                names.update(*map(names_in_string, attribute_strings(text)))
    for file in tree.with_suffix(".json"):
        if str(file.parent) == "statemachines":
            names.update(*map(names_in_string, expressions(json.loads(tree.text(file)))))
    return names


def facts_of(tree):
    facts = {}
    texts = {str(file): tree.text(file) for file in tree.files if str(file) in {"openapi.yaml", "template.yaml"}}
    if "openapi.yaml" in texts:
        api_facts(facts, yaml.load(texts["openapi.yaml"], Loader))
    if "template.yaml" in texts:
        template_facts(facts, yaml.load(texts["template.yaml"], Loader))
    event_facts(facts, tree)
    for name in names_in_code(tree):
        add(facts, (f"name {name}",), {})
    return facts
