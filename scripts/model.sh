#!/usr/bin/env bash
# Explores the model of the bar, then asks the shipped expressions for every case that it met.
. "$(dirname "$0")/common.sh"

need_rust
say "Exploring the model"
cargo build --quiet --workspace --bin model
"$TARGET_DIR/debug/model"
"$ROOT/scripts/up.sh"
. "$LOCAL/env"
say "Asking the shipped expressions, on $AWS_ENDPOINT_URL"
cargo test --quiet --workspace --test model_expressions -- --nocapture
cargo test --quiet --workspace --test suite -- workflow_ways
