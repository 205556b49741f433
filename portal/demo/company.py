"""Meridian, the company of the demo: lines of business, teams, people. Data only."""

from dataclasses import dataclass

NAME = "Meridian"
PASSWORD = "open-the-atrium"  # noqa: S105 - works only while the sandbox is the AWS in use
EU = ("eu-central-1", "eu-west-1", "eu-west-3", "eu-north-1", "eu-south-1", "eu-south-2")


@dataclass(frozen=True)
class Line:
    """A line of business: budget in USD a month; `regions` and `data_classes` that it may use."""

    slug: str
    name: str
    cost_centre: str
    budget: int
    teams: tuple[str, ...]
    owner: str
    builder: str
    purpose: str
    data_classes: tuple[str, ...] = ("public", "internal", "confidential")
    regions: tuple[str, ...] = EU

    @property
    def domain(self) -> str:
        return f"{self.slug}.example"


LINES = (
    Line("retail", "Retail banking", "CC-1100", 2_700, ("Service centre", "Digital channels"), "Ingrid Olsen",
         "Jonas Weber", "Serve private customers in branches, by phone and online."),
    Line("insurance", "Insurance", "CC-1200", 2_200, ("Claims", "Underwriting"), "Marcus Feld", "Aylin Demir",
         "Insure homes, cars and lives, and settle claims.", ("public", "internal", "confidential", "restricted")),
    Line("wealth", "Wealth", "CC-1300", 2_000, ("Advisory", "Research"), "Claire Dubois", "Tom Brandt",
         "Advise wealthy customers and manage their portfolios."),
    Line("treasury", "Treasury", "CC-1400", 200, ("Markets",), "Henrik Lund", "Sara Conti",
         "Fund the group and manage its liquidity and risk."),
    Line("technology", "Technology", "CC-1500", 6_000, ("Engineering", "Operations"), "Priya Nair", "Leo Maier",
         "Build and run the systems of the group.", ("public", "internal", "confidential"), (*EU, "us-east-1")),
    Line("corporate", "Corporate functions", "CC-1600", 900, ("Legal and compliance", "People"), "Ruth Adler",
         "Nina Kovac", "Legal, finance, people and communication of the group.",
         ("public", "internal", "confidential", "restricted")),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody with a role in the whole company."""

    address: str
    name: str
    role: str

    @property
    def email(self) -> str:
        return f"{self.address}@meridian.example"


PEOPLE = (
    Person("platform", "Daniel Roth", "platform"),
    Person("platform.two", "Mei Tanaka", "platform"),
    Person("security", "Sven Keller", "security"),
    Person("security.two", "Ana Silva", "security"),
    Person("legal", "Elena Petrova", "legal"),
    Person("rai", "Amara Okafor", "responsible_ai"),
    Person("finops", "Felix Brunner", "finops"),
    Person("executive", "Katharina Vogel", "executive"),
    Person("auditor", "Omar Haddad", "auditor"),
)
# Whom to sign in as to see what there is, and what for.
CAST = (
    ("builder@retail.example", "asks for models"),
    ("owner@retail.example", "answers for Retail banking"),
    ("security@meridian.example", "reviews for security"),
    ("rai@meridian.example", "reviews for responsible AI"),
    ("legal@meridian.example", "reviews for law"),
    ("platform@meridian.example", "runs the platform"),
    ("finops@meridian.example", "attributes and budgets"),
    ("executive@meridian.example", "reads value, spend and risk"),
    ("auditor@meridian.example", "reads everything"),
)
