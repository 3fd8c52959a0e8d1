//! `count(DISTINCT x)` in groups, as a count of groups of groups.
//!
//! The engine keeps a set of texts for every group, some 40 KB each, which no spill can help. Grouping by the group and `x`
//! first, and counting those groups, takes memory by row and can spill. The engine does so by itself where the other
//! aggregates are sums and extremes; here counts are, too.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, Projection, cast, col, lit};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// The engine's rule for the cases that it knows, which this one stands before.
pub(super) const ENGINES_RULE: &str = "single_distinct_aggregation_to_group_by";

/// Counts distinct values by grouping twice.
#[derive(Debug)]
pub(super) struct DistinctByGroups;

impl OptimizerRule for DistinctByGroups {
    fn name(&self) -> &'static str {
        "distinct_by_groups"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>, DataFusionError> {
        let LogicalPlan::Aggregate(aggregate) = &plan else {
            return Ok(Transformed::no(plan));
        };
        let is_grouping_set = matches!(aggregate.group_expr.first(), Some(Expr::GroupingSet(_)));
        match twice(aggregate).filter(|_| !is_grouping_set) {
            Some(parts) => Ok(Transformed::yes(assemble(aggregate, parts)?)),
            None => Ok(Transformed::no(plan)),
        }
    }
}

/// An aggregate as one of the smaller groups and one over those.
enum Part {
    /// `count(DISTINCT x)`.
    Distinct,
    /// What is known of the smaller groups, and what puts it together.
    Whole { inner: AggregateFunction, outer: Outer },
}

enum Outer {
    /// A count, which is 0 of no rows.
    Count,
    Same,
}

/// Returns the parts of every aggregate and the one value whose distinct ones are counted.
fn twice(aggregate: &Aggregate) -> Option<(Vec<Part>, Expr)> {
    let mut counted: Option<&Expr> = None;
    let mut parts = Vec::new();
    for expr in &aggregate.aggr_expr {
        let Expr::AggregateFunction(function) = expr else {
            return None;
        };
        let params = &function.params;
        if params.filter.is_some() || !params.order_by.is_empty() || params.null_treatment.is_some() {
            return None;
        }
        if params.distinct {
            let [argument] = params.args.as_slice() else {
                return None;
            };
            if function.func.name() != "count" || counted.is_some_and(|other| other != argument) {
                return None;
            }
            counted = Some(argument);
            parts.push(Part::Distinct);
            continue;
        }
        let outer = match function.func.name() {
            "count" => Outer::Count,
            "sum" | "min" | "max" => Outer::Same,
            _ => return None,
        };
        parts.push(Part::Whole {
            inner: function.clone(),
            outer,
        });
    }
    Some((parts, counted?.clone()))
}

fn assemble(old: &Aggregate, (parts, counted): (Vec<Part>, Expr)) -> Result<LogicalPlan, DataFusionError> {
    let value = "__distinct_value";
    let key = |position: usize| format!("__distinct_key_{position}");
    let partial = |position: usize| format!("__distinct_part_{position}");
    let mut smaller: Vec<Expr> = Vec::new();
    for (position, group) in old.group_expr.iter().enumerate() {
        smaller.push(group.clone().unalias().alias(key(position)));
    }
    smaller.push(counted.alias(value));
    let mut inner = Vec::new();
    let mut outer = Vec::new();
    for (position, part) in parts.iter().enumerate() {
        match part {
            Part::Distinct => outer.push(call(count_udaf(), col(value))),
            Part::Whole {
                inner: function,
                outer: how,
            } => {
                inner.push(Expr::AggregateFunction(function.clone()).alias(partial(position)));
                let function = match how {
                    Outer::Count => sum_udaf(),
                    Outer::Same => Arc::clone(&function.func),
                };
                outer.push(call(function, col(partial(position))));
            }
        }
    }
    let named = outer.into_iter().enumerate();
    let outer = named.map(|(position, expr)| expr.alias(format!("__distinct_whole_{position}")));
    let outer: Vec<Expr> = outer.collect();
    let groups: Vec<Expr> = (0..old.group_expr.len()).map(|position| col(key(position))).collect();
    let small = LogicalPlan::Aggregate(Aggregate::try_new(Arc::clone(&old.input), smaller, inner)?);
    let whole = LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(small), groups.clone(), outer)?);
    let types = old.schema.fields().iter().skip(groups.len());
    let aggregates = parts.iter().zip(types).enumerate().map(|(position, (part, field))| {
        let found = col(format!("__distinct_whole_{position}"));
        match part {
            Part::Whole {
                outer: Outer::Count, ..
            } => coalesce(vec![cast(found, DataType::Int64), lit(ScalarValue::Int64(Some(0)))]),
            Part::Distinct => found,
            // A sum of sums may be of a wider type than the sum.
            Part::Whole { .. } => cast(found, field.data_type().clone()),
        }
    });
    let shown = groups.into_iter().chain(aggregates).zip(old.schema.iter());
    let shown = shown.map(|(expr, (relation, field))| expr.alias_qualified(relation.cloned(), field.name()));
    let projection = Projection::try_new(shown.collect(), Arc::new(whole))?;
    Ok(LogicalPlan::Projection(projection))
}

fn call(function: Arc<datafusion::logical_expr::AggregateUDF>, argument: Expr) -> Expr {
    Expr::AggregateFunction(AggregateFunction {
        func: function,
        params: AggregateFunctionParams {
            args: vec![argument],
            distinct: false,
            filter: None,
            order_by: Vec::new(),
            null_treatment: None,
        },
    })
}
