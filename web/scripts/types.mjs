// Generates the types of the API from openapi.yaml. --check: writes nothing, and fails if they
// differ from the committed ones.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { web } from "./pages.mjs";

const target = join(web, "src/core/openapi.gen.ts");
const source = pathToFileURL(process.env.OPENAPI ?? join(web, "..", "openapi.yaml"));
const head = "// Generated from openapi.yaml by `npm run types`.\n";
const text = head + astToString(await openapiTS(source, { defaultNonNullable: false }));
if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/core/openapi.gen.ts differs from openapi.yaml: run `npm run types`");
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
}
