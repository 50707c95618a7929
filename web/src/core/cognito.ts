// Ways to sign in at a user pool of Cognito: a code by e-mail, a password, or a new account.
import { createSrp, type PasswordChallenge } from "./srp.ts";
import {
  type CognitoAnswer,
  cognito,
  type Json,
  type Result,
  refused,
  type Tokens,
  tokensOf,
} from "./tokens.ts";
import type { SignIn } from "./types.ts";

/** A code that Cognito has sent to `destination`. `signUp`: the code confirms a new account. */
export type Challenge = { email: string; session: string; destination: string; signUp?: true };
/** A sign-in with a password that an admin has chosen: the person must choose another password. */
export type NewPassword = { user: string; session: string };

/** Asks Cognito to send a code by e-mail. */
export async function askCode(signIn: SignIn, email: string): Promise<Result<Challenge>> {
  const sent = await cognito(signIn, "InitiateAuth", {
    AuthFlow: "USER_AUTH",
    AuthParameters: { USERNAME: email, PREFERRED_CHALLENGE: "EMAIL_OTP" },
  });
  if (!sent.ok) return sent;
  return emailed(sent.value, email);
}

function emailed(answer: CognitoAnswer, email: string): Result<Challenge> {
  const { Session: session, ChallengeName: name, ChallengeParameters: params } = answer;
  if (name !== "EMAIL_OTP" || !session) return refused(name ?? "no challenge");
  return { ok: true, value: { email, session, destination: params?.CODE_DELIVERY_DESTINATION ?? email } };
}

/**
 * Sends the code that the person entered. Returns tokens; or another challenge, if the pool sends a
 * second code after the confirmation of an account.
 */
export async function answerCode(
  signIn: SignIn,
  challenge: Challenge,
  code: string,
): Promise<Result<Tokens | Challenge>> {
  if (challenge.signUp) return confirm(signIn, challenge, code);
  const sent = await cognito(signIn, "RespondToAuthChallenge", {
    ChallengeName: "EMAIL_OTP",
    Session: challenge.session,
    ChallengeResponses: { USERNAME: challenge.email, EMAIL_OTP_CODE: code },
  });
  return sent.ok ? tokensOf(sent.value, undefined) : sent;
}

async function confirm(
  signIn: SignIn,
  { email }: Challenge,
  code: string,
): Promise<Result<Tokens | Challenge>> {
  const sent = await cognito(signIn, "ConfirmSignUp", { Username: email, ConfirmationCode: code });
  // Cognito refuses to confirm an account twice. If an earlier try confirmed the account, but its
  // sign-in failed, the sign-in can still succeed now.
  if (!sent.ok && sent.failure.kind !== "refused") return sent;
  const { Session } = sent.ok ? sent.value : {};
  const next = await cognito(signIn, "InitiateAuth", {
    AuthFlow: "USER_AUTH",
    AuthParameters: { USERNAME: email, PREFERRED_CHALLENGE: "EMAIL_OTP" },
    ...(Session ? { Session } : {}),
  });
  if (!next.ok) return next;
  return next.value.AuthenticationResult ? tokensOf(next.value, undefined) : emailed(next.value, email);
}

/** Creates an account without a password. */
export async function signUp(signIn: SignIn, email: string): Promise<Result<Challenge>> {
  const sent = await cognito(signIn, "SignUp", {
    Username: email,
    UserAttributes: [{ Name: "email", Value: email }],
  });
  if (!sent.ok) return sent;
  const destination = sent.value.CodeDeliveryDetails?.Destination ?? email;
  return { ok: true, value: { email, session: "", destination, signUp: true } };
}

const respond = (signIn: SignIn, name: string, session: string | undefined, responses: Json) =>
  cognito(signIn, "RespondToAuthChallenge", {
    ChallengeName: name,
    ChallengeResponses: responses,
    ...(session ? { Session: session } : {}),
  });

/** The part of the issuer's address that names the pool. */
const poolOf = ({ issuer = "" }: SignIn): string => issuer.split("/").at(-1) ?? "";

export async function signInWithPassword(
  signIn: SignIn,
  email: string,
  password: string,
): Promise<Result<Tokens | NewPassword>> {
  const srp = createSrp();
  const AuthParameters = { USERNAME: email, SRP_A: srp.a };
  const asked = await cognito(signIn, "InitiateAuth", { AuthFlow: "USER_SRP_AUTH", AuthParameters });
  if (!asked.ok) return asked;
  const { ChallengeName, ChallengeParameters, Session } = asked.value;
  if (ChallengeName !== "PASSWORD_VERIFIER") return refused(ChallengeName ?? "no challenge");
  const challenge = ChallengeParameters as PasswordChallenge;
  const proof = await srp.answer(poolOf(signIn), password, challenge, new Date());
  const sent = await respond(signIn, ChallengeName, Session, proof);
  return sent.ok ? passwordAnswer(sent.value, challenge.USER_ID_FOR_SRP) : sent;
}

function passwordAnswer(answer: CognitoAnswer, user: string): Result<Tokens | NewPassword> {
  if (answer.ChallengeName !== "NEW_PASSWORD_REQUIRED") return tokensOf(answer, undefined);
  return { ok: true, value: { user, session: answer.Session ?? "" } };
}

export async function choosePassword(
  signIn: SignIn,
  { user, session }: NewPassword,
  password: string,
): Promise<Result<Tokens>> {
  const responses = { USERNAME: user, NEW_PASSWORD: password };
  const sent = await respond(signIn, "NEW_PASSWORD_REQUIRED", session, responses);
  return sent.ok ? tokensOf(sent.value, undefined) : sent;
}
