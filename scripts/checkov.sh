#!/usr/bin/env bash
# checkov.sh   Checks template.yaml with Checkov. .checkov.yaml has the exceptions and their
# reasons.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/tools.sh"
# Checkov and the AWS CLI need different versions of boto3, so Checkov has its own environment.
folder=$LOCAL/checkov
stamp=$folder/requirements.sha256
wanted=$(sha256sum <scripts/requirements-checkov.txt)

install() {
  "$VENV/bin/uv" venv --quiet --clear --python "$VENV/bin/python" "$folder" || return
  VENV_OF=$folder install_python --requirement scripts/requirements-checkov.txt
}

if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  with_progress "$LOCAL/checkov.log" install || {
    tail -n 5 "$LOCAL/checkov.log" >&2
    fail "Checkov could not be installed; the output is in $LOCAL/checkov.log"
  }
  echo "$wanted" >"$stamp"
fi
exec "$folder/bin/checkov" --config-file .checkov.yaml
