//! The inputs that fuzzing found worth keeping, through the same functions as `make fuzz` does it.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::{fs, panic};

fn replay(name: &str, target: fn(&[u8])) {
    let folder = format!("{}/fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        assert!(panic::catch_unwind(|| target(&input)).is_ok(), "{}", path.display());
        inputs += 1;
    }
    assert!(inputs > 0, "{folder} is empty");
}

#[test]
fn every_text_of_the_corpus_is_parsed_safely() {
    replay("parse", targets::parse);
}

#[test]
fn every_login_of_the_corpus_is_decided_as_the_table_says() {
    replay("on_execute", targets::on_execute);
}

#[test]
fn every_challenge_of_the_corpus_is_recorded_only_where_every_condition_holds() {
    replay("on_continue", targets::on_continue);
}
