//! Small projects as people write them, whole.

use std::fs;
use std::path::Path;

use sternway_readset::{Choice, Key, Origin, ReadSet, read_set};

fn project(files: &[(&str, &str)]) -> ReadSet {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    read_set(Path::new(folder.path()), Choice::default())
}

/// The keys that production must have.
fn needed(set: &ReadSet) -> Vec<&str> {
    let mut keys: Vec<&str> = set
        .reads
        .iter()
        .filter(|read| read.needs_value() && read.origin == Origin::Own)
        .filter_map(|read| match &read.key {
            Key::Named(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[test]
fn laravel() {
    let set = project(&[
        (
            "config/session.php",
            "<?php\n\nuse Illuminate\\Support\\Str;\n\nreturn [\n    'driver' => env('SESSION_DRIVER', 'database'),\n    'connection' => env('SESSION_CONNECTION'),\n    'store' => env('SESSION_STORE'),\n    'cookie' => env(\n        'SESSION_COOKIE',\n        Str::slug(env('APP_NAME', 'laravel'), '_').'_session'\n    ),\n    'domain' => env('SESSION_DOMAIN', null),\n    'secure' => (bool) env('SESSION_SECURE_COOKIE', false),\n];\n",
        ),
        (
            "config/database.php",
            "<?php\nreturn ['redis' => ['client' => env('REDIS_CLIENT', 'phpredis'), 'default' => [\n    'url' => env('REDIS_URL'),\n    'host' => env('REDIS_HOST', '127.0.0.1'),\n    'password' => env('REDIS_PASSWORD'),\n]]];\n",
        ),
        (
            "app/Providers/AppServiceProvider.php",
            "<?php\nnamespace App\\Providers;\n\nclass AppServiceProvider extends ServiceProvider\n{\n    public function boot(): void\n    {\n        if (getenv('FORCE_HTTPS') === '1') {\n            URL::forceScheme('https');\n        }\n        if (empty($_ENV['APP_KEY'])) {\n            throw new \\RuntimeException('no key');\n        }\n    }\n}\n",
        ),
        (
            "artisan",
            "#!/usr/bin/env php\n<?php\ndefine('START', microtime(true));\nputenv('APP_RUNNING_IN_CONSOLE=true');\n$x = getenv('APP_RUNNING_IN_CONSOLE');\n",
        ),
        ("tests/TestCase.php", "<?php\nabstract class TestCase { function up() { return env('ONLY_IN_TESTS'); } }\n"),
        ("routes/web.php", "<?php\nRoute::get('/', fn () => view('welcome'));\n"),
    ]);
    assert_eq!(needed(&set), ["APP_KEY", "REDIS_PASSWORD", "REDIS_URL", "SESSION_CONNECTION", "SESSION_STORE"]);
    assert_eq!((set.files, set.parsed, set.unparsed.len()), (6, 5, 0));
    let cookie = set.reads.iter().find(|read| read.key == Key::Named("SESSION_COOKIE".to_owned())).unwrap();
    assert_eq!((cookie.place.to_string().as_str(), cookie.how), ("config/session.php:9:17", "env()"));
}

#[test]
fn express() {
    let set = project(&[
        (
            "src/config.ts",
            "import 'dotenv/config'\nimport { z } from 'zod'\n\nconst schema = z.object({\n  NODE_ENV: z.enum(['development', 'production']).default('development'),\n  DATABASE_URL: z.string().url(),\n  REDIS_URL: z.string().url(),\n  SENTRY_DSN: z.string().optional(),\n})\n\nexport const config = schema.parse(process.env)\n",
        ),
        (
            "src/session.ts",
            "import session from 'express-session'\n\nconst { SESSION_SECRET, SESSION_NAME = 'sid' } = process.env\nif (!SESSION_SECRET) {\n  throw new Error('SESSION_SECRET is missing')\n}\n\nexport default session({\n  secret: SESSION_SECRET,\n  name: SESSION_NAME,\n  cookie: { secure: process.env.NODE_ENV === 'production', domain: process.env.COOKIE_DOMAIN },\n})\n",
        ),
        (
            "src/server.js",
            "const app = require('./app')\nconst port = Number(process.env.PORT) || 3000\nif (process.env.TRUST_PROXY) app.set('trust proxy', process.env.TRUST_PROXY)\napp.listen(port, () => console.log(`on ${port} at ${process.env.HOME}`))\n",
        ),
        ("src/session.test.ts", "process.env.SESSION_SECRET = 'x'\nexpect(process.env.ONLY_IN_TESTS)\n"),
        (
            "web/src/api.vue",
            "<template><p/></template>\n<script setup>\nconst base = import.meta.env.VITE_API_URL\n</script>\n",
        ),
        ("src/math.js", "export const add = (a, b) => a + b\n"),
    ]);
    assert_eq!(needed(&set), ["COOKIE_DOMAIN", "DATABASE_URL", "REDIS_URL", "SESSION_SECRET", "VITE_API_URL"]);
    assert_eq!((set.files, set.parsed, set.unparsed.len()), (6, 5, 0));
    let secret = set.reads.iter().find(|read| read.key == Key::Named("SESSION_SECRET".to_owned())).unwrap();
    assert!(secret.required);
    assert_eq!(secret.place.to_string(), "src/session.ts:3:9");
}

#[test]
fn django() {
    let set = project(&[
        (
            "shop/settings.py",
            "from pathlib import Path\nimport os\nimport environ\n\nenv = environ.Env(DEBUG=(bool, False))\nBASE_DIR = Path(__file__).parent\nenv.read_env(BASE_DIR / '.env')\n\nSECRET_KEY = env('SECRET_KEY')\nDEBUG = env('DEBUG')\nDATABASES = {'default': env.db('DATABASE_URL', default='sqlite:///db.sqlite3')}\nCACHES = {'default': env.cache()}\nSESSION_ENGINE = 'django.contrib.sessions.backends.cache'\nSESSION_COOKIE_DOMAIN = os.environ.get('SESSION_COOKIE_DOMAIN')\nEMAIL_HOST = os.getenv('EMAIL_HOST', 'localhost')\n\ntry:\n    from .local import *\nexcept ImportError:\n    pass\n",
        ),
        (
            "manage.py",
            "#!/usr/bin/env python\nimport os\nimport sys\n\ndef main():\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n    print(os.environ['DJANGO_SETTINGS_MODULE'])\n\nmain()\n",
        ),
        (
            "worker/settings.py",
            "from pydantic_settings import BaseSettings\n\nclass Settings(BaseSettings):\n    broker_url: str\n    concurrency: int = 4\n\n    class Config:\n        env_prefix = 'WORKER_'\n",
        ),
        ("shop/tests/test_views.py", "import os\nx = os.environ['ONLY_IN_TESTS']\n"),
    ]);
    assert_eq!(needed(&set), ["CACHE_URL", "SECRET_KEY", "SESSION_COOKIE_DOMAIN", "WORKER_BROKER_URL"]);
    assert_eq!((set.files, set.parsed, set.unparsed.len()), (4, 4, 0));
    assert_eq!(set.writes.iter().map(|write| write.key.as_str()).collect::<Vec<_>>(), ["DJANGO_SETTINGS_MODULE"]);
}
