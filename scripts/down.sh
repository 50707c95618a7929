#!/usr/bin/env bash
# Ends the emulator that make up started; with it goes the stack. What somebody else started is left alone.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/emulator.sh" stop
rm -f "$LOCAL/env"
note "down"
