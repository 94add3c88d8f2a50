//! The files in which container runtimes and kubelet keep the names of containers and pods.
//!
//! Sources: Docker's and containers/storage's own files (`config.v2.json`; `containers.json`, of containers that do not outlive their
//! end `volatile-containers.json`); the Kubernetes documentation on logging for the names below `/var/log`; `passwd(5)`.

use std::collections::HashMap;

use serde_json::Value;

use super::path::is_id;
use crate::scan::parsed;

/// The containers of a store of containers/storage (Podman, CRI-O): names by ID.
pub type Store = HashMap<Vec<u8>, Vec<u8>>;

/// What a name of Kubernetes is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodNames {
    /// The namespace of the pod.
    pub namespace: Vec<u8>,
    /// The pod.
    pub pod: Vec<u8>,
    /// The container in the pod, if the name is that of one.
    pub container: Option<Vec<u8>>,
}

/// The name in Docker's `config.v2.json`, which has a slash before it.
pub fn docker_name(json: &[u8]) -> Option<Vec<u8>> {
    let config: Value = serde_json::from_slice(json).ok()?;
    let name = config.get("Name")?.as_str()?;
    let name = name.strip_prefix('/').unwrap_or(name);
    (!name.is_empty()).then(|| name.into())
}

/// Adds the containers of a `containers.json`; the first name of each counts.
pub fn read_store(json: &[u8], store: &mut Store) {
    let Ok(Value::Array(containers)) = serde_json::from_slice(json) else {
        return;
    };
    for container in &containers {
        let id = container.get("id").and_then(Value::as_str);
        let name = container.pointer("/names/0").and_then(Value::as_str);
        if let (Some(id), Some(name)) = (id, name)
            && !name.is_empty()
        {
            store.insert(id.into(), name.into());
        }
    }
}

/// The parts of a file's name in `/var/log/containers`: `POD_NAMESPACE_CONTAINER-ID.log`. The first value is the ID.
///
/// No name in Kubernetes has an underscore.
pub fn container_log(file: &[u8]) -> Option<(&[u8], PodNames)> {
    let rest = file.strip_suffix(b".log")?;
    let (rest, id) = rest.split_at_checked(rest.len().checked_sub(64)?)?;
    let rest = rest.strip_suffix(b"-")?;
    match parts(rest)?.as_slice() {
        [pod, namespace, container] if is_id(id) => Some((
            id,
            PodNames {
                namespace: namespace.to_vec(),
                pod: pod.to_vec(),
                container: Some(container.to_vec()),
            },
        )),
        _ => None,
    }
}

/// The parts of a directory's name in `/var/log/pods`: `NAMESPACE_POD_UID`. The first value is the UID.
pub fn pod_log(directory: &[u8]) -> Option<(&[u8], PodNames)> {
    match parts(directory)?.as_slice() {
        [namespace, pod, uid] => Some((
            uid,
            PodNames {
                namespace: namespace.to_vec(),
                pod: pod.to_vec(),
                container: None,
            },
        )),
        _ => None,
    }
}

/// The parts of the name that kubelet's Docker support and CRI-O give a container: `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT`.
pub fn kubernetes_name(name: &[u8]) -> Option<PodNames> {
    match parts(name)?.as_slice() {
        [b"k8s", container, pod, namespace, _, _] => Some(PodNames {
            namespace: namespace.to_vec(),
            pod: pod.to_vec(),
            container: Some(container.to_vec()),
        }),
        _ => None,
    }
}

/// What stands between underscores, if none of it is empty.
fn parts(name: &[u8]) -> Option<Vec<&[u8]>> {
    let parts: Vec<&[u8]> = name.split(|&byte| byte == b'_').collect();
    (!parts.iter().any(|part| part.is_empty())).then_some(parts)
}

/// The home of a user in `/etc/passwd`, without the slash before it.
pub fn home(passwd: &[u8], uid: u32) -> Option<&[u8]> {
    passwd.split(|&byte| byte == b'\n').find_map(|line| {
        let mut fields = line.split(|&byte| byte == b':');
        if parsed::<u32>(fields.nth(2)?)? != uid {
            return None;
        }
        let home = fields.nth(2)?.strip_prefix(b"/")?;
        (!home.is_empty()).then_some(home)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";

    #[test]
    fn docker_keeps_a_name_in_each_configuration() {
        for (json, expected) in [
            (
                r#"{"ID":"4f","Name":"/web","State":{"Name":"x"}}"#,
                Some("web"),
            ),
            (r#"{"Name":"web"}"#, Some("web")),
            (r#"{"Name":"/we\u0007b\"é"}"#, Some("we\u{7}b\"é")),
            (r#"{"Name":"/"}"#, None),
            (r#"{"Name":7}"#, None),
            (r#"{"State":{"Name":"/web"}}"#, None),
            (r#"["Name"]"#, None),
            ("{\"Name\":\"/web\"", None),
            ("", None),
        ] {
            let name = docker_name(json.as_bytes());
            assert_eq!(name.as_deref(), expected.map(str::as_bytes), "{json}");
        }
        assert_eq!(docker_name(b"{\"Name\":\"\xff\"}"), None);
        assert_eq!(docker_name(&[b'['; 100_000]), None);
    }

    #[test]
    fn stores_list_their_containers() {
        let mut store = Store::new();
        read_store(
            br#"[{"id":"1","names":["web","alias"],"metadata":"{}"},{"id":"2"},{"id":"3","names":[]},
                {"id":4,"names":["x"]},{"names":["x"]},{"id":"5","names":[""]},7,{"id":"6","names":["db"]}]"#,
            &mut store,
        );
        let mut found: Vec<_> = store.iter().collect();
        found.sort();
        assert_eq!(
            found,
            [
                (&b"1".to_vec(), &b"web".to_vec()),
                (&b"6".to_vec(), &b"db".to_vec())
            ]
        );
        for other in [
            &b"{}"[..],
            b"",
            b"[",
            b"null",
            b"[{\"id\":\"7\",\"names\":[\"x\"]}",
        ] {
            read_store(other, &mut store);
        }
        assert_eq!(store.len(), 2);
    }

    #[test]
    fn kubelet_writes_names_into_the_names_of_logs() {
        let names = |names: PodNames| {
            let container = names.container.unwrap_or_default();
            [names.namespace, names.pod, container]
                .map(|name| String::from_utf8(name).unwrap())
                .join(" ")
        };
        let of_container = |file: &str| {
            let file = file.replace("{I}", ID);
            let (id, found) = container_log(file.as_bytes())?;
            assert_eq!(id, ID.as_bytes());
            Some(names(found))
        };
        for (file, expected) in [
            (
                "cart-7d9-x2x_shop_nginx-{I}.log",
                Some("shop cart-7d9-x2x nginx"),
            ),
            (
                "a.b_kube-system_side-car-{I}.log",
                Some("kube-system a.b side-car"),
            ),
            ("a_b_c{I}.log", None),
            ("a_b-{I}.log", None),
            ("a_b_c_d-{I}.log", None),
            ("a__c-{I}.log", None),
            ("_b_c-{I}.log", None),
            ("a_b_c-{I}", None),
            ("a_b_c-x{I}.log", None),
            ("{I}.log", None),
            (".log", None),
            ("", None),
        ] {
            assert_eq!(of_container(file).as_deref(), expected, "{file}");
        }
        let (uid, found) = pod_log(b"shop_cart-7d9-x2x_b1d2a3c4-0f1e").unwrap();
        assert_eq!(
            (uid, names(found).as_str()),
            (&b"b1d2a3c4-0f1e"[..], "shop cart-7d9-x2x ")
        );
        // Before Kubernetes 1.14 the UID stood alone.
        assert_eq!(pod_log(b"b1d2a3c4-0f1e"), None);
        let found = kubernetes_name(b"k8s_nginx_cart-7d9-x2x_shop_b1d2a3c4-0f1e_3").unwrap();
        assert_eq!(names(found), "shop cart-7d9-x2x nginx");
        assert_eq!(kubernetes_name(b"k8s_nginx"), None);
        assert_eq!(kubernetes_name(b"x_nginx_pod_shop_uid_3"), None);
    }

    #[test]
    fn homes_are_found_by_user() {
        let passwd = b"root:x:0:0:root:/root:/bin/bash\nbad\n::::::\napp:x:1000:1000:,,,:/home/app:/bin/sh\nno:x:7:7::nowhere:\nat:x:8:8::/:\n";
        assert_eq!(home(passwd, 0), Some(&b"root"[..]));
        assert_eq!(home(passwd, 1000), Some(&b"home/app"[..]));
        for uid in [1, 7, 8] {
            assert_eq!(home(passwd, uid), None);
        }
    }
}
