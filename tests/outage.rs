//! The outage simulation on a small fleet: its limits hold, and they can be passed.
#![cfg(not(target_arch = "wasm32"))]

use std::process::{Command, Output};

#[path = "../bench/outage/limits.rs"]
#[allow(dead_code)] // the command uses the rest
mod limits;
#[path = "../bench/outage/server.rs"]
#[allow(dead_code)]
mod server;
#[path = "../bench/outage/simulation.rs"]
#[allow(dead_code)]
mod simulation;

use limits::Course;
use server::{OUTAGES, Outage};
use simulation::{NAIVE, NONE, OURS, Policy, Scale, run};

const SMALL: Scale = Scale { processes: 100, logins_per_second: 100.0, seed: 1 };

#[test]
fn every_outage_stays_within_the_limits() {
    for outage in OUTAGES {
        let course = Course::of(SMALL, outage, OURS);
        assert_eq!(course.passed(), [""; 0], "{outage:?}");
    }
}

#[test]
fn slow_answers_stay_within_the_limits_however_many_they_are() {
    for percent in [10, 20, 50, 70, 100] {
        let course = Course::of(SMALL, Outage::Slow { percent }, OURS);
        assert_eq!(course.passed(), [""; 0], "{percent} %");
    }
}

#[test]
fn slow_answers_draw_no_more_than_the_budget_if_each_process_has_many_logins() {
    for percent in [30, 100] {
        let busy = Scale { processes: 2, logins_per_second: 200.0, ..SMALL };
        let course = Course::of(busy, Outage::Slow { percent }, OURS);
        assert!(course.worst_minute() < 1.12, "{percent} %: {}", course.worst_minute());
    }
}

#[test]
fn dead_connections_deny_no_login_however_many_logins_wait_on_them() {
    for processes in [1, 10, 1000] {
        let course = Course::of(Scale { processes, ..SMALL }, Outage::DeadConnections, OURS);
        assert_eq!(course.denied(), 0, "{processes} processes");
    }
    assert!(Course::of(SMALL, Outage::DeadConnections, NONE).denied() > 0);
}

/// The outages that pass a limit if processes remember nothing, and the requests a login that they then bring.
const STORMS: [(Outage, f64); 5] = [
    (Outage::Errors, 2.9),
    (Outage::Refused, 2.9),
    (Outage::Partial, 1.7),
    (Outage::Overload, 2.9),
    (Outage::Slow { percent: 30 }, 1.2),
];

#[test]
fn without_budget_and_breaker_outages_pass_them() {
    for (outage, least) in STORMS {
        let course = Course::of(SMALL, outage, NAIVE);
        assert!(course.amplification() > least, "{outage:?}: {}", course.amplification());
        assert!(!course.passed().is_empty(), "{outage:?}");
    }
}

#[test]
fn a_storm_keeps_a_server_down_that_is_healthy_again() {
    assert_eq!(Course::of(SMALL, Outage::Overload, NAIVE).recovery(), None);
    let ours = Course::of(SMALL, Outage::Overload, OURS).recovery().unwrap();
    // The server's own queue has to drain first.
    let none = Course::of(SMALL, Outage::Overload, NONE).recovery().unwrap();
    assert!((1..=ours).contains(&none), "{none} s without retries, {ours} s with");
}

#[test]
fn partial_outages_and_slow_answers_need_the_budget_and_whole_outages_the_breaker() {
    let without_budget = Policy { budget: false, ..OURS };
    for outage in [Outage::Partial, Outage::Slow { percent: 30 }] {
        assert!(!Course::of(SMALL, outage, without_budget).passed().is_empty(), "{outage:?}");
    }
    let without_breaker = Policy { breaker: false, ..OURS };
    for outage in [Outage::Errors, Outage::Refused, Outage::Overload] {
        let [ours, without] =
            [OURS, without_breaker].map(|policy| Course::of(SMALL, outage, policy));
        assert!(ours.amplification() < 1.01, "{outage:?}: {}", ours.amplification());
        assert!(without.amplification() > 1.09, "{outage:?}: {}", without.amplification());
        assert!(without.denied_after() > ours.denied_after(), "{outage:?}");
    }
}

#[test]
fn a_seed_gives_the_same_seconds_again() {
    for outage in OUTAGES {
        let again = run(SMALL, outage, OURS);
        assert_eq!(run(SMALL, outage, OURS), again);
        assert_ne!(run(Scale { seed: 2, ..SMALL }, outage, OURS), again);
    }
}

#[test]
fn the_command_fails_if_a_limit_is_passed() {
    let Output { status, stdout, .. } = outage(&["--seed", "2"]);
    assert_eq!(status.code(), Some(0));
    assert!(String::from_utf8_lossy(&stdout).contains("Within the limits"));

    let Output { status, stderr, .. } = outage(&["--without", "budget,breaker"]);
    assert_eq!(status.code(), Some(1));
    let errors = String::from_utf8_lossy(&stderr);
    for (outage, _) in STORMS {
        let line = format!("LIMIT PASSED: {}, without both: ", outage.name());
        assert!(errors.contains(&line), "{errors}");
    }

    let unknown = outage(&["--without", "everything"]);
    assert_eq!(unknown.status.code(), Some(2));
}

fn outage(arguments: &[&str]) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--example", "outage", "--"]);
    cargo.args(["--processes", "100", "--rate", "100"]).args(arguments).output().unwrap()
}
