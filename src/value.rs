//! Values from outside whose type nobody guarantees, and records of them.
//!
//! A record says which fields of a JavaScript object are read: see the macro `record`. All of them are read by
//! one piece of code ([`Slot`]), which is a third of the size of what serde would derive.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// One value from outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Not there, `undefined` or `null`.
    #[default]
    Absent,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string. A lone surrogate in it has become U+FFFD.
    Text(String),
    /// An object's own entries, where objects are looked into: only as deep as [`Slot::Value`] says, so
    /// that no depth of nesting can hurt.
    Entries(Vec<(String, Value)>),
    /// Anything else.
    Other,
}

impl Value {
    /// The string, where it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is not there, `undefined` or `null`.
    pub fn is_absent(&self) -> bool {
        matches!(self, Value::Absent)
    }

    /// Whether it is there and is not the string `expected`.
    pub fn contradicts(&self, expected: &str) -> bool {
        !self.is_absent() && self.text() != Some(expected)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Entries(entries) => {
                serializer.collect_map(entries.iter().map(|(name, value)| (name, value)))
            }
            Value::Absent | Value::Other => serializer.serialize_unit(),
        }
    }
}

/// A place that a value from outside is read into.
pub enum Slot<'a> {
    /// One value, and how many levels of objects are looked into.
    Value(&'a mut Value, u8),
    /// An object's fields, and their names.
    Record(&'a mut dyn Record, &'static [&'static str]),
    /// An array's elements.
    List(&'a mut dyn List),
}

/// What has a place for a value from outside. What is missing leaves it as it is.
pub trait Readable {
    /// The place.
    fn slot(&mut self) -> Slot<'_>;
}

/// Named fields, each with a place.
pub trait Record {
    /// The place of the field of that index among the names.
    fn field(&mut self, index: usize) -> Slot<'_>;
}

/// Elements, each with a place.
pub trait List {
    /// A place for a further element.
    fn push(&mut self) -> Slot<'_>;
    /// Drops the last place.
    fn pop(&mut self);
}

impl Readable for Value {
    fn slot(&mut self) -> Slot<'_> {
        Slot::Value(self, 0)
    }
}

impl<T: Readable + Default> Readable for Vec<T> {
    fn slot(&mut self) -> Slot<'_> {
        Slot::List(self)
    }
}

impl<T: Readable + Default> List for Vec<T> {
    fn push(&mut self) -> Slot<'_> {
        self.push(T::default());
        self.last_mut().expect("it has just been pushed").slot()
    }

    fn pop(&mut self) {
        self.pop();
    }
}

/// Declares structs whose fields are read by name from an object: `field: Type = "name"`.
macro_rules! record {
    ($($(#[$doc:meta])* $record:ident { $($field:ident: $type:ty = $name:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[allow(missing_docs)] // the names are the contract's own
        pub struct $record { $(pub $field: $type),* }

        impl $crate::value::Record for $record {
            fn field(&mut self, index: usize) -> $crate::value::Slot<'_> {
                let mut fields = [$($crate::value::Readable::slot(&mut self.$field)),*].into_iter();
                fields.nth(index).expect("an index of the names")
            }
        }

        impl $crate::value::Readable for $record {
            fn slot(&mut self) -> $crate::value::Slot<'_> {
                $crate::value::Slot::Record(self, &[$($name),*])
            }
        }

        impl<'de> serde::Deserialize<'de> for $record {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut record = $record::default();
                $crate::value::Readable::slot(&mut record).read(deserializer)?;
                Ok(record)
            }
        }
    )*};
}
pub(crate) use record;

impl Slot<'_> {
    /// Reads what belongs here. Fails where an object or an array is meant and it is neither.
    pub fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Slot::Value(..) => deserializer.deserialize_any(self),
            Slot::Record(_, names) => deserializer.deserialize_struct("", names, self),
            Slot::List(_) => deserializer.deserialize_seq(self),
        }
    }

    fn put(self, value: Value) {
        if let Slot::Value(slot, _) = self {
            *slot = value;
        }
    }
}

impl<'de> DeserializeSeed<'de> for Slot<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Slot::Value(..) => self.read(deserializer),
            _ => deserializer.deserialize_option(self),
        }
    }
}

impl<'de> Visitor<'de> for Slot<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or an array")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.read(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.put(Value::Bool(flag));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.put(Value::Number(number as f64));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.put(Value::Number(number as f64));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.put(Value::Number(number));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(text.into());
        Ok(())
    }

    fn visit_string<E>(self, text: String) -> Result<(), E> {
        self.put(Value::Text(text));
        Ok(())
    }

    fn visit_byte_buf<E>(self, _: Vec<u8>) -> Result<(), E> {
        self.put(Value::Other);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if let Slot::List(list) = self {
            while seq.next_element_seed(list.push())?.is_some() {}
            // The place for the element that did not come.
            list.pop();
        } else {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            self.put(Value::Other);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self {
            Slot::Value(slot, depth @ 1..) => {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key()? {
                    let mut value = Value::Absent;
                    // What can't even be read (a function, a symbol) is of a wrong type.
                    if map.next_value_seed(Slot::Value(&mut value, depth - 1)).is_err() {
                        value = Value::Other;
                    }
                    entries.push((name, value));
                }
                *slot = Value::Entries(entries);
            }
            Slot::Record(record, names) => {
                while let Some(name) = map.next_key::<String>()? {
                    match names.iter().position(|own| *own == name) {
                        Some(index) => map.next_value_seed(record.field(index))?,
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
            }
            other => {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                other.put(Value::Other);
            }
        }
        Ok(())
    }
}

/// The parts as one string. std's `concat` is ten times the code.
pub fn concat(parts: &[&str]) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(part);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(json: serde_json::Value, depth: u8) -> Value {
        let mut value = Value::Absent;
        Slot::Value(&mut value, depth).deserialize(json).unwrap();
        value
    }

    #[test]
    fn a_value_is_read_flat_whatever_it_is() {
        let cases = [
            (json!(null), Value::Absent),
            (json!(true), Value::Bool(true)),
            (json!(-3), Value::Number(-3.0)),
            (json!(18_446_744_073_709_551_615_u64), Value::Number(18_446_744_073_709_551_615.0)),
            (json!(0.5), Value::Number(0.5)),
            (json!("text"), Value::Text("text".into())),
            (json!([1, [2]]), Value::Other),
            (json!({"a": {"b": 1}}), Value::Other),
        ];
        for (json, value) in cases {
            assert_eq!(read(json.clone(), 0), value, "{json}");
        }
    }

    #[test]
    fn an_object_is_looked_into_as_deep_as_asked_and_no_deeper() {
        let json = json!({"a": 1, "b": {"c": {"d": 2}}});
        let text = |text: &str| text.to_owned();
        assert_eq!(read(json.clone(), 0), Value::Other);
        let b = Value::Entries(vec![(text("c"), Value::Other)]);
        assert_eq!(
            read(json, 2),
            Value::Entries(vec![(text("a"), Value::Number(1.0)), (text("b"), b)])
        );
    }
}
