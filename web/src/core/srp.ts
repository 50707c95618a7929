// Secure Remote Password as Cognito does it (prime of 3,072 bits of RFC 5054, generator 2,
// SHA-256): the password stays in the browser. Only the index page contains this module.

const N = BigInt(
  "0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);
const G = 2n;

const bytesOfText = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

function power(base: bigint, exponent: bigint): bigint {
  let [result, factor] = [1n, ((base % N) + N) % N];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * factor) % N;
    factor = (factor * factor) % N;
  }
  return result;
}

/** Bytes of a number. A zero byte precedes them if the highest bit of the first byte is set. */
function padded(n: bigint): Uint8Array<ArrayBuffer> {
  const hex = n.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  const text = /^[89a-f]/.test(even) ? `00${even}` : even;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const joined = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

const numberOf = (bytes: Uint8Array): bigint =>
  BigInt(`0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") || "0"}`);

const sha256 = async (...parts: Uint8Array[]): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

async function hmac(key: Uint8Array<ArrayBuffer>, ...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const own = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", own, joined(...parts)));
}

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Formats a time as "Fri Nov 27 01:02:03 UTC 2026". */
export function timestamp(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":");
  const day = `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}`;
  return `${day} ${time} UTC ${at.getUTCFullYear()}`;
}

/** Parameters of the challenge in the answer of `InitiateAuth`. */
export type PasswordChallenge = {
  SALT: string;
  SRP_B: string;
  SECRET_BLOCK: string;
  USER_ID_FOR_SRP: string;
};

export type Srp = {
  /** Value of the parameter `SRP_A`, in hexadecimal digits. */
  a: string;
  /** Responses to the challenge `PASSWORD_VERIFIER`. `pool`: id of the user pool. */
  answer(
    pool: string,
    password: string,
    challenge: PasswordChallenge,
    at: Date,
  ): Promise<Record<string, string>>;
};

export function createSrp(random = crypto.getRandomValues(new Uint8Array(32))): Srp {
  const secret = numberOf(random);
  const a = power(G, secret);

  async function key(pool: string, password: string, challenge: PasswordChallenge) {
    const { SALT, SRP_B, USER_ID_FOR_SRP } = challenge;
    const b = BigInt(`0x${SRP_B}`);
    if (b % N === 0n) throw new Error("the answer of the user pool is not valid");
    const u = numberOf(await sha256(padded(a), padded(b)));
    const k = numberOf(await sha256(padded(N), padded(G)));
    const inner = await sha256(bytesOfText(`${pool}${USER_ID_FOR_SRP}:${password}`));
    const x = numberOf(await sha256(padded(BigInt(`0x${SALT}`)), inner));
    const s = power(b - k * power(G, x), secret + u * x);
    const pseudorandom = await hmac(padded(u), padded(s));
    const derived = await hmac(pseudorandom, bytesOfText("Caldera Derived Key\u0001"));
    return derived.slice(0, 16);
  }

  return {
    a: a.toString(16),
    async answer(poolId, password, challenge, at) {
      // The proof contains the part of the id after the underscore.
      const pool = poolId.split("_").at(-1) ?? "";
      const { SECRET_BLOCK, USER_ID_FOR_SRP } = challenge;
      const TIMESTAMP = timestamp(at);
      const about = bytesOfText(pool + USER_ID_FOR_SRP);
      const proof = await hmac(
        await key(pool, password, challenge),
        about,
        bytesOf(SECRET_BLOCK),
        bytesOfText(TIMESTAMP),
      );
      return {
        USERNAME: USER_ID_FOR_SRP,
        PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
        PASSWORD_CLAIM_SIGNATURE: base64(proof),
        TIMESTAMP,
      };
    },
  };
}
