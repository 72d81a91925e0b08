//! Python: requirements.txt or pyproject.toml, with Django, Flask, FastAPI, gunicorn, uvicorn.

use super::draft::{Maybe, Service};
use super::folder::Folder;

/// The virtual environment is built in one folder and runs in another: `python -m` works there, its scripts with their absolute
/// first lines would not.
const PYTHON: &str = ".venv/bin/python";

pub(super) fn find(folder: &Folder, warnings: &mut Vec<String>) -> Option<Service> {
    let requirements = folder.text("requirements.txt");
    let pyproject = folder.text("pyproject.toml");
    let django = folder.is_file("manage.py");
    if requirements.is_none() && pyproject.is_none() && !django {
        return None;
    }
    let listed =
        format!("{}\n{}", requirements.as_deref().unwrap_or(""), pyproject.as_deref().unwrap_or("")).to_lowercase();
    let mut service = Service::web("web");
    if let Some((build, why)) = build(folder, requirements.is_some(), pyproject.is_some()) {
        service.set("build", build, why);
    }
    let Some((run, why)) = run(folder, &listed, django, warnings) else {
        warnings.push("it looks like Python, but nothing says how it is run".to_owned());
        return None;
    };
    service.set("run", run, why);
    if django {
        service.login = Some(("/accounts/login/", "Django's login page"));
        service.maybe.push(Maybe::migrate(format!("{PYTHON} manage.py migrate --noinput")));
    }
    if names(&listed, "celery") {
        service.maybe.push(Maybe::worker("celery", format!("exec {PYTHON} -m celery -A app worker")));
    }
    Some(service)
}

fn build(folder: &Folder, requirements: bool, pyproject: bool) -> Option<(String, &'static str)> {
    let venv = |install: &str| format!("python3 -m venv .venv && {PYTHON} -m pip install {install}");
    if folder.is_file("uv.lock") {
        Some(("uv sync --frozen --no-dev".to_owned(), "uv.lock is there"))
    } else if folder.is_file("poetry.lock") {
        let build = "POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install --only main --no-interaction";
        Some((build.to_owned(), "poetry.lock is there"))
    } else if requirements {
        Some((venv("-r requirements.txt"), "requirements.txt is there"))
    } else {
        pyproject.then(|| (venv("."), "pyproject.toml is there"))
    }
}

/// A command of a Procfile, which takes the virtual environment's programs for granted.
pub(super) fn within_venv(command: &str) -> String {
    let programs = ["gunicorn", "uvicorn", "celery", "flask", "daphne", "hypercorn", "alembic", "rq"];
    let one = |command: &str| {
        let (program, rest) = command.split_once(' ').unwrap_or((command, ""));
        match program {
            "python" | "python3" => format!("{PYTHON} {rest}"),
            program if programs.contains(&program) => format!("{PYTHON} -m {program} {rest}"),
            _ => command.to_owned(),
        }
    };
    command.split("&&").map(|part| one(part.trim()).trim_end().to_owned()).collect::<Vec<_>>().join(" && ")
}

/// Whether a distribution is listed, as a word of its own.
fn names(listed: &str, distribution: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
    listed.split(|c| !part(c)).any(|word| word == distribution)
}

fn run(folder: &Folder, listed: &str, django: bool, warnings: &mut Vec<String>) -> Option<(String, String)> {
    let gunicorn = names(listed, "gunicorn");
    if django {
        let package = folder.folders().into_iter().find(|name| folder.is_file(&format!("{name}/wsgi.py")));
        if let (true, Some(package)) = (gunicorn, package) {
            let run = format!("exec {PYTHON} -m gunicorn {package}.wsgi:application --bind 127.0.0.1:$PORT");
            return Some((run, format!("gunicorn is listed and {package}/wsgi.py is there")));
        }
        warnings.push(
            "Django's development server is no server for production: add gunicorn to the requirements".to_owned(),
        );
        let run = format!("exec {PYTHON} manage.py runserver --noreload 127.0.0.1:$PORT");
        return Some((run, "manage.py is there, and gunicorn is not listed".to_owned()));
    }
    let (module, text) = ["main", "app", "wsgi", "asgi", "app/main", "src/main", "app/__init__"]
        .into_iter()
        .find_map(|module| Some((module, folder.text(&format!("{module}.py"))?)))?;
    let dotted = module.trim_end_matches("/__init__").replace('/', ".");
    let object = if text.lines().any(|line| line.starts_with("application =")) { "application" } else { "app" };
    let file = format!("{module}.py is there");
    if names(listed, "uvicorn") || names(listed, "fastapi") {
        let run = format!("exec {PYTHON} -m uvicorn {dotted}:{object} --host 127.0.0.1 --port $PORT");
        Some((run, format!("uvicorn or FastAPI is listed and {file}")))
    } else if gunicorn {
        let run = format!("exec {PYTHON} -m gunicorn {dotted}:{object} --bind 127.0.0.1:$PORT");
        Some((run, format!("gunicorn is listed and {file}")))
    } else if names(listed, "flask") {
        warnings.push(
            "Flask's development server is no server for production: add gunicorn to the requirements".to_owned(),
        );
        let run = format!("exec {PYTHON} -m flask --app {dotted} run --host 127.0.0.1 --port $PORT");
        Some((run, format!("Flask is listed and {file}")))
    } else {
        warnings.push(format!("see that {module}.py listens on 127.0.0.1 and the port in $PORT"));
        Some((format!("exec {PYTHON} {module}.py"), file))
    }
}
