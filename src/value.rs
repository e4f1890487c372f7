//! Values from outside whose type nobody guarantees, and records of them.
//!
//! A record says which fields of a JavaScript object are read: see [`record!`]. All of them are read by
//! one piece of code ([`Slot`]), which is a third of the size of what serde would derive.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde::ser::{Serialize, Serializer};

/// One value from outside. It is flat: nothing below an array or an object is read, so no depth of
/// nesting can hurt.
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

    /// The string, where it is one.
    pub fn into_text(self) -> Option<String> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is there and is not the string `expected`.
    pub fn contradicts(&self, expected: &str) -> bool {
        *self != Value::Absent && self.text() != Some(expected)
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Field::Value(value) => value.serialize(serializer),
            Field::Entries(entries) => {
                serializer.collect_map(entries.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Absent | Value::Other => serializer.serialize_unit(),
        }
    }
}

/// A value, or the own entries of an object: as deep as an option can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// Not an object.
    Value(Value),
    /// An object's entries, in their order.
    Entries(Vec<(String, Value)>),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match deserializer.deserialize_any(Reader { entries: false })? {
            Field::Value(value) => value,
            Field::Entries(_) => Value::Other,
        })
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader { entries: true })
    }
}

/// Takes whatever comes. Only with `entries` is an object looked into.
struct Reader {
    entries: bool,
}

impl<'de> Visitor<'de> for Reader {
    type Value = Field;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Value(Value::Absent))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Field, E> {
        Ok(Field::Value(Value::Bool(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Field, E> {
        Ok(Field::Value(Value::Number(number as f64)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field, E> {
        Ok(Field::Value(Value::Number(number as f64)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Field, E> {
        Ok(Field::Value(Value::Number(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Value(Value::Text(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Field, E> {
        Ok(Field::Value(Value::Text(text)))
    }

    fn visit_byte_buf<E>(self, _: Vec<u8>) -> Result<Field, E> {
        Ok(Field::Value(Value::Other))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Field, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Value(Value::Other))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field, A::Error> {
        let mut entries = Vec::new();
        if !self.entries {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Field::Value(Value::Other));
        }
        while let Some(name) = map.next_key()? {
            // A value that can't even be read (a function, a symbol) is one of a wrong type.
            entries.push((name, map.next_value().unwrap_or(Value::Other)));
        }
        Ok(Field::Entries(entries))
    }
}

/// A place that a value from outside is read into.
pub enum Slot<'a> {
    /// One value.
    Value(&'a mut Value),
    /// An object's fields.
    Record(&'a mut dyn Record),
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
    /// The names.
    fn names(&self) -> &'static [&'static str];
    /// The place of the field of that index.
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
        Slot::Value(self)
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
            fn names(&self) -> &'static [&'static str] {
                &[$($name),*]
            }

            fn field(&mut self, index: usize) -> $crate::value::Slot<'_> {
                let mut fields = [$($crate::value::Readable::slot(&mut self.$field)),*].into_iter();
                fields.nth(index).expect("an index of names()")
            }
        }

        impl $crate::value::Readable for $record {
            fn slot(&mut self) -> $crate::value::Slot<'_> {
                $crate::value::Slot::Record(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $record {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut record = $record::default();
                $crate::value::read_record(&mut record, deserializer)?;
                Ok(record)
            }
        }
    )*};
}
pub(crate) use record;

/// Reads an object's fields. Fails for what is no object.
pub fn read_record<'de, D: Deserializer<'de>>(
    record: &mut dyn Record,
    deserializer: D,
) -> Result<(), D::Error> {
    deserializer.deserialize_struct("", record.names(), Slot::Record(record))
}

impl<'de> DeserializeSeed<'de> for Slot<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Slot::Value(value) => {
                *value = Value::deserialize(deserializer)?;
                Ok(())
            }
            slot => deserializer.deserialize_option(slot),
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

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Slot::Record(record) => read_record(record, deserializer),
            slot => deserializer.deserialize_seq(slot),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Slot::Record(record) = self else { return Ok(()) };
        while let Some(name) = map.next_key::<String>()? {
            match record.names().iter().position(|own| *own == name) {
                Some(index) => map.next_value_seed(record.field(index))?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Slot::List(list) = self else { return Ok(()) };
        // The place for the element that did not come is dropped.
        while seq.next_element_seed(list.push())?.is_some() {}
        list.pop();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

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
            assert_eq!(from_value::<Value>(json.clone()).unwrap(), value, "{json}");
        }
    }

    #[test]
    fn an_object_gives_its_entries_and_nothing_below_them() {
        assert_eq!(
            from_value::<Field>(json!({"a": 1, "b": {"c": 2}})).unwrap(),
            Field::Entries(vec![("a".into(), Value::Number(1.0)), ("b".into(), Value::Other)])
        );
    }
}
