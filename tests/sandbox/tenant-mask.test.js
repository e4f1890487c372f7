import assert from "node:assert/strict";
import { test } from "node:test";
import { createMask, isSecretName, MASK } from "../../sandbox/auth0/mask.js";

const SECRET = "sk_live_4d3c/2b=1a";
const mask = createMask(() => [SECRET, "us", "https://api.example.com/v1", "https://hooks.example.com/T0/secretpath"]);
const JWT = `eyJhbGciOiJIUzI1NiJ9.${"a".repeat(20)}.${"b".repeat(20)}`;

test("values under names that tell of secrets are masked, whatever they are", () => {
  const names = [
    "password",
    "client_secret",
    "AUTHSIGNAL_SECRET",
    "access_token",
    "refreshToken",
    "id_token",
    "token",
    "code",
    "code_verifier",
    "Authorization",
    "cookie",
    "Set-Cookie",
    "client_assertion",
    "api_key",
    "apiSecretKey",
    "otp",
    "verificationCode",
    "recoveryCodes",
    "pin",
  ];
  for (const name of names) assert.deepEqual(mask({ [name]: "value" }), { [name]: MASK }, name);
  assert.deepEqual(mask({ code: 123456 }), { code: MASK });
  assert.deepEqual(mask({ "set-cookie": ["a=1", "b=2"] }), { "set-cookie": [MASK, MASK] });
});

test("below such a name the names stay and the values go", () => {
  assert.deepEqual(mask({ secrets: { A: "one", B: { C: ["two"] } } }), { secrets: { A: MASK, B: { C: [MASK] } } });
});

test("names that only sound like it keep their values", () => {
  const event = {
    token_type: "Bearer",
    countryCode: "NZ",
    statusCode: 200,
    errorCode: "not_found",
    state: "CHALLENGE_REQUIRED",
    code_challenge: "abc",
    authorization: { roles: ["billing"] },
    cookie: { mode: "persistent" },
    idempotencyKey: "7d1f",
  };
  assert.deepEqual(mask(event), event);
  assert.equal(isSecretName("actionCode"), false);
});

test("the application's own state and nonce are masked, a state of Authsignal is not", () => {
  const event = {
    transaction: { state: "application-state", id: "t" },
    request: { query: { state: ["a", "b"], nonce: "n" } },
    body: { State: "1F" },
  };
  assert.deepEqual(mask(event), {
    transaction: { state: MASK, id: "t" },
    request: { query: { state: [MASK, MASK], nonce: MASK } },
    body: { State: MASK },
  });
  for (const state of ["ALLOW", "CHALLENGE_REQUIRED"]) assert.deepEqual(mask({ state }), { state });
});

test("a configured secret is masked wherever it is, as it is and encoded", () => {
  assert.equal(mask(`before ${SECRET} after`), `before ${MASK} after`);
  assert.equal(mask(`https://example.com/?x=${encodeURIComponent(SECRET)}`), `https://example.com/?x=${MASK}`);
  assert.ok(!mask(`${Buffer.from(`${SECRET}:`).toString("base64")}`).includes("c2tf"));
  assert.deepEqual(mask({ note: [`it is ${SECRET}`], [SECRET]: 1 }), { note: [`it is ${MASK}`], [MASK]: 1 });
});

test("a short secret and the address of an API stay readable, an address with more in it does not", () => {
  assert.equal(mask("thus https://api.example.com/v1/validate"), "thus https://api.example.com/v1/validate");
  assert.equal(mask("https://hooks.example.com/T0/secretpath"), MASK);
});

test("what looks like a JWT, and what follows an authentication scheme, is masked in any text", () => {
  assert.equal(mask(`the token ${JWT}.`), `the token ${MASK}.`);
  assert.equal(mask("Authorization is Basic c2VjcmV0OnNlY3JldA=="), `Authorization is Basic ${MASK}`);
});

test("tokens, codes and one-time states in the query of a URL are masked, the rest is not", () => {
  assert.equal(
    mask("https://a.example/callback?code=abc&state=def&access_token=ghi&iss=x#id_token=jkl"),
    `https://a.example/callback?code=${MASK}&state=${MASK}&access_token=${MASK}&iss=x#id_token=${MASK}`,
  );
  assert.equal(mask("/u/login?country_code=NZ"), "/u/login?country_code=NZ");
});

test("the value that was given is not changed", () => {
  const given = { password: "x", list: [{ token: "y" }] };
  mask(given);
  assert.deepEqual(given, { password: "x", list: [{ token: "y" }] });
});

test("identifiers that the tenant knows as one-time are masked wherever they are", () => {
  const ticket = "K1vUnyE0LddXxNYlVH-zhCpVEQhi3vlh";
  const hiding = createMask(
    () => [],
    (word) => word === ticket,
  );
  assert.deepEqual(hiding({ query: { state: ticket, at: `/x/${ticket}` }, other: ticket.toLowerCase() }), {
    query: { state: MASK, at: `/x/${MASK}` },
    other: ticket.toLowerCase(),
  });
});
