//! A field of a PATCH body: absent, null, or a value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Use with `#[serde(default)]`, so that an absent field is [`Patch::Absent`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Leave it as it is.
    #[default]
    Absent,
    /// Clear it.
    Null,
    Value(T),
}

impl<T> Patch<T> {
    /// Applies to an optional field.
    pub fn apply(self, target: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *target = None,
            Self::Value(value) => *target = Some(value),
        }
    }

    /// Applies to a field that always has a value; null resets it to the default.
    pub fn apply_or_default(self, target: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Absent => {}
            Self::Null => *target = T::default(),
            Self::Value(value) => *target = value,
        }
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Maps the value, for example to parse it.
    pub fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        Ok(match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(f(value)?),
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}
