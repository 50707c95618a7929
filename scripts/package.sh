#!/usr/bin/env bash
# package.sh [FILE]   Builds the functions for arm64 and writes an archive that sam deploy deploys
# on a machine without Rust: .local/serverlesspresso-VERSION-arm64.zip, or FILE.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/arm64.sh" build
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
archive=${1:-$LOCAL/serverlesspresso-$version-arm64.zip}
say "Packaging"
python "$ROOT/scripts/package.py" "$TARGET_DIR/arm64/lambda" "$archive"
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
python -m zipfile -e "$archive" "$unpacked"
with_progress "$LOCAL/package.log" \
  sam validate --lint --region us-east-1 --template-file "$unpacked/serverlesspresso/template.yaml" || {
  tail -n 20 "$LOCAL/package.log" >&2
  fail "the template in the archive is not valid"
}
note "$(du -h "$archive" | cut -f1) in $archive"
