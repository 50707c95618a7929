// Serves the web pages with a proxy to a deployed API. After a source file is saved, rebuilds each
// page at the next request for it.
//   API_URL=… WEB_PORT=8090 npm run watch
import { createHash } from "node:crypto";
import { watch } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { page, screens, sizeOf, web } from "./pages.mjs";

const api = process.env.API_URL?.replace(/\/$/, "");
if (!api) throw new Error("API_URL must be the address of a deployed API");
const port = Number(process.env.WEB_PORT ?? 8090);
const folder = new URL(api).pathname.endsWith("/v1") ? "/v1" : "";

const built = new Map();
const dirty = new Set(screens);

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

function policy(html) {
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
  const script = /<script type="module">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    `connect-src 'self' ws: wss: ${process.env.SIGN_IN_HOSTS ?? ""}`,
    "img-src 'self' data:",
    "manifest-src data:",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ].join("; ");
}

async function current(screen) {
  if (dirty.delete(screen) || !built.has(screen)) {
    built.set(screen, await page(screen));
    console.log(`${screen}: ${(sizeOf(built.get(screen)) / 1024).toFixed(1)} KB gzip`);
  }
  return built.get(screen);
}

async function forward(request, response, rest) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = { ...request.headers };
  for (const name of ["host", "connection", "content-length", "origin"]) delete headers[name];
  const { method } = request;
  const body = method === "GET" || method === "HEAD" ? undefined : Buffer.concat(chunks);
  const answer = await fetch(api + rest, { method, headers, body, redirect: "manual" });
  const kept = [...answer.headers].filter(
    ([name]) => !/^(content-(encoding|length)|transfer-|connection)/.test(name),
  );
  response.writeHead(answer.status, Object.fromEntries(kept));
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/**
 * The page for a path, as in the function `screens`: two views of `barista` are separate pages.
 * `undefined` if the path is not that of a page.
 */
function screenAt(path) {
  const { pathname, searchParams } = new URL(path, "http://page");
  const [, name] = /^\/([a-z]*)\/?$/.exec(pathname) ?? [];
  const view = searchParams.get("view");
  if (name === "barista" && ["more", "admin"].includes(view)) return view;
  return name === "" ? "index" : ["order", "barista", "display", "bus"].includes(name) ? name : undefined;
}

async function serve(request, response) {
  const path = (request.url ?? "/").slice(folder.length);
  const screen = screenAt(path);
  if (request.method === "GET" && screen) {
    const html = await current(screen);
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy(html),
    });
    response.end(html);
  } else {
    await forward(request, response, path);
  }
}

for (const part of ["src", ...screens.map((screen) => `${screen}.html`)]) {
  watch(join(web, part), { recursive: part === "src" }, () => {
    for (const screen of screens) dirty.add(screen);
  });
}
createServer((request, response) => {
  serve(request, response).catch((error) => {
    console.error(error.message);
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
}).listen(port, "127.0.0.1", () => console.log(`http://localhost:${port}${folder}/`));
