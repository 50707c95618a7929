#!/usr/bin/env bash
# down.sh   Ends presso serve, and the emulator that make up started, and with it the stack. Other
# emulators keep running.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/serve.sh" stop
"$ROOT/scripts/emulator.sh" stop
rm -f "$LOCAL/env"
note "down"
