#!/usr/bin/env bash
# Deploys a third stack for the tests of signing in, with a user pool as on AWS. Does nothing where
# the emulator has no Cognito.
. "$(dirname "$0")/common.sh"
. "$LOCAL/env"

if ! is_ministack "$AWS_ENDPOINT_URL"; then exit 0; fi
deploy_locally "$STACK-pool" "$BUILT/template.yaml" "Architecture=$(host_architecture)"
