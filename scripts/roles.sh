#!/usr/bin/env bash
# roles.sh   Compares what each role may do with what the end-to-end suite did with it. Runs the
# suite first, unless it passed since the emulator was started.
. "$(dirname "$0")/common.sh"

if [ "$EMULATOR" != ministack ] || [ -n "${AWS_ENDPOINT_URL:-}" ]; then
  fail "only the MiniStack that make up starts records what the roles do: unset EMULATOR and AWS_ENDPOINT_URL"
fi
[ "$(cat "$LOCAL/suite-passed" 2>/dev/null)" = "$STACK $(cat "$LOCAL/emulator.pid" 2>/dev/null)" ] ||
  "$ROOT/scripts/test.sh" end-to-end
. "$LOCAL/env"
say "Comparing what the roles of $STACK may do with what they did"
python -B "$ROOT/scripts/roles.py" --calls "$LOCAL/calls.jsonl" \
  --stack "$STACK" --stack "$STACK-short" --stack "$STACK-pool"
