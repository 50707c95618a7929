#!/usr/bin/env bash
# deploy.sh [CONFIG-ENV]   Builds the functions and deploys them to AWS, with an environment of
# samconfig.toml and the credentials of the shell.
. "$(dirname "$0")/common.sh"

environment=${1:-default}
[ "$environment" != local ] || fail "make up deploys to this machine; make deploy is for AWS"
[ -z "${AWS_ENDPOINT_URL:-}" ] ||
  fail "AWS_ENDPOINT_URL is set to $AWS_ENDPOINT_URL: unset it to deploy to AWS"
"$ROOT/scripts/build.sh" "$environment"
sam deploy --config-env "$environment"
