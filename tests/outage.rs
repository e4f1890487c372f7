//! The outage simulation on a small fleet: that its limits hold, and that they can be passed.
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
fn without_budget_and_breaker_every_outage_passes_them() {
    for outage in OUTAGES {
        let course = Course::of(SMALL, outage, NAIVE);
        assert!(course.amplification() > 1.7, "{outage:?}: {}", course.amplification());
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
fn a_partial_outage_needs_the_budget_and_a_whole_one_the_breaker() {
    let without_budget = Policy { budget: false, ..OURS };
    assert!(!Course::of(SMALL, Outage::Partial, without_budget).passed().is_empty());
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
fn the_command_fails_where_a_limit_is_passed() {
    let Output { status, stdout, .. } = outage(&["--seed", "2"]);
    assert_eq!(status.code(), Some(0));
    assert!(String::from_utf8_lossy(&stdout).contains("Within the limits"));

    let Output { status, stderr, .. } = outage(&["--without", "budget,breaker"]);
    assert_eq!(status.code(), Some(1));
    let errors = String::from_utf8_lossy(&stderr);
    for outage in OUTAGES {
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
