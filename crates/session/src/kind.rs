//! What kind of session each one is, and why.

use serde::Serialize;
use utoipa::ToSchema;

use crate::collect::Gathered;
use crate::tree::Login;

/// How a session came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// By logging in.
    Login,
    /// An administrator logged in as another user.
    LoginAs,
    /// By `frontdoor.jsp`: a session id carried to another device, without a login.
    Frontdoor,
    /// The data do not say.
    Unknown,
}

/// The evidence for a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SessionReason)]
pub enum Reason {
    /// The login row names this session.
    NamedByLoginRow,
    /// It is the first session of the user who logged in.
    FirstAfterLogin,
    /// A login-as event names the session or its user.
    LoginAsEvent,
    /// Another user under the same login.
    OtherUser,
    /// `frontdoor` stands in its first rows.
    FrontdoorSeen,
    /// Another user agent under the same login, without a login of its own.
    OtherDevice,
    /// Another address under the same login, without a login of its own.
    OtherAddress,
    /// No login row is in the data, so the first session cannot be told from a later one.
    NoLoginRow,
    /// Same user, device and address as the login; nothing tells how it began.
    NothingTells,
}

/// Something odd about a session, whatever its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SessionFlag)]
pub enum Flag {
    /// Its user is not the one who logged in.
    OtherUser,
    /// Its user agents are not those of the first session.
    OtherDevice,
    /// Its addresses are not those of the login.
    OtherAddress,
    /// Several users within one session.
    SeveralUsers,
    /// Several user agents of one source within one session.
    SeveralDevices,
}

/// A session's kind with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judgement {
    pub(crate) kind: SessionKind,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) flags: Vec<Flag>,
}

/// A login-as event: who became whom, in which session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoginAs {
    pub(crate) session_key: Option<String>,
    pub(crate) target: Option<String>,
}

/// Returns the number of the session that the login itself started.
pub(crate) fn root_of(login: Option<&Login>, sessions: &[Gathered]) -> Option<usize> {
    if let Some(key) = login.and_then(|login| login.session_key.as_deref())
        && let Some(named) = sessions.iter().position(|session| session.key == key)
    {
        return Some(named);
    }
    let Some(login) = login else {
        return (!sessions.is_empty()).then_some(0);
    };
    let who = login.who();
    sessions.iter().position(|session| !session.who.differs_from(&who))
}

/// Judges every session against the one that the login started.
pub(crate) fn judge(login: Option<&Login>, sessions: &[Gathered], login_as: &[LoginAs]) -> Vec<Judgement> {
    let root = root_of(login, sessions);
    let judged = |(number, session): (usize, &Gathered)| {
        let reference = Reference {
            login,
            root: root.map(|root| &sessions[root]),
        };
        if root == Some(number) {
            of_root(login, session)
        } else {
            of_later(&reference, session, login_as)
        }
    };
    sessions.iter().enumerate().map(judged).collect()
}

/// What a session is compared with.
struct Reference<'a> {
    login: Option<&'a Login>,
    root: Option<&'a Gathered>,
}

impl Reference<'_> {
    fn has_other_user(&self, session: &Gathered) -> bool {
        match (self.login, self.root) {
            (Some(login), _) => session.who.differs_from(&login.who()),
            (None, Some(root)) => session.who.differs_from(&root.who),
            (None, None) => false,
        }
    }

    fn has_other_device(&self, session: &Gathered) -> bool {
        self.root
            .is_some_and(|root| root.agents.are_apart_from(&session.agents))
    }

    fn has_other_address(&self, session: &Gathered) -> bool {
        let known = || {
            let of_root = self.root.into_iter().flat_map(|root| root.addresses.iter());
            of_root
                .map(String::as_str)
                .chain(self.login.and_then(|login| login.src_ip.as_deref()))
        };
        let is_known = |address: &String| known().any(|other| other == address);
        known().next().is_some() && !session.addresses.is_empty() && !session.addresses.iter().any(is_known)
    }
}

fn of_root(login: Option<&Login>, session: &Gathered) -> Judgement {
    let is_named = login.is_some_and(|login| login.session_key.as_deref() == Some(session.key.as_str()));
    let (kind, reason) = match (login, is_named) {
        (_, true) => (SessionKind::Login, Reason::NamedByLoginRow),
        (Some(_), false) => (SessionKind::Login, Reason::FirstAfterLogin),
        (None, false) if session.has_frontdoor => (SessionKind::Frontdoor, Reason::FrontdoorSeen),
        (None, false) => (SessionKind::Unknown, Reason::NoLoginRow),
    };
    Judgement {
        kind,
        reasons: vec![reason],
        flags: own_flags(session),
    }
}

fn of_later(reference: &Reference<'_>, session: &Gathered, login_as: &[LoginAs]) -> Judgement {
    let mut reasons = Vec::new();
    let mut flags = own_flags(session);
    let mut note = |is_so: bool, reason, flag: Option<Flag>| {
        if is_so {
            reasons.push(reason);
            flags.extend(flag);
        }
    };
    let is_named = login_as.iter().any(|event| names(event, session));
    note(is_named, Reason::LoginAsEvent, None);
    note(
        reference.has_other_user(session),
        Reason::OtherUser,
        Some(Flag::OtherUser),
    );
    note(session.has_frontdoor, Reason::FrontdoorSeen, None);
    note(
        reference.has_other_device(session),
        Reason::OtherDevice,
        Some(Flag::OtherDevice),
    );
    note(
        reference.has_other_address(session),
        Reason::OtherAddress,
        Some(Flag::OtherAddress),
    );
    let kind = if reasons
        .iter()
        .any(|reason| matches!(reason, Reason::LoginAsEvent | Reason::OtherUser))
    {
        SessionKind::LoginAs
    } else if reasons.is_empty() {
        reasons.push(Reason::NothingTells);
        SessionKind::Unknown
    } else {
        SessionKind::Frontdoor
    };
    flags.sort_unstable();
    Judgement { kind, reasons, flags }
}

fn names(event: &LoginAs, session: &Gathered) -> bool {
    event.session_key.as_deref() == Some(session.key.as_str())
        || event.target.as_deref().is_some_and(|target| session.who.is(target))
}

fn own_flags(session: &Gathered) -> Vec<Flag> {
    let mut flags = Vec::new();
    if session.who.is_several() {
        flags.push(Flag::SeveralUsers);
    }
    if session.agents.are_several() {
        flags.push(Flag::SeveralDevices);
    }
    flags
}
