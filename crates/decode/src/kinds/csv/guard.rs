//! Undoing the mark that our CSV output puts before text which a spreadsheet would run (CONTRACT.md, "CSV output").

/// Returns the text as it was before it was exported.
pub(super) fn without_guard(cell: &str) -> &str {
    let Some(text) = cell.strip_prefix('\'') else {
        return cell;
    };
    let is_guarded = text.starts_with(['=', '+', '-', '@', '|', '\t', '\r', '\'', '＝', '＋', '－', '＠', '｜']);
    if is_guarded { text } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_export_has_marked_is_undone() {
        let cases = [
            ("'=1+1", "=1+1"),
            ("'＝1", "＝1"),
            ("'\tx", "\tx"),
            ("''quoted", "'quoted"),
            ("'quoted", "'quoted"),
            ("'", "'"),
            ("=1", "=1"),
            ("", ""),
        ];
        for (exported, text) in cases {
            assert_eq!(without_guard(exported), text, "{exported:?}");
        }
    }
}
