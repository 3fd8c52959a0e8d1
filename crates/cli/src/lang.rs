//! Which language people are addressed in, and choosing between two texts.

use std::ffi::OsString;

use sekisho_event::text::Lang;

/// Returns the text in the language.
pub(crate) fn say<'t>(lang: Lang, en: &'t str, ja: &'t str) -> &'t str {
    match lang {
        Lang::En => en,
        Lang::Ja => ja,
    }
}

/// Returns the language of a command line: `--lang`, then `SEKISHO_LANG`, then the locale. It is needed before the
/// arguments are parsed, since help and usage errors are texts too.
pub(crate) fn of_arguments(arguments: &[OsString]) -> Lang {
    let texts: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let after_flag = texts
        .iter()
        .position(|text| *text == "--lang")
        .and_then(|at| texts.get(at + 1))
        .copied();
    let joined = texts.iter().find_map(|text| text.strip_prefix("--lang="));
    after_flag
        .or(joined)
        .and_then(Lang::from_tag)
        .or_else(of_environment)
        .unwrap_or_default()
}

fn of_environment() -> Option<Lang> {
    let set = ["SEKISHO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    set.into_iter()
        .find(|value| !value.is_empty())
        .and_then(|value| Lang::from_tag(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_decides_in_both_spellings() {
        let lang = |words: &[&str]| of_arguments(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(lang(&["sekisho", "--lang", "ja", "tables"]), Lang::Ja);
        assert_eq!(lang(&["sekisho", "tables", "--lang=en"]), Lang::En);
    }
}
