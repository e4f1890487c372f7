//! Values from outside whose type nobody guarantees, and records of them.
//!
//! The macro [`record`] declares which fields of a JavaScript object are read. It stands in the place of serde's
//! `#[derive(Deserialize)]`: a derive compiles each struct into the one around it, twice, which makes the Action 6.2 kB
//! (an eighth) larger and a first login 0.7 ms slower. Here one function, [`Slot::read`], reads every record. A record only
//! names its fields and gives a place, a [`Slot`], for each.
//!
//! A value that is missing, `undefined` or `null` is [`Value::Absent`], and one of an unexpected type is what it is: whoever
//! uses it decides what may be let in. Something else in the place of a record or a list fails the whole object.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// One value from outside, flat: nothing looks deeper than into an array of strings, so that no depth of nesting can hurt.
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
    /// An array of strings.
    List(Vec<String>),
    /// Anything else.
    Other,
}

/// An object's own entries, in their order.
pub type Fields = Vec<(String, Value)>;

/// The members of an object that goes out: a request's body, a claim, what a handler resolves to.
pub type Members = Vec<(String, ValueOrObject)>;

/// A value, or an object of values: an option, or a member of an object that goes out.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueOrObject {
    /// A value.
    Value(Value),
    /// An object.
    Object(Fields),
}

impl Value {
    /// The string, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it has this entry, as an array or as a string in which spaces separate the entries. One that can't be read
    /// as either may have any.
    pub fn may_list(&self, entry: &str) -> bool {
        match self {
            Value::Absent => false,
            Value::Text(text) => {
                text.as_bytes().split(|b| *b == b' ').any(|own| own == entry.as_bytes())
            }
            Value::List(texts) => texts.iter().any(|own| own == entry),
            Value::Bool(_) | Value::Number(_) | Value::Other => true,
        }
    }

    /// Whether it is not there, `undefined` or `null`.
    pub fn is_absent(&self) -> bool {
        matches!(self, Value::Absent)
    }

    /// Whether it is `true` itself.
    pub fn is_true(&self) -> bool {
        matches!(self, Value::Bool(true))
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

impl From<&str> for ValueOrObject {
    fn from(text: &str) -> ValueOrObject {
        ValueOrObject::Value(text.into())
    }
}

/// A place that something from outside is read into.
pub enum Slot<'a> {
    /// A value.
    Value(&'a mut Value),
    /// A value in an array or in an object of values: an array is [`Value::Other`] there.
    Inner(&'a mut Value),
    /// A value, or an object of values.
    ValueOrObject(&'a mut ValueOrObject),
    /// The entries of an object, whatever their names are.
    Entries(&'a mut Members),
    /// A record, and the names of its fields.
    Record(&'a mut dyn Record, &'static [&'static str]),
    /// The elements of an array.
    List(&'a mut dyn List),
}

/// A type that has a slot. What is missing outside leaves it as it is.
pub trait Readable {
    /// The slot.
    fn slot(&mut self) -> Slot<'_>;
}

/// A struct whose fields have slots.
pub trait Record {
    /// The slot of the field of that name, if there is one.
    fn field(&mut self, name: &str) -> Option<Slot<'_>>;
}

/// A vector whose elements have slots.
pub trait List {
    /// The slot of a further element.
    fn push(&mut self) -> Slot<'_>;
    /// Drops the last element.
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
            fn field(&mut self, name: &str) -> Option<$crate::value::Slot<'_>> {
                match name {
                    $($name => Some($crate::value::Readable::slot(&mut self.$field)),)*
                    _ => None,
                }
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
    /// Reads what belongs here. It fails if an object or an array is meant and it is neither.
    pub fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Slot::Value(_) | Slot::Inner(_) | Slot::ValueOrObject(_) => {
                deserializer.deserialize_any(self)
            }
            Slot::Entries(_) => deserializer.deserialize_map(self),
            Slot::Record(_, names) => deserializer.deserialize_struct("", names, self),
            Slot::List(_) => deserializer.deserialize_seq(self),
        }
    }

    fn put<E: Error>(self, value: Value) -> Result<(), E> {
        match self {
            Slot::Value(slot) | Slot::Inner(slot) => *slot = value,
            Slot::ValueOrObject(slot) => *slot = ValueOrObject::Value(value),
            Slot::Entries(_) | Slot::Record(..) | Slot::List(_) => {
                return Err(E::custom("an object or an array is expected"));
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Slot<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
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

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.put(Value::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.put(Value::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.put(Value::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.put(Value::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<(), E> {
        self.put(Value::Text(text))
    }

    fn visit_byte_buf<E: Error>(self, _: Vec<u8>) -> Result<(), E> {
        self.put(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        match self {
            Slot::List(list) => {
                while seq.next_element_seed(list.push())?.is_some() {}
                // The slot of the element that did not come.
                list.pop();
                Ok(())
            }
            Slot::Value(slot) => {
                *slot = texts(seq)?.map_or(Value::Other, Value::List);
                Ok(())
            }
            other => {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                match other {
                    // In JavaScript an array is an object. It has none of the fields.
                    Slot::Record(..) => Ok(()),
                    other => other.put(Value::Other),
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self {
            Slot::Record(record, _) => {
                while let Some(name) = map.next_key::<String>()? {
                    match record.field(&name) {
                        Some(slot) => map.next_value_seed(slot)?,
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(())
            }
            Slot::Entries(entries) => {
                while let Some(name) = map.next_key()? {
                    let mut value = ValueOrObject::Value(Value::Absent);
                    // What can't even be read (a function, a symbol) is of a wrong type.
                    if map.next_value_seed(Slot::ValueOrObject(&mut value)).is_err() {
                        value = ValueOrObject::Value(Value::Other);
                    }
                    entries.push((name, value));
                }
                Ok(())
            }
            Slot::ValueOrObject(slot) => {
                let mut fields = Fields::new();
                while let Some(name) = map.next_key()? {
                    let mut value = Value::Absent;
                    if map.next_value_seed(Slot::Inner(&mut value)).is_err() {
                        value = Value::Other;
                    }
                    fields.push((name, value));
                }
                *slot = ValueOrObject::Object(fields);
                Ok(())
            }
            Slot::Value(_) | Slot::Inner(_) | Slot::List(_) => {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                self.put(Value::Other)
            }
        }
    }
}

/// The elements, if all of them are strings.
fn texts<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Vec<String>>, A::Error> {
    let mut texts = Some(Vec::new());
    let mut element = Value::Absent;
    while seq.next_element_seed(Slot::Inner(&mut element))?.is_some() {
        match (std::mem::take(&mut element), &mut texts) {
            (Value::Text(text), Some(texts)) => texts.push(text),
            _ => texts = None,
        }
    }
    Ok(texts)
}

/// The text without white space, or what a clipboard adds, at its ends.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
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

    fn read(json: serde_json::Value) -> Value {
        let mut value = Value::Absent;
        Slot::Value(&mut value).deserialize(json).unwrap();
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
            (json!([]), Value::List(vec![])),
            (json!(["a", ""]), Value::List(vec!["a".into(), "".into()])),
            (json!(["a", null]), Value::Other),
            (json!([["a"], "b"]), Value::Other),
            (json!({"a": {"b": 1}}), Value::Other),
        ];
        for (json, value) in cases {
            assert_eq!(read(json.clone()), value, "{json}");
        }
    }

    #[test]
    fn an_object_of_entries_is_looked_into_once_more_and_no_deeper() {
        let json = json!({"a": 1, "b": {"c": {"d": 2}, "e": true}, "f": [3]});
        let mut entries = Vec::new();
        Slot::Entries(&mut entries).deserialize(json).unwrap();
        let name = |text: &str| text.to_owned();
        let b = vec![(name("c"), Value::Other), (name("e"), Value::Bool(true))];
        assert_eq!(
            entries,
            [
                (name("a"), ValueOrObject::Value(Value::Number(1.0))),
                (name("b"), ValueOrObject::Object(b)),
                (name("f"), ValueOrObject::Value(Value::Other)),
            ]
        );
    }

    #[test]
    fn a_value_in_the_place_of_an_object_or_an_array_is_an_error() {
        for json in [json!(true), json!(1), json!("text")] {
            let mut entries = Vec::new();
            assert!(Slot::Entries(&mut entries).deserialize(json.clone()).is_err(), "{json}");
            let mut list: Vec<Value> = Vec::new();
            assert!(list.slot().deserialize(json.clone()).is_err(), "{json}");
        }
    }
}
