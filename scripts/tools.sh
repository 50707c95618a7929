#!/usr/bin/env bash
# Installs the pinned Python tools into .local/venv, unless they are there.
. "$(dirname "$0")/common.sh"

stamp=$VENV/requirements.sha256
wanted=$(sha256sum scripts/requirements.txt)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && "$VENV/bin/python" -c '' 2>/dev/null; then exit 0; fi

python=
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
  if [ -z "$candidate" ] || ! command -v "$candidate" >/dev/null 2>&1; then continue; fi
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || fail "Python 3.11 or newer is missing: install it, or name one with PYTHON=/path/to/python3"

say "Installing the Python tools into .local/venv (once)"
"$python" -m venv --clear "$VENV" || fail "no virtual environment could be made: install Python's venv module (Debian: python3-venv)"
"$VENV/bin/pip" install --quiet --no-deps --require-hashes --requirement scripts/requirements.txt ||
  fail "the Python tools could not be installed: is a package registry reachable?"
echo "$wanted" >"$stamp"
