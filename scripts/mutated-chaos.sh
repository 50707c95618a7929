#!/usr/bin/env bash
# mutated-chaos.sh   Runs a short chaos run of the mutated code in $TREE, in separate stacks on the
# running emulator.
. "$(dirname "$0")/common.sh"
. "$LOCAL/env"

mkdir -p "$TREE/.local"
ln -sfn "$VENV" "$TREE/.local/venv"
ln -sfn "$LOCAL/keys" "$TREE/.local/keys"
cd "$TREE"
STACK=$STACK-mutated CHAOS=short ORDERS=40 exec make chaos
