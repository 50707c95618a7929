#!/usr/bin/env bash
# workshop-site.sh   Builds a site of the workshop and of the other documents, then checks the links
# within it.
. "$(dirname "$0")/common.sh"

MDBOOK=0.5.4 MERMAID=0.17.1
books=${MDBOOK_FOLDER:-$LOCAL/mdbook}
source=$TARGET_DIR/workshop-site/source
site=$TARGET_DIR/workshop-site/site

need_rust
"$ROOT/scripts/tools.sh"
if [ "$(cat "$books/versions" 2>/dev/null)" != "$MDBOOK $MERMAID" ]; then
  say "Compiling mdBook (once)"
  # An optimised build takes minutes more, and saves only a second for these pages.
  CARGO_PROFILE_DEV_DEBUG=0 compile install --debug --locked --no-default-features --root "$books" \
    "mdbook@$MDBOOK" "mdbook-mermaid@$MERMAID" ||
    fail "mdBook could not be installed: is a package registry reachable?"
  echo "$MDBOOK $MERMAID" >"$books/versions"
fi
export PATH="$books/bin:$PATH"

say "Building the site"
rm -rf "$source" "$site"
"$ROOT/scripts/site.py" gather "$source"
mdbook-mermaid install "$source" >/dev/null 2>&1 || fail "the diagrams could not be prepared"
mdbook build "$source" --dest-dir "$site" >"$LOCAL/mdbook.log" 2>&1 || {
  cat "$LOCAL/mdbook.log" >&2
  fail "mdBook failed"
}
"$ROOT/scripts/site.py" check "$site"
note "open $site/index.html"
