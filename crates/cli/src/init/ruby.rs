//! Ruby: Gemfile, with Rails, Puma or another Rack server.

use super::draft::{Maybe, Service};
use super::folder::Folder;

const BUNDLE: &str = "bundle config set --local path vendor/bundle && bundle config set --local without development:test && bundle install";

pub(super) fn find(folder: &Folder, warnings: &mut Vec<String>) -> Option<Service> {
    let gemfile = folder.text("Gemfile")?;
    let lists = |gem: &str| {
        let named = |line: &str| {
            line.strip_prefix("gem").is_some_and(|rest| rest.trim_start_matches([' ', '(']).starts_with(gem))
        };
        gemfile.lines().map(str::trim).any(|line| named(&line.replace('\'', "\"")))
    };
    let rails = lists("\"rails\"");
    let mut service = Service::web("web");
    service.set("build", BUNDLE, "Gemfile is there; the gems are part of the release");
    if rails {
        if lists("\"sprockets") || lists("\"propshaft") {
            let build =
                format!("{BUNDLE} && SECRET_KEY_BASE_DUMMY=1 RAILS_ENV=production bundle exec rails assets:precompile");
            service.set("build", build, "Gemfile is there; the gems and the assets are part of the release");
        }
        service.set("run", "exec bundle exec rails server -b 127.0.0.1 -p $PORT", "the Gemfile lists rails");
        if folder
            .text("config/routes.rb")
            .is_some_and(|text| text.contains("rails/health#show") && text.contains("\"up\""))
        {
            service.healthy_at("/up", "config/routes.rb names /up as its health route");
        }
        service.add("shared", &["storage".to_owned(), "log".to_owned()], "Rails keeps uploads and logs there");
        service.maybe.push(Maybe::migrate("bundle exec rails db:migrate"));
    } else if folder.is_file("config.ru") {
        let (run, why) = if lists("\"puma\"") {
            ("exec bundle exec puma -b tcp://127.0.0.1:$PORT", "config.ru is there and the Gemfile lists puma")
        } else {
            ("exec bundle exec rackup -o 127.0.0.1 -p $PORT", "config.ru is there")
        };
        service.set("run", run, why);
    } else {
        warnings.push("there is a Gemfile, but neither Rails nor config.ru: nothing says how it is run".to_owned());
        return None;
    }
    if lists("\"sidekiq\"") {
        service.maybe.push(Maybe::worker("sidekiq", "exec bundle exec sidekiq"));
    }
    if lists("\"devise\"") {
        service.login = Some(("/users/sign_in", "Devise's login page"));
    }
    Some(service)
}
