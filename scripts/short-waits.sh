#!/usr/bin/env bash
# short-waits.sh   Deploys a second stack for the tests of time-outs: the same template and
# workflow, in which customer and barista have only 8 s.
. "$(dirname "$0")/common.sh"
. "$LOCAL/env"

definition=$BUILT/order-processor-short-waits.asl.json
sed -e 's/"TimeoutSeconds": \(300\|900\)/"TimeoutSeconds": 8/' -e 's/ + \(300\|900\)000)/ + 8000)/' \
  statemachines/order-processor.asl.json >"$definition"
[ "$(grep -c '"TimeoutSeconds": 8' "$definition")" = 2 ] && [ "$(grep -c ' + 8000)' "$definition")" = 2 ] ||
  fail "statemachines/order-processor.asl.json no longer has two waits of 300 and 900 s: fix $0"
sed -e 's|DefinitionUri: .*order-processor.asl.json|DefinitionUri: order-processor-short-waits.asl.json|' \
  "$BUILT/template.yaml" >"$BUILT/template-short-waits.yaml"
grep -q 'DefinitionUri: order-processor-short-waits' "$BUILT/template-short-waits.yaml" ||
  fail "template.yaml no longer names the workflow in a DefinitionUri: fix $0"

deploy_locally "$STACK-short" "$BUILT/template-short-waits.yaml" "file://$LOCAL/parameters.yaml"
