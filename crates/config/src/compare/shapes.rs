//! Values that are there, and not of the kind that others are.

use sternway_core::finding::Finding;
use sternway_core::ids::EnvironmentName;

use super::{Everywhere, Held, Key, at, list, wanted};
use crate::destination::Destination;
use crate::landscape::{Environment, Report};
use crate::resolve::{Content, Value};
use crate::secret::SecretText;
use crate::shape::Shape;

/// A value in an environment, and what it looks like.
type Shaped<'a> = (&'a EnvironmentName, &'a Environment, &'a Value, Shape);

/// Reports values of another type, values that were never filled in, and secrets that are none.
pub(super) fn look(everywhere: &Everywhere<'_>, key: &Key<'_>, about: Option<&EnvironmentName>, report: &mut Report) {
    let mut shapes: Vec<Shaped<'_>> = Vec::with_capacity(key.values.len());
    for &Held { environment, at: place, value, .. } in &key.values {
        if let Some(shape) = value.shape() {
            shapes.push((environment, place, value, shape));
        } else if let Content::Unknown(why) = &value.content {
            report.unknown.push(format!("{} in {environment}: {why}", everywhere.subject(key.name)));
        }
    }
    report.count("shapes of values", shapes.len());
    for (environment, place, value, shape) in &shapes {
        let shape = if shape.is_no_value() { Some(*shape) } else { within(everywhere, key, value) };
        if let Some(shape) = shape.filter(|_| wanted(about, environment)) {
            report.findings.push(no_value(everywhere, key, environment, place.protected, value, shape));
        }
    }
    for (index, (environment, place, value, shape)) in shapes.iter().enumerate() {
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
        let all = |test: &dyn Fn(Shape) -> bool| others.iter().all(|other| test(other.3));
        if *shape == Shape::Empty && all(&|other| other != Shape::Empty) {
            let message = format!("it is empty in {environment}, and has a value in {}", list(&names));
            let hint = "fill it in, or take the line out so that the program's own default counts";
            report.findings.push(at(Finding::warning("S0216", subject(), message).hint(hint), value));
        }
        // With two environments each differs from the other: the protected one is said, or the one that was asked about.
        let mine = about.is_some() || place.protected || others.len() > 1;
        if mine && all(&|other| !shape.fits(other)) && others.windows(2).all(|pair| pair[0].3.fits(pair[1].3)) {
            let message = format!("it is {shape} in {environment}, and {} in {}", others[0].3, list(&names));
            let hint = "one of them is probably the value of another key";
            let finding = at(Finding::warning("S0214", subject(), message).hint(hint), value);
            report.findings.push(at(finding, others[0].2));
        }
        let secret = |place: &Environment, value: &Value| {
            place.services.get(everywhere.name).is_some_and(|service| service.is_secret(key.name, value))
        };
        if place.protected
            && *shape != Shape::Empty
            && !shape.is_no_value()
            && !secret(place, value)
            && others.iter().all(|other| secret(other.1, other.2))
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
    if let Content::Sealed(sealed) = &value.content {
        return sealed.known().within;
    }
    of_connection(everywhere.places[held.place].leads.alone(key.name)?.as_ref().ok()?)
}

/// The same of the connection itself.
pub(crate) fn of_connection(destination: &Destination) -> Option<Shape> {
    let connection = destination.here()?;
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
