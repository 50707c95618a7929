#!/usr/bin/env bash
# browser.sh   Prints the path of the Chromium for tests: CHROMIUM, or an installed one. Installs
# Debian's package if there is none and root runs this.
. "$(dirname "$0")/common.sh"

if [ -n "${CHROMIUM:-}" ]; then
  command -v "$CHROMIUM" || fail "CHROMIUM=$CHROMIUM is not a program"
  exit
fi

find_chromium() {
  local candidate
  for candidate in chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if command -v "$candidate"; then return; fi
  done
  return 1
}

install_chromium() {
  apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium
}

if find_chromium; then exit; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  fail "Chromium is missing: install it with your system's package manager, or name one with CHROMIUM=/path"
fi
say "Installing Debian's Chromium (once)" >&2
with_progress "$LOCAL/browser.log" install_chromium >&2 || {
  tail -n 5 "$LOCAL/browser.log" >&2
  fail "Chromium could not be installed; the output is in $LOCAL/browser.log"
}
find_chromium || fail "the package chromium is installed, but Chromium was not found"
