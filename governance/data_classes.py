"""What each class of data means, for every form that asks for one."""

from governance.models import DataClass

DETAILS: dict[str, str] = {
    DataClass.PUBLIC: "published, or meant to be",
    DataClass.INTERNAL: "for employees; no customer names",
    DataClass.CONFIDENTIAL: "customer names, contracts, account numbers",
    DataClass.RESTRICTED: "health, payment cards, credit decisions, inside information",
}
