"""Packages the functions of template.yaml on this machine, for an emulator.

  functions.py names                     prints the name of each function's program
  functions.py package PATTERN FOLDER    writes a package of each program, and a template with the
                                         packages; {} in PATTERN means the name of the program
  functions.py template FOLDER           writes the template alone, for packages that exist
  functions.py without CONDITION FROM TO writes a template without the resources and outputs that
                                         exist under the condition alone
  functions.py sync STACK FOLDER         updates those functions of a stack whose code differs from
                                         their packages

A local stack is deployed from these packages instead of from `sam build`, which would compile the
functions again, one after the other and with other features: see docs/adr/0017.
"""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

FUNCTION = re.compile(
    r"^  (\w+):\n    Type: AWS::Serverless::Function\n(?:    Condition: \w+\n)?"
    r"    Metadata: .*Binary: ([\w-]+).*\n    Properties:\n",
    re.MULTILINE,
)

# Properties that give a function an alias, and the indented lines below them.
ALIAS = re.compile(r"^      (?:# The API calls this alias.*|AutoPublish\w+:.*|DeploymentPreference:.*)\n(?:        .*\n)*", re.MULTILINE)


def functions(template):
    """Returns the logical id and the program of each function of the template."""
    found = FUNCTION.findall(template)
    if len(found) != template.count("Type: AWS::Serverless::Function"):
        form = "Type, perhaps Condition, Metadata with BuildProperties: { Binary: … } on one line, Properties"
        sys.exit(f"error: a function in template.yaml does not begin with these lines: {form}")
    return found


def stripped(program):
    """Returns the bytes of the program without symbols, which are half of a development build."""
    if sys.platform != "linux" or not shutil.which("strip"):
        return program.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / program.name
        subprocess.run(["strip", "-o", target, program], check=True)
        return target.read_bytes()


def package_one(program, target):
    """Writes the package of a program, unless it is up to date. Equal programs give equal bytes."""
    built = program.stat().st_mtime_ns
    if target.exists() and target.stat().st_mtime_ns == built:
        return
    entry = zipfile.ZipInfo("bootstrap")
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o755 << 16
    with zipfile.ZipFile(target, "w", compresslevel=1) as archive:
        archive.writestr(entry, stripped(program))
    os.utime(target, ns=(built, built))


def with_code(template, folder):
    """Returns the template with a package for each function. `folder` is empty or ends with a
    slash."""
    template = template.replace("    CodeUri: .\n", "", 1)
    return FUNCTION.sub(lambda found: f"{found[0]}      CodeUri: {folder}{found[2]}.zip\n", template)


def with_packages(template, root):
    """Returns the template with a package for each function and absolute paths to other files.

    The result has no aliases: they serve published versions, and `make sync` and the proofs update
    the code and the environment of the functions themselves. It has no budget, because emulators do
    not know this type of resource.
    """
    template = with_code(without(ALIAS.sub("", template), "HasBudget"), "")
    return re.sub(r"(DefinitionUri: )(statemachines/)", rf"\g<1>{root}/\g<2>", template)


def package(pattern, folder):
    folder.mkdir(parents=True, exist_ok=True)
    template = pathlib.Path("template.yaml").read_text()
    for _, name in functions(template):
        package_one(pathlib.Path(pattern.replace("{}", name)), folder / f"{name}.zip")
    write_template(template, folder)


def write_template(template, folder):
    (folder / "template.yaml").write_text(with_packages(template, pathlib.Path.cwd()))


def without(template, condition):
    """Returns the template without the resources and outputs that have the condition."""
    entries = re.split(r"(?m)^(?=  \w+:\n|\w+:)", template)
    return "".join(entry for entry in entries if f"\n    Condition: {condition}\n" not in entry)


def physical_ids(stack):
    import boto3

    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}


def sync(stack, folder):
    import boto3

    names, code, changed = physical_ids(stack), boto3.client("lambda"), []
    for logical_id, program in functions(pathlib.Path("template.yaml").read_text()):
        # Without realtime the stack has fewer functions.
        if logical_id not in names:
            continue
        packed = (folder / f"{program}.zip").read_bytes()
        digest = base64.b64encode(hashlib.sha256(packed).digest()).decode()
        name = names[logical_id]
        if code.get_function_configuration(FunctionName=name)["CodeSha256"] != digest:
            code.update_function_code(FunctionName=name, ZipFile=packed)
            changed.append((logical_id, name))
    for _, name in changed:
        code.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    print(f"   {', '.join(logical_id for logical_id, _ in changed) or 'nothing'} changed")


def main():
    match sys.argv[1:]:
        case ["names"]:
            print(*(name for _, name in functions(pathlib.Path("template.yaml").read_text())), sep="\n")
        case ["package", pattern, folder]:
            package(pattern, pathlib.Path(folder))
        case ["template", folder]:
            write_template(pathlib.Path("template.yaml").read_text(), pathlib.Path(folder))
        case ["without", condition, source, target]:
            pathlib.Path(target).write_text(without(pathlib.Path(source).read_text(), condition))
        case ["sync", stack, folder]:
            sync(stack, pathlib.Path(folder))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
