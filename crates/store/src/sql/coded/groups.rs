//! Groups of texts that repeat, as groups of numbers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchemaRef, DataFusionError};
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{
    Aggregate, Expr, ExprSchemable, Filter, LogicalPlan, Projection, SubqueryAlias, TableScan, col,
};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::functions::{Code, Part, code_in, code_of_text, code_of_time, meaning_of, pair, part};
use super::scan;
use super::texts::Texts;
use super::times::Times;

/// Units of `date_trunc` that leave few distinct times.
const COARSE_UNITS: [&str; 6] = ["hour", "day", "week", "month", "quarter", "year"];

/// Groups rows by codes instead of texts.
#[derive(Debug)]
pub(super) struct GroupByCodes {
    pool: Arc<dyn MemoryPool>,
    is_full: Arc<AtomicBool>,
    /// Names given so far.
    named: AtomicUsize,
}

impl GroupByCodes {
    pub(super) fn new(pool: &Arc<dyn MemoryPool>, is_full: &Arc<AtomicBool>) -> Self {
        Self {
            pool: Arc::clone(pool),
            is_full: Arc::clone(is_full),
            named: AtomicUsize::new(0),
        }
    }
}

impl OptimizerRule for GroupByCodes {
    fn name(&self) -> &'static str {
        "group_by_codes"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>, DataFusionError> {
        let LogicalPlan::Aggregate(aggregate) = &plan else {
            return Ok(Transformed::no(plan));
        };
        match self.coded(aggregate)? {
            Some(coded) => Ok(Transformed::yes(coded)),
            None => Ok(Transformed::no(plan)),
        }
    }
}

/// What an aggregate stands on, with projections between taken into its expressions.
struct Base {
    plan: LogicalPlan,
    groups: Vec<Expr>,
    aggregates: Vec<Expr>,
}

/// A group's key under way.
enum Key {
    /// A number, and what it stands for.
    Coded { number: Expr, code: Code },
    /// As it was.
    Plain(Expr),
}

impl GroupByCodes {
    fn coded(&self, aggregate: &Aggregate) -> Result<Option<LogicalPlan>, DataFusionError> {
        if matches!(aggregate.group_expr.first(), Some(Expr::GroupingSet(_))) {
            return Ok(None);
        }
        let Some(base) = base(aggregate)? else {
            return Ok(None);
        };
        let repeating = table_of(&base.plan).map(scan::repeating).unwrap_or_default();
        let is_repeating = |expr: &Expr| text_column(expr, base.plan.schema(), &repeating);
        let mut wanted: BTreeSet<String> = base.groups.iter().filter_map(is_repeating).collect();
        wanted.extend(base.aggregates.iter().filter_map(counted).filter_map(is_repeating));
        let has_codes = base.groups.iter().any(|group| code_in(group).is_some());
        if wanted.is_empty() && !has_codes {
            return Ok(None);
        }
        let is_coded = |column: &Column| wanted.contains(&column.name);
        let schema = base.plan.schema();
        let keys = base.groups.iter().map(|group| self.key(group, schema, &is_coded));
        let keys = keys.collect::<Result<Vec<Key>, DataFusionError>>()?;
        let aggregates = base.aggregates.iter().map(|expr| self.aggregate(expr, &is_coded));
        let aggregates = aggregates.collect::<Result<Vec<Expr>, DataFusionError>>()?;
        let input = over_dictionaries(&base.plan, &wanted)?;
        self.assemble(aggregate, input, keys, aggregates).map(Some)
    }

    fn key(
        &self,
        group: &Expr,
        schema: &DFSchemaRef,
        is_coded: &dyn Fn(&Column) -> bool,
    ) -> Result<Key, DataFusionError> {
        if let Some((code, number)) = code_in(group) {
            return Ok(Key::Coded {
                number: number.clone(),
                code,
            });
        }
        let column = scan::only_column(group).filter(is_coded);
        if let Some(column) = column.filter(|_| is_text(group, schema)) {
            let texts = Arc::new(Texts::new(&self.pool, Arc::clone(&self.is_full)));
            let of = match group {
                Expr::Column(_) => None,
                group => Some(scan::of_value(group)?),
            };
            return Ok(Key::Coded {
                number: code_of_text(&texts, of, Expr::Column(column)),
                code: Code::Text(texts),
            });
        }
        let group = scan::over_dictionaries(group.clone(), is_coded)?;
        if is_coarse_time(&group, schema) {
            let times = Arc::new(Times::default());
            return Ok(Key::Coded {
                number: code_of_time(&times, group),
                code: Code::Time(times),
            });
        }
        Ok(Key::Plain(group))
    }

    /// Returns an aggregate over dictionaries. Distinct texts are counted by their numbers.
    fn aggregate(&self, expr: &Expr, is_coded: &dyn Fn(&Column) -> bool) -> Result<Expr, DataFusionError> {
        let coded = counted(expr).and_then(scan::only_column).filter(is_coded);
        if let (Some(column), Some(argument), Expr::AggregateFunction(function)) = (coded, counted(expr), expr) {
            let texts = Arc::new(Texts::new(&self.pool, Arc::clone(&self.is_full)));
            let of = match argument {
                Expr::Column(_) => None,
                argument => Some(scan::of_value(argument)?),
            };
            let mut function = function.clone();
            function.params.args = vec![code_of_text(&texts, of, Expr::Column(column))];
            return Ok(Expr::AggregateFunction(function));
        }
        scan::over_dictionaries(counting_codes(expr.clone()), is_coded)
    }

    /// Puts the aggregate together, and above it the projection that leads back to texts.
    fn assemble(
        &self,
        old: &Aggregate,
        input: LogicalPlan,
        keys: Vec<Key>,
        aggregates: Vec<Expr>,
    ) -> Result<LogicalPlan, DataFusionError> {
        let mut groups = Vec::new();
        let mut shown = Vec::new();
        match Vec::from_iter(keys).as_slice() {
            // Two numbers are one number, which the engine groups several times faster than two columns.
            [
                Key::Coded {
                    number: first,
                    code: high,
                },
                Key::Coded {
                    number: second,
                    code: low,
                },
            ] => {
                let name = self.name();
                groups.push(pair(first.clone(), second.clone()).alias(&name));
                shown.push(meaning_of(high.clone(), part(Part::High, col(&name))));
                shown.push(meaning_of(low.clone(), part(Part::Low, col(&name))));
            }
            keys => {
                for key in keys {
                    let name = self.name();
                    match key {
                        Key::Coded { number, code } => {
                            groups.push(number.clone().alias(&name));
                            shown.push(meaning_of(code.clone(), col(&name)));
                        }
                        Key::Plain(group) => {
                            groups.push(group.clone().alias(&name));
                            shown.push(col(&name));
                        }
                    }
                }
            }
        }
        let mut named = Vec::new();
        for aggregate in aggregates {
            let name = self.name();
            named.push(aggregate.unalias().alias(&name));
            shown.push(col(&name));
        }
        let grouped = LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(input), groups, named)?);
        let fields = old.schema.iter();
        let shown = shown
            .into_iter()
            .zip(fields)
            .map(|(expr, (relation, field))| expr.alias_qualified(relation.cloned(), field.name()));
        let projection = Projection::try_new(shown.collect(), Arc::new(grouped))?;
        Ok(LogicalPlan::Projection(projection))
    }

    fn name(&self) -> String {
        format!("__sekisho_{}", self.named.fetch_add(1, Ordering::Relaxed))
    }
}

/// Returns what an aggregate stands on; `None` where it is nothing that this rule knows.
fn base(aggregate: &Aggregate) -> Result<Option<Base>, DataFusionError> {
    let mut base = Base {
        plan: aggregate.input.as_ref().clone(),
        groups: aggregate.group_expr.iter().cloned().map(Expr::unalias).collect(),
        aggregates: aggregate.aggr_expr.clone(),
    };
    while let LogicalPlan::Projection(projection) = &base.plan {
        let replace = |expr: &Expr| through(expr.clone(), projection);
        let groups = base.groups.iter().map(replace).collect::<Result<Vec<Expr>, _>>()?;
        let aggregates = base.aggregates.iter().map(replace).collect::<Result<Vec<Expr>, _>>()?;
        base = Base {
            plan: projection.input.as_ref().clone(),
            groups,
            aggregates,
        };
    }
    let is_known = table_of(&base.plan).is_some() || matches!(base.plan, LogicalPlan::Aggregate(_));
    let is_volatile = base.groups.iter().chain(&base.aggregates).any(Expr::is_volatile);
    Ok((is_known && !is_volatile).then_some(base))
}

/// Returns an expression over a projection as one over what the projection stands on.
fn through(expr: Expr, projection: &Projection) -> Result<Expr, DataFusionError> {
    let replaced = expr.transform(|node| {
        let Expr::Column(column) = &node else {
            return Ok(Transformed::no(node));
        };
        let position = projection.schema.index_of_column(column)?;
        Ok(match projection.expr.get(position) {
            Some(expr) => Transformed::yes(expr.clone().unalias()),
            None => Transformed::no(node),
        })
    })?;
    Ok(replaced.data)
}

/// Returns the scan below filters and names.
fn table_of(plan: &LogicalPlan) -> Option<&TableScan> {
    match plan {
        LogicalPlan::TableScan(scan) => Some(scan),
        LogicalPlan::Filter(filter) => table_of(&filter.input),
        LogicalPlan::SubqueryAlias(alias) => table_of(&alias.input),
        _ => None,
    }
}

/// Returns the plan with a scan that gives the named columns as dictionaries.
fn over_dictionaries(plan: &LogicalPlan, names: &BTreeSet<String>) -> Result<LogicalPlan, DataFusionError> {
    match plan {
        LogicalPlan::TableScan(table) => scan::with_dictionaries(table, names),
        LogicalPlan::Filter(filter) => {
            let input = over_dictionaries(&filter.input, names)?;
            let is_coded = |column: &Column| names.contains(&column.name);
            let predicate = scan::over_dictionaries(filter.predicate.clone(), &is_coded)?;
            Ok(LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(input))?))
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let input = over_dictionaries(&alias.input, names)?;
            let alias = SubqueryAlias::try_new(Arc::new(input), alias.alias.clone())?;
            Ok(LogicalPlan::SubqueryAlias(alias))
        }
        other => Ok(other.clone()),
    }
}

/// Returns the repeating column that a text follows from.
fn text_column(expr: &Expr, schema: &DFSchemaRef, repeating: &BTreeSet<String>) -> Option<String> {
    let column = scan::only_column(expr)?;
    (repeating.contains(&column.name) && is_text(expr, schema)).then_some(column.name)
}

fn is_text(expr: &Expr, schema: &DFSchemaRef) -> bool {
    expr.get_type(schema).is_ok_and(|ty| ty == DataType::Utf8View)
}

/// Returns whether an expression cuts times to hours or more.
fn is_coarse_time(expr: &Expr, schema: &DFSchemaRef) -> bool {
    let Expr::ScalarFunction(function) = expr else {
        return false;
    };
    let unit = match function.args.first() {
        Some(Expr::Literal(unit, _)) => unit.try_as_str().flatten(),
        _ => None,
    };
    let is_coarse = unit.is_some_and(|unit| COARSE_UNITS.iter().any(|coarse| unit.eq_ignore_ascii_case(coarse)));
    let is_utc = expr
        .get_type(schema)
        .is_ok_and(|ty| matches!(ty, DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &*zone == "UTC"));
    function.name() == "date_trunc" && is_coarse && is_utc
}

/// Returns what a `count(DISTINCT …)` counts.
fn counted(expr: &Expr) -> Option<&Expr> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = unaliased(expr) else {
        return None;
    };
    let [argument] = params.args.as_slice() else {
        return None;
    };
    (func.name() == "count" && params.distinct && params.order_by.is_empty() && params.filter.is_none())
        .then_some(argument)
}

/// Returns a count of what codes stand for as a count of the codes.
fn counting_codes(expr: Expr) -> Expr {
    match expr {
        Expr::Alias(alias) => counting_codes(*alias.expr),
        Expr::AggregateFunction(mut function) if function.func.name() == "count" => {
            for argument in &mut function.params.args {
                if let Some((_, number)) = code_in(argument) {
                    *argument = number.clone();
                }
            }
            Expr::AggregateFunction(function)
        }
        other => other,
    }
}

fn unaliased(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unaliased(&alias.expr),
        other => other,
    }
}
