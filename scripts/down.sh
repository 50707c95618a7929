#!/usr/bin/env bash
# Stops the emulator that make up started, and with it the stack. An emulator that was started
# otherwise keeps running.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/emulator.sh" stop
rm -f "$LOCAL/env"
note "down"
