//! What every command is told: where the store is, in which form and language to answer, whose orgs to look at.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::ArgMatches;
use sekisho_event::ids::OrgId;
use sekisho_event::kind::SourceKind;
use sekisho_event::text::Lang;
use sekisho_event::time::Range;
use sekisho_operation::Caller;
use sekisho_operation::inputs::ReadOptions;
use sekisho_operation::source::Source;

use crate::lang::say;
use crate::output::Format;
use crate::times;

/// The arguments that commands share.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) data_dir: PathBuf,
    pub(crate) format: Format,
    pub(crate) lang: Lang,
    pub(crate) range: Range,
    pub(crate) read: ReadOptions,
    pub(crate) paths: Vec<PathBuf>,
    org: Option<OrgId>,
}

impl Settings {
    /// Returns the settings of a parsed command.
    ///
    /// # Errors
    /// A value is not understood.
    pub(crate) fn of(matches: &ArgMatches, lang: Lang) -> Result<Self, String> {
        let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten();
        let kind = text("as")
            .map(|name| name.parse::<SourceKind>())
            .transpose()
            .map_err(|error| error.to_string())?;
        let org = text("org").map(|name| org_of(name, lang)).transpose()?;
        let zone = times::zone_of(matches, lang)?;
        let paths = matches.try_get_many::<PathBuf>("path").ok().flatten();
        Ok(Self {
            data_dir: data_dir(matches),
            format: text("format")
                .and_then(|name| Format::named(name))
                .unwrap_or_else(Format::usual),
            lang,
            range: times::range_of(matches, zone.as_ref(), lang)?,

            read: ReadOptions {
                kind,
                org: org.clone(),
                time_field: text("time-field").cloned(),
                zone,
                below: None,
            },
            paths: paths.map(|paths| paths.cloned().collect()).unwrap_or_default(),
            org,
        })
    }

    /// Returns the caller. With bare files `--org` names the org of rows that name none; with the store it limits what
    /// is seen.
    pub(crate) fn caller(&self) -> Caller {
        let caller = Caller::local(std::env::var("USER").unwrap_or_else(|_| "local".to_owned()));
        if self.paths.is_empty() {
            caller.within(self.org.clone())
        } else {
            caller
        }
    }

    /// Returns where events come from.
    pub(crate) fn source(&self) -> Source {
        Source::new(self.paths.clone(), self.read.clone(), &self.data_dir)
    }

    /// Returns true where a person reads the answer.
    pub(crate) fn is_for_people(&self) -> bool {
        self.format == Format::Table
    }
}

/// Every row has an org: a name that is blank is none.
fn org_of(name: &str, lang: Lang) -> Result<OrgId, String> {
    if name.trim().is_empty() {
        return Err(say(lang, "--org is blank", "--org が空です。").to_owned());
    }
    Ok(OrgId::new(name.trim()))
}

/// A variable that is set but empty is not set.
fn data_dir(matches: &ArgMatches) -> PathBuf {
    let named = matches.get_one::<PathBuf>("data").cloned();
    let from_environment = || {
        std::env::var_os("SEKISHO_DATA")
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    named
        .or_else(from_environment)
        .unwrap_or_else(|| PathBuf::from("sekisho-data"))
}

impl Format {
    /// A person at a terminal gets a table, a program lines of JSON.
    fn usual() -> Self {
        if std::io::stdout().is_terminal() {
            Self::Table
        } else {
            Self::JsonLines
        }
    }
}
