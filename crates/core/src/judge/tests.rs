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
    assert_eq!((judgement.verdict, judgement.rejected.len()), (Verdict::Pass, 0));
    let withheld = &judgement.withheld[0];
    assert_eq!((withheld.metric, withheld.errors, withheld.requests), (Metric::Unauthorized, 50, 60));
    assert_eq!(withheld.words(), "errors come from 1 client only");
    // Nor does what was gathered at one share count at the next, or at all of the traffic.
    judge.begin_step(50);
    judge.observe(&unauthorized(300, 50, 0), &unauthorized(300, 0, 0));
    let withheld = judge.judgement().withheld;
    assert_eq!(withheld.iter().map(Withheld::words).collect::<Vec<_>>(), ["errors come from 1 client only"]);
    judge.begin_step(100);
    judge.observe(&unauthorized(1, 1, 0), &Counts::default());
    assert_eq!((judge.judgement().verdict, judge.judgement().withheld), (Verdict::Pass, vec![]));
}

#[test]
fn errors_of_many_clients_reject_even_after_those_of_one() {
    let mut judge = Judge::new(&settings(), None);
    judge.begin_step(10);
    judge.observe(&unauthorized(60, 50, 1), &unauthorized(440, 9, 1));
    assert_eq!(
        judge.judgement().withheld[0].words(),
        "errors come from 1 client, beside 1 client of the current release"
    );
    let mut clients = 1;
    while judge.judgement().verdict != Verdict::Fail {
        clients += 1;
        judge.observe(&unauthorized(1, 1, 1), &unauthorized(9, 0, 0));
        assert!(clients <= 10, "not rejected by {clients} clients");
    }
    assert!(clients >= 5, "rejected by {clients} clients");
    assert!(judge.judgement().withheld.is_empty());
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
    assert_eq!(judge.judgement().verdict, Verdict::Pass, "two errors of a kind are no evidence yet");
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
    assert_eq!(judge.judgement().verdict, Verdict::Pass, "one error is no evidence");
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
fn a_short_record_leaves_the_checks_alone_to_judge() {
    let mut judge = Judge::new(&settings(), Some(&base(499, 0)));
    judge.begin_step(100);
    judge.observe(&requests(1_000, 1_000), &Counts::default());
    let judgement = judge.judgement();
    assert!(!judgement.can_judge_traffic);
    assert_eq!((judgement.verdict, judgement.rejected.len()), (Verdict::Pass, 0));
    assert!(Judge { percent: 100, ..Judge::new(&settings(), Some(&base(500, 0))) }.can_judge_traffic());
    judge.begin_step(10);
    assert!(judge.can_judge_traffic(), "beside the current release no record is needed");
}

#[test]
fn evidence_goes_on_from_step_to_step() {
    let mut judge = Judge::new(&settings(), Some(&base(10_000, 0)));
    judge.begin_step(10);
    judge.observe(&requests(10, 4), &requests(90, 0));
    assert_eq!(judge.judgement().verdict, Verdict::Pass);
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
