//! The sheet as plain text: one printed page for a handful of orgs.
//!
//! No colour and no cursor movement: what a terminal, a printer and a mail show is the same. Everything from outside is
//! made safe in one place ([`page`]), since whoever attacked also wrote some of it.

mod labels;
mod object;
mod org;
mod page;

use sekisho_event::text::Lang;
use sekisho_hunt::Verdict;

use crate::sheet::Sheet;
use crate::words::grouped;
use labels::Labels;
use page::Page;

/// Lines of a printed A4 page at the type size that holds 100 columns.
const PAGE_LINES: usize = 70;
/// The narrowest sheet that can be read; a narrower terminal wraps it itself.
const MIN_WIDTH: usize = 60;
/// The widest: longer lines are hard to follow and do not print.
const MAX_WIDTH: usize = 120;

/// How much of each org is shown.
#[derive(Debug, Clone, Copy)]
struct Detail {
    actors: usize,
    objects: usize,
    weak: usize,
    unseen: usize,
    steps: usize,
    /// Whether the log that settles a question is named behind it.
    settles: bool,
}

/// From what no sheet can do without to everything.
const DETAILS: [Detail; 16] = [
    detail(1, 1, 0, 1, 1, false),
    detail(1, 2, 0, 1, 2, false),
    detail(1, 3, 0, 1, 3, false),
    detail(1, 3, 1, 1, 3, false),
    detail(1, 4, 1, 1, 3, false),
    detail(1, 4, 1, 1, 3, true),
    detail(1, 4, 1, 1, 4, true),
    detail(2, 4, 1, 1, 4, true),
    detail(2, 4, 1, 2, 4, true),
    detail(2, 5, 1, 2, 4, true),
    detail(2, 6, 1, 2, 4, true),
    detail(2, 6, 2, 2, 4, true),
    detail(3, 6, 2, 3, 4, true),
    detail(3, 8, 2, 4, 4, true),
    detail(4, 8, 3, 5, 4, true),
    detail(5, 8, 3, 6, 4, true),
];

/// The detail that a hit needs before another org gets more than the least: what was touched first, and what to do.
const ENOUGH_OF_HIT: usize = 2;

const fn detail(actors: usize, objects: usize, weak: usize, unseen: usize, steps: usize, settles: bool) -> Detail {
    Detail {
        actors,
        objects,
        weak,
        unseen,
        steps,
        settles,
    }
}

/// Returns the sheet as plain text of at most `width` columns, with a line feed behind each line. What does not fit on one
/// page is counted, not shown; with many orgs it takes more than one.
#[must_use]
pub fn render(sheet: &Sheet, lang: Lang, width: usize) -> String {
    let width = width.clamp(MIN_WIDTH, MAX_WIDTH);
    let labels = Labels::of(lang);
    let mut page = Page::new(width);
    head(sheet, &labels, &mut page);
    let parts: Vec<Vec<Page>> = sheet
        .orgs
        .iter()
        .map(|org| {
            DETAILS
                .iter()
                .map(|detail| org::part(org, &labels, *detail, width))
                .collect()
        })
        .collect();
    let hits = sheet.orgs.iter().filter(|org| org.verdict == Verdict::Hit).count();
    let chosen = fit(&parts, hits, PAGE_LINES.saturating_sub(page.len()));
    for (details, chosen) in parts.into_iter().zip(chosen) {
        if let Some(part) = details.into_iter().nth(chosen) {
            page.append(part);
        }
    }
    page.finish()
}

/// Returns the detail of each org: as much as fits, in rounds, the first orgs first. The hits, which come first, have their
/// rounds before the others until each has enough.
fn fit(parts: &[Vec<Page>], hits: usize, lines: usize) -> Vec<usize> {
    let mut chosen = vec![0; parts.len()];
    let mut used: usize = parts.iter().map(|details| details[0].len()).sum();
    let rounds = (1..=ENOUGH_OF_HIT)
        .map(|next| (next, hits))
        .chain((1..DETAILS.len()).map(|next| (next, parts.len())));
    for (next, orgs) in rounds {
        for (details, chosen) in parts.iter().zip(&mut chosen).take(orgs) {
            let wanted = used - details[*chosen].len() + details[next].len();
            if *chosen + 1 == next && wanted <= lines {
                *chosen = next;
                used = wanted;
            }
        }
    }
    chosen
}

fn head(sheet: &Sheet, labels: &Labels, page: &mut Page) {
    let count = |verdict| sheet.orgs.iter().filter(|org| org.verdict == verdict).count();
    page.line_between(
        labels.title,
        &format!("{} {}", labels.made_at, labels::minute(sheet.made_at.0)),
    );
    let orgs = labels.org_count(
        sheet.orgs.len(),
        [count(Verdict::Hit), count(Verdict::Inconclusive), count(Verdict::Clear)],
    );
    page.line_between(
        &format!("{}: {} ({orgs})", labels.verdict, labels::verdict(sheet.verdict)),
        &labels.range(sheet.from.map(|at| at.0), sheet.to.map(|at| at.0)),
    );
    let lists = sheet.lists.iter().map(|list| {
        let version = list
            .version
            .as_ref()
            .map(|version| format!(" {version}"))
            .unwrap_or_default();
        let as_of = list
            .as_of
            .as_ref()
            .map(|as_of| format!("{as_of}, "))
            .unwrap_or_default();
        format!("{}{version} ({as_of}{})", list.name, labels.indicators(list.indicators))
    });
    let allow = sheet.allow_lists.iter().map(|list| {
        format!(
            "{} {} ({}, {})",
            labels.allow_list,
            list.name,
            list.app,
            labels.networks(list.ranges)
        )
    });
    let rules = (sheet.rules > 0).then(|| labels.rules(&grouped(sheet.rules as u64)));
    let asked: Vec<String> = lists.chain(allow).chain(rules).collect();
    page.paragraph(&format!("{}: ", labels.asked), &asked.join("; "));
    page.rule('=');
}
