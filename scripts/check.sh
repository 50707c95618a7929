#!/usr/bin/env bash
# check.sh   Checks texts, Rust code, scripts and template, without a running stack. Lists the
# checks that could not run.
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

# The quick checks run first, so that a small mistake is reported within seconds.
check "Spelling" typos
check "Words to avoid" python -B scripts/words.py
check "Lengths of functions and files, widths of lines, dependencies of folders, READMEs" python -B scripts/tidy.py
check "Links of the documents" python -B scripts/links.py
check "Cargo features of tests and functions" scripts/features.py
check "Mutations occur once in their files" scripts/mutations.py --check
check "Rows of the field have their tests" scripts/field.py --check
check "Tests of the scripts" python -B -m unittest discover --quiet --start-directory scripts/tests
if git cat-file -e "${BASE:-4be55f2}^{commit}" 2>/dev/null; then
  check "Contract of the API, events and tables" python -B scripts/contract.py "${BASE:-4be55f2}"
else
  skip "Contract of the API, events and tables" \
    "commit ${BASE:-4be55f2} is not in this clone; fetch it (in a shallow clone: git fetch --unshallow)"
fi
if command -v shellcheck >/dev/null 2>&1; then
  check "Scripts" shellcheck scripts/*.sh .ci/run
else
  skip "Scripts" "shellcheck is missing: install it with your system's package manager"
fi
check "GitHub Actions" actionlint

check "Formatting" cargo fmt --all --check
check "Lints" cargo clippy --workspace --all-targets --quiet -- -D warnings
# --all-targets leaves this test out, because its manifest excludes it from `cargo test`.
check "Lints of the test model_expressions" cargo clippy --workspace --test model_expressions --quiet -- -D warnings
check "Documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --quiet
# sam validate runs cfn-lint. The region selects the rules of cfn-lint; nothing is deployed.
check "Template" sam validate --lint --region us-east-1
check "Template, by Checkov" scripts/checkov.sh

check "Licences, bans and sources of dependencies" cargo deny check --hide-inclusion-graph licenses bans sources
if compgen -G "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs/*/" >/dev/null || [ "${FETCH_ADVISORIES:-}" = 1 ]; then
  check "Known vulnerabilities" cargo deny check --hide-inclusion-graph advisories
else
  skip "Known vulnerabilities" "no advisory database is here; FETCH_ADVISORIES=1 fetches it"
fi

echo
[ ${#not_run[@]} -eq 0 ] || printf 'did not run: %s\n' "${not_run[@]}"
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
