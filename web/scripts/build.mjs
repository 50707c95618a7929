// Builds every page into functions/screens/pages and refuses one that is too heavy.
import { screens, write } from "./pages.mjs";

const AIM = 25 * 1024;
const LIMIT = 30 * 1024;

let heavy = false;
const chosen = process.argv.length > 2 ? process.argv.slice(2) : screens;
for (const screen of chosen) {
  const { bytes, gzip } = await write(screen);
  const kb = (n) => (n / 1024).toFixed(1).padStart(5);
  const note = gzip > LIMIT ? "  over the limit of 30 KB" : gzip > AIM ? "  over the aim of 25 KB" : "";
  console.log(`${screen.padEnd(8)}${kb(bytes)} KB  ${kb(gzip)} KB gzip${note}`);
  heavy ||= gzip > LIMIT;
}
process.exitCode = heavy ? 1 : 0;
