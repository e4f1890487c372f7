//! How a value from outside is read, where a whole event doesn't show it.
#![cfg(not(target_arch = "wasm32"))]

use authsignal_auth0::event::Event;
use authsignal_auth0::value::{Slot, Value};
use serde::de::value::Error;
use serde::de::{DeserializeSeed, Visitor};
use serde_json::json;

#[test]
fn a_text_is_read_whether_the_host_lends_it_or_gives_it_away() {
    for json in [r#""text""#, r#""te\u0078t""#] {
        let mut value = Value::Absent;
        let mut host = serde_json::Deserializer::from_str(json);
        Slot::Value(&mut value).deserialize(&mut host).unwrap();
        assert_eq!(value, Value::Text("text".into()));
    }
}

#[test]
fn bytes_are_no_value_of_any_option() {
    // What a host's deserializer makes of a `Uint8Array`.
    let mut value = Value::Absent;
    Slot::Value(&mut value).visit_byte_buf::<Error>(vec![1]).unwrap();
    assert_eq!(value, Value::Other);
}

#[test]
fn a_list_has_as_many_elements_as_came() {
    for count in 0..4 {
        let methods = vec![json!({ "name": "pwd" }); count];
        let json = json!({ "authentication": { "methods": methods } });
        let event: Event = serde_json::from_value(json).unwrap();
        assert_eq!(event.authentication.methods.len(), count);
        assert!(event.authentication.methods.iter().all(|it| it.name.text() == Some("pwd")));
    }
}

#[test]
fn where_an_object_is_meant_and_none_is_there_the_error_says_so() {
    for json in [json!(5), json!("x"), json!({ "user": true }), json!({ "request": "x" })] {
        let error = serde_json::from_value::<Event>(json).unwrap_err().to_string();
        assert!(error.contains("an object or an array"), "{error}");
    }
}
