//! `packaging/netstat.schema.json`: every record that any test of JSON sees fits it, with nothing left over; and it refuses what it should.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

/// The schema as it is installed.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/netstat.schema.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
});

/// As users have it.
static OPEN: LazyLock<Validator> = LazyLock::new(|| jsonschema::draft202012::new(&SCHEMA).unwrap());

/// The same, but a field or kind that it does not know is a fault.
static CLOSED: LazyLock<Validator> = LazyLock::new(|| {
    let mut schema = SCHEMA.clone();
    close(&mut schema);
    jsonschema::draft202012::new(&schema).unwrap()
});

/// The same for a single record.
static CLOSED_RECORD: LazyLock<Validator> = LazyLock::new(|| {
    let mut schema = SCHEMA.clone();
    let root = schema.as_object_mut().unwrap();
    root.remove("anyOf");
    root.insert("$ref".to_owned(), json!("#/$defs/record"));
    close(&mut schema);
    jsonschema::draft202012::new(&schema).unwrap()
});

/// Allows no fields in objects but those that are described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            if keywords.contains_key("properties") && keywords.contains_key("required") {
                keywords.insert("unevaluatedProperties".to_owned(), json!(false));
            }
            // What follows `if` is a question, not a rule.
            let rules = keywords.iter_mut().filter(|(name, _)| *name != "if");
            rules.for_each(|(_, inner)| close(inner));
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

/// Holds a report of `--json`, or a line of `--json-lines`, to the schema.
#[track_caller]
pub fn assert_fits(document: &Value, what: &str) {
    if CLOSED.is_valid(document) {
        return;
    }
    let records = match document {
        Value::Array(records) => records.as_slice(),
        record => std::slice::from_ref(record),
    };
    for record in records {
        let faults: Vec<String> = CLOSED_RECORD
            .iter_errors(record)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{what}: {faults:?} in {record}");
    }
    panic!("{what}: {document}");
}

#[test]
fn it_is_a_schema_of_this_version() {
    assert!(jsonschema::meta::is_valid(&SCHEMA));
    assert_eq!(
        SCHEMA["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    let id = concat!("urn:netstat:json:", env!("CARGO_PKG_VERSION"));
    assert_eq!(SCHEMA["$id"], id);
}

/// A record with the fields that its kind always has.
fn statistic() -> Value {
    json!({"table": "Tcp", "counter": "A", "value": 1, "type": "counter", "description": null, "meaning": null, "kind": "statistic"})
}

#[test]
fn it_refuses_what_no_report_has() {
    let with = |name: &str, value: Value| {
        let mut record = statistic();
        record[name] = value;
        record
    };
    let without = |name: &str| {
        let mut record = statistic();
        record.as_object_mut().unwrap().remove(name);
        record
    };
    assert_fits(&json!([statistic()]), "a report");
    assert_fits(&json!([]), "an empty report");
    for (record, open) in [
        // A reader of this version must be able to read what later ones write.
        (with("new", json!(1)), true),
        (with("kind", json!("new")), true),
        (with("value", json!("1")), false),
        (with("value", json!(null)), false),
        (with("value", json!(1.5)), false),
        (with("type", json!("other")), false),
        (with("table_bytes", json!("xyz")), false),
        (without("value"), false),
        (without("kind"), false),
        (json!({"kind": "network", "proto": "tcp"}), false),
        (json!({"kind": "network"}), false),
        (json!({"kind": "route", "network_protocol": "ipv6"}), false),
        (json!(1), false),
    ] {
        assert_eq!(OPEN.is_valid(&json!([record])), open, "{record}");
        assert!(!CLOSED.is_valid(&json!([record])), "{record}");
    }
    for (time, fits) in [
        (json!("2026-11-28T10:02:03.045Z"), true),
        (json!("2026-11-28T10:02:03Z"), false),
        (json!("2026-11-28 10:02:03.045Z"), false),
        (json!(1_795_860_123), false),
    ] {
        let mut line = with("time", time);
        line["report"] = json!(1);
        assert_eq!(OPEN.is_valid(&line), fits, "{line}");
        assert_eq!(CLOSED.is_valid(&line), fits, "{line}");
    }
    assert!(!OPEN.is_valid(&statistic()), "a line says when it was read");
}

/// Where what is gathered only if it is named comes from stands in parentheses. Of sctp, none of it is known yet.
#[test]
fn fields_that_are_gathered_tell_their_sources() {
    let mut told = 0;
    for (kind, definition) in SCHEMA["$defs"].as_object().unwrap() {
        let properties = definition["properties"].as_object();
        for (name, field) in properties.into_iter().flatten() {
            let description = field["description"].as_str().unwrap_or_default();
            if description.starts_with("If named: ") && kind != "sctp_socket" {
                assert!(description.contains('('), "{name}: {description}");
                told += 1;
            }
        }
    }
    assert!(told >= 40, "{told}");
}

/// What the manual page says of a field is found by its name.
#[test]
fn the_manual_page_names_every_field() {
    fn names(schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(keywords) => {
                if let Some(properties) = keywords.get("properties") {
                    found.extend(properties.as_object().unwrap().keys().cloned());
                }
                keywords.values().for_each(|inner| names(inner, found));
            }
            Value::Array(list) => list.iter().for_each(|inner| names(inner, found)),
            _ => {}
        }
    }
    let mut fields = Vec::new();
    names(&SCHEMA["$defs"], &mut fields);
    assert!(fields.len() > 200, "{}", fields.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/netstat-json.5");
    let page = fs::read_to_string(path).unwrap();
    let named: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with(".Va ") || line.starts_with(".It Va "))
        .flat_map(str::split_whitespace)
        .collect();
    for field in fields {
        assert!(named.contains(&field.as_str()), "{field}");
    }
}
