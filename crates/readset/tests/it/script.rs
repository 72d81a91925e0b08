//! JavaScript, TypeScript and components.

use crate::{lines, set, table};

#[test]
fn members() {
    table(
        "a.js",
        "",
        &[
            ("f(process.env.X)", &["1:3 X process.env"]),
            ("f(process.env['X'], process.env[`Y`])", &["1:3 X process.env", "1:21 Y process.env"]),
            ("f(process['env'].X, globalThis.process.env.Y)", &["1:3 X process.env", "1:21 Y process.env"]),
            ("f(process.env?.X)", &["1:3 X process.env"]),
            ("const K = 'X'; f(process.env[K])", &["1:18 X process.env"]),
            (
                "f(process.env[`X_${n}`], process.env['Y_' + n], process.env[n])",
                &["1:3 X_* process.env", "1:26 Y_* process.env", "1:49 ? process.env"],
            ),
            ("const s = '€'; f(process.env.X)", &["1:18 X process.env"]),
            ("f(processes.env.X, my.process.environment.Y, x.env.Z)", &[]),
            ("// process.env.X\nf('process.env.X')", &[]),
            (
                "f(Deno.env.get('X'), Bun.env.Y, Deno.env.toObject())",
                &["1:3 X Deno.env.get()", "1:22 Y Bun.env", "1:33 ? Deno.env.get()"],
            ),
            ("f(process.env.hasOwnProperty('X'), process.env.toString())", &["1:3 X process.env Guarded"]),
        ],
    );
    table(
        "a.mjs",
        "",
        &[("f(import.meta.env.VITE_X, import.meta.env.DEV, import.meta.env.MODE)", &["1:3 VITE_X import.meta.env"])],
    );
}

#[test]
fn defaults() {
    table(
        "a.ts",
        "",
        &[
            ("const x = process.env.X ?? 'd'", &["1:11 X process.env = Text"]),
            ("const x = process.env.X || 3000", &["1:11 X process.env = Number"]),
            ("const x = (process.env.X as string) || ''", &["1:12 X process.env = Empty"]),
            ("const x = process.env.X! ?? undefined", &["1:11 X process.env = Null"]),
            ("const x = process.env.X ?? other()", &["1:11 X process.env Expression"]),
            (
                "const x = process.env.X || process.env.Y || 'https://a'",
                &["1:11 X process.env Expression", "1:28 Y process.env = Url"],
            ),
            ("const x = Number(process.env.X) || 5", &["1:18 X process.env = Number"]),
            ("const x = parseInt(process.env.X ?? '5', 10)", &["1:20 X process.env = Number"]),
            ("const x = +process.env.X || 5", &["1:12 X process.env = Number"]),
            ("const x = process.env.X?.split(',') ?? []", &["1:11 X process.env = Collection"]),
            ("const x = process.env.X?.trim()", &["1:11 X process.env Guarded"]),
            ("const x = process.env.X.split(',')", &["1:11 X process.env required"]),
            ("const x = process.env.X ?? (() => { throw new Error() })()", &["1:11 X process.env required"]),
            ("process.env.X ??= 'd'", &["1:1 X process.env = Text"]),
            ("const x = process.env.X", &["1:11 X process.env"]),
            ("const x = process.env.X; if (!x) throw new Error('x')", &["1:11 X process.env required"]),
            ("const x = process.env.X; listen(x || 1)", &["1:11 X process.env = Number"]),
        ],
    );
}

#[test]
fn questions_guard_and_demand() {
    table(
        "a.ts",
        "",
        &[
            ("if (process.env.X) f(process.env.X)", &["1:5 X process.env Guarded", "1:22 X process.env Guarded"]),
            (
                "const x = process.env.X ? process.env.X : 'd'",
                &["1:11 X process.env Guarded", "1:27 X process.env Guarded"],
            ),
            ("process.env.X && f(process.env.X.length)", &["1:1 X process.env Guarded", "1:20 X process.env Guarded"]),
            (
                "if (!process.env.X) { throw new Error() }\nf(process.env.X)",
                &["1:6 X process.env required", "2:3 X process.env required"],
            ),
            (
                "if (!process.env.X || process.env.Y === undefined) process.exit(1)",
                &["1:6 X process.env required", "1:23 Y process.env required"],
            ),
            (
                "if (!process.env.X && !process.env.Y) process.exit(1)",
                &["1:6 X process.env Guarded", "1:24 Y process.env Guarded"],
            ),
            ("if ('X' in process.env) {}", &["1:5 X process.env Guarded"]),
            ("if (!('X' in process.env)) throw new Error()", &["1:7 X process.env required"]),
            ("if (process.env.NODE_ENV !== 'production') {}", &["1:5 NODE_ENV process.env Compared"]),
            ("switch (process.env.X) { case 'a': break }", &["1:9 X process.env Compared"]),
            ("const has = !!process.env.X", &["1:15 X process.env Guarded"]),
            ("assert(process.env.X)", &["1:8 X process.env required"]),
        ],
    );
}

#[test]
fn destructuring() {
    table(
        "a.ts",
        "",
        &[
            (
                "const { A, B = 'd', C: c, D: d = 1, 'E': e } = process.env",
                &[
                    "1:9 A process.env",
                    "1:12 B process.env = Text",
                    "1:21 C process.env",
                    "1:27 D process.env = Number",
                    "1:37 E process.env",
                ],
            ),
            ("const { A, ...rest } = process.env", &["1:9 A process.env", "1:12 ? process.env"]),
            ("function f({ A } = process.env) {}", &["1:14 A process.env"]),
            ("({ A: x.a } = process.env)", &["1:4 A process.env"]),
            ("const { VITE_A, DEV } = import.meta.env", &["1:9 VITE_A import.meta.env"]),
            ("const { A } = process.env; if (!A) throw new Error()", &["1:9 A process.env required"]),
        ],
    );
}

#[test]
fn aliases_and_imports() {
    table(
        "a.ts",
        "",
        &[
            ("const env = process.env; f(env.X)", &["1:28 X process.env"]),
            ("const e = process.env || {}; f(e.X)", &["1:32 X process.env"]),
            ("const { env } = process; f(env.X)", &["1:28 X process.env"]),
            ("const { env: e } = require('node:process'); f(e.X)", &["1:47 X process.env"]),
            ("import { env } from 'node:process'; f(env.X)", &["1:39 X process.env"]),
            ("import { env as e } from 'process'; const { X } = e", &["1:45 X process.env"]),
            ("import p from 'process'; f(p.env.X)", &["1:28 X process.env"]),
            ("import * as p from 'process'; f(p.env.X)", &["1:33 X process.env"]),
            ("const p = process; f(p.env.X)", &["1:22 X process.env"]),
            ("function f(env = process.env) { return env.X } g(env.Y)", &["1:40 X process.env"]),
            ("const env = process.env; function f(env) { return env.X }", &[]),
            ("function f() { const env = process.env } g(env.X)", &[]),
            ("import { env } from './env'; const p = process; f(env.X)", &[]),
            (
                "import { X, Y as y } from '$env/static/private'",
                &["1:10 X $env/static required", "1:13 Y $env/static required"],
            ),
        ],
    );
}

#[test]
fn the_whole_environment_handed_on_is_computed() {
    table(
        "a.ts",
        "",
        &[
            ("f({ ...process.env })", &["1:8 ? process.env"]),
            ("spawn('x', { env: process.env })", &["1:19 ? process.env"]),
            ("Object.keys(process.env)", &["1:13 ? process.env"]),
            ("for (const k in process.env) {}", &["1:17 ? process.env"]),
        ],
    );
}

#[test]
fn schemas() {
    table(
        "a.ts",
        "",
        &[
            (
                "z.object({ A: z.string(), B: z.string().optional(), 'C': z.coerce.number().default(3).min(1) }).parse(process.env)",
                &["1:12 A schema.parse() required", "1:27 B schema.parse() Guarded", "1:53 C schema.parse() = Number"],
            ),
            (
                "const s = z.object({ A: z.string() }).strict()\nconst e = s.safeParse(process.env)",
                &["1:22 A schema.parse() required"],
            ),
            (
                "cleanEnv(process.env, { A: str(), B: port({ default: 3000 }) })",
                &["1:25 A cleanEnv() required", "1:35 B cleanEnv() = Number"],
            ),
            (
                "createEnv({ server: { A: z.string() }, client: { B: z.string().default('') }, runtimeEnv: process.env })",
                &["1:23 A createEnv() required", "1:50 B createEnv() = Empty"],
            ),
            ("s.parse(process.env)", &["1:9 ? process.env"]),
            ("z.object({ A: z.string() }).parse(other)", &[]),
        ],
    );
}

#[test]
fn what_the_code_sets_it_does_not_need() {
    table(
        "a.ts",
        "",
        &[
            ("process.env.X = '1'; f(process.env.X, process.env.Y)", &["1:24 X process.env set", "1:39 Y process.env"]),
            ("f(process.env.X); process.env.X = '1'", &["1:3 X process.env"]),
            ("delete process.env.X", &[]),
            ("Deno.env.set('X', '1'); f(Deno.env.get('X'))", &["1:27 X Deno.env.get() set"]),
        ],
    );
}

#[test]
fn each_dialect_has_its_grammar() {
    assert_eq!(
        lines("a.tsx", "const a = <p title={process.env.X}>{process.env.Y as string}</p>"),
        ["1:21 X process.env", "1:37 Y process.env"]
    );
    assert_eq!(lines("a.ts", "const a = <string>process.env.X; enum B { C }"), ["1:19 X process.env"]);
    assert_eq!(lines("a.jsx", "const a = <p>{process.env.X}</p>"), ["1:15 X process.env"]);
    let vue = "<template>\n <p>{{ process.env.N }}</p>\n</template>\n<script setup lang=\"ts\">\nconst ü: string = import.meta.env.VITE_X\n</script>\n";
    assert_eq!(lines("a.vue", vue), ["5:19 VITE_X import.meta.env"]);
    assert_eq!(lines("tool", "#!/usr/bin/env node\nf(process.env.X)"), ["2:3 X process.env"]);
}

#[test]
fn a_broken_file_yields_what_is_whole_and_is_named() {
    let set = set("a.ts", "const a = process.env.X ?? 'd';\nfunction ( {{ ;\n");
    assert_eq!(set.reads.len(), 1);
    assert!(set.unparsed[0].partly && set.unparsed[0].why.contains("a syntax error"), "{:?}", set.unparsed);
}
