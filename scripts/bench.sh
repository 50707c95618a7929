#!/usr/bin/env bash
# bench.sh [build | OPTION…]   Builds the functions as for AWS, for x86_64, and compares their CPU
# time and memory with those of a no-op function. `build` only builds. --help lists the options.
. "$(dirname "$0")/common.sh"

need_rust
"$ROOT/scripts/tools.sh"

# The release profile has its own target folder. The build has a lower priority than other programs.
shipped=$TARGET_DIR/shipped
as_shipped() { CARGO_TARGET_DIR=$shipped nice cargo lambda build --release --x86-64 "$@"; }
say "Building the functions as for AWS (the first build takes many minutes)"
started=$SECONDS
for selected in "" "--package noop"; do
  # shellcheck disable=SC2086
  with_progress "$LOCAL/build.log" as_shipped $selected || {
    tail -n 20 "$LOCAL/build.log" >&2
    fail "the functions do not compile"
  }
done
note "built in $((SECONDS - started)) s"
[ "${1:-}" != build ] || exit 0
say "Compiling the bench"
compile build --workspace --bin bench || fail "the bench does not compile"
exec "$TARGET_DIR/debug/bench" --built "$shipped/lambda" "$@"
