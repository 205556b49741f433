"""What the use cases of Meridian asked for: which model, how much of it, since when, and how that went. Data only."""

from dataclasses import dataclass
from decimal import Decimal

SONNET, HAIKU = "anthropic.claude-sonnet-4-6", "anthropic.claude-haiku-4-5-20251001-v1:0"
SONNET_45, OPUS = "anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-opus-4-6-v1"
LITE, PRO = "amazon.nova-2-lite-v1:0", "amazon.nova-pro-v1:0"
MISTRAL, OSS = "mistral.mistral-large-3-675b-instruct", "openai.gpt-oss-120b-1:0"


@dataclass(frozen=True)
class Wish:
    """One access request. tokens: (in, out) of a call; cached: share of the input read from the cache;
    days_ago: when it was asked; role: a role that exists in the account, "" to have one made.

    ending: active, frozen, revoked, expiring, blocked (the account does not log there); waiting (first step open), second (owner approved), overdue, changes,
    rejected, withdrawn, draft.
    """

    case: str
    model_id: str
    calls: int
    tokens: tuple[int, int]
    days_ago: int
    why: str
    cached: Decimal = Decimal(0)
    ending: str = "active"
    role: str = ""
    environment: str = "prod"
    months: int = 12


D = Decimal
WISHES = (
    Wish("Call summary", SONNET, 9000, (5200, 420), 97, "Agents write notes for 70 seconds after each call; a draft saves most of it.", role="retail-callsummary"),
    Wish("Branch assistant", HAIKU, 6000, (7800, 380), 96, "Staff look for passages in 3,000 pages of procedures.", D("0.5"), role="retail-assistant"),
    Wish("Complaint summary", SONNET, 900, (24000, 700), 95, "Handlers read the whole correspondence before they can answer."),
    Wish("Letter drafting", SONNET_45, 1100, (4200, 900), 80, "Replies take 14 minutes each and read differently from every desk."),
    Wish("Website answers", HAIKU, 14000, (3900, 300), 62, "A third of calls ask what the site already says.", D("0.6")),
    Wish("Fraud report wording", SONNET, 60, (16000, 1500), 40, "Findings are good, the wording costs half a day.", environment="dev"),
    Wish("Card dispute triage", HAIKU, 500, (6100, 250), 33, "Disputes wait a week for a first look.", environment="dev"),
    Wish("Claims triage", SONNET, 8000, (14000, 500), 97, "Claims reach the wrong desk in one of four cases.", role="insurance-claims"),
    Wish("Policy wording check", OPUS, 350, (42000, 1600), 90, "Deviations in brokers' wordings were found after signing."),
    Wish("Damage photo notes", PRO, 2200, (3600, 350), 75, "Adjusters drive to look at what a photo shows."),
    Wish("Broker mail sorting", LITE, 11000, (1900, 90), 93, "Mails of brokers lie in a shared box for a day."),
    Wish("Medical report summary", SONNET, 90, (52000, 1200), 28, "Reports of 60 pages decide a case that needs one.", environment="dev"),
    Wish("Advisor copilot", SONNET, 2600, (21000, 900), 96, "Advisors prepare an hour for a half-hour meeting.", D("0.4"), role="wealth-advisor"),
    Wish("Research digest", HAIKU, 1900, (30000, 800), 92, "Analysts read twenty sources a day and miss a hundred."),
    Wish("Suitability check notes", SONNET, 500, (6800, 700), 55, "One file in eleven comes back for missing reasons."),
    Wish("Fund factsheet translation", SONNET_45, 260, (3800, 3900), 85, "Factsheets appear five days late in Italian."),
    Wish("Meeting minutes", HAIKU, 700, (9000, 650), 48, "Minutes are written three days later from memory."),
    Wish("Liquidity report draft", SONNET, 120, (18000, 1400), 91, "The Monday comment costs the weekend.", role="treasury-report"),
    Wish("Term sheet reading", HAIKU, 400, (12000, 450), 58, "Terms are keyed by hand from PDFs."),
    Wish("Market commentary", SONNET, 80, (9500, 1100), 88, "The morning note is out half an hour after the market."),
    Wish("Counterparty news watch", LITE, 1500, (5200, 160), 30, "News on counterparties is read when there is time.", environment="dev"),
    Wish("Coding assistant", SONNET, 12000, (38000, 800), 97, "Engineers ask for it in every survey.", D("0.82"), role="tech-codeassist"),
    Wish("Incident summary", HAIKU, 500, (45000, 900), 86, "Reviews wait until somebody wrote the timeline."),
    Wish("Log question answering", HAIKU, 2600, (16000, 300), 60, "Finding the cause takes an hour of searching.", D("0.3")),
    Wish("Test case drafting", OSS, 1500, (5600, 1500), 52, "Four cases a story leave the corners untested."),
    Wish("Mainframe code explanation", OPUS, 420, (36000, 1800), 89, "Nobody is left who wrote these programs."),
    Wish("Service desk agent", SONNET_45, 2300, (8800, 350), 45, "Six in ten tickets are passwords, access and devices.", D("0.5")),
    Wish("Architecture review notes", SONNET, 40, (28000, 1300), 26, "Half of a review is finding the open points.", environment="dev"),
    Wish("Contract review", OPUS, 300, (58000, 1900), 94, "Lawyers compare clauses by eye.", role="corp-contracts"),
    Wish("Policy questions", HAIKU, 3800, (6900, 260), 87, "Compliance answers the same 40 questions every week.", D("0.5")),
    Wish("Job advert drafting", MISTRAL, 90, (1800, 900), 44, "Adverts read differently from each desk.", ending="blocked"),
    Wish("Press monitoring", LITE, 2400, (6400, 240), 90, "Somebody reads from six in the morning."),
    Wish("Expense audit hints", HAIKU, 800, (2100, 160), 24, "One claim in fifty is looked at, by chance.", environment="dev"),
    Wish("Board paper summary", SONNET, 30, (64000, 1500), 36, "Papers of 48 pages arrive the evening before."),
    Wish("Learning assistant", LITE, 1200, (3300, 220), 42, "Trainings are late because nobody finds them.", ending="expiring", months=2),
    # Other ways in which a request can go
    Wish("Coding assistant", OPUS, 900, (42000, 1500), 70, "Hard changes need the larger model.", D("0.7"), ending="frozen"),
    Wish("Research digest", OSS, 400, (20000, 700), 66, "Comparing open weights with what we have.", ending="revoked", months=3),
    Wish("Call coaching", SONNET, 800, (9000, 600), 20, "Team leads listen to two calls a month and judge by them.", ending="rejected"),
    Wish("Customer claim status", HAIKU, 20000, (2600, 180), 1, "A third of calls only ask where a claim stands.", ending="second"),
    Wish("Portfolio question answering", SONNET, 5000, (7400, 420), 0, "Customers call their advisor for what the app could say.", ending="waiting"),
    Wish("Application screening", SONNET, 300, (5200, 350), 9, "Applicants wait 18 days for a first answer.", ending="overdue"),
    Wish("Call summary", HAIKU, 9000, (5200, 420), 1, "The smaller model may be good enough at a third of the price.", ending="second"),
    Wish("Website answers", SONNET, 14000, (3900, 300), 8, "Answers to complaints need the larger model.", D("0.6"), ending="changes"),
    Wish("Broker mail sorting", HAIKU, 11000, (1900, 90), 0, "A tenth of mails still goes to the wrong team.", ending="waiting"),
    Wish("Market commentary", OPUS, 80, (9500, 1100), 12, "Longer reasoning for the weekly outlook.", ending="withdrawn"),
    Wish("Test case drafting", SONNET, 1500, (5600, 1500), 0, "Stories in German come back in English.", ending="waiting"),
    Wish("Fraud report wording", SONNET, 120, (16000, 1500), 1, "From trial to daily work.", ending="draft"),
    Wish("Meeting minutes", SONNET, 700, (9000, 650), 3, "Names are often wrong with the smaller model.", ending="draft"),
)  # fmt: skip
