// The stack with its own user pool: accounts, access tokens, and a shop.
import { randomBytes } from "node:crypto";
import { until } from "./wait.ts";

const endpoint = process.env.AWS_ENDPOINT_URL?.replace(/\/$/, "");
const stack = `${process.env.PRESSO_STACK}-pool`;
/** The code that the faked answers of cognito.test.ts accept. */
export const EMAILED = "123456";
export const PASSWORD = "Correct horse battery 7";

type Json = Record<string, unknown>;

/** Header with a made-up signature, which the emulator does not verify. */
function authorization(service: string): string {
  const scope = `test/20260101/us-east-1/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=x`;
}

/** Calls the emulator's Cognito. */
export async function cognito(action: string, body: Json): Promise<{ status: number; body: Json }> {
  const response = await fetch(`${endpoint}/`, {
    method: "POST",
    headers: {
      authorization: authorization("cognito-idp"),
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${action}`,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

async function must(action: string, body: Json): Promise<Json> {
  const answer = await cognito(action, body);
  if (answer.status >= 300) throw new Error(`${action}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Outputs of the stack; none if it is not deployed. */
async function outputs(): Promise<Record<string, string> | undefined> {
  if (!endpoint) return undefined;
  const query = new URLSearchParams({ Action: "DescribeStacks", StackName: stack, Version: "2010-05-15" });
  const headers = { authorization: authorization("cloudformation") };
  const response = await fetch(`${endpoint}/?${query}`, { headers });
  if (!response.ok) return undefined;
  const text = await response.text();
  const pairs = text.matchAll(/<OutputKey>(.*?)<\/OutputKey><OutputValue>(.*?)<\/OutputValue>/g);
  return Object.fromEntries([...pairs].map(([, key, value]) => [key, value]));
}

export class Pool {
  readonly shop = `scr-${randomBytes(5).toString("hex")}`;
  readonly pages: string;
  readonly #api: string;
  readonly #id: string;
  readonly #client: string;
  #admin = "";

  private constructor(found: Record<string, string>) {
    const [, id = ""] = /https:\/\/([a-z0-9]+)\./.exec(found.ApiUrl ?? "") ?? [];
    this.#api = `${endpoint}/_aws/execute-api/${id}/v1`;
    this.pages = process.env.POOL_PAGES_URL ?? this.#api;
    this.#id = found.UserPoolId ?? "";
    this.#client = found.UserPoolClientId ?? "";
  }

  /** A new shop of the stack, not opened yet; none if no such stack is deployed. */
  static async find(): Promise<Pool | undefined> {
    const found = await outputs();
    return found?.UserPoolId ? new Pool(found) : undefined;
  }

  /**
   * Creates an account, and returns its e-mail address. `temporary`: with a password that the
   * person has to replace.
   */
  async account(group?: "admin" | "barista", temporary = false): Promise<string> {
    const Username = `p-${randomBytes(5).toString("hex")}@bar.example`;
    const user = { UserPoolId: this.#id, Username };
    const UserAttributes = [
      { Name: "email", Value: Username },
      { Name: "email_verified", Value: "true" },
    ];
    await must("AdminCreateUser", { ...user, UserAttributes, MessageAction: "SUPPRESS" });
    await must("AdminSetUserPassword", { ...user, Password: PASSWORD, Permanent: !temporary });
    if (group) await must("AdminAddUserToGroup", { ...user, GroupName: group });
    return Username;
  }

  /** Signs in with the password and returns the access token. */
  async token(email: string): Promise<string> {
    const AuthParameters = { USERNAME: email, PASSWORD };
    const auth = { ClientId: this.#client, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters };
    const { AuthenticationResult } = await must("InitiateAuth", auth);
    return (AuthenticationResult as { AccessToken: string }).AccessToken;
  }

  async #call(method: string, path: string, body?: Json): Promise<Json> {
    this.#admin ||= await this.token(await this.account("admin"));
    return until(`${method} ${path}`, async () => {
      const response = await fetch(`${this.#api}/${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#admin}`, "content-type": "application/json" },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return response.ok ? ((await response.json()) as Json) : undefined;
    });
  }

  async open(settings: Json = {}): Promise<void> {
    await this.#call("PUT", `config?eventId=${this.shop}`, settings);
    await this.#call("PUT", `store?eventId=${this.shop}&state=open`);
  }

  code = async (): Promise<string> => {
    const { code } = await this.#call("GET", `qr-code?eventId=${this.shop}`);
    return String(code);
  };

  page = (name: string, fragment = "") => `${this.pages}/${name}#e=${this.shop}${fragment}`;
}
