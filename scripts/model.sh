#!/usr/bin/env bash
# model.sh   Explores the model, then compares the shipped DynamoDB expressions and the workflow
# with the model in every case that the exploration meets.
. "$(dirname "$0")/common.sh"

need_rust
say "Compiling the model"
compile build --workspace --bin model || fail "the model does not compile"
say "Exploring the model"
"$TARGET_DIR/debug/model"
"$ROOT/scripts/up.sh"
. "$LOCAL/env"
say "Compiling the comparison"
compile test --workspace --no-run --test model_expressions --test suite || fail "it does not compile"
say "Comparing the shipped expressions on $AWS_ENDPOINT_URL"
with_heartbeat cargo test --quiet --workspace --test model_expressions -- --nocapture
with_heartbeat cargo test --quiet --workspace --test suite -- workflow_paths
