//! Values that are there, and not of the kind that others are.

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use super::{Everywhere, Held, Key, at, list, wanted};
use crate::landscape::Report;
use crate::recognise;
use crate::resolve::{Content, Value};
use crate::secret::SecretText;
use crate::shape::Shape;

/// Reports values of another type, values that were never filled in, and secrets that are none.
pub(super) fn look(everywhere: &Everywhere<'_>, key: &Key<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    let mut shapes = Vec::with_capacity(key.values.len());
    for &Held { environment, at: place, value, .. } in &key.values {
        match &value.content {
            Content::Known(text) => shapes.push((environment, place, value, text.reveal(), Shape::of(text.reveal()))),
            Content::Unknown(why) => {
                report.unknown.push(format!("{} in {environment}: {why}", everywhere.subject(key.name)));
            }
        }
    }
    report.count("shapes of values", shapes.len());
    for (environment, place, value, _, shape) in &shapes {
        let shape = if shape.is_no_value() { Some(*shape) } else { within(everywhere, key, value) };
        if let Some(shape) = shape.filter(|_| wanted(about, environment)) {
            report.findings.push(no_value(everywhere, key, environment, place.protected, value, shape));
        }
    }
    for (index, (environment, place, value, text, shape)) in shapes.iter().enumerate() {
        if !wanted(about, environment) {
            continue;
        }
        let others: Vec<_> = shapes.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, other)| other).collect();
        // What a developer's own environment has says little where another one shows what is usual.
        let usual: Vec<_> = others.iter().filter(|other| !everywhere.is_development(other.0)).copied().collect();
        let others = if usual.is_empty() { others } else { usual };
        if others.is_empty() {
            continue;
        }
        let names: Vec<&EnvironmentName> = others.iter().map(|other| other.0).collect();
        let subject = || everywhere.subject(key.name);
        let all = |test: &dyn Fn(Shape) -> bool| others.iter().all(|other| test(other.4));
        if *shape == Shape::Empty && all(&|other| other != Shape::Empty) {
            let message = format!("it is empty in {environment}, and has a value in {}", list(&names));
            let hint = "fill it in, or take the line out so that the program's own default counts";
            report.findings.push(at(Finding::warning("S0216", subject(), message).hint(hint), value));
        }
        // With two environments each differs from the other: the protected one is said, or the one that was asked about.
        let mine = about.is_some() || place.protected || others.len() > 1;
        if mine && all(&|other| !shape.fits(other)) && others.windows(2).all(|pair| pair[0].4.fits(pair[1].4)) {
            let message = format!("it is {shape} in {environment}, and {} in {}", others[0].4, list(&names));
            let hint = "one of them is probably the value of another key";
            let finding = at(Finding::warning("S0214", subject(), message).hint(hint), value);
            report.findings.push(at(finding, others[0].2));
        }
        let secret = |text: &str| recognise::is_secret(key.name, text);
        if place.protected
            && *shape != Shape::Empty
            && !shape.is_no_value()
            && !secret(text)
            && others.iter().all(|other| secret(other.3))
        {
            let message = format!("it is a secret in {}, and in {environment} it looks like none", list(&names));
            let hint = "see whether a password was left out";
            report.findings.push(at(Finding::warning("S0217", subject(), message).hint(hint), value));
        }
    }
}

/// A part of a connection that is no value: `redis://:changeme@cache.example.org`.
fn within(everywhere: &Everywhere<'_>, key: &Key<'_>, value: &Value) -> Option<Shape> {
    let held = key.values.iter().find(|held| std::ptr::eq(held.value, value))?;
    let connection = everywhere.places[held.place].leads.alone(key.name)?.as_ref().ok()?;
    let login = [connection.password.value(), connection.user.value()];
    let login = login.into_iter().flatten().map(SecretText::reveal);
    let database = connection.namespace.database.value().map(String::as_str);
    login.chain(database).map(Shape::of).find(|shape| matches!(shape, Shape::Placeholder | Shape::Unreplaced))
}

fn no_value(
    everywhere: &Everywhere<'_>,
    key: &Key<'_>,
    environment: &EnvironmentName,
    protected: bool,
    value: &Value,
    shape: Shape,
) -> Finding {
    let message = format!("in {environment} it is {shape}, not a value");
    let hint = match shape {
        Shape::Unreplaced => "the tool that should have replaced the token did not run on this file",
        Shape::Quoted => "this kind of file keeps quotes as part of the value: take them off",
        _ => "fill in the real value",
    };
    let subject = everywhere.subject(key.name);
    let finding =
        if protected { Finding::error("S0215", subject, message) } else { Finding::warning("S0215", subject, message) };
    at(finding.hint(hint), value)
}
