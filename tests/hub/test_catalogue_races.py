"""Two workers that keep the catalogue at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection, transaction

from governance.models import AuditEvent
from governance.vocabulary import Verb
from hub.inventory.offers import save_offers
from hub.inventory.reading import Offered
from hub.models import AwsAccount, FoundationModel, ModelOffer
from portal.aws.bedrock import ModelInfo
from tests.conftest import CommittedDatabase
from tests.hub.conftest import DEV, PROD, an_account

MODELS = 30


def offered(number: int) -> Offered:
    info = ModelInfo(
        f"acme.m{number}", "arn", f"M{number}", "Acme", ("TEXT",), ("TEXT",), True, (), "ACTIVE", None, None, None
    )
    return Offered(info, None)


def test_two_accounts_that_find_the_same_new_models_make_each_once(committed_database: CommittedDatabase) -> None:
    accounts = [an_account(PROD), an_account(DEV)]
    together = Barrier(2)

    def save(account: AwsAccount) -> int:
        together.wait()
        try:
            with transaction.atomic():
                return save_offers(account, "eu-central-1", [offered(number) for number in range(MODELS)])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        written = sorted(pool.map(save, accounts))
    assert FoundationModel.objects.count() == MODELS
    assert ModelOffer.objects.count() == 2 * MODELS
    assert AuditEvent.objects.filter(verb=Verb.MODEL_FOUND).count() == MODELS
    assert written == [MODELS, 2 * MODELS]
