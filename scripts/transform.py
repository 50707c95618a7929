"""Transforms the template as CloudFormation does with SAM's transform."""

import logging
import os
import pathlib

from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ROOT = pathlib.Path(__file__).resolve().parents[1]


def template():
    """Returns the template before the transform."""
    return yaml_parse((ROOT / "template.yaml").read_text())


def transformed(**parameters):
    """Returns the resources of the transformed template."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    # The translator warns that it sent no usage metrics.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # Replaces local paths by addresses in S3, as `sam package` does.
    validator = SamTemplateValidator(template(), managed_policy_loader=None, region="us-east-1")
    validator._replace_local_codeuri()
    return Translator({}, Parser()).translate(validator.sam_template, parameters)["Resources"]


def of_type(resources, kind):
    """Returns the properties of the resources of a type, by their logical ids."""
    return {name: one.get("Properties", {}) for name, one in resources.items() if one["Type"] == kind}
