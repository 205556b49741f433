"""docs/access.md: the tables of access for somebody who audits them."""

from collections.abc import Iterator

from governance.roles import OF_PEOPLE, ROLES, Role, Service
from portal.access import finops_pages, governance_pages, hub_pages, operations, portal_pages
from portal.access.rules import EVERYBODY, Kind, Rule, passes

HEAD = """# Who may use what

Written by `manage.py write_docs` from `portal/access/`. `tests/access/` asks for every cell and checks it: for what is
one's own, for what is others', and for what never was.

{marks}

Whoever has not signed in, or was deactivated, is sent to sign in (pages) or gets 401 (API), except where *everybody*
stands. A person without a role passes only where everybody who signed in does. What may not be seen is answered like
what does not exist: the same 404, the same headers, the same trail. Lists hold what one may see, and so are open to all
who may open the page. A credential of the API can do what its person or service can, narrowed by its scopes.

Each field of a query, form or body that names a thing (`tests/access/choices.py`) is also given what is others': it is
answered exactly as what never was, changes nothing, and no word of the other tenant is in the answer. A field of the
OpenAPI document that can hold an id, or a form in which a thing is chosen, makes a test fail until it is tried.
"""
MARKS = {
    "✓": "in the whole company",
    "own": "in one's own line of business or team, and the teams below it",
    "asked": "what one asked for oneself",
    "·": "no",
}
AREAS: tuple[tuple[str, dict[str, Rule]], ...] = (
    ("The portal itself", portal_pages.PAGES),
    ("Governance", governance_pages.PAGES),
    ("Hub and access", hub_pages.PAGES),
    ("Costs", finops_pages.PAGES),
    ("REST API", operations.OPERATIONS),
)


def as_markdown() -> str:
    """The whole document."""
    marks = "\n".join(f"- **{mark}** {meaning}" for mark, meaning in MARKS.items())
    return "\n".join([HEAD.format(marks=marks), *(line for area in AREAS for line in _area(*area))]) + "\n"


def _area(title: str, rules: dict[str, Rule]) -> Iterator[str]:
    """A table: an address on each line, a role in each column."""
    roles = list(ROLES.values()) if rules is operations.OPERATIONS else list(OF_PEOPLE.values())
    yield f"## {title}"
    yield "| address | " + " | ".join(_short(role) for role in roles) + " | by which rule |"
    yield "|---|" + "---|" * (len(roles) + 1)
    for name, rule in rules.items():
        yield f"| `{name}` | " + " | ".join(_mark(rule, role) for role in roles) + f" | {_words(rule)} |"
    yield ""


def _short(role: type[Role]) -> str:
    return "Service key" if role is Service else role.label


def _mark(rule: Rule, role: type[Role]) -> str:
    """How far a role gets."""
    if rule.kind == Kind.OPEN:
        return "✓"
    if rule.kind == Kind.STAFF:
        return "·"
    asked = (rule.door, rule.sees, rule.may, rule.sends, rule.offered)

    def gets(*, here: bool, own: bool = False) -> bool:
        return all(passes(who, role.name, here, own) for who in asked)

    if gets(here=False):
        return "✓"
    return "own" if gets(here=True) else "asked" if gets(here=True, own=True) else "·"


def _words(rule: Rule) -> str:
    if rule.kind == Kind.OPEN:
        return "everybody, also without signing in"
    if rule.kind == Kind.STAFF:
        return "who is marked as staff, to read"
    parts = (
        ("", rule.door),
        ("sees it: ", rule.sees),
        ("may: ", rule.may),
        ("may send it: ", rule.sends),
        ("may choose it: ", rule.offered),
    )
    told = "; ".join(f"{part}{who.words}" for part, who in parts if who != EVERYBODY) or "everybody who signed in"
    return f"`{rule.scope}`; {told}" if rule.scope else told
