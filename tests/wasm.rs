//! Both exports over the platform's own names: `fetch`, `Request`, `Response`, timers. In a browser and in Node.
//!
//! `wasm-pack test --node`, and with `WASM_BINDGEN_USE_BROWSER=1` in headless Chrome. A trap ends such a
//! run, so traps, and a `fetch` that is not the platform's, are tested on the built files in tests/runtime/.
#![cfg(target_arch = "wasm32")]
#![allow(unsafe_code)] // what wasm-bindgen generates

use authsignal_auth0::wasm::{continue_post_login, execute_post_login, keep_health};
use js_sys::{Function, JSON, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

/// An `api` of classes with private fields, as Auth0's is, that writes down what is called.
const API: &str = r#"
    const calls = [];
    const part = (...names) => {
        class Part { #calls = calls; call(name, args) { this.#calls.push([name, ...args]); return api; } }
        for (const name of names) Part.prototype[name] = function (...args) { return this.call(name, args); };
        return new Part();
    };
    const api = {
        calls,
        access: part("deny"),
        redirect: part("sendUserTo"),
        authentication: part("recordMethod"),
        transaction: part("setMetadata"),
        idToken: part("setCustomClaim"),
        accessToken: part("setCustomClaim"),
    };
    return api;
"#;

const CHALLENGE: &str = r#"{
    "state": "CHALLENGE_REQUIRED", "isEnrolled": true, "idempotencyKey": "key-1",
    "url": "https://mfa.authsignal.com/t?token=abc"
}"#;

const PASSED: &str = r#"{
    "isValid": true, "state": "CHALLENGE_SUCCEEDED", "actionCode": "auth0-login",
    "userId": "auth0|1", "idempotencyKey": "key-1"
}"#;

fn js(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::UNDEFINED).expect("the test's own code")
}

fn event() -> JsValue {
    js(r#"return {
        user: { user_id: "auth0|1", email: "ada@example.com" },
        request: { hostname: "login.example.com", ip: "203.0.113.24", query: { token: "t" }, body: {} },
        secrets: { AUTHSIGNAL_SECRET: "secret" },
        transaction: { protocol: "oidc-basic-profile", metadata: { authsignal_challenge: "key-1" } },
        authentication: { methods: [] },
    };"#)
}

type Hook = fn(JsValue, JsValue, JsValue, Function, Function);

/// Calls a hook as the shim does, in what is a new process for its health.
fn call(hook: Hook, api: JsValue, options: JsValue) -> JsFuture {
    keep_health(&[]);
    JsFuture::from(Promise::new(&mut |resolve, reject| {
        hook(event(), api.clone(), options.clone(), resolve, reject);
    }))
}

/// Calls a hook while `fetch` is what `body` gives.
async fn call_with(
    fetch: &str,
    hook: Hook,
    api: &JsValue,
    options: &str,
) -> Result<JsValue, JsValue> {
    let global = js_sys::global();
    let real = Reflect::get(&global, &"fetch".into()).unwrap();
    Reflect::set(&global, &"fetch".into(), &js(fetch)).unwrap();
    let result = call(hook, api.clone(), js(options)).await;
    Reflect::set(&global, &"fetch".into(), &real).unwrap();
    result
}

/// What was called of `api`, as JSON.
fn calls_of(api: &JsValue) -> String {
    let calls = Reflect::get(api, &"calls".into()).unwrap();
    JSON::stringify(&calls).unwrap().into()
}

/// Runs a hook while `fetch` is what `body` gives. Gives the calls of `api`, as JSON.
async fn run(hook: Hook, fetch: &str, options: &str) -> String {
    let api = js(API);
    let result = call_with(fetch, hook, &api, options).await;
    assert!(result.is_ok(), "a hook never rejects if deny works");
    calls_of(&api)
}

const ONE_TRY: &str = "return { timeoutMs: 100, maxRetries: 0 };";
const FAILED: &str = r#"[["deny","MFA challenge failed"]]"#;
const UNAVAILABLE: &str = r#"[["deny","MFA is unavailable"]]"#;

fn answering(json: &str) -> String {
    ["return async () => new Response(`", json, "`);"].concat()
}

#[wasm_bindgen_test]
async fn execute_redirects_to_the_challenge() {
    let calls = run(execute_post_login, &answering(CHALLENGE), ONE_TRY).await;
    assert_eq!(
        calls,
        r#"[["setMetadata","authsignal_challenge","key-1"],["sendUserTo","https://mfa.authsignal.com/t?token=abc"]]"#
    );
}

#[wasm_bindgen_test]
async fn a_hook_resolves_to_its_outcome() {
    for (hook, answer, expected) in [
        (
            execute_post_login as Hook,
            CHALLENGE,
            r#"{"state":"CHALLENGE_REQUIRED","idempotencyKey":"key-1","isEnrolled":true,"outcome":"redirect","code":"challenge_required"}"#,
        ),
        (
            continue_post_login as Hook,
            PASSED,
            r#"{"state":"CHALLENGE_SUCCEEDED","idempotencyKey":"key-1","outcome":"record","code":"challenge_passed"}"#,
        ),
        (
            continue_post_login as Hook,
            r#"{ "isValid": false, "verificationMethod": "SMS" }"#,
            r#"{"verificationMethod":"SMS","outcome":"deny","code":"challenge_not_passed"}"#,
        ),
        (
            execute_post_login as Hook,
            r#"{ "state": "ALLOW", "isEnrolled": true, "ruleIds": ["a", "b"] }"#,
            r#"{"state":"ALLOW","isEnrolled":true,"ruleIds":["a","b"],"outcome":"proceed","code":"allowed"}"#,
        ),
    ] {
        let outcome = call_with(&answering(answer), hook, &js(API), ONE_TRY).await.unwrap();
        assert_eq!(String::from(JSON::stringify(&outcome).unwrap()), expected);
    }
}

#[wasm_bindgen_test]
async fn a_passed_challenge_is_claimed_in_both_tokens() {
    let options = "return { claim: 'https://example.com/mfa' };";
    let answer = PASSED.replace("true", r#"true, "verificationMethod": "PASSKEY""#);
    let calls = run(continue_post_login, &answering(&answer), options).await;
    let claim = |token: &str| {
        let (_, value) = token.split_once(r#""at":""#).unwrap();
        let (at, behind) = value.split_once('"').unwrap();
        assert!(js_sys::Date::parse(at).is_finite(), "{at}");
        assert!(behind.contains(r#""method":"PASSKEY""#), "{behind}");
    };
    let tokens: Vec<&str> =
        calls.split(r#"["setCustomClaim","https://example.com/mfa","#).collect();
    let [recorded, id_token, access_token] = tokens[..] else { panic!("{calls}") };
    assert_eq!(recorded, r#"[["recordMethod","https://api.authsignal.com/v1"],"#);
    claim(id_token);
    claim(access_token);
    assert_eq!(
        run(continue_post_login, &answering(&answer), "return {};")
            .await
            .matches("setCustomClaim")
            .count(),
        0
    );
}

#[wasm_bindgen_test]
async fn the_context_is_what_the_event_has() {
    let fetch = r#"return async (request) => {
        const { custom } = await request.json();
        return new Response(JSON.stringify({ state: "ALLOW", isEnrolled: false, url: "https://x/?" + encodeURIComponent(JSON.stringify(custom)) }));
    };"#;
    let calls = run(
        execute_post_login,
        fetch,
        "return { includeContext: true, custom: { plan: 'gold' } };",
    )
    .await;
    let url = calls.split("https://x/?").nth(1).unwrap().trim_end_matches("\"]]");
    let custom = String::from(js_sys::decode_uri_component(url).unwrap());
    assert_eq!(custom, r#"{"plan":"gold","auth0Protocol":"oidc-basic-profile"}"#);
}

#[wasm_bindgen_test]
async fn continue_records_the_passed_challenge() {
    let calls = run(continue_post_login, &answering(PASSED), ONE_TRY).await;
    assert_eq!(calls, r#"[["recordMethod","https://api.authsignal.com/v1"]]"#);
}

#[wasm_bindgen_test]
async fn the_request_is_the_one_that_the_api_expects() {
    let calls = run(
        execute_post_login,
        r#"return async (request) => {
            const seen = [request.method, request.url, request.redirect, request.headers.get("authorization"),
                request.headers.get("content-type"), request.headers.get("accept"), Object.keys(await request.json())];
            return new Response(JSON.stringify({ state: "ALLOW", isEnrolled: false, url: "https://x/?" + encodeURIComponent(JSON.stringify(seen)) }));
        };"#,
        ONE_TRY,
    )
    .await;
    let url = calls.split("https://x/?").nth(1).unwrap().trim_end_matches("\"]]");
    let seen = js_sys::decode_uri_component(url).unwrap();
    assert_eq!(
        String::from(seen),
        r#"["POST","https://api.authsignal.com/v1/users/auth0%7C1/actions/auth0-login","manual","Basic c2VjcmV0Og==","application/json","application/json",["idempotencyKey","redirectUrl","custom","email","ipAddress"]]"#
    );
}

#[wasm_bindgen_test]
async fn a_request_without_a_usable_answer_denies() {
    for fetch in [
        "return () => Promise.reject(new TypeError('Failed to fetch'));",
        "return () => Promise.reject(new DOMException('aborted', 'AbortError'));",
        "return () => new Promise(() => {});",
        "return async () => new Response('no json');",
        "return async () => new Response('null');",
        "return async () => new Response('5.5');",
        "return async () => new Response('{}', { status: 400 });",
        "return async () => new Response('{}', { status: 401 });",
        "return async () => new Response('{}', { status: 429, headers: { 'retry-after': '60' } });",
        "return async () => new Response('{}', { status: 503 });",
        "return async () => Response.error();",
        "return async () => Response.redirect('https://example.com/');",
        "return async () => new Response(new ReadableStream({ pull(it) { it.error(new TypeError('cut')); } }));",
        "return async () => new Response(new ReadableStream({}));",
    ] {
        for hook in [execute_post_login as Hook, continue_post_login] {
            assert_eq!(run(hook, fetch, ONE_TRY).await, UNAVAILABLE, "{fetch}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_request_that_nobody_waits_for_any_more_is_aborted() {
    let fetch = "globalThis.aborted = 0; return ({ signal }) => new Promise(() => {
        signal.addEventListener('abort', () => globalThis.aborted++);
    });";
    for hook in [execute_post_login as Hook, continue_post_login] {
        assert_eq!(run(hook, fetch, ONE_TRY).await, UNAVAILABLE);
        assert_eq!(js("return globalThis.aborted;"), 1);
    }
}

#[wasm_bindgen_test]
async fn logins_run_beside_one_another() {
    let fetch = "const waiting = []; return () => new Promise((resolve) => {
        waiting.push(() => resolve(new Response(JSON.stringify({ state: 'BLOCK' }))));
        if (waiting.length === 3) for (const answer of waiting.reverse()) answer();
    });";
    let global = js_sys::global();
    let real = Reflect::get(&global, &"fetch".into()).unwrap();
    Reflect::set(&global, &"fetch".into(), &js(fetch)).unwrap();
    let apis = [js(API), js(API), js(API)];
    let logins = apis.clone().map(|api| call(execute_post_login, api, JsValue::UNDEFINED));
    for login in logins {
        login.await.unwrap();
    }
    Reflect::set(&global, &"fetch".into(), &real).unwrap();
    for api in apis {
        assert_eq!(calls_of(&api), r#"[["deny","Action blocked"]]"#);
    }
}

#[wasm_bindgen_test]
async fn an_outage_lets_in_only_where_the_options_say_so_and_never_at_continue() {
    let options = "return { timeoutMs: 100, maxRetries: 0, onUnavailable: 'allow' };";
    for (fetch, at_execute) in [
        ("return () => Promise.reject(new TypeError('Failed to fetch'));", "[]"),
        ("return () => new Promise(() => {});", "[]"),
        ("return async () => new Response('', { status: 500 });", "[]"),
        ("return async () => new Response('', { status: 404 });", UNAVAILABLE),
        ("return async () => new Response('no json');", UNAVAILABLE),
        ("return async () => Response.error();", UNAVAILABLE),
    ] {
        assert_eq!(run(execute_post_login, fetch, options).await, at_execute, "{fetch}");
        assert_eq!(run(continue_post_login, fetch, options).await, UNAVAILABLE, "{fetch}");
    }
}

#[wasm_bindgen_test]
async fn a_retry_carries_the_same_idempotency_key() {
    let fetch = "const keys = []; return async (request) => {
        keys.push((await request.json()).idempotencyKey);
        if (keys.length === 1) return new Response('', { status: 500 });
        return new Response(JSON.stringify({ state: keys[0] === keys[1] ? 'ALLOW' : 'BLOCK', isEnrolled: true }));
    };";
    assert_eq!(run(execute_post_login, fetch, "return { maxRetries: 1 };").await, "[]");
}

#[wasm_bindgen_test]
async fn an_answer_that_is_not_trusted_denies() {
    for answer in [
        PASSED.replace("true", "1"),
        PASSED.replace("CHALLENGE_SUCCEEDED", "CHALLENGE_FAILED"),
        PASSED.replace("auth0-login", "other"),
        PASSED.replace("auth0|1", "auth0|2"),
        PASSED.replace("key-1", "key-2"),
        "[]".into(),
        "{}".into(),
    ] {
        let calls = run(continue_post_login, &answering(&answer), ONE_TRY).await;
        assert_eq!(calls, FAILED, "{answer}");
    }
}

#[wasm_bindgen_test]
async fn options_are_an_object_or_a_function_of_the_event() {
    let answer = answering(r#"{ "state": "BLOCK" }"#);
    for (options, calls) in [
        ("return undefined;", r#"[["deny","Action blocked"]]"#),
        ("return {};", r#"[["deny","Action blocked"]]"#),
        ("return { action: undefined };", r#"[["deny","Action blocked"]]"#),
        ("return Object.create(null);", r#"[["deny","Action blocked"]]"#),
        ("return { blockedMessage: 'No.' };", r#"[["deny","No."]]"#),
        (
            "return (event) => ({ blockedMessage: event.user.email });",
            r#"[["deny","ada@example.com"]]"#,
        ),
        (
            "return { custom: { a: null, b: undefined, c: 1.5 }, attributes: { email: undefined } };",
            r#"[["deny","Action blocked"]]"#,
        ),
        ("return () => false;", "[]"),
        ("return () => undefined;", UNAVAILABLE),
        ("return () => null;", UNAVAILABLE),
        ("return () => 0;", UNAVAILABLE),
        ("return async () => ({});", UNAVAILABLE),
        ("return () => { throw 1; };", UNAVAILABLE),
        ("return null;", UNAVAILABLE),
        ("return [];", UNAVAILABLE),
        ("return 'eu';", UNAVAILABLE),
        ("return new Map();", UNAVAILABLE),
        ("return Object.create({ maxAge: 0 });", UNAVAILABLE),
        ("return { region: null };", UNAVAILABLE),
        ("return { regionn: 'eu' };", UNAVAILABLE),
        ("return { maxAge: 10n };", UNAVAILABLE),
        ("return { userId: 10n };", UNAVAILABLE),
        ("return { action: () => 'x' };", UNAVAILABLE),
        ("return { custom: { nested: {} } };", UNAVAILABLE),
        ("return { custom: { big: 1n } };", UNAVAILABLE),
        ("return { custom: { s: Symbol() } };", UNAVAILABLE),
        ("return { custom: new Date() };", UNAVAILABLE),
        ("return { custom: NaN };", UNAVAILABLE),
        ("return { get action() { throw 1; } };", UNAVAILABLE),
        ("return { unavailableMessage: 'Later.', region: 'mars' };", r#"[["deny","Later."]]"#),
    ] {
        assert_eq!(run(execute_post_login, &answer, options).await, calls, "{options}");
    }
}

#[wasm_bindgen_test]
async fn an_effect_that_fails_denies_and_a_deny_that_fails_rejects() {
    for (broken, calls) in [
        (
            "redirect.sendUserTo",
            r#"[["setMetadata","authsignal_challenge","key-1"],["deny","MFA is unavailable"]]"#,
        ),
        ("transaction.setMetadata", r#"[["sendUserTo","https://mfa.authsignal.com/t?token=abc"]]"#),
    ] {
        let (part, method) = broken.split_once('.').unwrap();
        for how in ["() => { throw 1; }", "undefined", "5"] {
            let api = js(API);
            let part = Reflect::get(&api, &part.into()).unwrap();
            Reflect::set(&part, &method.into(), &js(&["return ", how].concat())).unwrap();
            let result = call_with(&answering(CHALLENGE), execute_post_login, &api, ONE_TRY).await;
            assert!(result.is_ok());
            assert_eq!(calls_of(&api), calls, "{broken} {how}");
        }
    }
    for api in ["return {};", "return null;", "return { access: { deny() { throw 1; } } };"] {
        let result = call(execute_post_login, js(api), JsValue::NULL).await;
        assert!(result.is_err(), "{api}");
    }
}
