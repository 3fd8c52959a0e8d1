//! Changes of the setup.

use super::tables::{PERMISSION_SET_EVENT, SETUP_AUDIT_TRAIL};
use super::{Scribe, Session};
use crate::clock::{Ms, iso};
use crate::ids::{id15, id18};
use crate::rows::Cell::{Empty, Flag, Int, Json, Text};
use crate::world::User;

/// A change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup<'a> {
    pub(crate) action: &'a str,
    pub(crate) section: &'a str,
    pub(crate) display: &'a str,
}

impl Scribe<'_> {
    pub(crate) fn setup(&mut self, at: Ms, session: &Session<'_>, change: Setup<'_>) {
        let id = id18(&id15("0Ym", self.org.instance, self.random.between(1, 800_000_000)));
        let time = iso(at - at.rem_euclid(1_000));
        if let Some(act) = self.act {
            // The trail names neither session nor address.
            self.chronicle.note_origin(act, None, None);
        }
        self.rows.add(
            &SETUP_AUDIT_TRAIL,
            at,
            self.act,
            &[
                ("Id", Text(&id)),
                ("Action", Text(change.action)),
                ("Section", Text(change.section)),
                ("CreatedDate", Text(&time)),
                ("CreatedById", Text(&session.user.id18)),
                ("CreatedBy.Username", Text(&session.user.username)),
                ("Display", Text(change.display)),
                ("DelegateUser", Empty),
            ],
        );
    }

    /// Assigns a permission set to a user.
    pub(crate) fn assign_permissions(
        &mut self,
        at: Ms,
        session: &Session<'_>,
        user: &User,
        name: &str,
        permissions: &str,
    ) {
        let display = format!(
            "Permission set {name}: assigned to user {} (UserID: {})",
            user.name, user.id15
        );
        self.setup(
            at,
            session,
            Setup {
                action: "PermSetAssign",
                section: "Manage Users",
                display: &display,
            },
        );
        let users = format!("[\"{}\"]", user.id18);
        let parents = format!("[\"{name}\"]");
        self.rtem(
            &PERMISSION_SET_EVENT,
            at,
            session,
            &[
                ("Operation", Text("AssignedToUsers")),
                ("EventSource", Text("Lightning")),
                ("PermissionType", Text("UserPermission")),
                ("PermissionList", Json(permissions)),
                ("ParentNameList", Json(&parents)),
                ("ImpactedUserIds", Json(&users)),
                ("UserCount", Int(1)),
                ("HasExternalUsers", Flag(false)),
                ("EvaluationTime", Int(0)),
            ],
        );
    }
}
