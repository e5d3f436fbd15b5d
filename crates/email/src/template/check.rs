//! Reads a template as a tree and says everything that is wrong with it, before it is saved.
//!
//! An allow-list: what is not named here is refused. Left out on purpose, because with them a few lines could make
//! values of any size, for which fuel is no limit: `~`, `+`, `*`, `**`, captured blocks and macros; and, because values come
//! from strangers, everything that switches escaping off. An `include` names a partial, which is put in before anything runs
//! (`expand`).

use super::sandbox::{FILTERS, TESTS};
use groundswell_domain::FieldError;
use groundswell_domain::brand::Brand;
use minijinja::Error;
use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Stmt};
use minijinja::machinery::{Span, parse};
use minijinja::syntax::SyntaxConfig;
use std::collections::BTreeSet;

const LEAD: [&str; 13] = [
    "name",
    "first_name",
    "email",
    "phone",
    "company",
    "title",
    "source",
    "status",
    "stage",
    "language",
    "score",
    "tags",
    "custom_fields",
];
const SCORE: [&str; 3] = ["total", "fit", "engagement"];
const ORGANIZATION: [&str; 1] = ["name"];
const RESERVED: [&str; 5] = ["lead", "organization", "unsubscribe_url", "loop", "self"];
/// Longest text between quotes, in bytes: it can be handled many times over for one unit of fuel each.
const MAX_LITERAL: usize = 2_000;

/// Problems with the names of a template's own variables.
pub(super) fn variables(names: &[String]) -> Vec<FieldError> {
    let mut problems = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let field = format!("variables[{index}]");
        let mut bytes = name.bytes();
        let identifier = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && name.len() <= 64;
        if !identifier {
            problems.push(FieldError::new(
                field,
                "must be a name of letters, digits and underscores, at most 64",
            ));
        } else if RESERVED.contains(&name.as_str()) {
            problems.push(FieldError::new(
                field,
                format!("`{name}` is already the name of a field"),
            ));
        } else if names[..index].contains(name) {
            problems.push(FieldError::new(field, format!("`{name}` is named twice")));
        }
    }
    problems
}

/// Problems with one part.
pub(super) fn part(part: &'static str, source: &str, variables: &[String]) -> Vec<FieldError> {
    match parse(source, part, SyntaxConfig::default()) {
        Err(error) => vec![problem(part, source, &error)],
        Ok(tree) => {
            let mut walk = Walk {
                part,
                variables,
                scopes: vec![Vec::new()],
                problems: Vec::new(),
                seen: BTreeSet::new(),
            };
            walk.statement(&tree);
            walk.problems
        }
    }
}

/// A fault that the parser or compiler found, with its place.
pub(super) fn problem(part: &str, source: &str, error: &Error) -> FieldError {
    let what = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    let column = error.range().and_then(|range| {
        let line = source.get(..range.start)?.rsplit('\n').next()?;
        Some(line.chars().count() + 1)
    });
    let place = match (error.line(), column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: "),
        (Some(line), None) => format!("line {line}: "),
        _ => String::new(),
    };
    FieldError::new(part, format!("{place}{what}"))
}

struct Walk<'a> {
    part: &'static str,
    variables: &'a [String],
    /// Names that loops, `set` and `with` declare, innermost last.
    scopes: Vec<Vec<String>>,
    problems: Vec<FieldError>,
    /// Messages without their place: one mistake in a hundred places is one problem.
    seen: BTreeSet<String>,
}

impl Walk<'_> {
    fn add(&mut self, span: Span, message: String) {
        if self.problems.len() < 20 && !self.seen.contains(&message) {
            let place = format!("line {}, column {}", span.start_line, span.start_col + 1);
            self.problems
                .push(FieldError::new(self.part, format!("{place}: {message}")));
            self.seen.insert(message);
        }
    }

    fn statements(&mut self, list: &[Stmt<'_>]) {
        self.scopes.push(Vec::new());
        for statement in list {
            self.statement(statement);
        }
        self.scopes.pop();
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => template.children.iter().for_each(|child| self.statement(child)),
            Stmt::EmitRaw(_) => {}
            Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            Stmt::ForLoop(each) => {
                if each.recursive {
                    self.add(each.span(), "`recursive` loops are not available".into());
                }
                self.expression(&each.iter);
                self.scopes.push(vec!["loop".into()]);
                self.declare(&each.target);
                self.optional(each.filter_expr.as_ref());
                self.statements(&each.body);
                self.scopes.pop();
                self.statements(&each.else_body);
            }
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr);
                self.statements(&condition.true_body);
                self.statements(&condition.false_body);
            }
            Stmt::WithBlock(with) => {
                self.scopes.push(Vec::new());
                for (target, value) in &with.assignments {
                    self.expression(value);
                    self.declare(target);
                }
                self.statements(&with.body);
                self.scopes.pop();
            }
            Stmt::Set(set) => {
                self.expression(&set.expr);
                self.declare(&set.target);
            }
            Stmt::Include(include) => {
                let named = matches!(&include.name, Expr::Const(name) if name.value.as_str().is_some());
                if !named || include.ignore_missing {
                    let message = "write {% include \"name\" %} with the name of a partial between quotes";
                    self.add(include.span(), message.into());
                } else if self.part != "html" {
                    let message = "partials can be included in the HTML only";
                    self.add(include.span(), message.into());
                }
            }
            other => {
                let (name, span) = refused(other);
                self.add(
                    span,
                    format!(
                        "`{name}` is not available in templates; `if`, `for`, `set`, `with` and `include` are"
                    ),
                );
            }
        }
    }

    fn declare(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(variable) if RESERVED.contains(&variable.id) => {
                self.add(
                    variable.span(),
                    format!("`{}` is already the name of a field", variable.id),
                );
            }
            Expr::Var(variable) => {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.push(variable.id.to_owned());
                }
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.declare(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.declare(item)),
            other => self.add(other.span(), "only a name can be set".into()),
        }
    }

    fn optional(&mut self, expression: Option<&Expr<'_>>) {
        if let Some(expression) = expression {
            self.expression(expression);
        }
    }

    fn expression(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_) => self.lookup(expression),
            Expr::Const(value) => {
                if value.value.as_str().is_some_and(|text| text.len() > MAX_LITERAL) {
                    self.add(
                        value.span(),
                        format!("a text between quotes must have at most {MAX_LITERAL} bytes"),
                    );
                }
            }
            Expr::Slice(slice) => {
                self.expression(&slice.expr);
                for bound in [&slice.start, &slice.stop, &slice.step] {
                    self.optional(bound.as_ref());
                }
            }
            Expr::UnaryOp(operation) => self.expression(&operation.expr),
            Expr::BinOp(operation) => {
                if let Some(name) = refused_operator(operation.op) {
                    self.add(
                        operation.span(),
                        format!("the operator `{name}` is not available in templates"),
                    );
                }
                self.expression(&operation.left);
                self.expression(&operation.right);
            }
            Expr::Compare(compare) => {
                self.expression(&compare.expr);
                compare
                    .ops
                    .iter()
                    .for_each(|operand| self.expression(&operand.expr));
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                self.expression(&choice.true_expr);
                self.optional(choice.false_expr.as_ref());
            }
            Expr::Filter(filter) => {
                if !FILTERS.contains(&filter.name) {
                    let known = FILTERS.join(", ");
                    self.add(
                        filter.span(),
                        format!("there is no filter `{}`; there are {known}", filter.name),
                    );
                }
                self.optional(filter.expr.as_ref());
                self.arguments(&filter.args);
            }
            Expr::Test(test) => {
                if !TESTS.contains(&test.name) {
                    let known = TESTS.join(", ");
                    self.add(
                        test.span(),
                        format!("there is no test `{}`; there are {known}", test.name),
                    );
                }
                self.expression(&test.expr);
                self.arguments(&test.args);
            }
            Expr::Call(call) => {
                self.add(
                    call.span(),
                    "functions and methods can't be called in templates; use a filter".into(),
                );
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.expression(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expression(item)),
            Expr::Map(map) => map
                .keys
                .iter()
                .chain(&map.values)
                .for_each(|item| self.expression(item)),
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(value)
                | CallArg::Kwarg(_, value)
                | CallArg::PosSplat(value)
                | CallArg::KwargSplat(value) => self.expression(value),
            }
        }
    }

    /// `lead.name`, `lead["name"]`, `items[0].price`: the first names decide whether it is a known field.
    fn lookup(&mut self, expression: &Expr<'_>) {
        // `None` stands for a key that is only known at run time.
        let mut path: Vec<Option<String>> = Vec::new();
        let mut at = expression;
        let root = loop {
            match at {
                Expr::Var(variable) => break variable.id,
                Expr::GetAttr(attribute) => {
                    path.push(Some(attribute.name.to_owned()));
                    at = &attribute.expr;
                }
                Expr::GetItem(item) => {
                    path.push(match &item.subscript_expr {
                        Expr::Const(key) => key.value.as_str().map(str::to_owned),
                        other => {
                            self.expression(other);
                            None
                        }
                    });
                    at = &item.expr;
                }
                other => return self.expression(other),
            }
        };
        path.reverse();
        if self.scopes.iter().flatten().any(|name| name == root) {
            return;
        }
        let known = match (root, path.as_slice()) {
            ("lead", [Some(field), rest @ ..]) => {
                LEAD.contains(&field.as_str())
                    && match (field.as_str(), rest) {
                        (_, []) | ("custom_fields", _) | ("tags", [None]) => true,
                        ("score", [Some(sum)]) => SCORE.contains(&sum.as_str()),
                        _ => false,
                    }
            }
            ("organization", [Some(field)]) => ORGANIZATION.contains(&field.as_str()),
            ("unsubscribe_url", []) => true,
            ("lead" | "organization" | "unsubscribe_url", _) => false,
            // A template may have had a variable of this name before there were brands.
            ("brand", path) if !self.variables.iter().any(|name| name == "brand") => match path {
                [Some(field)] => Brand::FIELDS.contains(&field.as_str()) && field != "colors",
                [Some(colors), Some(color)] => colors == "colors" && Brand::COLORS.contains(&color.as_str()),
                _ => false,
            },
            _ => self.variables.iter().any(|name| name == root),
        };
        if !known {
            let mut shown = root.to_owned();
            for key in path {
                shown.push('.');
                shown.push_str(key.as_deref().unwrap_or("[…]"));
            }
            let message = format!("there is no field `{shown}`; there are {}", self.known());
            self.add(expression.span(), message);
        }
    }

    fn known(&self) -> String {
        let lead = LEAD.iter().map(|field| match *field {
            "custom_fields" => "lead.custom_fields.*".to_owned(),
            "score" => format!("lead.score.{}", SCORE.join(", lead.score.")),
            field => format!("lead.{field}"),
        });
        let brand = Brand::FIELDS.iter().map(|field| match *field {
            "colors" => format!("brand.colors.{}", Brand::COLORS.join(", brand.colors.")),
            field => format!("brand.{field}"),
        });
        lead.chain(["organization.name".into(), "unsubscribe_url".into()])
            .chain(brand)
            .chain(self.variables.iter().cloned())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn refused_operator(operator: BinOpKind) -> Option<&'static str> {
    match operator {
        BinOpKind::Add => Some("+"),
        BinOpKind::Mul => Some("*"),
        BinOpKind::Pow => Some("**"),
        BinOpKind::Concat => Some("~"),
        _ => None,
    }
}

/// The keyword of a statement that is not available. Which of them exist depends on features of the parser.
fn refused(statement: &Stmt<'_>) -> (&'static str, Span) {
    match statement {
        Stmt::SetBlock(block) => ("set (as a block)", block.span()),
        Stmt::AutoEscape(block) => ("autoescape", block.span()),
        Stmt::FilterBlock(block) => ("filter", block.span()),
        Stmt::Do(call) => ("do", call.span()),
        _ => ("block, import, extends, macro or call", Span::default()),
    }
}
