//! The judge as its callers see it.

use super::*;
use crate::plan::OnLimit;
use crate::time::Millis;

pub(super) fn settings() -> JudgeSettings {
    JudgeSettings { alpha: 0.001, slow_floor: Millis(100), on_unknown: OnLimit::RollBack }
}

fn requests(requests: u64, server_errors: u64) -> Counts {
    Counts { requests, server_errors, ..Counts::default() }
}

fn base(of: u64, errors: u64) -> BaseRecord {
    BaseRecord { counts: requests(of, errors), rate: 500.0 }
}

fn answered_in(micros: u64, count: u64) -> Counts {
    let mut counts = requests(count, 0);
    counts.latency.buckets.push((crate::counts::Histogram::bucket(micros), count));
    counts
}

#[test]
fn a_canary_that_fails_each_request_is_rejected_within_a_handful() {
    let mut judge = Judge::new(&settings(), None);
    judge.begin_step(10);
    let mut failed = 0;
    while judge.judgement().verdict != Verdict::Fail {
        failed += 1;
        judge.observe(&requests(1, 1), &requests(9, 0));
        assert!(failed <= 6, "not rejected after {failed}");
    }
    let judgement = judge.judgement();
    assert_eq!(judgement.rejected.len(), 1);
    let rejection = &judgement.rejected[0];
    assert_eq!((rejection.metric, rejection.errors, rejection.percent), (Metric::ServerErrors, failed, 10));
    assert_eq!(rejection.against, format!("current: 0 of {} requests", failed * 9));
    assert!(rejection.evidence >= 6000.0);
}

/// 401s, and how many clients had their first one among them.
fn unauthorized(of: u64, errors: u64, clients: u64) -> Counts {
    let clients = crate::counts::FailingClients { unauthorized: clients, ..Default::default() };
    Counts { requests: of, unauthorized: errors, clients: Some(clients), ..Counts::default() }
}

#[test]
fn errors_of_one_client_reject_nothing_and_the_judgement_says_why() {
    let mut judge = Judge::new(&settings(), Some(&base(10_000, 0)));
    judge.begin_step(10);
    judge.observe(&unauthorized(60, 50, 1), &unauthorized(440, 0, 0));
    let judgement = judge.judgement();
    assert_eq!((judgement.verdict, judgement.rejected.len()), (Verdict::Unknown, 0));
    let doubt = &judgement.doubts[0];
    assert_eq!((doubt.metric, doubt.errors, doubt.requests), (Metric::Unauthorized, 50, 60));
    assert_eq!(
        doubt.words(),
        "50 of 60 requests are 401/403 responses, against current: 0 of 440 requests; errors come from 1 client only"
    );
    // Nor does what was gathered at one share count at the next, or at all of the traffic.
    judge.begin_step(50);
    judge.observe(&unauthorized(300, 50, 0), &unauthorized(300, 0, 0));
    let doubts = judge.judgement().doubts;
    assert_eq!(doubts.iter().map(|doubt| doubt.why.as_str()).collect::<Vec<_>>(), ["errors come from 1 client only"]);
    judge.begin_step(100);
    judge.observe(&unauthorized(1, 1, 0), &Counts::default());
    assert_eq!(judge.judgement().verdict, Verdict::Unknown, "its only request failed");
    judge.observe(&unauthorized(5, 0, 0), &Counts::default());
    assert_eq!((judge.judgement().verdict, judge.judgement().doubts), (Verdict::Pass, vec![]));
}

/// The same, with all clients who asked for the first time.
fn asked(of: u64, errors: u64, failing: u64, seen: u64) -> Counts {
    let clients = crate::counts::FailingClients { server_errors: failing, seen, ..Default::default() };
    Counts { requests: of, server_errors: errors, clients: Some(clients), ..Counts::default() }
}

#[test]
fn of_twenty_clients_two_do_not_reject_a_release_that_fails_for_both_and_it_does_not_pass() {
    for record in [None, Some(base(300, 0)), Some(base(10_000, 0))] {
        let mut judge = Judge::new(&settings(), record.as_ref());
        judge.begin_step(10);
        judge.observe(&asked(43, 43, 2, 2), &asked(390, 0, 0, 18));
        let judgement = judge.judgement();
        assert_eq!((judgement.verdict, judgement.rejected.len()), (Verdict::Unknown, 0));
        assert_eq!(judgement.doubts[0].why, "errors come from 2 clients only");
    }
}

#[test]
fn of_forty_clients_three_reject_it() {
    let mut judge = Judge::new(&settings(), None);
    judge.begin_step(10);
    judge.observe(&asked(43, 43, 3, 3), &asked(390, 0, 0, 37));
    assert_eq!(judge.judgement().verdict, Verdict::Fail);
    assert_eq!(judge.judgement().doubts, vec![]);
}

#[test]
fn one_client_that_fails_among_many_that_do_not_is_a_script_and_the_judgement_says_so() {
    let mut judge = Judge::new(&settings(), None);
    judge.begin_step(10);
    judge.observe(&asked(220, 160, 1, 60), &asked(640, 0, 0, 640));
    let judgement = judge.judgement();
    assert_eq!(judgement.verdict, Verdict::Pass);
    assert_eq!(
        judgement.doubts[0].words(),
        "160 of 220 requests are 5xx responses, but 59 of its 60 clients get none; errors come from 1 client only"
    );
}

#[test]
fn a_script_among_few_clients_is_known_by_the_errors_that_the_current_release_lacks() {
    // A third of all requests were its, before; now they are the candidate's.
    for (record, verdict) in [(base(900, 300), Verdict::Pass), (base(900, 0), Verdict::Unknown)] {
        let mut judge = Judge::new(&settings(), Some(&record));
        judge.begin_step(10);
        judge.observe(&asked(60, 60, 1, 1), &asked(120, 0, 0, 2));
        assert_eq!(judge.judgement().verdict, verdict);
        assert_eq!(judge.judgement().rejected, vec![]);
    }
}

#[test]
fn one_request_is_enough_for_a_doubt_and_none_is_not() {
    let told = |requests: &Counts, percent: u8, first: bool| {
        let judge = Judge::new(&settings(), None);
        let mut judge = if first { judge.of_a_first_release() } else { judge };
        judge.begin_step(percent);
        judge.observe(requests, &Counts::default());
        judge.judgement().verdict
    };
    let denied = |count| Counts { requests: count, unauthorized: count, ..Counts::default() };
    let mixed = Counts { server_errors: 2, unauthorized: 3, client_errors: 3, ..requests(8, 0) };
    for percent in [10, 100] {
        assert_eq!(told(&Counts::default(), percent, false), Verdict::Pass, "nobody came");
        assert_eq!(told(&requests(1, 1), percent, false), Verdict::Unknown);
        assert_eq!(told(&requests(3, 1), percent, false), Verdict::Pass);
        assert_eq!(told(&denied(4), percent, false), Verdict::Pass, "who asks may have no right to");
        assert_eq!(told(&denied(5), percent, false), Verdict::Unknown, "not all of them");
        assert_eq!(told(&mixed, percent, false), Verdict::Unknown);
    }
    assert_eq!(told(&requests(1, 1), 100, true), Verdict::Unknown);
    assert_eq!(told(&denied(50), 100, true), Verdict::Pass, "nothing served before: who knows who asks");
}

#[test]
fn what_is_served_at_lower_shares_joins_a_short_record() {
    let mut judge = Judge::new(&settings(), Some(&base(100, 0)));
    judge.begin_step(10);
    judge.observe(&requests(50, 0), &requests(450, 0));
    judge.begin_step(100);
    assert!(judge.can_judge_traffic());
    judge.observe(&requests(5, 5), &Counts::default());
    let judgement = judge.judgement();
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert!(judgement.rejected[0].against.starts_with("base: 0 of 600 requests, at most 0.76%"), "{judgement:?}");
}

#[test]
fn a_script_that_stuck_to_the_candidate_is_in_the_record_that_it_joins() {
    let mut judge = Judge::new(&settings(), None);
    judge.begin_step(10);
    judge.observe(&unauthorized(160, 100, 1), &unauthorized(540, 0, 0));
    judge.begin_step(100);
    judge.observe(&unauthorized(700, 100, 0), &Counts::default());
    assert_eq!(judge.judgement().rejected, vec![]);
}

#[test]
fn errors_of_many_clients_reject_even_after_those_of_one() {
    let mut judge = Judge::new(&settings(), None);
    judge.begin_step(10);
    judge.observe(&unauthorized(60, 50, 1), &unauthorized(440, 9, 1));
    assert_eq!(judge.judgement().doubts[0].why, "errors come from 1 client, beside 1 client of the current release");
    let mut clients = 1;
    while judge.judgement().verdict != Verdict::Fail {
        clients += 1;
        judge.observe(&unauthorized(1, 1, 1), &unauthorized(9, 0, 0));
        assert!(clients <= 10, "not rejected by {clients} clients");
    }
    assert!(clients >= 5, "rejected by {clients} clients");
    assert!(judge.judgement().doubts.is_empty());
}

#[test]
fn each_metric_is_judged_by_itself() {
    let spread = Counts {
        requests: 10,
        server_errors: 2,
        unreachable: 2,
        unauthorized: 2,
        login_redirects: 2,
        client_errors: 2,
        ..Counts::default()
    };
    let mut judge = Judge::new(&settings(), None);
    judge.begin_step(10);
    judge.observe(&spread, &requests(90, 0));
    let judgement = judge.judgement();
    assert_eq!(judgement.rejected, vec![], "two errors of a kind are no evidence yet");
    assert_eq!((judgement.verdict, judgement.doubts[0].what.as_str()), (Verdict::Unknown, "errors of several kinds"));
    for (metric, bad) in [
        (Metric::ServerErrors, Counts { server_errors: 8, ..requests(10, 0) }),
        (Metric::Unreachable, Counts { unreachable: 8, ..requests(10, 0) }),
        (Metric::Unauthorized, Counts { unauthorized: 8, ..requests(10, 0) }),
        (Metric::LoginRedirects, Counts { login_redirects: 8, ..requests(10, 0) }),
        (Metric::ClientErrors, Counts { client_errors: 8, ..requests(10, 0) }),
    ] {
        let mut judge = Judge::new(&settings(), None);
        judge.begin_step(10);
        judge.observe(&bad, &requests(90, 0));
        assert_eq!(judge.judgement().rejected.iter().map(|it| it.metric).collect::<Vec<_>>(), [metric]);
    }
}

#[test]
fn at_all_of_the_traffic_the_record_of_the_base_decides() {
    let mut judge = Judge::new(&settings(), Some(&base(10_000, 0)));
    judge.begin_step(100);
    judge.observe(&requests(1, 1), &Counts::default());
    assert_eq!(judge.judgement().rejected, vec![], "one error is no evidence");
    judge.observe(&requests(1, 1), &Counts::default());
    let judgement = judge.judgement();
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert_eq!(judgement.rejected[0].against, "base: 0 of 10,000 requests, at most 0.10%");
}

#[test]
fn a_base_with_errors_lets_its_successor_have_as_many() {
    let mut judge = Judge::new(&settings(), Some(&base(10_000, 200)));
    judge.begin_step(100);
    for _ in 0..1_000 {
        judge.observe(&requests(50, 1), &Counts::default());
    }
    assert_eq!(judge.judgement().verdict, Verdict::Pass);
    let mut judge = Judge::new(&settings(), Some(&base(10_000, 200)));
    judge.begin_step(100);
    for _ in 0..20 {
        judge.observe(&requests(50, 5), &Counts::default());
    }
    assert_eq!(judge.judgement().verdict, Verdict::Fail);
}

#[test]
fn a_short_record_rejects_nothing_and_lets_nothing_pass_that_is_plainly_worse() {
    let mut judge = Judge::new(&settings(), Some(&base(499, 0)));
    judge.begin_step(100);
    judge.observe(&requests(1_000, 20), &Counts::default());
    assert_eq!(judge.judgement().verdict, Verdict::Pass, "2% where 0.92% cannot be ruled out");
    judge.observe(&requests(1_000, 280), &Counts::default());
    let judgement = judge.judgement();
    assert!(!judgement.can_judge_traffic);
    assert_eq!((judgement.verdict, judgement.rejected.len()), (Verdict::Unknown, 0));
    assert_eq!(judgement.doubts[0].why, "the base's record has only 499 of 500 requests");
    assert!(Judge { percent: 100, ..Judge::new(&settings(), Some(&base(500, 0))) }.can_judge_traffic());
    judge.begin_step(10);
    assert!(judge.can_judge_traffic(), "beside the current release no record is needed");
}

#[test]
fn evidence_goes_on_from_step_to_step() {
    let mut judge = Judge::new(&settings(), Some(&base(10_000, 0)));
    judge.begin_step(10);
    judge.observe(&requests(10, 4), &requests(90, 0));
    assert_eq!(judge.judgement().rejected, vec![]);
    judge.begin_step(100);
    judge.observe(&requests(1, 1), &Counts::default());
    assert_eq!(judge.judgement().verdict, Verdict::Fail);
}

#[test]
fn slow_is_what_the_base_hardly_ever_was_and_never_below_the_floor() {
    let fast = BaseRecord { counts: answered_in(2_000, 10_000), rate: 500.0 };
    let slow_base = BaseRecord { counts: answered_in(400_000, 10_000), rate: 500.0 };
    assert_eq!(Judge::new(&settings(), Some(&fast)).slow(), 100_000);
    assert!(Judge::new(&settings(), Some(&slow_base)).slow() >= 400_000);
    assert_eq!(Judge::new(&settings(), None).slow(), 100_000);

    let judged = |base: &BaseRecord, micros: u64| {
        let mut judge = Judge::new(&settings(), Some(base));
        judge.begin_step(100);
        judge.observe(&answered_in(micros, 50), &Counts::default());
        judge.judgement()
    };
    assert_eq!(judged(&fast, 50_000).verdict, Verdict::Pass, "twenty-five times slower, and still fast");
    assert_eq!(judged(&fast, 300_000).rejected[0].metric, Metric::Latency);
    assert_eq!(judged(&slow_base, 300_000).verdict, Verdict::Pass);
}

#[test]
fn a_step_without_counts_is_unknown_and_not_pass() {
    let mut judge = Judge::new(&settings(), Some(&base(10_000, 0)));
    judge.begin_step(10);
    assert_eq!(judge.judgement().verdict, Verdict::Unknown);
    judge.observe(&Counts::default(), &Counts::default());
    assert_eq!(judge.judgement().verdict, Verdict::Pass);
    judge.unobserved("the proxy did not answer");
    assert_eq!(judge.judgement().verdict, Verdict::Unknown);
    assert_eq!(judge.judgement().unobserved.as_deref(), Some("the proxy did not answer"));
    judge.observe(&requests(10, 10), &requests(90, 0));
    judge.unobserved("the proxy did not answer");
    assert_eq!(judge.judgement().verdict, Verdict::Fail, "what was seen stays seen");
}

#[test]
fn checks_decide_beside_the_counts() {
    let mut judge = Judge::new(&settings(), None);
    judge.begin_step(100);
    judge.expect("login");
    assert_eq!(judge.judgement().undecided_checks, ["login"]);
    for _ in 0..Monitor::PASSES_TO_ACCEPT {
        judge.answer("login", Verdict::Pass);
    }
    assert_eq!(judge.judgement().verdict, Verdict::Pass);
    judge.answer("login", Verdict::Unknown);
    assert_eq!(judge.judgement().verdict, Verdict::Unknown);
    for _ in 0..3 {
        judge.answer("cart", Verdict::Fail);
    }
    let judgement = judge.judgement();
    assert_eq!((judgement.verdict, judgement.failing_checks), (Verdict::Fail, vec!["cart".to_owned()]));
}

#[test]
fn numbers_are_grouped_for_people() {
    assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
}
