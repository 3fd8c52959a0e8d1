//! Which statements only read.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{self, Query, Select, SetExpr, TableFactor, Visit, Visitor};
use datafusion::sql::sqlparser::dialect::GenericDialect;

use crate::error::{Error, Result};

/// The longest statement: ten times what people and tools write. It bounds how deep the engine recurses over a chain of
/// operators, and so the stack it needs.
const MAX_STATEMENT_BYTES: usize = 64 * 1024;

/// How deep a statement may nest before the parser gives up instead of the stack.
const MAX_NESTING: usize = 64;

/// The functions that make a table of their arguments alone. Any other table function might read what is not ours.
const TABLE_FUNCTIONS: [&str; 4] = ["generate_series", "range", "unnest", "flatten"];

/// Returns the one statement in `sql` if it only reads.
pub(crate) fn read_only_statement(sql: &str) -> Result<Statement> {
    if sql.len() > MAX_STATEMENT_BYTES {
        return Err(Error::Sql {
            message: format!("it is {} bytes long, {MAX_STATEMENT_BYTES} are allowed", sql.len()),
        });
    }
    let statement = single(parse(sql)?)?;
    check(&statement)?;
    Ok(statement)
}

fn parse(sql: &str) -> Result<VecDeque<Statement>> {
    DFParserBuilder::new(sql)
        .with_dialect(&GenericDialect {})
        .with_recursion_limit(MAX_NESTING)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| Error::Sql {
            message: error.strip_backtrace(),
        })
}

fn single(mut statements: VecDeque<Statement>) -> Result<Statement> {
    match (statements.pop_front(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        (Some(_), false) => Err(refused("it is more than one statement")),
        (None, _) => Err(Error::Sql {
            message: "it is empty".to_owned(),
        }),
    }
}

fn check(statement: &Statement) -> Result<()> {
    match statement {
        Statement::Statement(statement) => check_ast(statement),
        Statement::Explain(explain) => check(&explain.statement),
        Statement::CopyTo(_) => Err(refused("COPY writes")),
        Statement::CreateExternalTable(_) => Err(refused("CREATE EXTERNAL TABLE reads files outside the store")),
        Statement::Reset(_) => Err(refused("RESET changes settings")),
    }
}

fn check_ast(statement: &ast::Statement) -> Result<()> {
    match statement {
        ast::Statement::Query(query) => check_query(query),
        ast::Statement::Explain { statement, .. } => check_ast(statement),
        ast::Statement::ExplainTable { .. }
        | ast::Statement::ShowTables { .. }
        | ast::Statement::ShowColumns { .. }
        | ast::Statement::ShowFunctions { .. } => Ok(()),
        other => Err(refused(&format!("{} is not a reading statement", first_word(other)))),
    }
}

fn check_query(query: &Query) -> Result<()> {
    let mut visitor = WriteFinder;
    match query.visit(&mut visitor) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(reason) => Err(refused(&reason)),
    }
}

/// Finds the parts of a query that write, lock or name a source that is not a table.
struct WriteFinder;

impl Visitor for WriteFinder {
    type Break = String;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        if !query.locks.is_empty() {
            return ControlFlow::Break("FOR UPDATE locks rows".to_owned());
        }
        match writing_part(&query.body) {
            Some(reason) => ControlFlow::Break(reason.to_owned()),
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_statement(&mut self, statement: &ast::Statement) -> ControlFlow<String> {
        match statement {
            ast::Statement::Query(_) => ControlFlow::Continue(()),
            other => ControlFlow::Break(format!("{} writes", first_word(other))),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<String> {
        if select.into.is_some() {
            return ControlFlow::Break("SELECT INTO writes".to_owned());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<String> {
        let function = match factor {
            TableFactor::Table {
                name, args: Some(_), ..
            }
            | TableFactor::Function { name, .. } => name.to_string(),
            TableFactor::TableFunction { expr, .. } => {
                expr.to_string().split('(').next().unwrap_or_default().to_owned()
            }
            _ => return ControlFlow::Continue(()),
        };
        if TABLE_FUNCTIONS
            .iter()
            .any(|allowed| function.eq_ignore_ascii_case(allowed))
        {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(format!(
            "the table function {function} is not known to stay inside the store"
        ))
    }
}

fn writing_part(body: &SetExpr) -> Option<&'static str> {
    match body {
        SetExpr::Insert(_) => Some("INSERT writes"),
        SetExpr::Update(_) => Some("UPDATE writes"),
        SetExpr::Delete(_) => Some("DELETE writes"),
        SetExpr::Merge(_) => Some("MERGE writes"),
        SetExpr::SetOperation { left, right, .. } => writing_part(left).or_else(|| writing_part(right)),
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) | SetExpr::Table(_) => None,
    }
}

fn first_word(statement: &ast::Statement) -> String {
    let text = statement.to_string();
    text.split_whitespace().next().unwrap_or_default().to_owned()
}

fn refused(reason: &str) -> Error {
    Error::NotReadOnly {
        reason: reason.to_owned(),
    }
}
