// Builds the pages: one self-contained HTML file each, with one inline style and one inline module.
// The pages are committed, so they depend on nothing but the sources and the lockfile.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

export const web = dirname(dirname(fileURLToPath(import.meta.url)));
export const pagesFolder = join(web, "..", "functions", "screens", "pages");
export const screens = ["index", "order", "barista", "more", "admin", "display", "bus"];

const settings = (screen) => ({
  root: web,
  configFile: false,
  envDir: false,
  logLevel: "warn",
  publicDir: false,
  // Makes smaller pages than the automatic JSX runtime, which has a module of its own and passes
  // children as properties.
  oxc: {
    jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" },
    jsxInject: 'import { Fragment, h } from "preact";',
  },
  build: {
    write: false,
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { input: join(web, `${screen}.html`) },
  },
});

/** Builds a page and returns its text. */
export async function page(screen) {
  const { output } = await build(settings(screen));
  const text = (end) => output.filter((file) => file.fileName.endsWith(end));
  const scripts = text(".js");
  const styles = text(".css");
  const html = text(".html");
  if (scripts.length !== 1 || html.length !== 1 || styles.length > 1) {
    const names = output.map((file) => file.fileName).join(", ");
    throw new Error(`${screen}: not one script, one HTML file and at most one style sheet: ${names}`);
  }
  const script = scripts[0].code.trim().replaceAll("</script", "<\\/script");
  const style = styles.map((file) => String(file.source).trim()).join("");
  return inlined(String(html[0].source), script, style);
}

function inlined(html, script, style) {
  return html
    .replace(/\s*<script type="module"[^>]*src=[^>]*><\/script>/, "")
    .replace(/\s*<link rel="stylesheet"[^>]*>/, "")
    .replace("</head>", () => `<style>${style}</style>\n</head>`)
    .replace("</body>", () => `<script type="module">${script}</script>\n</body>`)
    .replace(/\n\s*\n/g, "\n");
}

export const sizeOf = (text) => gzipSync(text, { level: 9 }).length;

export const target = (screen) => join(pagesFolder, `${screen}.html`);

/** Builds a page, writes it to its file and returns its text. */
export async function write(screen) {
  const text = await page(screen);
  mkdirSync(pagesFolder, { recursive: true });
  writeFileSync(target(screen), text);
  return text;
}
