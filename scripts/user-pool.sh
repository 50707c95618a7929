#!/usr/bin/env bash
# Deploys a third stack for the tests of signing in, with a user pool as on AWS. Does nothing where
# the emulator has no Cognito.
. "$(dirname "$0")/common.sh"
. "$LOCAL/env"

if ! is_ministack "$AWS_ENDPOINT_URL"; then exit 0; fi
pool_stack=$STACK-pool
deploy_pool() {
  deploy_locally "$pool_stack" "$BUILT/template.yaml" "Architecture=$(host_architecture)" "$@"
}
pool_id() {
  python - "$pool_stack" <<'PYTHON'
import boto3, sys

try:
    stack = boto3.client("cloudformation").describe_stacks(StackName=sys.argv[1])["Stacks"][0]
except boto3.exceptions.botocore.exceptions.ClientError:
    stack = {}
print(*(out["OutputValue"] for out in stack.get("Outputs", []) if out["OutputKey"] == "UserPoolId"))
PYTHON
}

# The pool's keys are served by the emulator, at an address that contains the pool's id.
if [ -z "$(pool_id)" ]; then deploy_pool; fi
pool=$(pool_id)
[ -n "$pool" ] || fail "the stack $pool_stack has no user pool: see $LOCAL/deploy-$pool_stack.log"
deploy_pool "JwtJwksUrl=$AWS_ENDPOINT_URL/$pool/.well-known/jwks.json"
