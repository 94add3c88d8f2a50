//! What is measured, against whom, and how fast it should be.

use std::time::Duration;

/// A limit on a ratio ours/other.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// At most this.
    pub must: f64,
    /// What was hoped for.
    pub beyond: Option<f64>,
}

const fn at_most(must: f64) -> Option<Target> {
    Some(Target { must, beyond: None })
}

const fn hoped(must: f64, beyond: f64) -> Option<Target> {
    Some(Target {
        must,
        beyond: Some(beyond),
    })
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Wall time.
    Time,
    /// Peak of resident memory.
    Memory,
}

/// A program to compare with, apart from the reference.
#[derive(Debug)]
pub struct Other {
    /// Its command line, split at blanks. What begins with options is our program with these.
    pub command: String,
    pub target: Option<Target>,
}

/// A line of the table.
#[derive(Debug)]
pub struct Case {
    /// netstat's options, and the size of the world.
    pub name: String,
    /// netstat's options.
    pub arguments: String,
    /// Those of the reference, if it is measured, too; its bytes are compared if they are the same.
    pub reference: Option<String>,
    /// `LC_ALL`.
    pub locale: &'static str,
    pub measure: Measure,
    /// Against the reference.
    pub target: Option<Target>,
    pub others: Vec<Other>,
}

/// What a namespace holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Scene {
    /// A few sockets, of IPv4 only or of both.
    Small {
        inet6: bool,
    },
    /// A small machine with so many tcp sockets.
    Tcp {
        sockets: usize,
    },
    /// Processes of 30 descriptors, a quarter of them with a listening socket.
    Processes {
        count: usize,
    },
    Udp {
        sockets: usize,
    },
    Routes {
        count: usize,
    },
    Interfaces {
        count: usize,
    },
    /// Network namespaces with a process and a server in each.
    Namespaces {
        count: usize,
    },
    /// Connections to addresses whose names a name server tells after a while.
    Names {
        count: usize,
        delay: Duration,
    },
}

fn case(arguments: &str, size: &str, target: Option<Target>) -> Case {
    Case {
        name: format!("{arguments}, {size}"),
        arguments: arguments.to_owned(),
        reference: Some(arguments.to_owned()),
        locale: "C",
        measure: Measure::Time,
        target,
        others: Vec::new(),
    }
}

/// A case of an option that the reference does not have: what it adds to a plain report, which the reference makes, too.
fn addition(plain: &str, own: &str, size: &str, target: Option<Target>) -> Case {
    Case {
        reference: Some(plain.to_owned()),
        ..case(&format!("{plain} {own}"), size, None)
    }
    .against(plain, target)
}

impl Case {
    fn against(mut self, command: &str, target: Option<Target>) -> Self {
        self.others.push(Other {
            command: command.to_owned(),
            target,
        });
        self
    }

    /// In the locale of most users. The reference loads it, which takes it longer than its work on a small machine.
    fn localised(mut self) -> Self {
        self.locale = "C.UTF-8";
        self.name.push_str(", C.UTF-8");
        self
    }

    fn memory(mut self) -> Self {
        self.name.push_str(", peak memory");
        self.measure = Measure::Memory;
        self
    }
}

/// All cases with the worlds they live in, in an order in which a world can grow into the next.
pub fn all(scale: f64, quick: bool) -> Vec<(Scene, Vec<Case>)> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "sizes are small whole numbers, and the scale is positive"
    )]
    let scaled = |full: usize| ((full as f64 * scale).round() as usize).max(10);
    let mut all = Vec::new();

    for inet6 in [false, true] {
        let size = if inet6 {
            "idle machine"
        } else {
            "idle machine without IPv6 sockets"
        };
        let mut cases: Vec<Case> = ["-tan", "-tln"]
            .into_iter()
            .map(|arguments| {
                case(arguments, size, hoped(0.65, 0.25))
                    .against("cat /proc/net/tcp", at_most(1.1))
                    .against(&format!("ss {arguments}H"), None)
            })
            .collect();
        if inet6 {
            for (arguments, target) in [
                ("-rn", hoped(0.95, 0.80)),
                ("-i", hoped(0.95, 0.80)),
                ("-s", at_most(1.0)),
            ] {
                let start_up = || {
                    case(arguments, "start-up", target).against(
                        "true",
                        match arguments {
                            "-s" => None,
                            _ => at_most(1.6),
                        },
                    )
                };
                cases.push(start_up());
                cases.push(start_up().localised());
            }
            cases.push(case("-tulnp", "start-up", at_most(1.0)));
        }
        all.push((Scene::Small { inet6 }, cases));
    }

    let tan = |sockets: usize| {
        let size = format!("{} rows", thousands(sockets));
        // The targets are for large tables.
        let (target, cat, ss) = match sockets {
            100_000.. => (hoped(0.40, 0.27), hoped(0.70, 0.45), at_most(0.65)),
            _ => (None, None, None),
        };
        case("-tan", &size, target)
            .against("cat /proc/net/tcp", cat)
            .against("ss -tanH", ss)
    };
    let tan_memory = |sockets: usize| {
        let size = format!("{} rows", thousands(sockets));
        case("-tan", &size, at_most(1.5))
            .memory()
            .against("ss -tanH", None)
    };
    let tanp = |sockets: usize, target, ss| {
        let size = format!("{} sockets", thousands(sockets));
        case("-tanp", &size, target).against("ss -tanpH", ss)
    };

    let sockets = scaled(10_000);
    all.push((
        Scene::Tcp { sockets },
        vec![tan(sockets), tanp(sockets, None, None), tan_memory(sockets)],
    ));
    let sockets = scaled(100_000);
    let size = format!("{} rows", thousands(sockets));
    all.push((
        Scene::Tcp { sockets },
        vec![
            tan(sockets),
            case("-tln", &size, hoped(0.12, 0.06))
                .against("cat /proc/net/tcp", at_most(0.20))
                .against("ss -tlnH", None),
            tanp(sockets, hoped(0.30, 0.08), at_most(0.20)),
            case(
                "-tlnp",
                &format!("{} sockets", thousands(sockets)),
                hoped(0.30, 0.05),
            )
            .against("ss -tlnpH", at_most(0.50)),
            tan_memory(sockets),
            addition("-tan", "--json", &size, at_most(1.5)),
            addition("-tanp", "--json", &size, at_most(1.3)),
            addition("-tan", "--count-by state", &size, None),
            addition("-tan", "--show drops", &size, None),
        ],
    ));
    let sockets = scaled(200_000);
    all.push((
        Scene::Tcp { sockets },
        vec![tanp(sockets, hoped(0.08, 0.035), hoped(0.20, 0.08))],
    ));
    let sockets = scaled(400_000);
    all.push((
        Scene::Tcp { sockets },
        vec![tan(sockets), tan_memory(sockets)],
    ));

    let count = scaled(2_000);
    let size = format!("{} processes", thousands(count));
    all.push((
        Scene::Processes { count },
        vec![case("-tlnp", &size, hoped(0.70, 0.50)).against("ss -tlnpH", at_most(0.70))],
    ));
    let sockets = scaled(9_000);
    let size = format!("{} sockets", thousands(sockets));
    all.push((
        Scene::Udp { sockets },
        vec![
            case("-uan", &size, hoped(0.25, 0.10))
                .against("cat /proc/net/udp", at_most(0.30))
                .against("ss -uanH", None),
        ],
    ));
    let count = scaled(60_000);
    let size = format!("{} routes", thousands(count));
    all.push((
        Scene::Routes { count },
        vec![
            case("-rn", &size, hoped(0.75, 0.60))
                .against("cat /proc/net/route", at_most(1.2))
                .against("ip route", None),
        ],
    ));
    let count = scaled(2_000);
    let size = format!("{} interfaces", thousands(count));
    all.push((
        Scene::Interfaces { count },
        vec![
            case("-i", &size, hoped(0.30, 0.18))
                .against("cat /proc/net/dev", None)
                .against("ip -s link", at_most(0.60)),
        ],
    ));
    let count = scaled(500);
    let size = format!("{count} namespaces");
    let mut namespaces = case("-tln --all-netns", &size, None);
    namespaces.reference = None;
    all.push((Scene::Namespaces { count }, vec![namespaces]));
    // The reference asks for one name after the other: half a minute and more.
    let few = if quick {
        (20, Duration::from_millis(30))
    } else {
        (scaled(200), Duration::from_millis(300))
    };
    let many = (scaled(10_000), Duration::from_millis(2));
    for ((count, delay), target) in [(few, hoped(0.05, 0.02)), (many, None)] {
        let size = format!(
            "{} names after {} ms each",
            thousands(count),
            delay.as_millis()
        );
        all.push((
            Scene::Names { count, delay },
            vec![case("-t", &size, target)],
        ));
    }
    for (scene, cases) in &mut all {
        // The targets are those of the full sizes, and of more than a few rounds.
        if quick || (scale < 1.0 && !matches!(scene, Scene::Small { .. })) {
            for case in cases {
                case.target = None;
                for other in &mut case.others {
                    other.target = None;
                }
            }
        }
    }
    all
}

/// "100k" for 100,000.
fn thousands(number: usize) -> String {
    if number >= 1000 && number.is_multiple_of(1000) {
        format!("{}k", number / 1000)
    } else {
        number.to_string()
    }
}
