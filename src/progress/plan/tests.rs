use jiff::civil::date;

use super::*;

fn input(minutes: u32, new_cards: u64) -> PlanInput {
    PlanInput {
        today: StudyDay(date(2026, 11, 21)),
        exam: StudyDay(date(2026, 12, 20)),
        minutes_per_day: minutes,
        seconds_per_answer: 45.0,
        new_cards,
        new_limit: 1000,
        advises: true,
        answered_today: 0,
        new_today: 0,
        today_left: None,
        scheduled: BTreeMap::new(),
        retention: DesiredRetention::clamped(0.9),
    }
}

#[test]
fn the_last_days_are_for_weak_tasks_a_mock_and_rest() {
    let scheduler = Scheduler::new(&[]).unwrap();
    let plan = lay_out(&scheduler, &input(60, 200)).unwrap();
    let last: Vec<Phase> = plan.days.iter().rev().take(6).map(|d| d.phase).collect();
    assert_eq!(
        last,
        [
            Phase::Exam,
            Phase::Rest,
            Phase::Weak,
            Phase::Mock,
            Phase::Weak,
            Phase::Learn
        ]
    );
    assert_eq!(plan.left_out, 0);
    assert!(plan.days.iter().rev().take(5).all(|d| d.new == 0));
}

#[test]
fn too_little_time_is_said_with_what_it_would_take() {
    let scheduler = Scheduler::new(&[]).unwrap();
    let plan = lay_out(&scheduler, &input(10, 600)).unwrap();
    assert!(plan.left_out > 200, "{plan:?}");
    let needed = plan.minutes_needed.unwrap();
    assert!(needed > 30, "{needed}");
    let more = lay_out(&scheduler, &input(needed, 600)).unwrap();
    assert!(more.left_out < plan.left_out);
}

#[test]
fn an_exam_tomorrow_leaves_only_rest() {
    let scheduler = Scheduler::new(&[]).unwrap();
    let mut tomorrow = input(30, 50);
    tomorrow.exam = tomorrow.today.plus_days(1);
    let plan = lay_out(&scheduler, &tomorrow).unwrap();
    assert_eq!((plan.days.len(), plan.left_out), (2, 50));
    assert!(plan.no_new);
    assert_eq!((plan.new_per_day, plan.minutes_needed), (0, None));
}

#[test]
fn days_are_used_while_cards_wait_and_none_exceeds_its_minutes() {
    let scheduler = Scheduler::new(&[]).unwrap();
    for limit in [1000, 20] {
        let mut tight = input(25, 444);
        tight.exam = tight.today.plus_days(21);
        tight.new_limit = limit;
        let plan = lay_out(&scheduler, &tight).unwrap();
        assert!(plan.left_out > 200, "{}", plan.left_out);
        let learn = || plan.days.iter().filter(|d| d.phase == Phase::Learn);
        assert!(
            learn().all(|d| d.minutes <= 25 && d.new <= limit),
            "{plan:?}"
        );
        let used: u32 = learn().map(|d| d.minutes).sum();
        let count = u32::try_from(learn().count()).unwrap();
        assert!(
            used * 100 >= count * 25 * 85,
            "{used} of {count} days\n{plan:?}"
        );
    }
}

#[test]
fn a_limit_that_holds_cards_back_is_named() {
    let scheduler = Scheduler::new(&[]).unwrap();
    let mut held = input(300, 600);
    held.new_limit = 5;
    let plan = lay_out(&scheduler, &held).unwrap();
    assert_eq!(plan.new_per_day, 5);
    assert!(plan.left_out > 400);
    let needed = plan.new_per_day_needed.unwrap();
    held.new_limit = needed;
    held.minutes_per_day = plan.minutes_needed.unwrap();
    assert_eq!(lay_out(&scheduler, &held).unwrap().left_out, 0);
}

#[test]
fn what_was_done_today_is_not_laid_down_again() {
    let scheduler = Scheduler::new(&[]).unwrap();
    let morning = input(25, 400);
    let first = lay_out(&scheduler, &morning).unwrap().days[0].new;
    assert!(first > 10, "{first}");
    let mut evening = input(25, 400 - u64::from(first));
    evening.new_today = first.into();
    evening.answered_today = first.into();
    evening.today_left = Some(0);
    let plan = lay_out(&scheduler, &evening).unwrap();
    assert_eq!(plan.days[0].new, 0);
    assert!(plan.new_per_day >= first);
}

#[test]
fn what_a_day_cannot_hold_goes_on_to_the_next() {
    let scheduler = Scheduler::new(&[]).unwrap();
    let mut late = input(25, 0);
    late.scheduled.insert(late.today.plus_days(-3), 100);
    let plan = lay_out(&scheduler, &late).unwrap();
    let reviews: Vec<u32> = plan.days.iter().take(5).map(|d| d.reviews).collect();
    assert_eq!(reviews, [33, 33, 33, 1, 0]);
}

#[test]
fn months_are_not_measured_by_their_last_days() {
    let scheduler = Scheduler::new(&[]).unwrap();
    let mut long = input(30, 639);
    long.exam = long.today.plus_days(101);
    let plan = lay_out(&scheduler, &long).unwrap();
    assert_eq!(plan.left_out, 0, "{plan:?}");
    let learn = || plan.days.iter().filter(|d| d.phase == Phase::Learn);
    assert!(learn().all(|d| d.minutes <= 30));
    long.exam = long.today.plus_days(3650);
    long.minutes_per_day = 5;
    assert_eq!(lay_out(&scheduler, &long).unwrap().left_out, 0);
}

#[test]
fn a_mock_exam_of_today_raises_no_limit() {
    let scheduler = Scheduler::new(&[]).unwrap();
    let after_mock = PlanInput {
        new_limit: 20,
        answered_today: 65,
        new_today: 65,
        ..input(25, 600)
    };
    assert_eq!(lay_out(&scheduler, &after_mock).unwrap().new_per_day, 20);
}
