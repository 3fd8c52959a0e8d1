//! Typed ids: each wraps the platform's own text, compared exactly and case-sensitively.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the platform's text unchanged.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the platform's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// The org or instance that an event happened in.
    OrgId
);
text_id!(
    /// `LoginKey` / `LOGIN_KEY`: one login, from login to logout.
    LoginKey
);
text_id!(
    /// `SessionKey` / `SESSION_KEY`: one session under a login.
    SessionKey
);

/// The org of rows that name none, when the user names none either. Every row has an org.
pub const UNKNOWN_ORG: &str = "unknown";

impl OrgId {
    /// Returns the org of rows that name none.
    #[must_use]
    pub fn unknown() -> Self {
        Self::new(UNKNOWN_ORG)
    }

    /// Returns the org that a cell names, in one spelling.
    #[must_use]
    pub fn from_cell(cell: &str) -> Self {
        Self::new(Self::spelling_of_cell(cell))
    }

    /// Returns one spelling for the two that Salesforce uses: the 18-character form of an org id is cut to the
    /// 15 characters that carry it (the last three only make it safe where case is lost).
    #[must_use]
    pub fn spelling_of_cell(cell: &str) -> &str {
        let is_long_salesforce_org = cell.len() == 18 && cell.starts_with("00D") && cell.is_ascii();
        if is_long_salesforce_org { &cell[..15] } else { cell }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_salesforce_org_are_one_org() {
        assert_eq!(
            OrgId::from_cell("00D5g00000AbCdEEAV"),
            OrgId::from_cell("00D5g00000AbCdE")
        );
        assert_ne!(OrgId::from_cell("00D5g00000abcde"), OrgId::from_cell("00D5g00000AbCdE"));
        assert_eq!(OrgId::from_cell("gitlab.example.com").as_str(), "gitlab.example.com");
    }
}
