//! Scans that give dictionaries, and what stands on them.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DataFusionError};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::logical_expr::{Expr, LogicalPlan, TableScan, TableScanBuilder, cast};

use super::functions::per_value;
use super::values::{OfValue, value_column};
use crate::sql::provider::SegmentTable;

/// Returns the names of the columns of a scan that can come as dictionaries and do not yet.
pub(super) fn repeating(scan: &TableScan) -> BTreeSet<String> {
    let Ok(provider) = source_as_provider(&scan.source) else {
        return BTreeSet::new();
    };
    provider
        .downcast_ref::<SegmentTable>()
        .map(SegmentTable::repeating)
        .unwrap_or_default()
}

/// Returns a scan that gives the named columns as dictionaries.
pub(super) fn with_dictionaries(scan: &TableScan, names: &BTreeSet<String>) -> Result<LogicalPlan, DataFusionError> {
    let provider = source_as_provider(&scan.source)?;
    let Some(table) = provider.downcast_ref::<SegmentTable>() else {
        return Ok(LogicalPlan::TableScan(scan.clone()));
    };
    let source = provider_as_source(Arc::new(table.with_dictionaries(names)));
    // Its filters stay as they are: they say which segments can be skipped, and no row is tested by them.
    let scan = TableScanBuilder::new(scan.table_name.clone(), source)
        .with_projection(scan.projection.clone())
        .with_filters(scan.filters.clone())
        .with_fetch(scan.fetch)
        .build()?;
    Ok(LogicalPlan::TableScan(scan))
}

/// Returns the one column that an expression reads, if it reads one and nothing else that changes.
pub(super) fn only_column(expr: &Expr) -> Option<Column> {
    let mut columns = BTreeSet::new();
    let mut is_plain = true;
    let visited = expr.apply(|node| {
        match node {
            Expr::Column(column) => {
                columns.insert(column.clone());
            }
            Expr::Literal(..)
            | Expr::Alias(_)
            | Expr::BinaryExpr(_)
            | Expr::Like(_)
            | Expr::SimilarTo(_)
            | Expr::Not(_)
            | Expr::IsNotNull(_)
            | Expr::IsNull(_)
            | Expr::IsTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNotFalse(_)
            | Expr::IsNotUnknown(_)
            | Expr::Negative(_)
            | Expr::Between(_)
            | Expr::Case(_)
            | Expr::Cast(_)
            | Expr::TryCast(_)
            | Expr::InList(_) => {}
            Expr::ScalarFunction(function) => {
                is_plain &= function.func.signature().volatility == datafusion::logical_expr::Volatility::Immutable;
            }
            _ => is_plain = false,
        }
        Ok(TreeNodeRecursion::Continue)
    });
    let is_one = visited.is_ok() && is_plain && columns.len() == 1;
    columns.into_iter().next().filter(|_| is_one)
}

/// Returns an expression of one column as an expression of its values.
pub(super) fn of_value(expr: &Expr) -> Result<OfValue, DataFusionError> {
    let replaced = expr.clone().transform(|node| {
        Ok(match node {
            Expr::Column(_) => Transformed::yes(value_column()),
            node => Transformed::no(node),
        })
    })?;
    OfValue::new(replaced.data)
}

/// Returns an expression with the same meaning where the columns that `is_coded` names come as dictionaries.
pub(super) fn over_dictionaries(expr: Expr, is_coded: &dyn Fn(&Column) -> bool) -> Result<Expr, DataFusionError> {
    let replaced = expr.transform_down(|node| {
        if let Expr::Column(column) = &node {
            return Ok(match is_coded(column) {
                true => Transformed::new(cast(node, DataType::Utf8View), true, TreeNodeRecursion::Jump),
                false => Transformed::no(node),
            });
        }
        if matches!(node, Expr::Alias(_) | Expr::AggregateFunction(_)) {
            return Ok(Transformed::no(node));
        }
        match only_column(&node).filter(|column| is_coded(column)) {
            Some(column) => {
                let found = per_value(of_value(&node)?, Expr::Column(column));
                Ok(Transformed::new(found, true, TreeNodeRecursion::Jump))
            }
            None => Ok(Transformed::no(node)),
        }
    })?;
    Ok(replaced.data)
}
