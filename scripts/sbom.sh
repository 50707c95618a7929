#!/usr/bin/env bash
# sbom.sh   Writes the software bill of materials of each function into .local/sbom, in the format
# CycloneDX, and compares it with the crates that Cargo links.
. "$(dirname "$0")/common.sh"

need_rust
"$ROOT/scripts/tools.sh"
version=0.5.9
tools=$LOCAL/cargo
cyclonedx=$tools/bin/cargo-cyclonedx
if ! "$cyclonedx" cyclonedx --version 2>/dev/null | grep -qF " $version"; then
  say "Compiling cargo-cyclonedx (once)"
  compile install --debug --locked --force --root "$tools" "cargo-cyclonedx@$version" ||
    fail "cargo-cyclonedx could not be compiled"
fi

say "Writing the bills of materials"
# cargo-cyclonedx writes beside each Cargo.toml of the workspace, so it runs in a copy.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z -- .cargo Cargo.lock Cargo.toml rust-toolchain.toml crates functions proofs tests tools |
  tar --create --null --files-from - | tar --extract --directory "$copy"
written=$LOCAL/sbom
rm -rf "$written"
mkdir -p "$written"
(cd "$copy" && with_progress "$LOCAL/sbom.log" "$cyclonedx" cyclonedx --format json --spec-version 1.5 \
  --target aarch64-unknown-linux-gnu --no-build-deps) || {
  tail -n 5 "$LOCAL/sbom.log" >&2
  fail "the bills of materials could not be written; the output is in $LOCAL/sbom.log"
}
for name in $(python "$ROOT/scripts/functions.py" names); do
  mv "$copy/functions/$name/$name.cdx.json" "$written/"
done
python "$ROOT/scripts/sbom.py" "$written"
