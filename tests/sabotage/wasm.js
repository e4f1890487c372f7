// What is broken in src/wasm/ and where it meets the logic. Each needs the module to be built again.

import { within } from "./shim.js";

// One request, and which connection it has.
const http = within("src/wasm/http.rs", [
  {
    name: "the hook's deadline rests on the clock alone",
    find: "HOOK_MS + 250.0",
    put: "1e9",
    seenBy: ["runtime/endless"],
  },
  {
    name: "the backstop of the deadline is an outage",
    find: "failure: Failure::Timeout, outage: false",
    put: "failure: Failure::Timeout, outage: true",
    seenBy: ["runtime/endless"],
  },
  {
    name: "a refusal is an answer",
    find: "let Some(refused) = Failure::of_status(response.status(), retry_after) else {",
    put: "let Some(refused) = Failure::of_status(response.status(), retry_after).filter(|_| false) else {",
    seenBy: ["runtime/decisions", "runtime/faults"],
  },
  {
    name: "the breaker's changes are not kept",
    find: "    keep_health(&health.numbers());\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an answer doesn't close the breaker",
    find: "                with_health(Health::answered);\n",
    put: "",
    seenBy: ["runtime/faults"],
  },
  {
    name: "a request that can't be sent is an outage",
    find: "return Err(Unavailable { failure, outage: false });",
    put: "return Err(Unavailable { failure, outage: true });",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "an answer that is no JSON is an outage",
    find: ".or(Err(Failure::Unreadable))",
    put: ".or(Err(Failure::NoConnection))",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a pause before a retry isn't waited for",
    find: "        TimeoutFuture::new(pause as u32).await;\n",
    put: "        let _ = pause;\n",
    seenBy: ["runtime/endless"],
  },
  {
    name: "the try after a time-out may have a kept connection",
    find: "connection = if failure.is_answer() { Connection::Any } else { Connection::New };",
    put: "connection = if failure.is_answer() { Connection::Any } else { Connection::Any };",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "the try after a 503 has a new connection",
    find: "connection = if failure.is_answer() { Connection::Any } else { Connection::New };",
    put: "connection = Connection::New;",
    seenBy: ["runtime/connections-idle", "runtime/connections-budget"],
  },
  {
    name: "a kept connection that stays silent is waited for",
    find: "within(tries.race_delay(), waiting.as_mut())",
    put: "within(1e9, waiting.as_mut())",
    seenBy: ["runtime/connections-silent"],
  },
  {
    name: "a kept connection is raced at once",
    find: "within(tries.race_delay(), waiting.as_mut())",
    put: "within(0.0, waiting.as_mut())",
    seenBy: ["runtime/connections-silent"],
  },
  {
    name: "a new connection is raced too",
    find: "let Some(silent) = kept.silent() else {",
    put: "let new = || kept.on_kept().is_none().then_some(OnKept { opened: kept.sent, sent: kept.sent });\n            let Some(silent) = kept.silent().or_else(new) else {",
    seenBy: ["runtime/connections-silent"],
  },
  {
    name: "a kept connection that has begun to answer is raced",
    find: "let Some(silent) = kept.silent() else {",
    put: "let Some(silent) = kept.on_kept() else {",
    seenBy: ["runtime/connections-silent"],
  },
  {
    name: "a race is run on another kept connection",
    find: "Exchange::new(self.kept.request, self.kept.tries, Connection::New)?",
    put: "Exchange::new(self.kept.request, self.kept.tries, Connection::Any)?",
    seenBy: ["runtime/connections-dead"],
  },
  {
    name: "whatever ends on the kept connection first ends the race",
    find: "if is_final(&kept) {\n",
    put: "if true {\n",
    seenBy: ["runtime/connections-silent"],
  },
  {
    name: "whatever ends on the new connection first ends the race",
    find: "            if is_final(&new) {\n",
    put: "            if true {\n",
    seenBy: ["runtime/connections-silent"],
  },
  {
    name: "a race goes to the new connection that failed",
    find: "if is_final(&kept) { kept } else { new }",
    put: "if is_final(&kept) { new } else { new }",
    seenBy: ["runtime/connections-silent"],
  },
  {
    name: "a race that both lose counts as the kept connection's failure",
    find: "if is_final(&kept) { kept } else { new }",
    put: "kept",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "a 400 whose body broke off wins a race",
    find: "Failed { failure: refused, whole: false }",
    put: "Failed { failure: refused, whole: true }",
    seenBy: ["runtime/connections-silent"],
  },
  {
    name: "a new connection's answer doesn't show that the kept ones are dead",
    find: "                    with_races(|races| races.new_answered(self.began, now()));\n",
    put: "",
    seenBy: ["runtime/connections-budget", "runtime/connections-dead"],
  },
  {
    name: "a kept connection that answers is taken for dead",
    find: "is_answer(&new) && self.kept.signal.silent()",
    put: "is_answer(&new)",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "a kept connection's answer doesn't show that the others may live",
    find: "            with_races(|races| races.kept_answered(kept, self.tries, now()));\n",
    put: "            let _ = kept;\n",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "every login may race at any time",
    find: "            if granted {\n",
    put: "            if granted || true {\n",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "a race that has ended is running for ever",
    find: "        with_races(Races::end);\n",
    put: "",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "the logins that wait are not woken by a new connection's answer",
    find: "races.new_answered(self.began, now()));\n                    wake_waiting();\n",
    put: "races.new_answered(self.began, now()));\n",
    seenBy: ["runtime/connections-budget", "runtime/connections-dead"],
  },
  {
    name: "the logins that wait are not woken at the end of a race",
    find: "        with_races(Races::end);\n        wake_waiting();\n",
    put: "        with_races(Races::end);\n",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "a new connection isn't asked for",
    find: "connection == Connection::New);",
    put: "false);",
    seenBy: ["runtime/connections-dead"],
  },
  {
    name: "how long an address may take isn't passed on",
    find: "        signal.set_address_ms(tries.time_for_address());\n",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "a try has no deadline of its own",
    find: "within(self.tries.time_for_try(self.sent), self.send(&refusal))",
    put: "within(1e9, self.send(&refusal))",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "a kept connection that times out is an outage",
    find: "if kept.is_some() { Failure::KeptTimeout } else { Failure::Timeout }",
    put: "if kept.is_some() { Failure::Timeout } else { Failure::Timeout }",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "a new connection that times out is no outage",
    find: "if kept.is_some() { Failure::KeptTimeout } else { Failure::Timeout }",
    put: "if kept.is_some() { Failure::KeptTimeout } else { Failure::KeptTimeout }",
    seenBy: ["runtime/connections-budget"],
  },
  {
    name: "a refusal is forgotten when its body never comes",
    find: "        refusal.set(Some(refused));\n",
    put: "",
    seenBy: ["runtime/faults"],
  },
  {
    name: "a refusal's body is waited for",
    find: "if !refused.has_reason() {",
    put: "if false {",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "the reason of a 400 is not read",
    find: "if !refused.has_reason() {",
    put: "if true {",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a request that the server lost with its connection is not sent again",
    find: "if !first.was_closed_in_silence(&answer) {",
    put: "if !first.was_closed_in_silence(&answer) || true {",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "any connection that breaks is tried again at once",
    find: "*answer == Err(Failure::NoConnection.into()) && self.silent().is_some()",
    put: "*answer == Err(Failure::NoConnection.into())",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "a request is sent again though an answer has begun",
    find: "*answer == Err(Failure::NoConnection.into()) && self.silent().is_some()",
    put: "*answer == Err(Failure::NoConnection.into()) && self.on_kept().is_some()",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "a lost request is sent again twice",
    find: "    Exchange::new(request, tries, Connection::New)?.answer().await\n",
    put: "    let again = Exchange::new(request, tries, Connection::New)?.answer().await;\n    if again != Err(Failure::NoConnection.into()) {\n        return again;\n    }\n    Exchange::new(request, tries, Connection::New)?.answer().await\n",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "a lost request is sent again on a kept connection",
    find: "    Exchange::new(request, tries, Connection::New)?.answer().await\n",
    put: "    Exchange::new(request, tries, Connection::Any)?.answer().await\n",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "a lost request is sent again though no time is left",
    find: "if !tries.has_time(now()) {",
    put: "if false {",
    seenBy: ["runtime/connections-broken", "runtime/connections-budget"],
  },
  {
    name: "a request that nobody waits for is not aborted",
    find: "        self.controller.abort();\n",
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "the error of a request is lost",
    find: "Failure::of_error(&error.name)",
    put: "{\n            let _ = error;\n            Failure::NoConnection\n        }",
    seenBy: ["runtime/fetch"],
  },
]);

// The one effect.
const api = within("src/wasm/api.rs", [
  {
    name: "a redirect does nothing, and the login goes on",
    find: `call(api, "redirect", "sendUserTo", &[url.into()])`,
    put: "{\n                let _ = url;\n                Ok(())\n            }",
    seenBy: ["runtime/login"],
  },
  {
    name: "a deny that fails resolves",
    find: "return Err(error);",
    put: "let _ = error;\n            return resolved(&verdict, answered);",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an effect that fails lets the login through",
    find: "        effect(&verdict.outcome, api)?;\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an effect that throws is taken for done",
    find: "method.apply(&part, &arguments)?;",
    put: "let _ = method.apply(&part, &arguments);",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the challenge is not bound to its transaction",
    find: `let _ =
                    call(api, "transaction", "setMetadata", &[CHALLENGE.into(), challenge.into()]);`,
    put: "let _ = (CHALLENGE, challenge);",
    seenBy: ["runtime/login"],
  },
  {
    name: "a tenant without setMetadata has no MFA",
    find: `let _ =
                    call(api, "transaction", "setMetadata", &[CHALLENGE.into(), challenge.into()]);`,
    put: `call(api, "transaction", "setMetadata", &[CHALLENGE.into(), challenge.into()])?;`,
    seenBy: ["runtime/traps"],
  },
  {
    name: "a claim that can't be set denies the login",
    find: "    if let Some(claim) = &verdict.claim\n        && set_claim(claim, api).is_err()\n    {\n        verdict.cause = Cause::Claim;\n    }",
    put: "    if let Some(claim) = &verdict.claim {\n        set_claim(claim, api)?;\n    }",
    seenBy: ["runtime/outcome"],
  },
  {
    name: "a claim that can't be set is not logged",
    find: "verdict.cause = Cause::Claim;",
    put: "",
    seenBy: ["runtime/outcome"],
  },
  {
    name: "an ID token that takes no claim leaves the access token without one",
    find: `let (id_token, access_token) = (set("idToken"), set("accessToken"));`,
    put: `let id_token = set("idToken");
    id_token.clone()?;
    let access_token = set("accessToken");`,
    seenBy: ["runtime/outcome"],
  },
  {
    name: "the claim has no method",
    find: "if let Some(method) = &claim.method {",
    put: "if let Some(method) = &claim.method\n        && false\n    {",
    seenBy: ["runtime/outcome"],
  },
  {
    name: "what Authsignal answered is no part of the outcome",
    find: "mut answered: Members) -> Result<JsValue, JsValue> {",
    put: "mut answered: Members) -> Result<JsValue, JsValue> {\n    answered.clear();",
    seenBy: ["runtime/outcome"],
  },
]);

// What comes in, and how a hook ends.
const mod = within("src/wasm/mod.rs", [
  {
    name: "a deny that fails resolves the hook",
    find: "Err(error) => reject.call1(&JsValue::UNDEFINED, &error),",
    put: "Err(error) => {\n            let _ = (reject, error);\n            resolve.call1(&JsValue::UNDEFINED, &js_sys::Object::new())\n        }",
    seenBy: ["runtime/traps"],
  },
  {
    name: "every login has the same idempotency key",
    find: "idempotency_key: random_uuid(),",
    put: `idempotency_key: Some(random_uuid()).map(|_| "5f3f2b60-4e5c-4c4b-9d0e-0f6d1f1f7c11".into()).unwrap(),`,
    seenBy: ["runtime/requests"],
  },
  {
    name: "an options function that throws turns MFA off",
    find: "Err(_) => None,",
    put: "Err(_) => return OptionsInput::Off,",
    seenBy: ["runtime/shim"],
  },
  {
    name: "options that can't be read are the default ones",
    find: "options.map_or(OptionsInput::Invalid, OptionsInput::Object)",
    put: "options.map_or(OptionsInput::Object(Options::default()), OptionsInput::Object)",
    seenBy: ["runtime/shim"],
  },
  {
    name: "an answer of another shape is an outage",
    find: "failure: Failure::Unreadable, outage: false",
    put: "failure: Failure::Unreadable, outage: true",
    seenBy: ["runtime/decisions"],
  },
  {
    name: "a part of the context that can't be read traps",
    find: "if let Ok(found) = value_at(event, path) {",
    put: "{\n                    let found = value_at(event, path).unwrap();",
    seenBy: ["runtime/shim"],
  },
]);

// The decisions that the seam leads to.
const onContinue = within("src/on_continue.rs", [
  {
    name: "the token's user is not looked at",
    find: "user_id.contradicts(self.user.as_str())",
    put: "user_id.contradicts(self.user.as_str()) && false",
    seenBy: ["runtime/decisions"],
  },
  {
    name: "the transaction's challenge is not looked at",
    find: "!self.is_own_challenge(idempotency_key)",
    put: "!self.is_own_challenge(idempotency_key) && false",
    seenBy: ["sandbox/replay"],
  },
  {
    name: "options that are off let a login back in at continue",
    find: "denied(Messages::default(), Cause::OptionsOffAtContinue)",
    put: "Verdict::proceed(Messages::default(), Cause::OptionsOffAtContinue)",
    seenBy: ["runtime/shim"],
  },
]);

export const wasm = [...http, ...api, ...mod, ...onContinue];
