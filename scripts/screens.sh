#!/usr/bin/env bash
# screens.sh test|pictures|speed   Tries the screens of the running bar in Chromium: every state of
# web/states.json, the same with pictures in docs/screens, or weight and speed on a slow phone.
#   ONLY=word: tests with this word in their name
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"
[ "${1:-}" = speed ] || "$ROOT/scripts/user-pool.sh"
CHROMIUM=$("$ROOT/scripts/browser.sh")
export CHROMIUM ONLY="${ONLY:-}"
node=$ROOT/scripts/node.sh
"$node"

case ${1:-} in
  test)
    say "The screens in Chromium, against $API_URL"
    "$node" node test/browser/run.ts
    ;;
  pictures)
    say "Pictures of the screens into docs/screens"
    SCREENS_PICTURES=$ROOT/docs/screens "$node" node test/browser/run.ts
    ;;
  speed)
    say "Weight and speed of the screens on a slow phone"
    "$node" node test/browser/speed.ts
    ;;
  *) fail "usage: scripts/screens.sh test|pictures|speed" ;;
esac
