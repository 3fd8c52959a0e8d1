//! Conditions on texts that repeat, tested once for each distinct value.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DataFusionError};
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, Projection, cast};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::scan;

/// Tests the columns of a filter that stands on a scan by their values.
#[derive(Debug)]
pub(super) struct FilterPerValue;

impl OptimizerRule for FilterPerValue {
    fn name(&self) -> &'static str {
        "filter_per_value"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>, DataFusionError> {
        let LogicalPlan::Filter(filter) = &plan else {
            return Ok(Transformed::no(plan));
        };
        let LogicalPlan::TableScan(table) = filter.input.as_ref() else {
            return Ok(Transformed::no(plan));
        };
        let repeating = scan::repeating(table);
        let tested = tested(&filter.predicate, &repeating)?;
        if tested.is_empty() {
            return Ok(Transformed::no(plan));
        }
        let is_coded = |column: &Column| tested.contains(&column.name);
        let predicate = scan::over_dictionaries(filter.predicate.clone(), &is_coded)?;
        let scan = scan::with_dictionaries(table, &tested)?;
        let filtered = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(scan))?);
        let texts = plan.schema().columns().into_iter().map(|column| {
            if !is_coded(&column) {
                return Expr::Column(column);
            }
            let (relation, name) = (column.relation.clone(), column.name.clone());
            cast(Expr::Column(column), DataType::Utf8View).alias_qualified(relation, name)
        });
        let projection = Projection::try_new(texts.collect(), Arc::new(filtered))?;
        Ok(Transformed::yes(LogicalPlan::Projection(projection)))
    }
}

/// Returns the repeating columns that a condition tests by themselves.
fn tested(predicate: &Expr, repeating: &BTreeSet<String>) -> Result<BTreeSet<String>, DataFusionError> {
    let mut tested = BTreeSet::new();
    predicate.apply(|node| {
        let column = match node {
            Expr::Column(_) | Expr::Literal(..) => None,
            node => scan::only_column(node),
        };
        Ok(match column.filter(|column| repeating.contains(&column.name)) {
            Some(column) => {
                tested.insert(column.name);
                TreeNodeRecursion::Jump
            }
            None => TreeNodeRecursion::Continue,
        })
    })?;
    Ok(tested)
}
