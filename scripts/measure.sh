#!/usr/bin/env bash
# measure.sh cost|growth [ARGUMENT…]   Starts the local emulator, deploys a separate stack and
# measures in it. For the arguments: target/debug/measure cost --help.
. "$(dirname "$0")/common.sh"

what=${1:-}
case $what in
  cost | growth) ;;
  *) fail "unknown measurement \"$what\": use cost or growth" ;;
esac
shift
"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# Always select the whole workspace: with another selection Cargo uses other features and compiles
# the SDKs again.
say "Compiling the measurement"
compile build --workspace --bins || fail "the workspace does not compile"

parameters=$LOCAL/parameters.yaml
if [ "$what" = growth ]; then
  # The limits that "measure growth" checks were set for a bar without realtime.
  parameters=$LOCAL/parameters-core.yaml
  REALTIME=none write_parameters "$LOCAL/keys/jwks.json" "$parameters" "$(host_architecture)"
fi
deploy_locally "$STACK-$what" "$BUILT/template.yaml" "file://$parameters"

say "Measuring in the stack $STACK-$what"
# .local/env sets API_URL to the address of the stack $STACK.
unset API_URL
exec "$TARGET_DIR/debug/measure" "$what" --stack "$STACK-$what" "$@"
