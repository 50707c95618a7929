// Signing in at the stack's own user pool: staff and customers, from the form of the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { device, open, withBrowser } from "./support/browser.ts";
import { expect } from "./support/expect.ts";
import { cognito, EMAILED, PASSWORD, Pool } from "./support/pool.ts";
import { state } from "./support/states.ts";
import { until } from "./support/wait.ts";

withBrowser();

const found = await Pool.find();
const only = { skip: found ? false : "no stack with a user pool is deployed" };

/** The user pool, with a new open shop. */
async function start(settings = {}): Promise<Pool> {
  const pool = await Pool.find();
  assert.ok(pool);
  await pool.open(settings);
  return pool;
}

/** Calls of the page to the user pool from now on. */
function calls(page: Page): { action: string; body: Record<string, string> }[] {
  const sent: { action: string; body: Record<string, string> }[] = [];
  page.on("request", (request) => {
    const target = request.headers()["x-amz-target"];
    if (target) sent.push({ action: target.split(".")[1] ?? "", body: request.postDataJSON() });
  });
  return sent;
}

const tap = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).click();

/** Signs in with a password, from a page of staff or of a customer. */
async function byPassword(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByRole("link", { name: "Sign in" }).click();
  await tap(page, "Use a password");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await tap(page, "Sign in with this password");
}

/**
 * Fakes the answers of a pool to the flow `USER_AUTH` as AWS documents them, because the emulator
 * has this flow only on its own sign-in pages. The access token is real.
 */
async function emails(page: Page, accessToken: string): Promise<void> {
  const actions: Record<string, (body: Record<string, Record<string, string>>) => [number, unknown]> = {
    InitiateAuth: () => [
      200,
      {
        ChallengeName: "EMAIL_OTP",
        Session: "s",
        ChallengeParameters: { CODE_DELIVERY_DESTINATION: "p***@b***" },
      },
    ],
    RespondToAuthChallenge: ({ ChallengeResponses }) =>
      ChallengeResponses?.EMAIL_OTP_CODE === EMAILED
        ? [200, { AuthenticationResult: { AccessToken: accessToken, ExpiresIn: 900 } }]
        : [400, { __type: "CodeMismatchException", message: "wrong" }],
  };
  await page.route("**/*", async (route) => {
    const action = route.request().headers()["x-amz-target"]?.split(".")[1] ?? "";
    const answer = actions[action]?.(route.request().postDataJSON());
    if (!answer) return route.fallback();
    const headers = { "access-control-allow-origin": "*" };
    await route.fulfill({ status: answer[0], json: answer[1], headers });
  });
}

const kept = (page: Page, area: "localStorage" | "sessionStorage"): Promise<string | null> =>
  page.evaluate((name) => window[name].getItem("bar::session"), area);

test("a barista signs in with a code by e-mail, and is back at the queue", only, async (t) => {
  const pool = await start();
  const email = await pool.account("barista");
  const page = await open(t, "tablet", pool.page("barista"));
  await emails(page, await pool.token(email));
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("E-mail address").fill(email);
  await state(page, "index/sign-in-email");
  await tap(page, "Send me a code");
  await page.getByLabel("Code from the e-mail").fill("000000");
  await tap(page, "Sign in with this code");
  await expect(page).text("That code is wrong.");
  await state(page, "index/sign-in-code");
  await page.getByLabel("Code from the e-mail").fill(EMAILED);
  await tap(page, "Sign in with this code");
  await expect(page).text("No order is waiting");
  await page.reload();
  await expect(page).text("No order is waiting");
});

test("a password is proved by SRP and never sent, and a wrong one is refused", only, async (t) => {
  const pool = await start();
  const page = await open(t, "tablet", pool.page("barista"));
  const sent = calls(page);
  await page.getByRole("link", { name: "Sign in" }).click();
  await tap(page, "Use a password");
  await page.getByLabel("E-mail address").fill(await pool.account("barista"));
  await page.getByLabel("Password").fill("wrong horse battery 7");
  await state(page, "index/sign-in-password");
  await tap(page, "Sign in with this password");
  await expect(page).text("The sign-in was refused.");
  await page.getByLabel("E-mail address").fill(await pool.account("barista"));
  await page.getByLabel("Password").fill(PASSWORD);
  await tap(page, "Sign in with this password");
  await expect(page).text("No order is waiting");
  assert.ok(sent.some(({ action }) => action === "RespondToAuthChallenge"));
  assert.ok(!JSON.stringify(sent).includes("horse"));
});

test("a person whose password an admin chose has to choose another one", only, async (t) => {
  const pool = await start();
  const page = await open(t, "tablet", pool.page("barista"));
  await byPassword(page, await pool.account("barista", true));
  await expect(page).text("Choose a password of your own.");
  await state(page, "index/new-password");
  await page.getByLabel("New password").fill("Another horse battery 8");
  await tap(page, "Keep this password and sign in");
  await expect(page).text("No order is waiting");
});

test("the session outlives its access token, and ends at the user pool at sign-out", only, async (t) => {
  const pool = await start();
  const context = await device(t, "tablet");
  const page = await context.newPage();
  await page.clock.install({ time: Date.now() });
  const sent = calls(page);
  await page.goto(pool.page("barista"));
  await byPassword(page, await pool.account("barista"));
  await expect(page).text("No order is waiting");
  const tokens = JSON.parse((await kept(page, "localStorage")) ?? "{}");
  assert.ok(tokens.until - Date.now() < 16 * 60_000, "an access token lasts for 15 minutes");
  await page.clock.fastForward(15 * 60_000);
  await until("another access token", async () => {
    const now = JSON.parse((await kept(page, "localStorage")) ?? "{}");
    return now.access && now.access !== tokens.access ? true : undefined;
  });
  assert.ok(sent.some(({ action }) => action === "GetTokensFromRefreshToken"));
  await expect(page).text("No order is waiting");
  const { refresh } = JSON.parse((await kept(page, "localStorage")) ?? "{}");
  const { ClientId } = sent.find(({ action }) => action === "GetTokensFromRefreshToken")?.body ?? {};
  await page.goto(pool.page("barista?view=more", "&show=tablet"));
  await tap(page, "Sign out");
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  await until("the revocation", async () => sent.some(({ action }) => action === "RevokeToken") || undefined);
  assert.deepEqual([await kept(page, "localStorage"), await kept(page, "sessionStorage")], [null, null]);
  const again = await until("the end of the session", async () => {
    const answer = await cognito("GetTokensFromRefreshToken", { ClientId, RefreshToken: refresh });
    return answer.status >= 400 ? answer : undefined;
  });
  assert.match(JSON.stringify(again.body), /NotAuthorized|Revoked|Invalid/i);
});

test("a session that the user pool revoked has ended, and the page links to the sign-in", only, async (t) => {
  const pool = await start();
  const context = await device(t, "tablet");
  const page = await context.newPage();
  await page.clock.install({ time: Date.now() });
  await page.goto(pool.page("barista"));
  await byPassword(page, await pool.account("barista"));
  await expect(page).text("No order is waiting");
  const tokens = JSON.parse((await kept(page, "localStorage")) ?? "{}");
  const { client_id } = JSON.parse(Buffer.from(tokens.access.split(".")[1], "base64url").toString());
  await cognito("RevokeToken", { ClientId: client_id, Token: tokens.refresh });
  await page.clock.fastForward(15 * 60_000);
  await expect(page).text("Your session has ended.");
  await page.getByRole("link", { name: "Sign in" }).waitFor();
});

test("no session of an admin stays on a tablet: it ends with the tab", only, async (t) => {
  const pool = await start();
  const context = await device(t, "tablet");
  const page = await context.newPage();
  await page.goto(pool.page("barista?view=admin"));
  await byPassword(page, await pool.account("admin"));
  await page.getByRole("button", { name: "Settings" }).waitFor();
  assert.equal(await kept(page, "localStorage"), null);
  await page.close();
  const next = await context.newPage();
  await next.goto(pool.page("barista?view=admin"));
  await next.getByRole("link", { name: "Sign in" }).waitFor();
});

test(
  "a shop that asks for accounts: the customer signs in by the same form and orders with the scanned code",
  only,
  async (t) => {
    const pool = await start({ customerSignIn: "account" });
    const page = await open(t, "phone", `${pool.page("order")}&t=${await pool.code()}`);
    await expect(page).text("This bar takes orders from accounts.");
    await page.getByRole("link", { name: "Sign in" }).click();
    await expect(page).text("Without one, order at the counter");
    await state(page, "index/sign-in-closed", { full: true });
    await page.goBack();
    await byPassword(page, await pool.account());
    await expect(page).text("Choose a drink");
    await page.getByLabel("Cappuccino").check();
    await tap(page, "Order Cappuccino");
    await expect(page).text("in the queue");
  },
);
