"""What is left of a month at the pace of the last four weeks."""

from datetime import date, timedelta

from finops.run_rate import remaining

TODAY = date(2026, 11, 20)  # a Friday


def history(weekday: int, weekend: int, weeks: int = 6) -> dict[date, int]:
    days = (TODAY - timedelta(days=n) for n in range(1, weeks * 7 + 1))
    return {day: weekday if day.weekday() < 5 else weekend for day in days}


def test_each_day_left_costs_what_its_weekday_did() -> None:
    left = remaining(history(100, 10), TODAY)
    assert left[date(2026, 11, 23)] == 100
    assert left[date(2026, 11, 28)] == 10
    assert max(left) == date(2026, 11, 30)


def test_what_today_spent_already_is_not_expected_again() -> None:
    assert remaining(history(100, 10) | {TODAY: 30}, TODAY)[TODAY] == 70
    assert remaining(history(100, 10) | {TODAY: 130}, TODAY)[TODAY] == 0


def test_days_before_the_first_spend_do_not_pull_the_pace_down() -> None:
    begun = {TODAY - timedelta(days=7): 80, TODAY - timedelta(days=6): 0}
    assert remaining(begun, TODAY)[date(2026, 11, 27)] == 80


def test_nothing_is_expected_while_nothing_was_spent() -> None:
    assert remaining({}, TODAY) == {}
