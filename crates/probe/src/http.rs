//! One HTTP question: the request, its redirects, and the bounded reading of its answer.

use std::collections::BTreeMap;
use std::error::Error as _;

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use reqwest::{Method, Url};
use sternway_core::check::HttpCheck;
use sternway_core::ids::ServiceName;

use crate::expect::{self, Body};
use crate::prober::{Prober, Resolving};
use crate::secrets::form_encode;
use crate::{Outcome, Subject, address, tcp};

/// As much of a body is read and looked at.
const BODY_LIMIT: usize = 2 * 1024 * 1024;
/// After as many redirects a chain counts as a loop.
const REDIRECT_LIMIT: usize = 10;

struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    cookies: BTreeMap<String, String>,
    body: Option<Vec<u8>>,
}

/// Asks and judges. The caller bounds the whole time.
pub(crate) async fn ask(
    prober: &Prober,
    check: &HttpCheck,
    service: Option<&ServiceName>,
    subject: &Subject,
    resolving: &Resolving,
) -> Outcome {
    let mut request = match build(check, service, subject) {
        Ok(request) => request,
        Err(why) => return Outcome::unknown(why),
    };
    for _ in 0..=REDIRECT_LIMIT {
        let client = match prober.client(request.url.scheme()) {
            Ok(client) => client,
            Err(why) => return Outcome::unknown(why),
        };
        if let Some((host, port)) = address::of_url(request.url.as_str())
            && let Err(outcome) = resolving.addresses(&host, port).await
        {
            return outcome;
        }
        let response = match send(client, &request).await {
            Ok(response) => response,
            Err(error) => return failure(&error),
        };
        let target = location(&request.url, &response);
        match target {
            Some(target) if check.follow => match follow(request, &response, target) {
                Ok(next) => request = next,
                Err(why) => return Outcome::fail(why),
            },
            target => return judge(check, response, target.as_ref()).await,
        }
    }
    Outcome::fail(format!("more than {REDIRECT_LIMIT} redirects"))
}

fn build(check: &HttpCheck, service: Option<&ServiceName>, subject: &Subject) -> Result<Request, String> {
    let own = check.url.starts_with('/');
    let url = if own {
        format!("{}{}", subject.base(&check.url, service)?.trim_end_matches('/'), check.url)
    } else {
        check.url.clone()
    };
    let url = Url::parse(&url).map_err(|error| format!("`{}` is not a URL: {error}", check.url))?;
    let method =
        Method::from_bytes(check.method.as_bytes()).map_err(|_| format!("`{}` is not a method", check.method))?;

    let mut headers = HeaderMap::new();
    let (body, kind) = body(check, subject)?;
    if let Some(kind) = kind {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let mut cookies = BTreeMap::new();
    let extra = subject.headers.iter().filter(|_| own).map(|(name, value)| (name, Ok(value.as_str())));
    let written = check.headers.iter().map(|(name, text)| (name, subject.secrets.resolve(text)));
    for (name, value) in extra.chain(written) {
        let value = value.map_err(|missing| missing.to_string())?;
        let key: HeaderName = name.parse().map_err(|_| format!("`{name}` is not a header name"))?;
        if key == COOKIE {
            // The canary's cookie and the check's own travel in one header.
            cookies.extend(value.split(';').filter_map(cookie_pair));
            continue;
        }
        let mut value: HeaderValue =
            value.parse().map_err(|_| format!("header {name} has a value that cannot be sent"))?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(Request { method, url, headers, cookies, body })
}

/// The body and its content type: the body as it is, else JSON, else the form.
fn body(check: &HttpCheck, subject: &Subject) -> Result<(Option<Vec<u8>>, Option<&'static str>), String> {
    if let Some(text) = &check.body {
        let text = subject.secrets.resolve(text).map_err(|missing| missing.to_string())?;
        return Ok((Some(text.as_bytes().to_vec()), None));
    }
    if let Some(json) = &check.json {
        return Ok((Some(json.to_string().into_bytes()), Some("application/json")));
    }
    if check.form.is_empty() {
        return Ok((None, None));
    }
    let pairs = check
        .form
        .iter()
        .map(|(name, text)| {
            let value = subject.secrets.resolve(text).map_err(|missing| missing.to_string())?;
            Ok(format!("{}={}", form_encode(name), form_encode(value)))
        })
        .collect::<Result<Vec<_>, String>>()?;
    Ok((Some(pairs.join("&").into_bytes()), Some("application/x-www-form-urlencoded")))
}

async fn send(client: &reqwest::Client, request: &Request) -> reqwest::Result<reqwest::Response> {
    let mut builder = client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
    if !request.cookies.is_empty() {
        let pairs = request.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        builder = builder.header(COOKIE, pairs.join("; "));
    }
    if let Some(body) = &request.body {
        builder = builder.body(body.clone());
    }
    builder.send().await
}

/// Where an answer redirects to.
fn location(from: &Url, response: &reqwest::Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    from.join(response.headers().get(LOCATION)?.to_str().ok()?).ok()
}

/// The next request of a chain, as a browser makes it: cookies are kept, 303 and a POST's 301 and 302 become a GET. Headers,
/// cookies and bodies may hold secrets, so nothing of them leaves the origin that the check names.
fn follow(request: Request, response: &reqwest::Response, target: Url) -> Result<Request, String> {
    let Request { mut method, url, mut headers, mut cookies, mut body } = request;
    let set = response.headers().get_all(SET_COOKIE).iter().filter_map(|value| cookie_pair(value.to_str().ok()?));
    cookies.extend(set);
    let status = response.status().as_u16();
    if status == 303 && method != Method::HEAD || matches!(status, 301 | 302) && method == Method::POST {
        method = Method::GET;
        body = None;
        headers.remove(CONTENT_TYPE);
    }
    if url.origin() != target.origin() {
        if body.is_some() {
            return Err(format!("status {status} sends the request's body to another origin; not followed"));
        }
        headers.clear();
        cookies.clear();
    }
    Ok(Request { method, url: target, headers, cookies, body })
}

fn cookie_pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split(';').next()?.split_once('=')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}

async fn judge(check: &HttpCheck, mut response: reqwest::Response, target: Option<&Url>) -> Outcome {
    let status = response.status().as_u16();
    // The query of a redirect often carries a token: only its path is shown.
    if let Err(outcome) = expect::status(check, status, target.map(Url::path)) {
        return outcome;
    }
    let mut body = Body { bytes: Vec::new(), whole: true };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = BODY_LIMIT - body.bytes.len();
                body.bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    body.whole = false;
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                return Outcome::fail(format!("status {status}, then the body broke off: {}", root_cause(&error)));
            }
        }
    }
    expect::body(check, status, &body)
}

/// What a request that got no answer came to.
fn failure(error: &reqwest::Error) -> Outcome {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<std::io::Error>()
            && error.is_connect()
            && io.source().is_none()
            && io.get_ref().is_none()
        {
            return Outcome::fail(tcp::connect_error(io));
        }
        source = cause.source();
    }
    if error.is_builder() {
        return Outcome::unknown(format!("the request cannot be made: {}", root_cause(error)));
    }
    Outcome::fail(format!("no answer: {}", root_cause(error)))
}

/// The innermost cause: the outer ones repeat the URL, which may hold a secret.
pub(crate) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = match error.source() {
        Some(source) => source,
        None => return "request failed".to_owned(),
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
