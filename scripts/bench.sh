#!/usr/bin/env bash
# bench.sh [OPTION…]   builds the functions as they go to AWS, for x86_64, and measures them beside one that does nothing. --help: the options.
. "$(dirname "$0")/common.sh"

need_rust
"$ROOT/scripts/tools.sh"

# A target folder of its own: another profile in the same one would compile everything anew each time.
shipped=$TARGET_DIR/shipped
say "Building the functions as they are shipped (the first build takes very long)"
started=$SECONDS
CARGO_TARGET_DIR=$shipped nice cargo lambda build --quiet --release --x86-64 || exit 1
CARGO_TARGET_DIR=$shipped nice cargo lambda build --quiet --release --x86-64 --package noop || exit 1
note "built in $((SECONDS - started)) s"
nice cargo build --quiet --workspace --bin bench
exec "$TARGET_DIR/debug/bench" --built "$shipped/lambda" "$@"
