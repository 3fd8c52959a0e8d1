//! The sheet as plain text.

use sekisho_event::text::Lang;

use crate::sheet::Sheet;

/// Returns the sheet as plain text of at most `width` columns.
#[must_use]
pub fn render(sheet: &Sheet, _lang: Lang, _width: usize) -> String {
    sheet
        .orgs
        .iter()
        .map(|org| format!("{}\n", org.org.escape_debug()))
        .collect()
}
