//! Who asks, and what they may see and do.

use std::collections::BTreeSet;

use sekisho_event::ids::OrgId;

/// Something that a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Read events, findings and coverage.
    Read,
    /// Load events into the store.
    Load,
    /// Check, copy and keep up the store as a whole.
    Care,
}

/// The orgs whose rows a caller sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrgScope {
    /// Every org.
    All,
    /// These orgs.
    Only(BTreeSet<OrgId>),
}

impl OrgScope {
    /// Returns true where rows of the org are seen.
    #[must_use]
    pub fn contains(&self, org: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(orgs) => orgs.iter().any(|known| known.as_str() == org),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The person or program, as it is written into records.
    pub principal: String,
    /// The orgs whose rows are seen.
    pub orgs: OrgScope,
    /// What may be done.
    pub permissions: BTreeSet<Permission>,
}

impl Caller {
    /// Returns the caller of a command line: whoever can read the store's files can do everything with them.
    #[must_use]
    pub fn local(principal: impl Into<String>) -> Self {
        let permissions = BTreeSet::from([Permission::Read, Permission::Load, Permission::Care]);
        Self {
            principal: principal.into(),
            orgs: OrgScope::All,
            permissions,
        }
    }

    /// Returns the caller limited to one org, where one is named.
    #[must_use]
    pub fn within(mut self, org: Option<OrgId>) -> Self {
        if let Some(org) = org {
            self.orgs = OrgScope::Only(BTreeSet::from([org]));
        }
        self
    }

    /// Checks that the caller may do something.
    ///
    /// # Errors
    /// The permission is missing.
    pub fn may(&self, permission: Permission) -> Result<(), crate::Error> {
        if self.permissions.contains(&permission) {
            return Ok(());
        }
        Err(crate::Error::NotAllowed {
            principal: self.principal.clone(),
            permission,
        })
    }
}
