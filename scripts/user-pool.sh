#!/usr/bin/env bash
# Deploys a third stack for the test of signing in: as on AWS, with a user pool of its own. Nothing where the emulator has none.
. "$(dirname "$0")/common.sh"
. "$LOCAL/env"

if ! is_ministack "$AWS_ENDPOINT_URL"; then exit 0; fi
pool_stack=$STACK-pool
output() {
  aws cloudformation describe-stacks --stack-name "$pool_stack" --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text 2>/dev/null
}
deploy_pool() { deploy_locally "$pool_stack" .aws-sam/build/template.yaml "Architecture=$(host_architecture)" "$@"; }

# The pool's keys are at the emulator, not where AWS has them; where exactly is known once the pool is there.
if [ -z "$(output UserPoolId)" ]; then deploy_pool; fi
deploy_pool "JwtJwksUrl=$AWS_ENDPOINT_URL/$(output UserPoolId)/.well-known/jwks.json"
