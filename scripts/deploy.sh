#!/usr/bin/env bash
# deploy.sh [CONFIG-ENV]   Prints account, region and stack, then builds the functions and deploys
# them to AWS, with an environment of samconfig.toml and the credentials of the shell. PARAMETERS
# adds parameters of the template: PARAMETERS="MonthlyBudget=50 BudgetEmail=you@example.com".
. "$(dirname "$0")/common.sh"

environment=${1:-default}
[ "$environment" != local ] || fail "make up deploys to this machine; make deploy is for AWS"
[ -z "${AWS_ENDPOINT_URL:-}" ] ||
  fail "AWS_ENDPOINT_URL is set to $AWS_ENDPOINT_URL: unset it to deploy to AWS"
"$ROOT/scripts/tools.sh"

settings=$(python "$ROOT/scripts/deployment.py" "$environment") || exit 1
{
  read -r stack
  read -r region || true
  mapfile -t parameters
} <<<"$settings"
region=${region:-$(aws configure get region 2>/dev/null || true)}
region=${AWS_DEFAULT_REGION:-$region}
[ -n "$region" ] || fail "no region is set: export AWS_REGION=eu-central-1, or another one"
account=$(aws sts get-caller-identity --query Account --output text) ||
  fail "there are no valid AWS credentials: see docs/operations.md"
say "Deploying the stack $stack to the account $account in $region"

"$ROOT/scripts/build.sh" "$environment"
read -r -d '' -a more <<<"${PARAMETERS:-}" || true
sam deploy --config-env "$environment" --region "$region" \
  --parameter-overrides "${parameters[@]}" "${more[@]}" "Release=$(release)"
note "presso finds this stack with: export PRESSO_STACK=$stack"
