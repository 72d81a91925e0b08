//! Kubernetes manifests.

use crate::formats::{Beside, found, places, read, read_with, told};

const SHOP: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  HOST: redis
  PORT: \"6379\"
  app.properties: |
    a=b
---
apiVersion: v1
kind: Secret
metadata: {name: web-secret}
data:
  PASSWORD: czNjcmV0
  BINARY: /w==
stringData:
  TOKEN: plain
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers:
      - name: migrate
        env: [{name: M, value: '1'}]
      containers:
      - name: app
        envFrom:
        - configMapRef: {name: web}
          prefix: CACHE_
        - secretRef: {name: web-secret}
        env:
        - name: URL
          value: redis://$(CACHE_HOST):$(CACHE_PORT)/$$(X)
        - name: TOKEN
          value: over
        - name: PASS
          valueFrom: {secretKeyRef: {name: web-secret, key: PASSWORD}}
        - name: OTHER
          valueFrom: {secretKeyRef: {name: elsewhere, key: x}}
        - name: NODE
          valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
        - name: MAYBE
          valueFrom: {configMapKeyRef: {name: web, key: none, optional: true}}
        - name: USER
          value: $(NODE)-x
        - name: NUMBER
          value:
";

fn part(text: &str, part: &str) -> String {
    told(read_with("kubernetes", text.as_bytes(), Some(part), &Beside::default()))
}

#[test]
fn a_container_gets_what_the_kubelet_gives_it() {
    let expected = "BINARY=? CACHE_HOST=redis CACHE_PORT=6379 CACHE_app.properties=a=b| NODE=? NUMBER= OTHER=? PASS=s3cret PASSWORD=s3cret TOKEN=over URL=redis://redis:6379/$(X) USER=?";
    assert_eq!(told(read("kubernetes", SHOP)), expected);
    for name in ["app", "web/app", "Deployment/web/app", "deployment/web", "Deployment/web"] {
        assert_eq!(part(SHOP, name), expected, "{name}");
    }
    let read = read("kubernetes", SHOP);
    assert!(read.findings.is_empty(), "{:?}", read.findings);
    assert!(places(&read).contains(&"CACHE_HOST 5:3".to_owned()), "{:?}", places(&read));
    assert!(places(&read).contains(&"URL 35:17".to_owned()), "{:?}", places(&read));
}

#[test]
fn a_part_names_a_container_or_an_object() {
    assert_eq!(part(SHOP, "migrate"), "M=1");
    assert_eq!(part(SHOP, "ConfigMap/web"), "HOST=redis PORT=6379 app.properties=a=b|");
    assert_eq!(part(SHOP, "web-secret"), "BINARY=? PASSWORD=s3cret TOKEN=plain");
    // Both a ConfigMap and a Deployment have this name.
    assert_eq!(part(SHOP, "web"), "S0245 0:0");
    assert_eq!(part(SHOP, "none"), "S0245 0:0");
    assert_eq!(part(SHOP, "Deployment"), "S0245 0:0");
    let two = "kind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, env: [{name: A, value: x}]}, {name: b}]}";
    let read = read("kubernetes", two);
    assert_eq!(found(&read), ["error s0245 0:0"]);
    assert!(read.findings[0].message.contains("`Pod/p/a`, `Pod/p/b`"), "{}", read.findings[0].message);
    assert_eq!(part(two, "a"), "A=x");
    assert_eq!(part(two, "b"), "");
}

#[test]
fn files_of_data_alone_and_lists_are_read() {
    let list = "kind: List\nitems:\n- {kind: ConfigMap, metadata: {name: a}, data: {A: x, B: x}}\n- {kind: Secret, metadata: {name: b}, stringData: {B: y}}\n";
    assert_eq!(told(read("kubernetes", list)), "A=x B=y");
    assert_eq!(found(&read("kubernetes", list)), ["warning s0203 3:55"]);
    let job =
        "kind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{env: [{name: A, value: x}]}]}}}}}";
    assert_eq!(told(read("kubernetes", job)), "A=x");
    assert_eq!(found(&read("kubernetes", "kind: Service\nmetadata: {name: x}")), ["error s0245 0:0"]);
}

#[test]
fn what_is_wrong_is_told_without_its_value() {
    let env = |env: &str| {
        let text = format!(
            "kind: ConfigMap\nmetadata: {{name: c, namespace: n}}\ndata: {{K: v}}\n---\nkind: Pod\nmetadata: {{namespace: n}}\nspec: {{containers: [{{env: [{env}]}}]}}\n"
        );
        (told(read("kubernetes", &text)), found(&read("kubernetes", &text)))
    };
    assert_eq!(env("{name: A, value: x}, {name: A, value: y}"), ("A=y".into(), vec!["warning s0203 7:35".into()]));
    assert_eq!(env("{name: A, value: $(B)}").0, "A=$(B)");
    assert_eq!(env("{name: A, value: $(B)}").1, ["warning s0201 7:45"]);
    assert_eq!(env("{name: A, value: $(DB_SERVICE_HOST)}"), ("A=?".into(), vec![]));
    assert_eq!(env("{value: x}").0, "S0201 7:28");
    assert_eq!(env("{name: A, value: [x]}").0, "S0201 7:28");
    assert_eq!(env("{name: A, value: x, valueFrom: {fieldRef: {}}}").0, "S0201 7:59");
    assert_eq!(env("{name: A, valueFrom: {configMapKeyRef: {name: c, key: K}}}").0, "A=v");
    assert_eq!(env("{name: A, valueFrom: {configMapKeyRef: {name: c, key: L}}}").0, "S0201 7:67");
    for bad in ["aGlkZGVu=", "hidden!", "hid"] {
        let text = format!("kind: Secret\nmetadata: {{name: s}}\ndata:\n  A: {bad}\n");
        let read = read("kubernetes", &text);
        assert_eq!(found(&read), ["error s0201 4:6"], "{bad}");
        assert!(!format!("{read:?}").contains(bad), "{bad}");
    }
    let missing = "kind: Pod\nspec: {containers: [{envFrom: [{secretRef: {name: x}}]}]}";
    assert_eq!(found(&read("kubernetes", missing)), ["warning s0201 2:44"]);
    assert_eq!(told(read("kubernetes", "kind: Secret\ndata: {A: !!binary aGk=}")), "A=?");
}

#[test]
fn references_cannot_fill_memory() {
    let next = |index: usize| format!("- {{name: A{index}, value: $(A{0})$(A{0})}}\n", index - 1);
    let env: Vec<String> = (1..2_000).map(next).collect();
    let env = format!("- {{name: A0, value: 'xxxxxxxxxxxxxxxx'}}\n{}", env.concat());
    let read =
        read("kubernetes", format!("kind: Pod\nspec:\n containers:\n - env:\n{env}").replace("\n- {n", "\n   - {n"));
    let longest = read.assignments.iter().filter_map(|one| one.value.plain()).map(|text| text.len()).max();
    assert!(longest.unwrap() <= 128 << 10);
    assert_eq!(read.assignments.len(), 2_000);
}
