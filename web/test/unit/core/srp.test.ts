// The proof of a password. Python computed the expected proof as the server computes it, from its
// secrets v and b: S = (A * v^u)^b mod N. The browser computes the same S from the password.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSrp, timestamp } from "../../../src/core/srp.ts";

const random = Uint8Array.from({ length: 32 }, (_, at) => at + 1);
const challenge = {
  SALT: "f00dcafe0123456789abcdef01234567",
  SRP_B: [
    "5caa2ca2d3557c0f901571e49529b36cd57468358a4c8a8f6f194c38f0459c7151bd0d83c95a5850864b6245bbfa63bc",
    "e7587f339102ec2ef0ce7d91488dd0d1d51978e3b6486f481e04023ed7b94169ad59735043e90e3607c2468b695b3b4d",
    "c1b804cc42d36204bbffdd1a691d74ee18463f59f5c0286f4bfa3dd645c6e496fbf8d33a1f8ca335ff990177358ecc33",
    "5f89573bd21a9addcf12d730270f93b4b44dc3d6c26247d1d99ed3412fa88ffe5ccd57ade6c08bfb65c990a7e254519e",
    "de4b95bf1665d31c478ae5c4c94b33f672cb25c3f57b832df17d6408dcff714ab7e11d977912a0d2cc226304f7b8034d",
    "68d4ab9b68ba5bb5c2d989df27b4c0be60c5866b2453b485a4cf8dcb1f1c9871e24678f76183c51c87aa7520b4b5671b",
    "91c3f85c92b3c52918d7a3232bc9b906de76c3a1972e463b0d2c6513a5be0327335597c1729e5de4e7bef654eb17a998",
    "de95cd423a7b41a8df12009c5fb1a0d6ade4ba74e5cec0494ca737e21a4d931fb04c452a53f1719f1d5f4c8325973a60",
  ].join(""),
  SECRET_BLOCK: "c2VjcmV0IGJsb2NrIAD/",
  USER_ID_FOR_SRP: "3f0c1c1e-0000-4000-8000-000000000001",
};
const POOL = "us-east-1_Ab12Cd34E";
const AT = new Date("2026-11-27T01:02:03.000Z");

test("the proof is the one that the server's formula gives", async () => {
  const srp = createSrp(random);
  assert.equal(srp.a.slice(0, 40), "708862b0cffa71fe166cc12799c8f990817c8bac");
  const answer = await srp.answer(POOL, "correct horse Battery 7", challenge, AT);
  assert.deepEqual(answer, {
    USERNAME: challenge.USER_ID_FOR_SRP,
    PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: "MC0cyToyyFSYzTtet2r3Hr67s8ral1gXE6nrsQ2yltQ=",
    TIMESTAMP: "Fri Nov 27 01:02:03 UTC 2026",
  });
});

test("another password, another pool or another time gives another proof", async () => {
  const proof = async (pool: string, password: string, at: Date) =>
    (await createSrp(random).answer(pool, password, challenge, at)).PASSWORD_CLAIM_SIGNATURE;
  const proofs = await Promise.all([
    proof(POOL, "correct horse Battery 7", AT),
    proof(POOL, "correct horse battery 7", AT),
    proof("us-east-1_Other", "correct horse Battery 7", AT),
    proof(POOL, "correct horse Battery 7", new Date(AT.getTime() + 1000)),
  ]);
  assert.equal(new Set(proofs).size, 4);
});

test("each attempt has another secret, and a pool that answers with zero is refused", async () => {
  assert.notEqual(createSrp().a, createSrp().a);
  await assert.rejects(createSrp(random).answer(POOL, "x", { ...challenge, SRP_B: "0" }, AT));
});

test("the time is written as Cognito reads it", () => {
  assert.equal(timestamp(new Date("2026-02-03T04:05:06.789Z")), "Tue Feb 3 04:05:06 UTC 2026");
});
