//! Objects that go out of the module. With serde-wasm-bindgen's serializer the Action is 0.5 kB larger.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::value::{Value, ValueOrObject};

/// Makes an object of its members. Each is the object's own, whatever its name is.
pub fn write(members: &[(String, ValueOrObject)]) -> Result<JsValue, JsValue> {
    write_with(members, |value| match value {
        ValueOrObject::Value(value) => Ok(js(value)),
        ValueOrObject::Object(fields) => write_with(fields, |value| Ok(js(value))),
    })
}

fn write_with<T>(
    members: &[(String, T)],
    js: impl Fn(&T) -> Result<JsValue, JsValue>,
) -> Result<JsValue, JsValue> {
    let entries = Array::new();
    for (name, value) in members {
        entries.push(&Array::of2(&name.into(), &js(value)?));
    }
    Ok(Object::from_entries(&entries)?.into())
}

fn js(value: &Value) -> JsValue {
    match value {
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => (*number).into(),
        Value::Text(text) => text.into(),
        Value::List(texts) => texts.iter().map(JsValue::from).collect::<Array>().into(),
        Value::Absent | Value::Other => JsValue::NULL,
    }
}
