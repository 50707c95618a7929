#!/usr/bin/env bash
# test.sh [end-to-end]   Runs all tests of `cargo test`, or only those that need the local stacks.
# Deploys the stacks first. THREADS is the number of tests at once. If at most five tests of the
# suite and no others fail, these run again, one after the other: on a busy machine the emulator
# misses deadlines. A test that then passes is reported as unsteady.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
"$ROOT/scripts/short-waits.sh"
"$ROOT/scripts/user-pool.sh"
. "$LOCAL/env"

# Always select the whole workspace: with another selection Cargo uses other features and compiles
# the SDKs again.
selected=(--workspace)
title="Unit tests and end-to-end tests"
if [ "${1:-all}" = end-to-end ]; then
  selected+=(--test suite --test admission_conditions)
  title="End-to-end tests"
fi
rm -f "$LOCAL/suite-passed"
say "Compiling the tests"
started=$SECONDS
compile test --no-run "${selected[@]}" || fail "the tests do not compile"
note "compiled in $((SECONDS - started)) s"
say "$title against $AWS_ENDPOINT_URL"
color=never
if [ -t 1 ]; then color=always; fi
log=$LOCAL/tests.log

# again NAME   Runs a test of the suite alone, and fails unless it ran and passed.
again() {
  with_heartbeat cargo test --workspace --test suite -- --color never --exact "$1" | tee "$LOCAL/again.log" &&
    grep -qE "^test $1 +\.\.\. ok$" "$LOCAL/again.log"
}

# Runs the failed tests again, if they are at most five and all belong to the suite.
run_failed_again() {
  local plain failed name
  plain=$(sed -E "s/$COLOR//g" "$log")
  [ "$(grep -oE 'to rerun pass .*' <<<"$plain" | sort -u)" = "to rerun pass \`-p end-to-end --test suite\`" ] || return
  mapfile -t failed < <(grep -E '^test [a-z0-9_:]+ +\.\.\. FAILED$' <<<"$plain" | awk '{ print $2 }')
  [ ${#failed[@]} -gt 0 ] && [ ${#failed[@]} -le 5 ] || return
  say "Tests that failed and run again, one after the other: ${#failed[@]}"
  for name in "${failed[@]}"; do again "$name" || return; done
  for name in "${failed[@]}"; do echo "UNSTEADY: $name failed once, then passed"; done
}

with_heartbeat cargo test --no-fail-fast --color "$color" "${selected[@]}" -- --color "$color" \
  ${THREADS:+--test-threads "$THREADS"} | tee "$log" || run_failed_again || fail "tests failed; $log has the output"
# roles.sh compares what was recorded since this emulator was started.
echo "$STACK $(cat "$LOCAL/emulator.pid" 2>/dev/null)" >"$LOCAL/suite-passed"
