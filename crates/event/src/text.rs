//! Text for people, in English and Japanese.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

/// The language that people are addressed in. Field names and enum values stay English in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// Returns the language of a locale name or of `en` / `ja`; `None` for any other language.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['_', '-', '.']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" | "c" | "posix" => Some(Self::En),
            "ja" => Some(Self::Ja),
            _ => None,
        }
    }
}

/// One sentence in both languages; a missing Japanese text falls back to the English one, also where it is written out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
pub struct Text {
    /// English.
    pub en: String,
    /// Japanese; the English where none has been written.
    #[serde(default)]
    #[schema(value_type = String, required)]
    pub ja: Option<String>,
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = serializer.serialize_struct("Text", 2)?;
        text.serialize_field("en", &self.en)?;
        text.serialize_field("ja", self.get(Lang::Ja))?;
        text.end()
    }
}

impl Text {
    /// Returns the sentence of two.
    #[must_use]
    pub fn of(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            ja: Some(ja.into()),
        }
    }

    /// Returns the text in `lang`.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => self.ja.as_deref().unwrap_or(&self.en),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_always_written_out() {
        let text = Text {
            en: "one".to_owned(),
            ja: None,
        };
        assert_eq!(serde_json::to_string(&text).unwrap(), r#"{"en":"one","ja":"one"}"#);
        let text = Text::of("one", "一");
        assert_eq!(serde_json::to_string(&text).unwrap(), r#"{"en":"one","ja":"一"}"#);
    }
}
