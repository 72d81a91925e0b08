//! PHP: composer.json (Laravel, Symfony, or neither) and a bare index.php.

use serde_json::Value;

use super::draft::{Maybe, Service};
use super::folder::Folder;

const COMPOSER: &str = "composer install --no-dev --no-interaction --prefer-dist --optimize-autoloader";

pub(super) fn find(folder: &Folder, warnings: &mut Vec<String>) -> Option<Service> {
    let composer = folder.json("composer.json", warnings);
    let root = document_root(folder);
    if composer.is_none() && root.is_none() {
        return None;
    }
    let requires = |package: &str| composer.as_ref().is_some_and(|json| json["require"].get(package).is_some());
    let mut service = Service::web("web");
    if composer.as_ref().is_some_and(has_packages) {
        service.set("build", COMPOSER, "composer.json lists packages; vendor/ is made anew for each release");
    }
    if requires("laravel/framework") {
        laravel(folder, &mut service, requires("laravel/octane"));
    } else if requires("symfony/framework-bundle") {
        symfony(&mut service);
    } else {
        let root = root?;
        let run = format!("exec php -S 127.0.0.1:$PORT -t {root}");
        service.set(
            "run",
            run,
            format!("{} is there", if root == "." { "index.php".to_owned() } else { format!("{root}/index.php") }),
        );
    }
    if service.text("run").is_some_and(|run| run.contains("php -S")) {
        warnings.push(
            "PHP's built-in server is made for development: for real traffic run php-fpm or FrankenPHP on 127.0.0.1:$PORT".to_owned(),
        );
    }
    Some(service)
}

/// Whether anything but PHP itself and its extensions is required.
fn has_packages(composer: &Value) -> bool {
    composer["require"].as_object().is_some_and(|all| all.keys().any(|package| package.contains('/')))
}

fn document_root(folder: &Folder) -> Option<&'static str> {
    let roots =
        [("public/index.php", "public"), ("web/index.php", "web"), ("htdocs/index.php", "htdocs"), ("index.php", ".")];
    roots.into_iter().find(|(file, _)| folder.is_file(file)).map(|(_, root)| root)
}

fn laravel(folder: &Folder, service: &mut Service, octane: bool) {
    if octane {
        service.set(
            "run",
            "exec php artisan octane:start --host=127.0.0.1 --port=$PORT",
            "composer.json requires laravel/octane",
        );
    } else {
        let run = "exec env PHP_CLI_SERVER_WORKERS=4 php -S 127.0.0.1:$PORT -t public";
        service.set("run", run, "composer.json requires laravel/framework, which answers from public/");
    }
    if folder.text("bootstrap/app.php").is_some_and(|text| text.contains("health:") && text.contains("/up")) {
        service.healthy_at("/up", "bootstrap/app.php names /up as its health route");
    }
    let shared = ["storage/app", "storage/framework/sessions", "storage/logs"].map(str::to_owned);
    service.add(
        "shared",
        &shared,
        "Laravel keeps uploads, file sessions and logs there; a release must not take them along",
    );
    service.maybe.push(Maybe::migrate("php artisan migrate --force"));
    service.maybe.push(Maybe::worker("queue", "exec php artisan queue:work"));
}

fn symfony(service: &mut Service) {
    let run = "exec env PHP_CLI_SERVER_WORKERS=4 php -S 127.0.0.1:$PORT -t public";
    service.set("run", run, "composer.json requires symfony/framework-bundle, which answers from public/");
    service.add("shared", &["var/log".to_owned()], "Symfony logs there");
    service.maybe.push(Maybe::migrate("php bin/console doctrine:migrations:migrate --no-interaction"));
    // Symfony refuses to start without the .env that is committed with it.
    service.reads_dotenv = true;
}
