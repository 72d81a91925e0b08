use super::draft;

#[test]
fn nothing_at_all() {
    insta::assert_snapshot!(draft(&[]));
}

#[test]
fn procfile_with_release_phase() {
    insta::assert_snapshot!(draft(&[
        (
            "Procfile",
            "# how it runs\nweb: gunicorn shop.wsgi --bind 127.0.0.1:$PORT\nworker: celery -A shop worker\nrelease: python manage.py migrate && echo done\n"
        ),
        ("requirements.txt", "Django==5.0\ngunicorn\ncelery\n"),
        ("manage.py", ""),
        (".env.production", "SECRET_KEY=x\n"),
    ]));
}

#[test]
fn laravel() {
    insta::assert_snapshot!(draft(&[
        ("composer.json", r#"{ "require": { "php": "^8.2", "laravel/framework": "^11.0" } }"#),
        ("package.json", r#"{ "scripts": { "build": "vite build" }, "devDependencies": { "vite": "^5" } }"#),
        ("package-lock.json", "{}"),
        ("bootstrap/app.php", "->withRouting(health: '/up')"),
        ("public/index.php", ""),
        ("storage/app/", ""),
        ("public/uploads/", ""),
        ("database/database.sqlite", ""),
        (".git/", ""),
        (".env", "APP_KEY=base64:abc\n"),
        (".env.example", "APP_KEY=\n"),
    ]));
}

#[test]
fn symfony() {
    insta::assert_snapshot!(draft(&[
        ("composer.json", r#"{ "require": { "symfony/framework-bundle": "7.*" } }"#),
        ("public/index.php", ""),
        (".env", "APP_SECRET=x\n"),
        (".env.prod", "APP_SECRET=y\n"),
    ]));
}

#[test]
fn plain_php() {
    insta::assert_snapshot!(draft(&[
        ("index.php", "<?php echo 1;"),
        ("uploads/", ""),
        (".env.example", "DB_HOST=localhost\nDB_PASSWORD=\n")
    ]));
}

#[test]
fn node_with_staging() {
    insta::assert_snapshot!(draft(&[
        (
            "package.json",
            r#"{ "scripts": { "start": "node server.js", "build": "tsc" }, "dependencies": { "express": "4" } }"#
        ),
        ("server.js", "app.listen(process.env.PORT || 3000)"),
        ("yarn.lock", ""),
        (".env.production", "A=1\n"),
        (".env.staging", "A=2\n"),
    ]));
}

#[test]
fn node_on_a_fixed_port() {
    insta::assert_snapshot!(draft(&[
        ("package.json", r#"{ "main": "index.js" }"#),
        ("index.js", "http.createServer(f).listen(3000, cb)")
    ]));
}

#[test]
fn rust_package() {
    insta::assert_snapshot!(draft(&[
        (
            "Cargo.toml",
            "[package]\nname = \"shop-server\"\n[[bin]]\nname = \"shop\"\npath = \"src/main.rs\"\n[dependencies]\naxum = \"0.8\"\n"
        ),
        ("Cargo.lock", ""),
        ("src/main.rs", ""),
    ]));
}

#[test]
fn rust_workspace() {
    insta::assert_snapshot!(draft(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\", \"xtask\"]\n"),
        ("crates/core/Cargo.toml", "[package]\nname = \"core\"\n"),
        ("crates/core/src/lib.rs", ""),
        ("crates/server/Cargo.toml", "[package]\nname = \"server\"\n"),
        ("crates/server/src/main.rs", ""),
        ("xtask/Cargo.toml", "[package]\nname = \"xtask\"\n"),
        ("xtask/src/main.rs", ""),
    ]));
}

#[test]
fn dockerfile_alone() {
    insta::assert_snapshot!(draft(&[(
        "Dockerfile",
        "FROM golang AS build\nCMD [\"nothing\"]\n\nFROM debian\nEXPOSE 8000/tcp\nENTRYPOINT [\"/usr/bin/shop\"]\nCMD [\"--name\", \\\n  \"my shop\"]\n",
    )]));
}

#[test]
fn django_with_gunicorn() {
    insta::assert_snapshot!(draft(&[
        ("manage.py", ""),
        ("requirements.txt", "django>=5\ngunicorn==22.0\n"),
        ("shop/wsgi.py", ""),
        ("media/", ""),
    ]));
}

#[test]
fn fastapi_with_uv() {
    insta::assert_snapshot!(draft(&[
        ("pyproject.toml", "[project]\nname = \"shop\"\ndependencies = [\"fastapi\", \"uvicorn[standard]>=0.30\"]\n"),
        ("uv.lock", ""),
        ("app/main.py", "app = FastAPI()\n"),
    ]));
}

#[test]
fn flask_alone() {
    insta::assert_snapshot!(draft(&[("requirements.txt", "Flask\n"), ("app.py", "app = Flask(__name__)\n")]));
}

#[test]
fn rails() {
    insta::assert_snapshot!(draft(&[
        (
            "Gemfile",
            "source 'https://rubygems.org'\ngem 'rails', '~> 7.1'\ngem \"puma\"\ngem 'propshaft'\ngem 'devise'\ngem 'sidekiq'\n"
        ),
        ("config/routes.rb", "get \"up\" => \"rails/health#show\", as: :rails_health_check"),
        ("config/production.env", "SECRET_KEY_BASE=x\n"),
    ]));
}

#[test]
fn rack_with_puma() {
    insta::assert_snapshot!(draft(&[("Gemfile", "gem \"puma\"\n"), ("config.ru", "run App")]));
}

/// Two services by path, as in a project whose parts have a folder each.
#[test]
fn folders_of_their_own() {
    insta::assert_snapshot!(draft(&[
        ("web/composer.json", r#"{ "require": { "php": "^8.2" } }"#),
        ("web/public/index.php", ""),
        ("component/public/index.php", ""),
        ("component/.env.production", "SESSION_REDIS=x\n"),
        ("mailer/Procfile", "worker: php mail.php\n"),
        ("docs/index.php", ""),
        ("config/production.env", "SESSION_DSN=x\n"),
    ]));
}

#[test]
fn workspaces_in_folders_of_folders() {
    insta::assert_snapshot!(draft(&[
        ("package.json", r#"{ "workspaces": ["apps/*", "packages/*"] }"#),
        ("apps/web/package.json", r#"{ "scripts": { "start": "node server.js" } }"#),
        ("apps/api/package.json", r#"{ "scripts": { "start": "node api.js" } }"#),
        ("packages/web/package.json", r#"{ "scripts": { "start": "node preview.js" } }"#),
        ("packages/shared/package.json", r#"{ "main": "lib.js" }"#),
    ]));
}
