//! Both exports, with a real `api` object and a `fetch` of each kind, in a browser and in Node.
//!
//! `wasm-pack test --node`, and with `WASM_BINDGEN_USE_BROWSER=1` in headless Chrome. A trap ends such a
//! run, so what happens then is tested on the built files in tests/runtime/.
#![cfg(target_arch = "wasm32")]
#![allow(unsafe_code)] // what wasm-bindgen generates

use authsignal_auth0::wasm::{continue_post_login, execute_post_login};
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

type Hook = fn(JsValue, JsValue, JsValue, JsValue);

/// Calls a hook as the shim does.
fn call(hook: Hook, api: JsValue, options: JsValue) -> JsFuture {
    JsFuture::from(Promise::new(&mut |resolve, reject| {
        let login = js("return (resolve, reject) => ({ resolve, reject, waiting: new Set() });");
        let login = Function::from(login).call2(&JsValue::UNDEFINED, &resolve, &reject).unwrap();
        hook(event(), api.clone(), options.clone(), login);
    }))
}

/// Runs a hook while `fetch` is what `body` gives. Gives the calls of `api`, as JSON.
async fn run(hook: Hook, fetch: &str, options: &str) -> String {
    let global = js_sys::global();
    let real = Reflect::get(&global, &"fetch".into()).unwrap();
    Reflect::set(&global, &"fetch".into(), &js(fetch)).unwrap();
    let api = js(API);
    let result = call(hook, api.clone(), js(options)).await;
    Reflect::set(&global, &"fetch".into(), &real).unwrap();
    assert!(result.is_ok(), "a hook never rejects where deny works");
    let calls = Reflect::get(&api, &"calls".into()).unwrap();
    JSON::stringify(&calls).unwrap().into()
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
async fn continue_records_the_passed_challenge() {
    let calls = run(continue_post_login, &answering(PASSED), ONE_TRY).await;
    assert_eq!(calls, r#"[["recordMethod","https://api.authsignal.com/v1"]]"#);
}

#[wasm_bindgen_test]
async fn the_request_is_the_one_that_the_api_expects() {
    let calls = run(
        execute_post_login,
        r#"return async (url, init) => {
            const request = new Request(url, init);
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
async fn a_fetch_that_fails_in_any_way_denies() {
    for fetch in [
        "return undefined;",
        "return 'fetch';",
        "return () => { throw new Error('thrown'); };",
        "return () => { throw undefined; };",
        "return () => Promise.reject(new TypeError('Failed to fetch'));",
        "return () => Promise.reject(undefined);",
        "return () => new Promise(() => {});",
        "return () => ({ then(resolve, reject) { reject(1); } });",
        "return () => undefined;",
        "return () => null;",
        "return () => 5;",
        "return () => 'text';",
        "return async () => ({});",
        "return async () => ({ status: '200', text: async () => '{}' });",
        "return async () => ({ status: 200.5, text: async () => '{}' });",
        "return async () => ({ status: 200 });",
        "return async () => ({ status: 200, text: async () => 5 });",
        "return async () => ({ status: 200, text() { throw 1; } });",
        "return async () => ({ status: 200, get body() { throw 1; } });",
        "return async () => ({ get status() { throw 1; } });",
        "return async () => new Response('no json');",
        "return async () => new Response('null');",
        "return async () => new Response('5.5');",
        "return async () => new Response('x'.repeat(300_000));",
        "return async () => new Response('{}', { status: 400 });",
        "return async () => new Response('{}', { status: 401 });",
        "return async () => new Response('{}', { status: 429, headers: { 'retry-after': '60' } });",
        "return async () => new Response('{}', { status: 503 });",
        "return async () => Response.redirect('https://example.com/');",
        "return async () => new Response(new ReadableStream({ pull(it) { it.error(new Error('cut')); } }));",
        "return async () => new Response(new ReadableStream({}));",
    ] {
        for hook in [execute_post_login, continue_post_login] {
            assert_eq!(run(hook, fetch, ONE_TRY).await, UNAVAILABLE, "{fetch}");
        }
    }
}

#[wasm_bindgen_test]
async fn what_has_the_shape_of_a_response_is_one() {
    for response in [
        "{ ok: true, status: 200, json: async () => ANSWER, text: async () => JSON.stringify(ANSWER) }",
        "{ status: 201, body: new Response(JSON.stringify(ANSWER)).body }",
        "{ status: 200, body: 'no stream', text: () => JSON.stringify(ANSWER) }",
    ] {
        let fetch = ["const ANSWER = ", PASSED, "; return () => (", response, ");"].concat();
        let calls = run(continue_post_login, &fetch, ONE_TRY).await;
        assert_eq!(calls, r#"[["recordMethod","https://api.authsignal.com/v1"]]"#, "{response}");
    }
}

#[wasm_bindgen_test]
async fn an_outage_lets_in_only_where_the_options_say_so_and_never_at_continue() {
    let options = "return { timeoutMs: 100, maxRetries: 0, onUnavailable: 'allow' };";
    for (fetch, at_execute) in [
        ("return () => Promise.reject(1);", "[]"),
        ("return () => new Promise(() => {});", "[]"),
        ("return async () => new Response('', { status: 500 });", "[]"),
        ("return async () => new Response('', { status: 404 });", UNAVAILABLE),
        ("return async () => new Response('no json');", UNAVAILABLE),
        ("return undefined;", UNAVAILABLE),
    ] {
        assert_eq!(run(execute_post_login, fetch, options).await, at_execute, "{fetch}");
        assert_eq!(run(continue_post_login, fetch, options).await, UNAVAILABLE, "{fetch}");
    }
}

#[wasm_bindgen_test]
async fn a_retry_carries_the_same_idempotency_key() {
    // Any answer closes the breaker that the failures of other tests may have opened.
    run(execute_post_login, &answering(CHALLENGE), ONE_TRY).await;
    let fetch = [
        "const keys = []; return async (url, { body }) => {
            keys.push(JSON.parse(body).idempotencyKey);
            if (keys.length === 1) return new Response('', { status: 500 });
            return new Response(JSON.stringify({ state: keys[0] === keys[1] ? 'ALLOW' : 'BLOCK', isEnrolled: true }));
        };",
    ]
    .concat();
    assert_eq!(run(execute_post_login, &fetch, "return { maxRetries: 1 };").await, "[]");
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
            let global = js_sys::global();
            let real = Reflect::get(&global, &"fetch".into()).unwrap();
            Reflect::set(&global, &"fetch".into(), &js(&answering(CHALLENGE))).unwrap();
            let result = call(execute_post_login, api.clone(), js(ONE_TRY)).await;
            Reflect::set(&global, &"fetch".into(), &real).unwrap();
            assert!(result.is_ok());
            let seen = JSON::stringify(&Reflect::get(&api, &"calls".into()).unwrap()).unwrap();
            assert_eq!(String::from(seen), calls, "{broken} {how}");
        }
    }
    for api in ["return {};", "return null;", "return { access: { deny() { throw 1; } } };"] {
        let result = call(execute_post_login, js(api), JsValue::NULL).await;
        assert!(result.is_err(), "{api}");
    }
}
