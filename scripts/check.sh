#!/usr/bin/env bash
# Everything that can be said about the code without running it. A check that cannot be had says so.
. "$(dirname "$0")/common.sh"

need_rust
"$ROOT/scripts/tools.sh"
failed=()
not_run=()

# check NAME COMMAND…
check() {
  local name=$1
  shift
  say "$name"
  if "$@"; then note ok; else
    note FAILED
    failed+=("$name")
  fi
}

skip() {
  say "$1"
  note "did not run: $2"
  not_run+=("$1")
}

check "Formatting" cargo fmt --all --check
check "Lints" cargo clippy --workspace --all-targets --quiet -- -D warnings
check "Documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --quiet
# cfn-lint runs inside; the region only says whose rules apply.
check "Template" sam validate --lint --region us-east-1

check "Links of the documents" "$ROOT/scripts/links.py"
check "Mutations have their places" "$ROOT/scripts/mutations.py" --check

if [ "${INSTALL_CARGO_DENY:-}" = 1 ] && ! command -v cargo-deny >/dev/null 2>&1; then
  say "Installing cargo-deny"
  cargo install --locked --quiet cargo-deny || note "could not be installed"
fi
if command -v cargo-deny >/dev/null 2>&1; then
  check "Licences, bans and sources of dependencies" cargo deny --offline check --hide-inclusion-graph licenses bans sources
  if [ -n "$(ls -A "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs" 2>/dev/null)" ] || [ "${FETCH_ADVISORIES:-}" = 1 ]; then
    check "Known vulnerabilities" cargo deny check --hide-inclusion-graph advisories
  else
    skip "Known vulnerabilities" "no advisory database is here; FETCH_ADVISORIES=1 fetches it"
  fi
else
  skip "Licences, bans and sources of dependencies" "cargo-deny is missing; INSTALL_CARGO_DENY=1 installs it"
  skip "Known vulnerabilities" "cargo-deny is missing; INSTALL_CARGO_DENY=1 installs it"
fi
if command -v shellcheck >/dev/null 2>&1; then
  check "Scripts" shellcheck --external-sources --exclude=SC1091 scripts/*.sh .ci/run
else
  skip "Scripts" "shellcheck is missing"
fi

echo
[ ${#not_run[@]} -eq 0 ] || printf 'did not run: %s\n' "${not_run[@]}"
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
