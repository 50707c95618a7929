#!/usr/bin/env bash
# Deploys a third stack for the test of signing in: as on AWS, with a user pool of its own. Nothing where the emulator has none.
. "$(dirname "$0")/common.sh"
. "$LOCAL/env"

if ! is_ministack "$AWS_ENDPOINT_URL"; then exit 0; fi
pool_stack=$STACK-pool
deploy_pool() { deploy_locally "$pool_stack" .aws-sam/build/template.yaml "Architecture=$(host_architecture)" "$@"; }
pool_id() {
  python - "$pool_stack" <<'PYTHON'
import boto3, sys

try:
    stack = boto3.client("cloudformation").describe_stacks(StackName=sys.argv[1])["Stacks"][0]
except boto3.exceptions.botocore.exceptions.ClientError:
    stack = {}
print(*(output["OutputValue"] for output in stack.get("Outputs", []) if output["OutputKey"] == "UserPoolId"))
PYTHON
}

# The pool's keys are at the emulator, not where AWS has them; where exactly is known once the pool is there.
if [ -z "$(pool_id)" ]; then deploy_pool; fi
pool=$(pool_id)
[ -n "$pool" ] || fail "the stack $pool_stack has no user pool: look into $LOCAL/deploy-$pool_stack.log"
deploy_pool "JwtJwksUrl=$AWS_ENDPOINT_URL/$pool/.well-known/jwks.json"
