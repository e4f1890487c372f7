//! The WebAssembly module: the exports of `authsignal_auth0::wasm`.

#[cfg(target_arch = "wasm32")]
pub use logic::wasm::*;
