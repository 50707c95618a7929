#!/usr/bin/env bash
# chaos.sh [ARGUMENT…]   Serves customers while calls to AWS fail at random, in a separate local
# stack. For the arguments: target/debug/chaos --help.
#
# CHAOS=short   a short run, for continuous integration
# ORDERS=200    the number of orders
# SEED=7        the seed of the faults of calls and deliveries, as a run prints it
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# Always select the whole workspace: with another selection Cargo uses other features and compiles
# the SDKs again.
say "Compiling the chaos run"
compile build --workspace --bins || fail "the workspace does not compile"

# The stack has no realtime: a lost push changes no order, and the next read of the page repairs it.
REALTIME=none write_parameters "$LOCAL/keys/jwks.json" "$LOCAL/parameters-core.yaml" "$(host_architecture)"
deploy_locally "$STACK-chaos" "$BUILT/template.yaml" "file://$LOCAL/parameters-core.yaml"

arguments=(--presso "$TARGET_DIR/debug/presso")
[ "${CHAOS:-}" != short ] || arguments+=(--short)
[ -z "${ORDERS:-}" ] || arguments+=(--orders "$ORDERS")
[ -z "${SEED:-}" ] || arguments+=(--seed "$SEED")
say "Chaos in the stack $STACK-chaos"
# .local/env sets API_URL to the address of the stack $STACK.
unset API_URL
PRESSO_STACK=$STACK-chaos exec "$TARGET_DIR/debug/chaos" "${arguments[@]}" "$@"
