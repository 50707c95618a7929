// Bearer tokens of a local stack, signed with the key that `make up` creates.
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";

export type Role = "admin" | "barista";

const LOCAL = "presso-local";
const path = process.env.PRESSO_KEY;
if (!path) throw new Error("PRESSO_KEY is not set: run `. .local/env`");
const key = createPrivateKey(readFileSync(path));
const { crv, kty, x, y } = createPublicKey(key).export({ format: "jwk" });
const kid = createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function token(user: string, roles: readonly Role[], seconds = 3600): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: LOCAL, aud: LOCAL, sub: user, "cognito:groups": roles, iat: now, exp: now + seconds };
  const text = `${part({ alg: "ES256", typ: "JWT", kid })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

export const guest = (): string => `guest_${randomBytes(32).toString("base64url")}`;
