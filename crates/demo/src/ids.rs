//! Record ids as Salesforce makes them.

const BASE_62: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Letters of the three check characters: `A` to `Z`, `0` to `5`.
const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// Returns the 15-character id of record `number` of a kind (`500` for cases) in an instance (two characters).
pub(crate) fn id15(prefix: &str, instance: &str, number: i64) -> String {
    let mut id = String::with_capacity(18);
    id.push_str(prefix);
    id.push_str(instance);
    id.push_str("00000");
    // Numbers are spread so that neighbours look as different as those of a busy org.
    let mut rest = (number.unsigned_abs().wrapping_mul(7_919).wrapping_add(1_234_577)) % 62_u64.pow(5);
    let mut digits = [b'0'; 5];
    for digit in digits.iter_mut().rev() {
        *digit = BASE_62[(rest % 62) as usize];
        rest /= 62;
    }
    id.extend(digits.iter().map(|digit| char::from(*digit)));
    id
}

/// Returns the 18-character form: three characters more that say which of the 15 are capitals.
pub(crate) fn id18(id15: &str) -> String {
    let mut id = id15.to_owned();
    for part in id15.as_bytes().chunks(5) {
        let bits = part.iter().enumerate().fold(0, |bits, (at, letter)| {
            bits | usize::from(letter.is_ascii_uppercase()) << at
        });
        id.push(char::from(CHECKS[bits]));
    }
    id
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_have_the_platforms_length_and_check() {
        // From Salesforce's documentation of the 18-character form.
        assert_eq!(id18("001A0000006Vm9r"), "001A0000006Vm9rIAC");
        let id = id15("500", "5h", 4_711);
        assert_eq!(id.len(), 15);
        assert!(id.starts_with("5005h00000"));
    }

    #[test]
    fn numbers_do_not_collide() {
        let ids: BTreeSet<String> = (0..50_000).map(|number| id15("003", "5h", number)).collect();
        assert_eq!(ids.len(), 50_000);
    }
}
