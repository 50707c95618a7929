//! Names in other languages than the one of the menu.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::text::{InvalidText, Name};

/// Name in other languages, for web pages to show. Orders and requests have the name on the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Names"))]
pub struct Names<N = Name> {
    /// Spanish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub es: Option<N>,
    /// Brazilian Portuguese.
    #[serde(rename = "pt-BR", skip_serializing_if = "Option::is_none")]
    pub pt_br: Option<N>,
}

impl<'de, N: Deserialize<'de>> Deserialize<'de> for Names<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, bound(deserialize = "N: Deserialize<'de>"))]
        struct Fields<N> {
            #[serde(default, deserialize_with = "not_null")]
            es: Option<N>,
            #[serde(default, rename = "pt-BR", deserialize_with = "not_null")]
            pt_br: Option<N>,
        }
        let Fields { es, pt_br } = object(deserializer)?;
        Ok(Self { es, pt_br })
    }
}

impl<N> Default for Names<N> {
    fn default() -> Self {
        Self { es: None, pt_br: None }
    }
}

impl<N> Names<N> {
    /// Returns true if no language has a name.
    pub const fn is_empty(&self) -> bool {
        self.es.is_none() && self.pt_br.is_none()
    }
}

impl Names<String> {
    /// Checks and normalises the names. The error has the language of the first one at fault.
    pub(crate) fn parse(&self) -> Result<Names, (&'static str, InvalidText)> {
        let name = |text: &Option<String>, language| {
            text.as_deref().map(str::parse).transpose().map_err(|error| (language, error))
        };
        Ok(Names { es: name(&self.es, "es")?, pt_br: name(&self.pt_br, "pt-BR")? })
    }
}

/// Reads a field that may be absent, but not null.
pub(crate) fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a struct from an object alone. A derived `Deserialize` would also accept a list of the
/// fields, and an empty list if no field is required.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct OfObject<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OfObject<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_map(OfObject(PhantomData))
}
