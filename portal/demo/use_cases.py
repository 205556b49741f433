"""What Meridian uses models for. Data only; risk is computed by governance, as for everybody."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Case:
    """A use case of a line of business. kpi: (what is counted, baseline, target); weight: its share of traffic."""

    line: str
    name: str
    purpose: str
    outcome: str
    kpi: tuple[str, int, int]
    stage: str
    data: str = "internal"
    audience: str = "employees"
    people: int = 40
    autonomy: int = 0
    affects_people: bool = False
    weight: Decimal = Decimal(0)

    @property
    def slug(self) -> str:
        return "".join(c if c.isalnum() else "-" for c in self.name.lower()).strip("-")[:40]


D = Decimal
CASES = (
    Case("retail", "Call summary", "Agents get the notes of a service call without writing them.", "Shorter wrap-up after each call", ("seconds saved a call", 0, 70), "production", "confidential", people=420, autonomy=1, weight=D(16)),
    Case("retail", "Branch assistant", "Branch staff ask about products and procedures and get the passage that answers.", "Fewer calls to the help desk", ("help desk calls a week", 2100, 900), "production", people=1300, weight=D(9)),
    Case("retail", "Complaint summary", "Complaint handlers read one page instead of the whole correspondence.", "Complaints answered sooner", ("days to answer", 9, 4), "production", "confidential", people=65, autonomy=1, weight=D(5)),
    Case("retail", "Letter drafting", "Back office drafts replies to customers in their language.", "Fewer minutes a letter", ("minutes a letter", 14, 5), "pilot", "confidential", people=120, autonomy=1, weight=D(4)),
    Case("retail", "Website answers", "Customers ask about accounts and cards on the public site and get sourced answers.", "Questions solved without a call", ("share solved online, %", 31, 45), "pilot", "public", "customers", 90000, 3, weight=D(6)),
    Case("retail", "Call coaching", "Team leads see how calls went against the service standard.", "Better coached agents", ("quality score", 71, 80), "idea", "confidential", people=30, autonomy=2, affects_people=True),
    Case("retail", "Fraud report wording", "Analysts turn their findings into a readable report.", "Reports filed in time", ("hours a report", 5, 2), "poc", "confidential", people=18, weight=D(1)),
    Case("retail", "Card dispute triage", "Disputes are sorted by reason and urgency before a person looks.", "Disputes settled sooner", ("days to settle", 21, 12), "poc", "confidential", people=44, autonomy=2, affects_people=True, weight=D(1)),
    Case("insurance", "Claims triage", "New claims are read, sorted and routed to the right desk.", "Claims reach the right desk at once", ("share routed rightly, %", 74, 93), "production", "restricted", people=260, autonomy=2, affects_people=True, weight=D(22)),
    Case("insurance", "Policy wording check", "Underwriters compare a broker's wording with ours.", "Deviations found before signing", ("deviations missed a month", 12, 2), "production", "confidential", people=55, weight=D(6)),
    Case("insurance", "Damage photo notes", "Adjusters get a first description of the photos of a damage.", "Fewer site visits", ("visits a claim", 1, 0), "pilot", "confidential", people=80, autonomy=1, weight=D(5)),
    Case("insurance", "Broker mail sorting", "Mails of brokers go to the team that can answer.", "Answers the same day", ("hours to first answer", 30, 8), "production", "confidential", people=35, autonomy=2, weight=D(5)),
    Case("insurance", "Medical report summary", "Case managers read long medical reports as a page.", "Cases decided sooner", ("hours a case", 6, 3), "poc", "restricted", people=12, affects_people=True, weight=D(1)),
    Case("insurance", "Customer claim status", "Customers ask where their claim stands and are told in plain words.", "Fewer status calls", ("calls a week", 5200, 3000), "idea", "confidential", "customers", 150000, 3),
    Case("wealth", "Advisor copilot", "Advisors prepare a meeting from portfolio, research and notes.", "More meetings prepared", ("minutes a meeting", 55, 20), "production", "confidential", people=310, autonomy=1, weight=D(12)),
    Case("wealth", "Research digest", "Analysts get the day's research as themes with sources.", "Nothing important missed", ("sources read a day", 20, 120), "production", "public", people=45, weight=D(6)),
    Case("wealth", "Suitability check notes", "Advisors draft the reasons of a recommendation for the file.", "Complete files", ("files sent back, %", 9, 2), "pilot", "confidential", people=90, autonomy=1, affects_people=True, weight=D(3)),
    Case("wealth", "Fund factsheet translation", "Factsheets appear in four languages on the same day.", "Published on time", ("days late", 5, 0), "production", "public", people=9, autonomy=1, weight=D(3)),
    Case("wealth", "Portfolio question answering", "Customers ask about their own portfolio in the app.", "Fewer calls to advisors", ("calls a week", 900, 400), "idea", "confidential", "customers", 24000, 3),
    Case("wealth", "Meeting minutes", "Advisors get minutes with actions from their own notes.", "Minutes on the same day", ("days to minutes", 3, 0), "pilot", "confidential", people=120, weight=D(2)),
    Case("treasury", "Liquidity report draft", "Treasury drafts the weekly liquidity comment from the figures.", "Reports ready on Monday noon", ("hours a report", 7, 2), "production", "confidential", people=14, autonomy=1, weight=D(3)),
    Case("treasury", "Term sheet reading", "Dealers get the terms of a bond as fields.", "Fewer keying errors", ("errors a month", 23, 3), "pilot", "confidential", people=22, autonomy=1, weight=D(2)),
    Case("treasury", "Market commentary", "Desk writes the morning note from moves and headlines.", "Note out before eight", ("minutes late", 35, 0), "production", "public", people=11, weight=D(2)),
    Case("treasury", "Counterparty news watch", "Risk sees news on counterparties with a reason why it matters.", "Earlier warnings", ("days ahead", 0, 2), "poc", "internal", people=8, weight=D(1)),
    Case("technology", "Coding assistant", "Engineers write, explain and review code with a model.", "Shorter time from idea to change", ("days a change", 9, 6), "production", "internal", people=850, autonomy=1, weight=D(24)),
    Case("technology", "Incident summary", "Operations read what happened in an incident as a timeline.", "Reviews held within two days", ("days to review", 8, 2), "production", "internal", people=140, weight=D(4)),
    Case("technology", "Log question answering", "Engineers ask their logs in words.", "Shorter time to find the cause", ("minutes to cause", 62, 25), "pilot", "internal", people=200, weight=D(4)),
    Case("technology", "Test case drafting", "Testers get test cases from a story.", "Better covered stories", ("cases a story", 4, 11), "pilot", "internal", people=90, weight=D(3)),
    Case("technology", "Mainframe code explanation", "Engineers understand programs whose authors have left.", "Programs documented", ("programs documented", 0, 4000), "production", "confidential", people=35, weight=D(5)),
    Case("technology", "Service desk agent", "Passwords, access and devices are handled without a ticket.", "Tickets solved at once", ("share solved at once, %", 22, 55), "pilot", "internal", people=6000, autonomy=4, weight=D(3)),
    Case("technology", "Architecture review notes", "Architects get the open points of a design before the meeting.", "Shorter reviews", ("hours a review", 3, 1), "poc", "internal", people=25, weight=D(1)),
    Case("technology", "Old chat prototype", "A first try at an internal chat, replaced by the branch and coding assistants.", "Learned what people ask", ("questions a week", 0, 0), "retired", "internal", people=60),
    Case("corporate", "Contract review", "Lawyers see the clauses that differ from our standard.", "Contracts back in two days", ("days a contract", 6, 2), "production", "confidential", people=38, autonomy=1, weight=D(5)),
    Case("corporate", "Policy questions", "Everybody asks the policies of the group and gets the paragraph.", "Fewer questions to compliance", ("questions a week", 410, 150), "production", "internal", people=9000, weight=D(4)),
    Case("corporate", "Job advert drafting", "Recruiters draft adverts that read fairly.", "Adverts out in a day", ("days an advert", 4, 1), "pilot", "internal", people=24, affects_people=True, weight=D(1)),
    Case("corporate", "Application screening", "Applications are compared with the profile of the job.", "Shorter time to answer", ("days to answer", 18, 7), "idea", "restricted", people=20, autonomy=2, affects_people=True),
    Case("corporate", "Press monitoring", "Communication reads what is written about the group each morning.", "Nothing missed", ("minutes a day", 95, 20), "production", "public", people=12, weight=D(2)),
    Case("corporate", "Expense audit hints", "Finance sees which expense claims deserve a second look.", "Fewer wrong payments", ("wrong payments a month", 40, 10), "poc", "confidential", people=7, autonomy=1, affects_people=True, weight=D(1)),
    Case("corporate", "Board paper summary", "Secretaries prepare one-page summaries of board papers.", "Papers read", ("pages a paper", 48, 1), "pilot", "restricted", people=5, weight=D(1)),
    Case("corporate", "Learning assistant", "Employees ask about the mandatory trainings.", "Trainings done in time", ("share in time, %", 81, 95), "pilot", "internal", people=9000, weight=D(1)),
)  # fmt: skip
