"""Tests which parameters the rules of the template refuse. The emulators do not evaluate them."""

import unittest

import folder  # noqa: F401  finds the modules of scripts/
from test_template import transform

POOL = {"KeptUserPoolId": "eu-central-1_Bar", "KeptClientId": "a", "KeptPageClientId": "b"}

# Parameters, and the rule that refuses them.
REFUSED = [
    ({"JwtJwks": "{}"}, "CognitoHasKeysOfItsOwn"),
    ({"JwtJwksUrl": "https://issuer.example/keys"}, "CognitoHasKeysOfItsOwn"),
    (POOL | {"IdentityProvider": "external"}, "KeptUserPoolHasClients"),
    (POOL | {"KeptClientId": ""}, "KeptUserPoolHasClients"),
    (POOL | {"KeptPageClientId": ""}, "KeptUserPoolHasClients"),
    ({"MonthlyBudget": "50"}, "BudgetHasAnAddress"),
    ({"MailFrom": "bar@example.com"}, "SenderHasAnIdentity"),
]
ACCEPTED = [
    {},
    POOL,
    {"IdentityProvider": "external", "JwtJwks": "{}"},
    {"IdentityProvider": "local", "JwtJwks": "{}"},
    {"MonthlyBudget": "50", "BudgetEmail": "you@example.com"},
    {"MailFrom": "bar@example.com", "SesIdentityArn": "arn:aws:ses:eu-central-1:123456789012:identity/example.com"},
]


def value(node, parameters):
    """Evaluates a function of a rule."""
    if not isinstance(node, dict):
        return str(node)
    ((function, operands),) = node.items()
    if function == "Ref":
        return parameters[operands]
    found = [value(operand, parameters) for operand in operands]
    return {"Fn::Equals": lambda: found[0] == found[1], "Fn::Not": lambda: not found[0], "Fn::And": lambda: all(found)}[function]()


def refusing(template, **given):
    """Returns the rules that refuse these parameters."""
    defaults = {name: str(one["Default"]) for name, one in template["Parameters"].items()}
    parameters = defaults | given
    return {
        name
        for name, rule in template["Rules"].items()
        if value(rule["RuleCondition"], parameters)
        and not all(value(one["Assert"], parameters) for one in rule["Assertions"])
    }


@unittest.skipIf(transform is None, "SAM is not installed: make check installs it")
class Rules(unittest.TestCase):
    def setUp(self):
        self.template = transform.template()

    def test_each_rule_refuses_what_contradicts_it(self):
        for parameters, rule in REFUSED:
            self.assertEqual(refusing(self.template, **parameters), {rule}, parameters)
        self.assertEqual({rule for _, rule in REFUSED}, set(self.template["Rules"]))

    def test_no_rule_refuses_what_belongs_together(self):
        for parameters in ACCEPTED:
            self.assertEqual(refusing(self.template, **parameters), set(), parameters)

    def test_each_assertion_decides_a_case(self):
        for name, rule in self.template["Rules"].items():
            for number, assertion in enumerate(rule["Assertions"]):
                left = [one for one in rule["Assertions"] if one is not assertion]
                without = self.template | {"Rules": {name: rule | {"Assertions": left}}}
                cases = [parameters for parameters, refused in REFUSED if refused == name]
                self.assertTrue(any(not refusing(without, **parameters) for parameters in cases), (name, number))


if __name__ == "__main__":
    unittest.main()
