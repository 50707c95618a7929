"""sync.py STACK FOLDER RECORD   puts each function of FOLDER that is not the one of RECORD into the stack, and waits until it answers."""

import hashlib
import io
import json
import pathlib
import re
import sys
import zipfile

import boto3

LOGICAL_ID = re.compile(r"^  (\w+):\n    Type: AWS::Serverless::Function\n    Metadata: .*Binary: ([\w-]+)", re.MULTILINE)


def zipped(bootstrap):
    packed = io.BytesIO()
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(entry, bootstrap)
    return packed.getvalue()


def main():
    stack, folder, record = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    functions = LOGICAL_ID.findall(pathlib.Path("template.yaml").read_text())
    names = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        for resource in page["StackResourceSummaries"]
    }
    synced = json.loads(record.read_text()) if record.exists() else {}
    code = boto3.client("lambda")
    changed = []
    for logical_id, binary in functions:
        bootstrap = (folder / binary / "bootstrap").read_bytes()
        digest = f"{names[logical_id]} {hashlib.sha256(bootstrap).hexdigest()}"
        if synced.get(binary) != digest:
            code.update_function_code(FunctionName=names[logical_id], ZipFile=zipped(bootstrap))
            changed.append(logical_id)
            synced[binary] = digest
    for logical_id in changed:
        code.get_waiter("function_updated_v2").wait(FunctionName=names[logical_id], WaiterConfig={"Delay": 1})
    record.write_text(json.dumps(synced, indent=2))
    print(f"   {', '.join(changed) or 'nothing'} changed")


main()
