//! When a login may send its request on a new connection beside the kept one: by example, and as properties.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use authsignal_auth0::race::{OnKept, Races};
use authsignal_auth0::retry::Limits;
use authsignal_auth0::retry::{HOOK_MS, Health, Tries};
use common::status;
use proptest::prelude::*;

/// When these logins ask whether they may race.
const NOW: f64 = 5_000.0;

/// The tries of a login that began at this time, by default options.
fn tries(began: f64) -> Tries {
    let limits = Limits { timeout_ms: 3000.0, max_retries: 2 };
    Tries::new(limits, began, began, &mut Health::default())
}

/// A request that was sent at this time, on a connection that was opened at that one.
fn on(opened: f64, sent: f64) -> OnKept {
    OnKept { opened, sent }
}

/// A process that has no retry left.
fn drained() -> Health {
    let mut health = Health::default();
    while health.draw_retry() {}
    health
}

fn begin(races: &mut Races, request: OnKept, health: &mut Health) -> bool {
    races.begin(request, &tries(NOW - 1_000.0), NOW, health)
}

/// How many of ten logins may race, all at once.
fn granted(races: &mut Races, request: OnKept, health: &mut Health) -> usize {
    [0; 10].map(|_| begin(races, request, health)).iter().filter(|granted| **granted).count()
}

/// The races of a process in which a race that began at 3,000 was won at 4,500.
fn shown_dead() -> Races {
    let mut races = Races::NONE;
    races.new_answered(3_000.0, 4_500.0);
    races
}

/// One that waited for its answer when the race was won.
const WAITING: OnKept = OnKept { opened: 0.0, sent: 4_000.0 };

#[test]
fn each_race_draws_a_retry_from_the_budget() {
    let mut health = Health::default();
    assert_eq!(granted(&mut { Races::NONE }, WAITING, &mut health), 5);
    assert_eq!(health, drained());
}

#[test]
fn without_a_budget_one_race_at_a_time_is_allowed() {
    let mut health = drained();
    let mut races = Races::NONE;
    for _ in 0..3 {
        assert_eq!(granted(&mut races, WAITING, &mut health), 1);
        races.end();
    }
    assert_eq!(health, drained());
}

#[test]
fn a_race_that_the_budget_paid_for_is_one_at_a_time_too() {
    let mut health = Health::default();
    let mut races = Races::NONE;
    assert_eq!(granted(&mut races, WAITING, &mut health), 5);
    for _ in 0..4 {
        races.end();
        assert!(!begin(&mut races, WAITING, &mut health));
    }
    races.end();
    assert!(begin(&mut races, WAITING, &mut health));
}

#[test]
fn a_race_needs_neither_retries_of_the_login_nor_a_closed_breaker() {
    let mut health = Health::default();
    let none = Limits { timeout_ms: 3000.0, max_retries: 0 };
    for _ in 0..5 {
        Tries::new(none, NOW, NOW, &mut health)
            .failed(status(503), NOW, 0.0, &mut health)
            .unwrap_err();
    }
    assert!(health.is_open(NOW));
    let mut races = Races::NONE;
    let tries = Tries::new(none, NOW, NOW, &mut health);
    assert!(races.begin(WAITING, &tries, NOW, &mut health));
    races.end();
    while health.draw_retry() {}
    assert!(races.begin(WAITING, &tries, NOW, &mut health));
}

#[test]
fn a_refused_login_may_race_as_soon_as_ten_requests_have_earned_a_retry() {
    let mut health = drained();
    let mut races = Races::NONE;
    assert!(begin(&mut races, WAITING, &mut health));
    let limits = Limits { timeout_ms: 3000.0, max_retries: 0 };
    for _ in 0..10 {
        assert!(!begin(&mut races, WAITING, &mut health));
        Tries::new(limits, NOW, NOW, &mut health);
    }
    assert!(begin(&mut races, WAITING, &mut health));
    assert!(!begin(&mut races, WAITING, &mut health));
}

#[test]
fn a_race_without_time_for_its_request_is_not_begun_and_costs_nothing() {
    let login = tries(0.0);
    for (now, granted) in
        [(HOOK_MS - 250.0, true), (HOOK_MS - 249.0, false), (HOOK_MS, false), (1e9, false)]
    {
        for (mut races, free) in [(Races::NONE, false), (shown_dead(), true)] {
            let mut health = Health::default();
            assert_eq!(races.begin(WAITING, &login, now, &mut health), granted, "{now}");
            assert_eq!(health == Health::default(), free || !granted, "{now}");
        }
    }
}

#[test]
fn an_end_that_no_race_began_counts_for_nothing() {
    let mut races = Races::NONE;
    races.end();
    assert_eq!(races, Races::NONE);
    assert_eq!(granted(&mut races, WAITING, &mut drained()), 1);
}

#[test]
fn a_race_is_free_if_its_login_waited_on_an_older_connection_when_a_new_one_answered() {
    for (opened, sent, free) in [
        (0.0, 4_000.0, 10),
        (2_999.0, 4_499.0, 10),
        // It may be the connection that has answered.
        (3_000.0, 4_000.0, 1),
        (4_600.0, 4_700.0, 1),
        // Nobody knows of the silence since then.
        (0.0, 4_500.0, 1),
        (0.0, 4_600.0, 1),
    ] {
        let mut health = drained();
        let request = on(opened, sent);
        assert_eq!(granted(&mut shown_dead(), request, &mut health), free, "{request:?}");
        assert_eq!(health, drained());
    }
}

#[test]
fn free_races_leave_the_budget_to_the_others() {
    let mut health = Health::default();
    let mut races = shown_dead();
    assert_eq!(granted(&mut races, WAITING, &mut health), 10);
    assert_eq!(health, Health::default());
    assert_eq!(granted(&mut races, on(4_600.0, 4_700.0), &mut health), 5);
}

#[test]
fn an_old_connection_that_answers_shows_that_the_others_are_not_dead() {
    for (opened, free) in [(0.0, 1), (2_999.0, 1), (3_000.0, 10), (4_600.0, 10)] {
        let mut races = shown_dead();
        let sent = 4_700.0;
        races.kept_answered(on(opened, sent), &tries(sent), sent + 100.0);
        assert_eq!(granted(&mut races, WAITING, &mut drained()), free, "{opened}");
    }
}

#[test]
fn after_a_late_answer_only_the_budget_pays_for_races_for_twenty_seconds() {
    for (took, slow) in [(0.0, false), (999.0, false), (1_000.0, true), (3_000.0, true)] {
        for (later, over) in [(0.0, false), (19_990.0, false), (20_000.0, true)] {
            let mut races = Races::NONE;
            // On a connection of any age.
            races.kept_answered(on(NOW, NOW), &tries(NOW), NOW + took);
            let now = NOW + took + later;
            let login = tries(now);
            let alone = races.begin(on(0.0, now), &login, now, &mut drained());
            assert_eq!(alone, !slow || over, "{took}, {later}");
            races.end();

            races.new_answered(now, now + 1.0);
            let request = on(0.0, now);
            let free = [0; 2].map(|_| races.begin(request, &login, now + 2.0, &mut drained()));
            assert_eq!(free, [!slow || over; 2], "{took}, {later}");

            assert!(races.begin(request, &login, now + 2.0, &mut Health::default()));
        }
    }
}

#[test]
fn the_last_new_connection_that_answered_decides() {
    let mut races = shown_dead();
    races.new_answered(4_600.0, 4_800.0);
    assert_eq!(granted(&mut races, on(4_000.0, 4_700.0), &mut drained()), 10);
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn without_an_answer_there_are_no_more_races_than_retries_and_one(
        steps in prop::collection::vec(any::<bool>(), 0..100),
    ) {
        let mut health = Health::default();
        let mut races = Races::NONE;
        let mut running = 0;
        for step in steps {
            let [budget, _, _] = health.numbers();
            if step {
                let granted = begin(&mut races, WAITING, &mut health);
                prop_assert_eq!(granted, budget >= 10.0 || running == 0);
                running += u32::from(granted);
            } else {
                races.end();
                running = running.saturating_sub(1);
            }
        }
    }
}
