#!/usr/bin/env bash
# user-pool.sh   Deploys the stack STACK-pool, with a user pool as on AWS, for the tests of sign-in.
# Does nothing if the emulator has no Cognito.
. "$(dirname "$0")/common.sh"
. "$LOCAL/env"

if ! is_ministack "$AWS_ENDPOINT_URL"; then exit 0; fi
deploy_locally "$STACK-pool" "$BUILT/template.yaml" "Architecture=$(host_architecture)" \
  "Realtime=$(realtime)" "LiveAddress=$(live_address)"
