// build.mjs [--check] [PAGE…]   Builds the pages, or those named, into functions/screens/pages.
// Fails if a page has more than 25 KB (gzip). --check: writes nothing, and also fails if a page
// differs from the committed one.
import { readFileSync } from "node:fs";
import { page, screens, sizeOf, target, write } from "./pages.mjs";

const LIMIT = 25 * 1024;

const check = process.argv.includes("--check");
const named = process.argv.slice(2).filter((word) => word !== "--check");

function committed(screen) {
  try {
    return readFileSync(target(screen), "utf8");
  } catch {
    return "";
  }
}

let refused = false;
for (const screen of named.length ? named : screens) {
  const text = check ? await page(screen) : await write(screen);
  const gzip = sizeOf(text);
  const kb = (n) => (n / 1024).toFixed(1).padStart(5);
  const note = gzip > LIMIT ? "  over the limit of 25 KB" : "";
  console.log(`${screen.padEnd(8)}${kb(Buffer.byteLength(text))} KB  ${kb(gzip)} KB gzip${note}`);
  refused ||= gzip > LIMIT;
  if (check && committed(screen) !== text) {
    console.error(`${screen}: the committed page differs from a new build: run \`make web-build\``);
    refused = true;
  }
}
process.exitCode = refused ? 1 : 0;
