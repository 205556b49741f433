"""Prompts and answers of invocation logs are counted and kept nowhere in the database."""

import pytest
from django.db import connection

from finops.actions import cube
from finops.actions.ingest import load
from finops.models import BadLine, UsageHour
from tests.finops.log_objects import made, record

pytestmark = pytest.mark.django_db
PLANTED = "the patient's diagnosis is planted"


def tables_with(text: str) -> set[str]:
    """The tables in any column of which the text stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = set()
        for name in tables:
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{name}" t WHERE position(%s IN t::text) > 0)', [text])
            if cursor.fetchone()[0]:
                found.add(name)
    return found


def bodies() -> list[dict[str, object]]:
    """The same planted text in every place where a log has what people wrote, and in a line that is no record."""
    spoken = [{"role": "user", "content": [{"text": PLANTED}]}]
    asked = {"inputTokenCount": 7, "inputBodyJson": {"messages": spoken, "system": [{"text": PLANTED}]}}
    answered = {
        "outputTokenCount": 3,
        "outputBodyJson": {"output": {"message": spoken[0]}, "metrics": {"latencyMs": 5}},
    }
    invoked = {"inputTokenCount": 7, "inputBodyJson": {"prompt": PLANTED, "anthropic_version": PLANTED}}
    return [
        record(1, input=asked, output=answered),
        record(2, operation="InvokeModel", input=invoked, output={"outputTokenCount": 3, "outputBodyJson": [PLANTED]}),
        record(3, requestMetadata={"ticket": PLANTED}),
        record(4, timestamp=PLANTED),
        {"schemaType": PLANTED, PLANTED: PLANTED},
    ]


def test_no_column_of_any_table_holds_what_was_said() -> None:
    load([made("a", *bodies())])
    cube.build_marked()
    assert UsageHour.objects.exists()
    assert BadLine.objects.exists()
    assert tables_with(PLANTED) == set()


def test_what_is_looked_for_would_be_found() -> None:
    load([made("a", record(1, identity={"arn": f"arn:aws:sts::447100000212:assumed-role/app/{PLANTED[4:11]}"}))])
    assert "finops_usagedim" in tables_with(PLANTED[4:11])
