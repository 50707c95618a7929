#!/usr/bin/env bash
# package.sh [FILE]   Builds the functions for arm64 and writes an archive:
# .local/serverlesspresso-VERSION-arm64.zip, or FILE. sam deploy deploys it, once unpacked, on a
# machine without Rust.

# common.sh changes the directory.
case ${1:-} in "" | /*) ;; *) set -- "$PWD/$1" ;; esac
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/arm64.sh" build
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
archive=${1:-$LOCAL/serverlesspresso-$version-arm64.zip}
say "Packaging"
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked" "$archive.new"' EXIT
python "$ROOT/scripts/package.py" "$TARGET_DIR/arm64/lambda" "$archive.new"
python -m zipfile -e "$archive.new" "$unpacked"
with_progress "$LOCAL/package.log" \
  sam validate --lint --region us-east-1 --template-file "$unpacked/serverlesspresso/template.yaml" || {
  tail -n 20 "$LOCAL/package.log" >&2
  fail "sam validate does not accept the template of the archive: see its output above"
}
mv "$archive.new" "$archive"
note "$(du -h "$archive" | cut -f1) in $archive"
