//! Which rules are asked about which events.

use sekisho_event::catalogue::LogSource;

use crate::rule::RuleSource;

/// How rules are chosen for events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routing {
    /// Every rule, whatever log source it is for.
    All,
    /// Events of a table, whose log source is known in full: whatever a rule states must be among what it has.
    Table(LogSource),
    /// Events of which a user says something: what is not said is not held against a rule, but something must fit.
    Said(LogSource),
}

impl Routing {
    /// Returns whether a rule for `source` is asked. Case does not count.
    #[must_use]
    pub fn takes(&self, source: &RuleSource) -> bool {
        match self {
            Self::All => true,
            Self::Table(table) => fits(source, table).into_iter().all(|fit| fit != Some(false)),
            Self::Said(said) => {
                let said_parts = [
                    !said.product.is_empty(),
                    !said.services.is_empty(),
                    !said.categories.is_empty(),
                ];
                let relevant: Vec<Option<bool>> = fits(source, said)
                    .into_iter()
                    .zip(said_parts)
                    .filter_map(|(fit, said)| said.then_some(fit))
                    .collect();
                relevant.iter().all(|fit| *fit != Some(false)) && relevant.contains(&Some(true))
            }
        }
    }
}

/// Product, service and category: whether what the rule states is among what the events have.
fn fits(rule: &RuleSource, events: &LogSource) -> [Option<bool>; 3] {
    let among = |stated: &Option<String>, known: &[String]| {
        let stated = stated.as_deref()?;
        Some(known.iter().any(|one| one.eq_ignore_ascii_case(stated)))
    };
    [
        among(&rule.product, std::slice::from_ref(&events.product)),
        among(&rule.service, &events.services),
        among(&rule.category, &events.categories),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(product: &str, service: &str, category: &str) -> RuleSource {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        RuleSource {
            product: part(product),
            service: part(service),
            category: part(category),
        }
    }

    fn events(product: &str, services: &[&str], categories: &[&str]) -> LogSource {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        LogSource {
            product: product.to_owned(),
            services: list(services),
            categories: list(categories),
        }
    }

    #[test]
    fn a_table_takes_rules_whose_every_statement_it_meets() {
        let table = Routing::Table(events("gcp", &["gcp.audit", "audit"], &[]));
        assert!(table.takes(&rule("gcp", "gcp.audit", "")));
        assert!(table.takes(&rule("GCP", "", "")));
        assert!(table.takes(&rule("", "Audit", "")));
        assert!(!table.takes(&rule("gcp", "google_workspace.admin", "")));
        assert!(!table.takes(&rule("", "", "process_creation")));
        assert!(!table.takes(&rule("aws", "audit", "")));
    }

    #[test]
    fn what_a_user_does_not_say_is_not_held_against_a_rule() {
        let said = Routing::Said(events("kubernetes", &["audit"], &[]));
        assert!(said.takes(&rule("kubernetes", "audit", "application")));
        assert!(said.takes(&rule("kubernetes", "", "")));
        assert!(!said.takes(&rule("", "", "process_creation")));
        assert!(!said.takes(&rule("aws", "audit", "")));
        assert!(Routing::All.takes(&rule("windows", "", "process_creation")));
    }
}
