#!/usr/bin/env bash
# down.sh   Stops the emulator that make up started, and with it the stack. Other emulators keep
# running.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/emulator.sh" stop
rm -f "$LOCAL/env"
note "down"
