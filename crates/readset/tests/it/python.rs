//! Python.

use crate::{lines, set, table};

#[test]
fn the_standard_library() {
    table(
        "a.py",
        "import os\n",
        &[
            ("x = os.environ['X']", &["2:5 X os.environ required"]),
            ("x = os.environ.get('X')", &["2:5 X os.environ"]),
            ("x = os.environ.get('X', 'd')", &["2:5 X os.environ = Text"]),
            ("x = os.environ.get('X', default='')", &["2:5 X os.environ = Empty"]),
            ("x = os.getenv('X', None)", &["2:5 X os.getenv() = Null"]),
            ("x = os.getenv('X') or 5", &["2:5 X os.getenv() = Number"]),
            ("x = int(os.getenv('X', '5'))", &["2:9 X os.getenv() = Number"]),
            ("x = os.getenv('X', f())", &["2:5 X os.getenv() Expression"]),
            ("x = os.environ.setdefault('X', 'd')", &["2:5 X os.environ = Text"]),
            ("x = os.environ['X' 'Y']", &["2:5 XY os.environ required"]),
            (
                "x = os.environ[f'X_{n}'], os.getenv('Y_' + n), os.getenv('Z_%s' % n), os.getenv(n)",
                &["2:5 X_* os.environ required", "2:27 Y_* os.getenv()", "2:48 Z_* os.getenv()", "2:71 ? os.getenv()"],
            ),
            ("N = 'X'\nx = os.environ[N]", &["3:5 X os.environ required"]),
            ("s = 'ä'; x = os.environ['X']", &["2:14 X os.environ required"]),
            ("# os.environ['X']\ns = \"os.environ['X']\"\nx = other.environ['X']", &[]),
            ("f(dict(os.environ), **os.environ)", &["2:8 ? os.environ", "2:23 ? os.environ"]),
            ("x = os.environ.copy()", &["2:5 ? os.environ"]),
        ],
    );
}

#[test]
fn imports_and_aliases() {
    table(
        "a.py",
        "",
        &[
            (
                "from os import environ, getenv\nx = environ['X']; y = getenv('Y')",
                &["2:5 X os.environ required", "2:23 Y os.getenv()"],
            ),
            (
                "from os import environ as e, getenv as g\nx = e.get('X', 1); y = g('Y')",
                &["2:5 X os.environ = Number", "2:24 Y os.getenv()"],
            ),
            ("import os as o\nx = o.environ['X']", &["2:5 X os.environ required"]),
            ("import os\nenv = os.environ\nx = env['X']", &["3:5 X os.environ required"]),
            ("import os\nget = os.getenv\nx = get('X')", &["3:5 X os.getenv()"]),
            ("environ = {}\nx = environ['X']; y = getenv('Y')", &[]),
        ],
    );
}

#[test]
fn questions_guard_and_demand() {
    table(
        "a.py",
        "import os\n",
        &[
            (
                "if 'X' in os.environ:\n    x = os.environ['X']",
                &["2:4 X os.environ Guarded", "3:9 X os.environ Guarded"],
            ),
            (
                "if 'X' not in os.environ:\n    raise E()\nx = os.environ['X']",
                &["2:4 X os.environ required", "4:5 X os.environ required"],
            ),
            ("if not os.getenv('X'):\n    sys.exit(1)", &["2:8 X os.getenv() required"]),
            ("if os.getenv('X') is None: pass", &["2:4 X os.getenv() Guarded"]),
            ("x = 1 if os.getenv('X') else 2", &["2:10 X os.getenv() Guarded"]),
            ("x = os.getenv('X') == 'true'", &["2:5 X os.getenv() Compared"]),
            ("x = os.getenv('X') in ('1', 'yes')", &["2:5 X os.getenv() Compared"]),
            ("assert os.getenv('X')", &["2:8 X os.getenv() required"]),
            ("try:\n    x = os.environ['X']\nexcept KeyError:\n    x = 1", &["3:9 X os.environ Guarded"]),
            ("try:\n    x = os.environ['X']\nexcept KeyError:\n    raise E()", &["3:9 X os.environ required"]),
            ("try:\n    x = os.environ['X']\nexcept ValueError:\n    x = 1", &["3:9 X os.environ required"]),
            ("x = os.getenv('X')\nif not x:\n    raise E()", &["2:5 X os.getenv() required"]),
            ("x = os.getenv('X')\nif x is None:\n    x = 2", &["2:5 X os.getenv() Guarded"]),
            ("if x := os.getenv('X'):\n    f(x)", &["2:9 X os.getenv() Guarded"]),
        ],
    );
}

#[test]
fn libraries() {
    table(
        "a.py",
        "",
        &[
            (
                "from decouple import config\nx = config('X'); y = config('Y', default=1, cast=int)",
                &["2:5 X config() required", "2:22 Y config() = Number"],
            ),
            ("from decouple import AutoConfig\nc = AutoConfig('.')\nx = c('X')", &["3:5 X config() required"]),
            (
                "from starlette.config import Config\nc = Config('.env')\nx = c('X', default='d')",
                &["3:5 X config() = Text"],
            ),
            (
                "import environ\nenv = environ.Env(X=(bool, False), Y=int)\na = env('X'); b = env('Y'); c = env('Z', default='')",
                &["3:5 X env() = Boolean", "3:19 Y env() required", "3:33 Z env() = Empty"],
            ),
            (
                "import environ\nenv = environ.Env()\nx = env.str('X', 'd'); d = {'default': env.db()}; env.read_env('.env')",
                &["3:5 X env() = Text", "3:40 DATABASE_URL env() required"],
            ),
            (
                "from environs import Env\nenv = Env()\nwith env.prefixed('APP_'):\n    x = env.int('X')",
                &["4:9 APP_X env() required"],
            ),
            ("from config.env import env\nx = env('X')", &["2:5 X env() required"]),
            ("def config(x): pass\nenv = {}\nx = config('X'); y = env('Y')", &[]),
        ],
    );
}

#[test]
fn settings_classes() {
    let text = "\
from typing import ClassVar
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

class Base(BaseSettings):
    model_config = SettingsConfigDict(env_prefix='APP_')
    redis_url: str
    port: int = 8000
    token: str | None = None
    name: str = Field(..., alias='SHOP_NAME')
    size: int = Field(default=3)
    any_of: str = Field(validation_alias=AliasChoices('A', 'B'))
    kind: ClassVar[str] = 'x'
    _private: str = 'y'

    def method(self) -> str:
        other: str = 'z'
        return other

class Child(Base):
    more: bool

class Plain:
    none: str
";
    assert_eq!(
        lines("a.py", text),
        [
            "7:5 APP_REDIS_URL BaseSettings required",
            "8:5 APP_PORT BaseSettings = Number",
            "9:5 APP_TOKEN BaseSettings = Null",
            "10:5 SHOP_NAME BaseSettings required",
            "11:5 APP_SIZE BaseSettings = Number",
            "12:5 A BaseSettings Expression",
            "12:5 B BaseSettings Expression",
            "21:5 MORE BaseSettings required",
        ]
    );
}

#[test]
fn what_the_code_sets_it_does_not_need() {
    table(
        "a.py",
        "import os\n",
        &[
            (
                "os.environ['X'] = '1'\nx = os.environ['X']; y = os.environ['Y']",
                &["3:5 X os.environ required set", "3:26 Y os.environ required"],
            ),
            (
                "os.environ.setdefault('X', 'd')\nx = os.environ['X']",
                &["2:1 X os.environ = Text", "3:5 X os.environ required set"],
            ),
            (
                "os.environ.update({'X': 'v'}, Y='w')\nx = os.getenv('X'), os.getenv('Y')",
                &["3:5 X os.getenv() set", "3:21 Y os.getenv() set"],
            ),
            ("del os.environ['X']\nos.environ.pop('Y', None)", &[]),
        ],
    );
}

#[test]
fn a_broken_file_yields_what_is_whole_and_is_named() {
    let set = set("a.py", "import os\nx = os.environ['X']\ndef f(:\n  ((\n");
    assert_eq!(set.reads.len(), 1);
    assert!(set.unparsed[0].partly, "{:?}", set.unparsed);
}
