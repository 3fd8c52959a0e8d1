//! Names under which rules and events know one field, per log source.

use std::collections::HashMap;

use sekisho_event::catalogue::LogSource;
use serde::Deserialize;

use crate::problem::SigmaError;

/// Field aliases of all log sources.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AliasTable {
    sources: Vec<SourceAliases>,
}

#[derive(Debug, Clone, Deserialize)]
struct SourceAliases {
    product: String,
    /// Without services they hold for the whole product.
    #[serde(default)]
    services: Vec<String>,
    /// Names of each member mean one field.
    #[serde(default)]
    same: Vec<Vec<String>>,
    /// Names that start with one of a member's texts mean the field that starts with another of them.
    #[serde(default)]
    prefixes: Vec<Vec<String>>,
}

/// Field aliases of one log source.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    groups: Vec<Vec<String>>,
    group_of: HashMap<String, Vec<usize>>,
    prefixes: Vec<Vec<String>>,
}

impl AliasTable {
    /// Returns the aliases that ship with the program.
    ///
    /// # Errors
    ///
    /// When the shipped file is not of its form, which a test rules out.
    pub fn shipped() -> Result<Self, SigmaError> {
        Self::parse(include_str!("../content/field_aliases.json"))
    }

    /// Returns the aliases in a JSON text.
    ///
    /// # Errors
    ///
    /// When the text is not of the form.
    pub fn parse(text: &str) -> Result<Self, SigmaError> {
        Ok(serde_json::from_str(text)?)
    }

    /// Returns the aliases that hold for a log source. Case does not count.
    #[must_use]
    pub fn of(&self, logsource: &LogSource) -> Aliases {
        let mut aliases = Aliases::default();
        for source in self.sources.iter().filter(|source| source.holds_for(logsource)) {
            source.same.iter().for_each(|group| aliases.add(group));
            aliases.prefixes.extend(source.prefixes.iter().cloned());
        }
        aliases
    }
}

impl SourceAliases {
    fn holds_for(&self, logsource: &LogSource) -> bool {
        let shares_service = || {
            let mut services = self.services.iter();
            services.any(|service| {
                logsource
                    .services
                    .iter()
                    .any(|other| other.eq_ignore_ascii_case(service))
            })
        };
        self.product.eq_ignore_ascii_case(&logsource.product) && (self.services.is_empty() || shares_service())
    }
}

impl Aliases {
    /// Returns the other names of a field, best first.
    #[must_use]
    pub fn others(&self, name: &str) -> Vec<String> {
        let mut others = self.same(name);
        for group in &self.prefixes {
            // The shortest rest belongs to the longest prefix; an empty prefix fits every name.
            let rests = group.iter().filter_map(|prefix| strip_prefix(name, prefix));
            let Some(rest) = rests.min_by_key(|rest| rest.len()) else {
                continue;
            };
            for prefix in group {
                let other = format!("{prefix}{rest}");
                others.extend(self.same(&other));
                others.push(other);
            }
        }
        let mut seen = vec![name.to_owned()];
        others.retain(|other| {
            let new = !seen.contains(other);
            seen.push(other.clone());
            new
        });
        others
    }

    fn same(&self, name: &str) -> Vec<String> {
        let groups = self.group_of.get(&name.to_lowercase()).into_iter().flatten();
        groups.flat_map(|group| self.groups[*group].iter().cloned()).collect()
    }

    fn add(&mut self, group: &[String]) {
        for name in group {
            let groups = self.group_of.entry(name.to_lowercase()).or_default();
            groups.push(self.groups.len());
        }
        self.groups.push(group.to_vec());
    }
}

fn strip_prefix<'n>(name: &'n str, prefix: &str) -> Option<&'n str> {
    let start = name.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &name[prefix.len()..])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn aliases(product: &str, service: &str) -> Aliases {
        AliasTable::shipped().unwrap().of(&LogSource {
            product: product.to_owned(),
            services: vec![service.to_owned()],
            categories: Vec::new(),
        })
    }

    #[test]
    fn spellings_of_one_field_lead_to_each_other() {
        let gcp = aliases("GCP", "gcp.audit");
        for name in [
            "gcp.audit.method_name",
            "data.protoPayload.methodName",
            "GCP.Audit.Method_Name",
        ] {
            assert!(
                gcp.others(name).contains(&"protoPayload.methodName".to_owned()),
                "{name}"
            );
        }
        let resource = gcp.others("data.protoPayload.resource.type");
        assert!(resource.contains(&"resource.type".to_owned()), "{resource:?}");
        assert!(aliases("salesforce", "").others("unheardOf").is_empty());
    }

    #[test]
    fn aliases_hold_for_their_log_source_only() {
        assert!(aliases("gitlab", "audit").others("gcp.audit.method_name").is_empty());
        assert!(!aliases("gitlab", "audit").others("event_name").is_empty());
    }
}
