//! Undoing what analysts do to addresses and links so that nobody clicks them.

/// Returns the text with the usual defanging undone: `hxxp`, `[.]`, `(.)`, `{.}`, `[dot]`, `[:]`, `[://]`, `[@]`, `[at]`.
#[must_use]
pub fn refang(text: &str) -> String {
    let mut plain = text.trim().to_owned();
    for (defanged, original) in PAIRS {
        if find_ignoring_case(&plain, defanged).is_some() {
            plain = replace_ignoring_case(&plain, defanged, original);
        }
    }
    let scheme_length = plain.find("://").unwrap_or(0);
    let scheme = plain[..scheme_length].to_ascii_lowercase();
    match scheme.as_str() {
        "hxxp" | "hxxps" | "hxtp" | "hxtps" | "h**p" | "h**ps" | "fxp" => {
            let original = scheme
                .replace("hxxp", "http")
                .replace("hxtp", "http")
                .replace("h**p", "http");
            format!("{}{}", original.replace("fxp", "ftp"), &plain[scheme_length..])
        }
        _ => plain,
    }
}

/// Returns the host of a URL, or the text itself where it is none.
pub(crate) fn host_of(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if let Some(inside) = host.strip_prefix('[') {
        return inside.split(']').next().unwrap_or(inside);
    }
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

const PAIRS: [(&str, &str); 14] = [
    ("[://]", "://"),
    ("[:]//", "://"),
    ("[:]", ":"),
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("[punto]", "."),
    ("\\.", "."),
    ("[@]", "@"),
    ("(@)", "@"),
    ("[at]", "@"),
    ("(at)", "@"),
];

fn find_ignoring_case(text: &str, part: &str) -> Option<usize> {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    text.windows(part.len())
        .position(|window| window.eq_ignore_ascii_case(part))
}

fn replace_ignoring_case(text: &str, part: &str, by: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find_ignoring_case(rest, part) {
        result.push_str(&rest[..at]);
        result.push_str(by);
        rest = &rest[at + part.len()..];
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_defanging_is_undone() {
        assert_eq!(
            refang("hxxps[://]evil[.]example(dot)com/x"),
            "https://evil.example.com/x"
        );
        assert_eq!(refang("192[.]0(.)2{.}1"), "192.0.2.1");
        assert_eq!(refang("a[at]example[DOT]com"), "a@example.com");
        assert_eq!(refang("2001[:]db8::1"), "2001:db8::1");
        assert_eq!(refang("HXXP://a.example/hxxp"), "http://a.example/hxxp");
        assert_eq!(refang("例[.]jp"), "例.jp");
    }

    #[test]
    fn the_host_of_a_url_is_found_behind_user_and_port() {
        assert_eq!(host_of("https://u:p@a.example.com:8443/x?y#z"), "a.example.com");
        assert_eq!(host_of("http://[2001:db8::1]:80/"), "2001:db8::1");
        assert_eq!(host_of("a.example.com"), "a.example.com");
    }
}
