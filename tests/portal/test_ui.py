"""What pages are made of: words for numbers and moments, components, the rail, the frame and its errors."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import resolve
from django_htmx.middleware import HtmxMiddleware

from portal import csrf, gallery
from portal.lib import charts, clock, htmx, moments, navigation, numbers, sparkline
from portal.lib.forms import ChoiceCards
from portal.lib.signing_in import LoginRequiredMiddleware
from portal.lib.status import Status, Tone
from tests.cast import person

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def friday_afternoon() -> Iterator[None]:
    with clock.set_to(NOW):
        yield


def rendered(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


# Numbers


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (4_712_345_678_901, "$4,712"),
        (8_120_000_000, "$8.12"),
        (99_990_000_000, "$99.99"),
        (Decimal(100), "$100"),
        (Decimal("-8940.4"), "−$8,940"),
        (1_200_000, "< $0.01"),
        (-1_200_000, "> −$0.01"),
        (0, "$0"),
        (None, "—"),
    ],
)
def test_money_reads_in_whole_dollars_from_a_hundred_and_in_cents_below(amount: Any, words: str) -> None:
    assert numbers.usd(amount) == words


def test_exact_money_keeps_every_digit_and_at_least_cents() -> None:
    assert numbers.usd_exact(4_712_345_678_901) == "$4,712.345678901"
    assert numbers.usd_exact(5_000_000_000) == "$5.00"
    assert numbers.usd_exact(Decimal("-0.5")) == "−$0.50"


def test_money_is_never_a_float() -> None:
    with pytest.raises(TypeError, match="not float"):
        numbers.usd(1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (950, "950"),
        (1_000, "1\u00a0k"),
        (12_400, "12.4\u00a0k"),
        (999_499, "999\u00a0k"),
        (999_950, "1\u00a0M"),
        (1_930_000, "1.93\u00a0M"),
        (-2_500_000_000, "−2.5\u00a0B"),
    ],
)
def test_large_counts_read_in_three_digits(number: int, words: str) -> None:
    assert numbers.short(number) == words


def test_a_share_of_one_reads_as_per_cent() -> None:
    assert numbers.percent(Decimal("0.973"), 1) == "97.3\u00a0%"
    assert numbers.percent(Decimal("1.2")) == "120\u00a0%"
    assert numbers.percent(Decimal("-0.05")) == "−5\u00a0%"


# Moments


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=20), "a moment ago"),
        (timedelta(minutes=6), "6 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(hours=20), "yesterday 19:00"),
        (timedelta(days=3), "Tue 15:00"),
        (timedelta(days=8), "12 Nov"),
        (timedelta(days=400), "16 Oct 2025"),
    ],
)
def test_the_past_is_said_as_people_say_it(back: timedelta, words: str) -> None:
    assert moments.ago(NOW - back) == words


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(hours=2), "today 17:00"),
        (timedelta(hours=26), "tomorrow 17:00"),
        (timedelta(days=3), "Mon 15:00"),
        (timedelta(days=19), "9 Dec"),
        (timedelta(days=-2), "overdue by 2 days"),
    ],
)
def test_a_due_time_is_said_as_people_say_it(ahead: timedelta, words: str) -> None:
    assert moments.due(NOW + ahead) == words


def test_old_figures_say_so_louder_than_fresh_ones() -> None:
    assert 'class="tag attention">3 h old' in rendered("{% age at %}", at=NOW - timedelta(hours=3))
    assert "tag" not in rendered("{% age at %}", at=NOW - timedelta(minutes=6))
    assert "not measured yet" in rendered("{% age None %}")


# Components


def test_a_badge_carries_its_word_and_its_tone() -> None:
    html = rendered("{% badge status %}", status=Status("drifted", "drifted by hand", Tone.DANGER))
    assert 'class="tag danger"' in html
    assert "drifted by hand" in html


def test_a_tone_that_nobody_defined_is_refused() -> None:
    with pytest.raises(ValueError, match="purple"):
        rendered('{% badge label="x" tone="purple" %}')


@pytest.mark.parametrize(
    ("used", "of", "tone", "words"),
    [(79, 100, "idle", "79\u00a0%"), (80, 100, "attention", "80\u00a0%"), (101, 100, "danger", "101\u00a0%")],
)
def test_a_budget_bar_warns_from_eighty_per_cent_and_says_the_share(used: int, of: int, tone: str, words: str) -> None:
    html = rendered("{% bar used=used of=of %}", used=used, of=of)
    assert f'class="fill {tone}"' in html
    assert words in html


def test_a_budget_bar_is_never_wider_than_its_track() -> None:
    assert re.findall(r'class="fill danger" width="([0-9.]+)"', rendered("{% bar used=250 of=100 %}")) == ["100.0"]
    assert "no budget" in rendered("{% bar used=5 of=None %}")


@pytest.mark.parametrize(
    "source",
    [
        "{% card text aside=text foot=text %}{{ text }}{% endcard %}",
        "{% row text note=text href=text %}{{ text }}{% endrow %}",
        "{% figure text text note=text href=text %}",
        "{% badge label=text %}",
        "{% crumb text %}",
        "{% code id='x' label=text %}{{ text }}{% endcode %}",
        "{% sparkline values text %}",
        "{% diff lines label=text %}",
        "{% nothing text %}{{ text }}{% endnothing %}",
        "{% chart chart id='x' label=text caption=text %}{% endchart %}",
        '{% include "components/kv.html" with pairs=lines only %}',
    ],
)
def test_components_escape_what_people_typed(source: str) -> None:
    text = '"><script>alert(1)</script>'
    chart = charts.bars_by_name([text], [1])
    html = rendered(source, text=text, values=[1, 2], lines=[("+", text)], chart=chart)
    assert "<script>alert" not in html
    assert '""><' not in html


def test_a_diff_says_in_words_what_its_marks_mean() -> None:
    html = rendered('{% diff lines label="Plan" %}', lines=[("+", "a"), ("-", "b"), ("~", "c"), ("", "head")])
    assert re.findall(r"(added|removed|changed): ", html) == ["added", "removed", "changed"]


def test_pages_keep_the_other_words_of_the_address() -> None:
    request = RequestFactory().get("/models/?q=claude&page=2")
    page = Paginator(range(100), 25).get_page(2)
    html = rendered("{% pages page %}", page=page, request=request)
    assert "?q=claude&amp;page=1" in html
    assert "?q=claude&amp;page=3" in html
    assert "26–50 of 100" in html


def test_only_the_tab_of_this_address_is_current() -> None:
    request = RequestFactory().get("/reviews/?state=open")
    html = rendered(
        '{% tab "Open" "/reviews/?state=open" count=4 %}|{% tab "All" "/reviews/" %}|{% tab "X" "/x/" %}',
        request=request,
    )
    assert ["aria-current" in tab for tab in html.split("|")] == [True, False, False]


@pytest.mark.parametrize("address", ["/access/", "/access/?show=mine", "/access/?q=claude&show=mine&page=2"])
def test_the_tab_of_what_is_shown_is_current_whatever_stands_in_the_address(address: str) -> None:
    html = rendered(
        '{% tab "Mine" "/access/?show=mine" shown=show %}|{% tab "All" "/access/?show=all" shown=show %}',
        request=RequestFactory().get(address),
        show="mine",
    )
    assert ["aria-current" in tab for tab in html.split("|")] == [True, False]


def test_a_sparkline_starts_at_zero_and_ends_at_its_last_value() -> None:
    assert sparkline.points([0, 5, 10]) == [(2, 18), (44, 10), (86, 2)]
    assert sparkline.points([7, 7]) == [(2, 2), (86, 2)]
    assert sparkline.svg([1], "one day") == ""


# Charts


def tokens_of(part: Any) -> set[str]:
    """The names of the tokens in a figure."""
    if isinstance(part, str):
        return {part.removeprefix("token:").partition("/")[0]} if part.startswith("token:") else set()
    parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return set().union(*map(tokens_of, parts))


def test_every_colour_of_a_chart_is_a_token_that_the_style_sheet_defines() -> None:
    css = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    figures = gallery.figures(NOW.date())
    used = set().union(*(tokens_of(figures[name]) for name in ("spend", "trend", "shares")))
    assert used
    assert used <= set(re.findall(r"--([a-z-]+):", css))
    assert "#" not in str(figures["spend"]).replace("&#", "")


def test_a_day_without_a_figure_is_a_gap_not_a_zero() -> None:
    day = NOW.date()
    figure = charts.line([day, day + timedelta(days=1)], {"Spend": [Decimal("1.50"), None]})
    assert figure["data"][0]["y"] == [1.5, None]


def test_the_months_before_are_pale_and_the_forecast_is_an_outline() -> None:
    days = [NOW.date() + timedelta(days=offset) for offset in (-1, 0, 1)]
    figure = charts.bars_by_day(days, [1, 2, 3], strong_from=days[1], forecast_from=days[2])
    fills = figure["data"][0]["marker"]["color"]
    assert fills == ["token:accent/35", "token:accent", "rgba(0,0,0,0)"]


def test_a_forecast_of_nothing_draws_nothing() -> None:
    days = [NOW.date(), NOW.date() + timedelta(days=1)]
    figure = charts.bars_by_day(days, [0, 3], forecast_from=days[0])
    assert figure["data"][0]["marker"]["line"]["color"] == ["rgba(0,0,0,0)", "token:accent"]


# Forms


class CallsForm(forms.Form):
    calls = forms.IntegerField(label="How many calls a day?", help_text="On a usual day.")
    data_class = forms.ChoiceField(
        label="Which data?",
        choices=[("internal", "Internal"), ("secret", "Secret")],
        widget=ChoiceCards(details={"secret": "names of customers"}),
    )


def test_a_wrong_field_keeps_what_was_typed_and_is_tied_to_its_error() -> None:
    html = str(CallsForm({"calls": "about 40k", "data_class": "secret"})["calls"].as_field_group())
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described is not None
    assert all(f'id="{name}"' in html for name in described[1].split())
    assert 'aria-invalid="true"' in html
    assert 'value="about 40k"' in html


def test_the_error_summary_leads_to_each_wrong_field() -> None:
    form = CallsForm({"calls": "about 40k"})
    html = str(form)
    targets = re.findall(r'<a href="#([^"]+)"', html)
    assert targets == ["id_calls", "id_data_class_0"]
    assert all(f'id="{target}"' in html for target in targets)
    assert "2 things need another look" in html


def test_a_choice_card_shows_its_small_line_and_stays_chosen() -> None:
    html = str(CallsForm({"calls": "1", "data_class": "secret"})["data_class"])
    assert "names of customers" in html
    assert re.search(r'value="secret"[^>]*checked', html)


# The rail


class Person:
    is_authenticated = True


def request_at(path: str, user: Any = None) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user or Person()  # type: ignore[assignment]
    request.resolver_match = resolve(path)
    return request


def test_a_restricted_place_is_shown_only_to_those_it_admits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "PLACES", (navigation.Place("ui", "Gallery", restricted=True),))
    monkeypatch.setattr(navigation, "_gates", {})
    assert list(navigation.items(request_at("/ui/"))) == []
    navigation.shown_to("ui", lambda user: isinstance(user, Person))
    assert [item.label for item in navigation.items(request_at("/ui/"))] == ["Gallery"]


def test_a_place_whose_address_does_not_exist_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    places = (navigation.Place("nowhere:index", "Nowhere"), navigation.Place("ui", "Gallery"))
    monkeypatch.setattr(navigation, "PLACES", places)
    item = next(navigation.items(request_at("/ui/")))
    assert (item.label, item.current, item.count) == ("Gallery", True, 0)


def test_what_waits_stands_beside_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "PLACES", (navigation.Place("ui", "Gallery"),))
    monkeypatch.setattr(navigation, "_counts", {})
    navigation.count_at("ui", lambda user: 4)
    assert [item.count for item in navigation.items(request_at("/ui/"))] == [4]
    with pytest.raises(ValueError, match="no place"):
        navigation.count_at("nowhere:index", lambda user: 1)


def test_a_stranger_gets_no_rail_and_no_banner() -> None:
    context = navigation.rail(request_at("/ui/", AnonymousUser()))
    assert context["places"]() == []
    assert context["banners"]() == []
    assert context["search_url"] == ""


# Whole pages and parts of them


@pytest.mark.parametrize(
    ("headers", "part"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_only_htmx_that_asks_for_a_part_gets_one(headers: dict[str, str], part: bool) -> None:
    asked: list[bool] = []

    def view(request: HttpRequest) -> HttpResponse:
        asked.append(htmx.wants_part(request))
        return HttpResponse()

    HtmxMiddleware(view)(RequestFactory().get("/", headers=headers))
    assert asked == [part]


def test_a_page_and_its_part_are_cached_apart() -> None:
    response = htmx.render(request_at("/ui/", AnonymousUser()), "404.html")
    assert "HX-Request" in response.headers["Vary"]


@pytest.fixture
def visitor(db: None, client: Client) -> Client:
    """Somebody who signed in, without a role."""
    client.force_login(person("Ana"))
    return client


def test_the_gallery_shows_every_component(visitor: Client) -> None:
    page = visitor.get("/ui/").content.decode()
    folder = Path(settings.BASE_DIR) / "templates/components"
    classes = {"card", "tag", "todo", "figures", "bar", "kv", "diff", "steps", "decide", "note", "empty", "tabs"}
    classes |= {"pages", "wide", "chart", "code", "summary", "field", "choice", "rail", "banner", "spark"}
    assert [name for name in sorted(classes) if not re.search(rf'class="[^"]*\b{name}\b', page)] == []
    assert "<dialog" in page
    assert all("{#" in path.read_text() for path in folder.glob("*.html"))


def test_a_page_holds_no_inline_style_and_no_inline_script(visitor: Client) -> None:
    page = visitor.get("/ui/").content.decode()
    assert re.findall(r"<[^>]+\sstyle=", page) == []
    assert "<style" not in page
    assert re.findall(r"\son[a-z]+=", page) == []
    scripts = re.findall(r"<script([^>]*)>", page)
    assert scripts
    assert all("src=" in script or 'type="application/json"' in script for script in scripts)


def test_the_gallery_is_for_looking_only(visitor: Client) -> None:
    assert visitor.post("/ui/").status_code == 405


def test_the_sandbox_is_named_on_every_page_and_aws_is_not(visitor: Client, settings: Any) -> None:
    settings.SANDBOX = True
    assert "Sandbox, not AWS" in visitor.get("/ui/").content.decode()
    settings.SANDBOX = False
    assert "Sandbox, not AWS" not in visitor.get("/ui/").content.decode()


@pytest.mark.django_db
def test_signing_in_offers_the_form_and_no_demo_people_by_itself(client: Client) -> None:
    page = client.get("/account/login/").content.decode()
    assert 'name="login"' in page
    assert 'name="password"' in page


# Nothing typed is lost


def test_a_refused_token_shows_what_was_typed_but_no_password() -> None:
    request = RequestFactory().post(
        "/x/", {"why": "cheaper summaries", "password": "hunter2", "csrfmiddlewaretoken": "t"}
    )
    assert csrf.typed(request) == [("why", "cheaper summaries")]


@pytest.mark.django_db
def test_a_form_without_its_token_is_answered_with_its_text_to_copy() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/account/login/", {"login": "a@example.com", "password": "hunter2"})
    assert response.status_code == 403
    page = response.content.decode()
    assert "a@example.com" in page
    assert "hunter2" not in page


@pytest.mark.parametrize(
    ("method", "referer", "back"),
    [
        ("post", "http://testserver/access/new/?draft=7", "/access/new/%3Fdraft%3D7"),
        ("post", "https://elsewhere.example/access/new/", "/access/submit/"),
        ("post", "", "/access/submit/"),
        ("get", "http://testserver/access/new/", "/access/submit/"),
    ],
)
def test_after_an_expired_login_a_form_leads_back_to_its_own_page(method: str, referer: str, back: str) -> None:
    request = getattr(RequestFactory(), method)("/access/submit/", headers={"Referer": referer})
    request.user = AnonymousUser()

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    response = LoginRequiredMiddleware(view).process_view(request, view, (), {})
    assert response is not None
    assert response["Location"] == f"/account/login/?next={back}"
