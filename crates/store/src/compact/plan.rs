//! Which segments to merge: pure planning, without a file being touched.
//!
//! Segments are kept so that few of them overlap in time and none is small without need: rows in the order of their times,
//! whole days beside each other. Every cluster makes progress by one of three measures, compared in this order: large
//! segments out of order, segments in all, days that segments cover in all. So planning again and again comes to an end.

/// What a plan may ask for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Most rows of a cluster of several segments.
    pub(crate) rows: u64,
    /// Most bytes of a cluster of several segments.
    pub(crate) bytes: u64,
    /// Most segments of a cluster.
    pub(crate) segments: usize,
    /// The rows from which on a segment ends with its day.
    pub(crate) cut_rows: u64,
    /// The rows up to which a segment may stay out of order: it is read as a whole anyway.
    pub(crate) unsorted_rows: u64,
}

/// The largest segment of a cluster may be so many times the others together. Without a bound every late row would have its
/// whole day written again; with it a row is written again a few times for each fourfold growth of its segment.
const MAX_RATIO: u64 = 4;

/// By how much the sizes of segments that are looked at together grow: small ones find each other first, also where a large
/// one lies between them.
const TIER_FACTOR: u64 = 8;

/// How many sizes are told apart.
const TIERS: u32 = 3;

/// A segment as planning sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) id: i64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// The first and the last day in it; `None` where no row has a time.
    pub(crate) days: Option<(i64, i64)>,
    pub(crate) is_sorted: bool,
    /// Segments with and without an identity file are not mixed.
    pub(crate) has_identities: bool,
}

/// Segments to be merged into as few as their days allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cluster {
    pub(crate) ids: Vec<i64>,
    /// The rows from which on a new segment ends with its day.
    pub(crate) cut_rows: u64,
}

/// Returns clusters without a segment in common.
pub(crate) fn plan(segments: &[Candidate], limits: &Limits) -> Vec<Cluster> {
    let mut clusters = Vec::new();
    for has_identities in [true, false] {
        for is_dated in [true, false] {
            let mut alike: Vec<&Candidate> = segments
                .iter()
                .filter(|segment| segment.has_identities == has_identities && segment.days.is_some() == is_dated)
                .collect();
            alike.sort_by_key(|segment| (segment.days, segment.id));
            take_lone(&mut alike, limits, &mut clusters);
            for tier in (0..TIERS).rev() {
                let below = limits.rows / TIER_FACTOR.pow(tier);
                take_runs(&mut alike, below, limits, &mut clusters);
            }
        }
    }
    clusters
}

impl Candidate {
    fn is_untidy(&self, limits: &Limits) -> bool {
        self.days.is_some() && !self.is_sorted && self.rows > limits.unsorted_rows
    }
}

/// Takes the segments that are too large to be merged: those out of order are sorted alone, the others stay as they are.
fn take_lone(alike: &mut Vec<&Candidate>, limits: &Limits, clusters: &mut Vec<Cluster>) {
    alike.retain(|segment| {
        let is_lone = segment.rows > limits.rows || segment.bytes > limits.bytes;
        if is_lone && segment.is_untidy(limits) {
            clusters.push(Cluster {
                ids: vec![segment.id],
                cut_rows: limits.cut_rows,
            });
        }
        !is_lone
    });
}

/// Takes runs of neighbours among the segments of at most `below` rows.
fn take_runs(alike: &mut Vec<&Candidate>, below: u64, limits: &Limits, clusters: &mut Vec<Cluster>) {
    let small: Vec<&Candidate> = alike.iter().copied().filter(|segment| segment.rows <= below).collect();
    let mut rest = small.as_slice();
    while !rest.is_empty() {
        let length = longest_run(rest, limits);
        let (run, after) = rest.split_at(length.max(1));
        if length > 0 {
            clusters.push(Cluster {
                ids: run.iter().map(|segment| segment.id).collect(),
                cut_rows: cut_rows(run, limits),
            });
        }
        rest = after;
    }
    alike.retain(|segment| !clusters.iter().any(|cluster| cluster.ids.contains(&segment.id)));
}

/// Returns how many segments at the head of `list` are worth merging; 0 where none are.
fn longest_run(list: &[&Candidate], limits: &Limits) -> usize {
    let (mut rows, mut bytes, mut longest) = (0, 0, 0);
    for (position, segment) in list.iter().enumerate().take(limits.segments) {
        rows += segment.rows;
        bytes += segment.bytes;
        let length = position + 1;
        if length > 1 && (rows > limits.rows || bytes > limits.bytes) {
            break;
        }
        if list.get(..length).is_some_and(|run| is_worth_it(run, limits)) {
            longest = length;
        }
    }
    longest
}

fn is_worth_it(run: &[&Candidate], limits: &Limits) -> bool {
    if let [lone] = run {
        return lone.is_untidy(limits);
    }
    let rows: u64 = run.iter().map(|segment| segment.rows).sum();
    let largest = run.iter().map(|segment| segment.rows).max().unwrap_or(0);
    let is_balanced = largest <= MAX_RATIO * (rows - largest);
    is_balanced && (shrinks(run.len(), rows, limits) || is_tangled(run))
}

/// Returns whether fewer segments come out: each but the last has at least `cut_rows` rows.
fn shrinks(segments: usize, rows: u64, limits: &Limits) -> bool {
    (segments as u64) > rows / limits.cut_rows.max(1) + 1
}

/// Returns whether the segments hang together by days that they share, so that the days covered become fewer.
fn is_tangled(run: &[&Candidate]) -> bool {
    let mut reach: Option<i64> = None;
    let (mut is_connected, mut shares_days) = (true, false);
    for (first, last) in run.iter().filter_map(|segment| segment.days) {
        if let Some(end) = reach {
            is_connected &= first <= end;
            shares_days |= first <= end;
        }
        reach = Some(reach.map_or(last, |end| end.max(last)));
    }
    is_connected && shares_days
}

/// Returns where new segments end. Where their number does not fall by itself, they are made as large as those merged.
fn cut_rows(run: &[&Candidate], limits: &Limits) -> u64 {
    let rows: u64 = run.iter().map(|segment| segment.rows).sum();
    if run.len() > 1 && !shrinks(run.len(), rows, limits) {
        limits.cut_rows.max(rows.div_ceil(run.len() as u64))
    } else {
        limits.cut_rows
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const LIMITS: Limits = Limits {
        rows: 2_000,
        bytes: 2_000_000,
        segments: 16,
        cut_rows: 500,
        unsorted_rows: 100,
    };

    /// A segment as its rows a day; what a merge makes of it can be worked out.
    #[derive(Debug, Clone)]
    struct Model {
        id: i64,
        days: BTreeMap<i64, u64>,
        is_sorted: bool,
        has_identities: bool,
    }

    impl Model {
        fn rows(&self) -> u64 {
            self.days.values().sum()
        }

        fn candidate(&self) -> Candidate {
            let first = self.days.keys().next().copied();
            Candidate {
                id: self.id,
                rows: self.rows(),
                bytes: self.rows() * 100,
                days: first.zip(self.days.keys().next_back().copied()),
                is_sorted: self.is_sorted,
                has_identities: self.has_identities,
            }
        }
    }

    /// A small generator of numbers, so that a failure can be run again by its seed.
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % limit
        }
    }

    fn candidates(store: &[Model]) -> Vec<Candidate> {
        store.iter().map(Model::candidate).collect()
    }

    fn merged(store: &mut Vec<Model>, cluster: &Cluster, next: &mut i64) {
        let (merged, rest): (Vec<Model>, Vec<Model>) = std::mem::take(store)
            .into_iter()
            .partition(|model| cluster.ids.contains(&model.id));
        assert_eq!(merged.len(), cluster.ids.len(), "a segment that is not there");
        *store = rest;
        let mut days: BTreeMap<i64, u64> = BTreeMap::new();
        for (day, rows) in merged.iter().flat_map(|model| &model.days) {
            *days.entry(*day).or_default() += rows;
        }
        let mut open: Option<Model> = None;
        for (day, rows) in days {
            if open.as_ref().is_some_and(|model| model.rows() >= cluster.cut_rows) {
                store.extend(open.take());
            }
            *next += 1;
            let model = open.get_or_insert_with(|| Model {
                id: *next,
                days: BTreeMap::new(),
                is_sorted: true,
                has_identities: merged[0].has_identities,
            });
            model.days.insert(day, rows);
        }
        store.extend(open);
    }

    fn random_store(random: &mut Random) -> Vec<Model> {
        let span = [1, 5, 60][random.below(3) as usize];
        (0..random.below(60) as i64)
            .map(|id| {
                let start = random.below(span) as i64;
                let size = [3, 40, 400, 3_000][random.below(4) as usize];
                let days = (0..=random.below(4) as i64)
                    .map(|day| (start + day * (1 + random.below(3) as i64), 1 + random.below(size)))
                    .collect();
                Model {
                    id,
                    days,
                    is_sorted: random.below(3) > 0,
                    has_identities: random.below(4) > 0,
                }
            })
            .collect()
    }

    #[test]
    fn planning_again_and_again_ends_and_keeps_every_row() {
        for seed in 1..400 {
            let mut random = Random(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
            let mut store = random_store(&mut random);
            let mut next = 1_000_000;
            let rows: u64 = store.iter().map(Model::rows).sum();
            let mut steps = 0;
            while let Some(cluster) = plan(&candidates(&store), &LIMITS).first().cloned() {
                steps += 1;
                assert!(steps < 500, "seed {seed} does not end: {cluster:?}");
                merged(&mut store, &cluster, &mut next);
            }
            assert_eq!(rows, store.iter().map(Model::rows).sum::<u64>(), "seed {seed}");
            let untidy = |model: &&Model| model.candidate().is_untidy(&LIMITS);
            assert_eq!(store.iter().filter(untidy).count(), 0, "seed {seed}");
        }
    }

    #[test]
    fn clusters_keep_the_limits_and_share_nothing() {
        for seed in 1..400 {
            let mut random = Random(0xD134_2543_DE82_EF95_u64.wrapping_mul(seed));
            let store = candidates(&random_store(&mut random));
            let by_id: BTreeMap<i64, &Candidate> = store.iter().map(|segment| (segment.id, segment)).collect();
            let mut seen = Vec::new();
            for cluster in plan(&store, &LIMITS) {
                let inside: Vec<&Candidate> = cluster.ids.iter().map(|id| by_id[id]).collect();
                let rows: u64 = inside.iter().map(|segment| segment.rows).sum();
                assert!(inside.len() == 1 || rows <= LIMITS.rows, "seed {seed}: {cluster:?}");
                assert!(inside.len() <= LIMITS.segments && !inside.is_empty());
                assert!(inside.iter().all(|one| one.has_identities == inside[0].has_identities));
                assert!(cluster.cut_rows >= LIMITS.cut_rows);
                seen.extend(cluster.ids);
            }
            let all = seen.len();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(all, seen.len(), "seed {seed}");
        }
    }

    fn segment(id: i64, rows: u64, days: (i64, i64)) -> Candidate {
        Candidate {
            id,
            rows,
            bytes: rows,
            days: Some(days),
            is_sorted: true,
            has_identities: true,
        }
    }

    fn ids(segments: &[Candidate]) -> Vec<Vec<i64>> {
        plan(segments, &LIMITS).into_iter().map(|cluster| cluster.ids).collect()
    }

    #[test]
    fn small_ones_come_together_and_large_ones_apart_stay() {
        assert_eq!(ids(&[segment(1, 10, (0, 0)), segment(2, 10, (1, 1))]), [[1, 2]]);
        assert!(ids(&[segment(1, 600, (0, 0)), segment(2, 600, (1, 1))]).is_empty());
        assert!(ids(&[segment(1, 3_000, (0, 1)), segment(2, 3_000, (0, 1))]).is_empty());
        assert!(ids(&[segment(1, 10, (0, 0))]).is_empty());
        assert!(ids(&[]).is_empty());
    }

    #[test]
    fn large_ones_are_merged_where_they_share_days() {
        let segments = [segment(1, 700, (0, 5)), segment(2, 800, (3, 9))];
        let clusters = plan(&segments, &LIMITS);
        assert_eq!(clusters.len(), 1);
        assert_eq!((clusters[0].ids.as_slice(), clusters[0].cut_rows), (&[1, 2][..], 750));
    }

    #[test]
    fn a_few_late_rows_do_not_have_a_whole_day_written_again() {
        let day = segment(1, 500, (0, 0));
        assert!(ids(&[day.clone(), segment(2, 10, (0, 0))]).is_empty());
        let late = [day.clone(), segment(2, 10, (0, 0)), segment(3, 5, (0, 0))];
        assert_eq!(ids(&late), [[2, 3]], "the late ones among themselves");
        assert_eq!(ids(&[day, segment(2, 200, (0, 0))]), [[1, 2]]);
    }

    #[test]
    fn a_large_segment_out_of_order_is_sorted_alone() {
        let mut large = segment(1, 9_000, (0, 30));
        large.is_sorted = false;
        assert_eq!(ids(&[large, segment(2, 600, (0, 0))]), [[1]]);
    }

    #[test]
    fn rows_without_a_time_are_merged_among_themselves() {
        let mut undated = [segment(1, 10, (0, 0)), segment(2, 10, (0, 0)), segment(3, 10, (0, 0))];
        undated[0].days = None;
        undated[1].days = None;
        undated[1].is_sorted = false;
        assert_eq!(ids(&undated), [[1, 2]]);
    }
}
