#!/usr/bin/env bash
# tools.sh   Installs the pinned Python tools into .local/venv, unless they are installed.
. "$(dirname "$0")/common.sh"

stamp=$VENV/requirements.sha256
wanted=$(cat scripts/requirements-uv.txt scripts/requirements.txt | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && "$VENV/bin/python" -c '' 2>/dev/null; then exit 0; fi

python=
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
  if [ -z "$candidate" ] || ! command -v "$candidate" >/dev/null 2>&1; then continue; fi
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] ||
  fail "Python 3.11 or newer is missing: install it, or name one with PYTHON=/path/to/python3"

# uv installs in seconds; pip needs most of a minute.
install() {
  "$python" -m venv --clear "$VENV" || return
  "$VENV/bin/pip" install --no-deps --require-hashes --requirement scripts/requirements-uv.txt || return
  install_python --requirement scripts/requirements.txt
}

say "Installing the Python tools into .local/venv (once)"
log=$LOCAL/tools.log
started=$SECONDS
with_progress "$log" install || {
  tail -n 5 "$log" >&2
  fail "the Python tools could not be installed: a package registry must be reachable, and Python's \
venv module installed (Debian: python3-venv). The output is in $log"
}
echo "$wanted" >"$stamp"
note "installed in $((SECONDS - started)) s"
