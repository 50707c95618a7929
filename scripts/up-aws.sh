#!/usr/bin/env bash
# up-aws.sh   Deploys the learner's bar of the workshop to AWS, with the credentials in the
# environment. The stack accepts bearer tokens that presso signs, as on the local stack.
. "$(dirname "$0")/common.sh"

[ -z "${AWS_ENDPOINT_URL:-}" ] ||
  fail "AWS_ENDPOINT_URL is set to $AWS_ENDPOINT_URL: open a new shell to deploy to AWS"
"${PRESSO:?is set by presso workshop}" keys --dir "$LOCAL/keys" >/dev/null
"$ROOT/scripts/build.sh"
write_parameters "$LOCAL/keys/jwks.json" "$LOCAL/parameters.yaml" arm64
say "Deploying the stack $STACK to AWS"
sam deploy --stack-name "$STACK" --parameter-overrides "file://$LOCAL/parameters.yaml" "Release=$(release)"

cat >"$LOCAL/env" <<ENV
# Variables with which the AWS CLI and presso reach the bar on AWS: . workshop/env
export PRESSO_STACK=$STACK PRESSO_KEY='$LOCAL/keys/signing-key.pem'
export PATH='$TARGET_DIR/debug:$VENV/bin':"\$PATH"
unset AWS_ENDPOINT_URL API_URL PRESSO_URLS_OF
ENV
