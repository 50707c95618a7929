#!/usr/bin/env bash
# mutated-workflow.sh   Deploys the workflow definition of $TREE, the mutated copy of the code that
# mutations.py made, and runs every path of the model through it. Restores the shipped definition at
# the end.
. "$(dirname "$0")/common.sh"
. "$LOCAL/env"

kept=$LOCAL/mutations/shipped.json
put_back() {
  [ -f "$kept" ] || return 0
  python - "$kept" <<'PYTHON'
import boto3, json, sys

with open(sys.argv[1]) as file:
    boto3.client("stepfunctions").update_state_machine(**json.load(file))
PYTHON
  rm -f "$kept"
}
# An interrupted run may have left the mutated definition deployed.
put_back
trap put_back EXIT

python - "$TREE/statemachines/order-processor.asl.json" "$kept" "$PRESSO_STACK" <<'PYTHON'
import boto3, json, os, sys

mutated, kept, name = sys.argv[1:]
outputs = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
arn = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "OrderProcessorArn")
workflows = boto3.client("stepfunctions")
shipped = workflows.describe_state_machine(stateMachineArn=arn)["definition"]
with open(f"{kept}.new", "w") as file:
    json.dump({"stateMachineArn": arn, "definition": shipped}, file)
os.replace(f"{kept}.new", kept)
with open(mutated) as file:
    text = file.read()
tasks = json.loads(shipped)["States"]
for placeholder, value in {
    "${Partition}": arn.split(":")[1],
    "${AdmissionFunctionArn}": tasks["Admit"]["Arguments"]["FunctionName"],
    "${BusName}": tasks["Finish"]["Arguments"]["Entries"][0]["EventBusName"],
    "${ShopTable}": tasks["AssignNumber"]["Arguments"]["TableName"],
}.items():
    text = text.replace(placeholder, value)
workflows.update_state_machine(stateMachineArn=arn, definition=text)
PYTHON
cd "$TREE"
cargo test --quiet --workspace --test suite -- workflow_paths
