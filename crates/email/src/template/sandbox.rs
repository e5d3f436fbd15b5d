//! What a template can do when it runs.

use groundswell_domain::FieldError;
use groundswell_domain::email::TemplateSource;
use minijinja::value::{Rest, Value};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter, filters, tests,
};
use std::io;

/// Instructions that one part of a mail may take.
const FUEL: u64 = 50_000;
/// Largest output of one part, in bytes.
const MAX_OUTPUT: usize = 1024 * 1024;
/// Largest text that a filter may make out of smaller ones, in bytes.
const MAX_MADE: usize = 64 * 1024;

/// The filters of templates. None of them can multiply the size of its input (`replace` and `join` are our own, bounded),
/// and none switches escaping off.
pub(super) const FILTERS: [&str; 20] = [
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "first",
    "float",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "reverse",
    "round",
    "sort",
    "title",
    "trim",
    "upper",
];

/// The tests of templates (`x is defined`).
pub(super) const TESTS: [&str; 12] = [
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "even",
    "false",
    "none",
    "number",
    "odd",
    "startingwith",
    "string",
    "true",
];

/// The parts of a template, by the name that is also the field in problems.
pub(super) fn parts(source: &TemplateSource) -> impl Iterator<Item = (&'static str, &str)> {
    [
        ("subject", Some(source.subject.as_str())),
        ("html", Some(&source.html)),
        ("text", source.text.as_deref()),
    ]
    .into_iter()
    .filter_map(|(part, text)| Some((part, text?)))
}

pub(super) fn environment() -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(50);
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    env.set_auto_escape_callback(|name| {
        if name == "html" {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    env.set_formatter(|out, state, value| {
        if value.is_none() || value.is_undefined() {
            Ok(())
        } else {
            escape_formatter(out, state, value)
        }
    });

    env.add_filter("abs", filters::abs);
    env.add_filter("capitalize", filters::capitalize);
    env.add_filter("count", filters::length);
    env.add_filter("d", default);
    env.add_filter("default", default);
    env.add_filter("first", filters::first);
    env.add_filter("float", filters::float);
    env.add_filter("int", filters::int);
    env.add_filter("items", filters::items);
    env.add_filter("join", join);
    env.add_filter("last", filters::last);
    env.add_filter("length", filters::length);
    env.add_filter("lower", filters::lower);
    env.add_filter("replace", replace);
    env.add_filter("reverse", filters::reverse);
    env.add_filter("round", filters::round);
    env.add_filter("sort", filters::sort);
    env.add_filter("title", filters::title);
    env.add_filter("trim", filters::trim);
    env.add_filter("upper", filters::upper);

    env.add_test("defined", |value: &Value| !is_missing(value));
    env.add_test("divisibleby", tests::is_divisibleby);
    env.add_test("endingwith", tests::is_endingwith);
    env.add_test("eq", tests::is_eq);
    env.add_test("even", tests::is_even);
    env.add_test("false", tests::is_false);
    env.add_test("none", |value: &Value| is_missing(value));
    env.add_test("number", tests::is_number);
    env.add_test("odd", tests::is_odd);
    env.add_test("startingwith", tests::is_startingwith);
    env.add_test("string", tests::is_string);
    env.add_test("true", tests::is_true);
    env
}

/// Adds the parts of a source, compiled.
pub(super) fn load(source: &TemplateSource) -> Result<Environment<'static>, Vec<FieldError>> {
    let mut env = environment();
    for (part, text) in parts(source) {
        env.add_template_owned(part, text.to_owned())
            .map_err(|error| vec![super::check::problem(part, text, &error)])?;
    }
    Ok(env)
}

/// Renders one part within the limits; the error is for people.
pub(super) fn render(
    env: &Environment<'static>,
    part: &'static str,
    context: &Value,
) -> Result<String, String> {
    let mut out = Bounded(Vec::with_capacity(4 * 1024));
    let rendered = env
        .get_template(part)
        .and_then(|template| template.render_captured_to(context.clone(), &mut out).map(|_| ()));
    match rendered {
        Ok(()) => String::from_utf8(out.0).map_err(|_| format!("{part}: the output is not text")),
        Err(error) => Err(match error.kind() {
            ErrorKind::OutOfFuel => format!("{part}: the template takes too long"),
            ErrorKind::WriteFailure => format!("{part}: the output is larger than {} kB", MAX_OUTPUT / 1024),
            _ => {
                let line = error
                    .line()
                    .map(|line| format!(" (line {line})"))
                    .unwrap_or_default();
                format!(
                    "{part}: {}{line}",
                    error
                        .detail()
                        .map_or_else(|| error.kind().to_string(), str::to_owned)
                )
            }
        }),
    }
}

struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other("the output is too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Absent, null and empty are one thing to who writes a mail.
fn is_missing(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Unlike Jinja's own it also replaces null and the empty text. The second argument of Jinja's is accepted, and has no effect.
fn default(value: &Value, Rest(other): Rest<Value>) -> Value {
    if is_missing(value) {
        other.into_iter().next().unwrap_or_else(|| Value::from(""))
    } else {
        value.clone()
    }
}

fn too_large() -> Error {
    Error::new(ErrorKind::InvalidOperation, "the text gets too large")
}

fn replace(text: &str, from: &str, to: &str) -> Result<String, Error> {
    let found = text.matches(from).count();
    if text.len().saturating_add(found.saturating_mul(to.len())) > MAX_MADE {
        return Err(too_large());
    }
    Ok(text.replace(from, to))
}

fn join(items: &Value, separator: Option<&str>) -> Result<String, Error> {
    let mut out = String::new();
    for (index, item) in items.try_iter()?.enumerate() {
        if index > 0 {
            out.push_str(separator.unwrap_or_default());
        }
        out.push_str(&item.to_string());
        if out.len() > MAX_MADE {
            return Err(too_large());
        }
    }
    Ok(out)
}
