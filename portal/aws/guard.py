"""What every call of every client passes, by botocore's own events: the breaker, the pace and the record.

before-call → the breaker admits · before-send (each attempt) → the pace, the record · after-call → the breaker learns.
The context that botocore carries through a call remembers which number the breaker gave it.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from portal.aws import breaker, pace, recording
from portal.aws.breaker import Breaker
from portal.aws.errors import AwsError, Throttled, Unauthenticated, Unavailable, from_botocore_error, from_client_error
from portal.aws.recording import Place

ADMITTED = "atrium_admitted"


class Guard:
    """The hooks of one client, which calls at `place`.

    forget: drops the credentials of the client, when AWS says that they are over before their time.
    """

    def __init__(self, client: Any, place: Place, *, forget: Callable[[], None]) -> None:
        self.place, self.forget = place, forget
        self.account, self.service = place.account, place.service
        events = client.meta.events
        events.register("before-parameter-build", self.note)
        events.register("before-call", self.admit)
        events.register("before-send", self.send)
        events.register("after-call", self.learn)
        events.register("after-call-error", self.learn_error)

    def note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """A call begins."""
        recording.asked(self.place, model.name, params)

    @property
    def breaker(self) -> Breaker:
        """That of the place: looked up for each call, since tests begin with none."""
        return breaker.of(self.account, self.place.region, self.service)

    def admit(self, context: dict[str, Any], **_: Any) -> None:
        """Raises Unavailable while the breaker is open."""
        context[ADMITTED] = self.breaker.admit()

    def send(self, request: Any, event_name: str, **_: Any) -> None:
        """Wait for the pace. What is raised here ends the call as what it is: botocore tries again only its own."""
        pace.take(self.account, self.place.region, self.service)
        recording.sent(self.place, event_name.rpartition(".")[2], request)

    def learn(self, http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """AWS answered: success, a refusal, or a failure of its own after all attempts."""
        recording.answered(self.place, model.name, http_response, parsed)
        if http_response.status_code < 300:
            self.breaker.succeeded(context[ADMITTED])
            return
        refusal = from_client_error(ClientError(parsed, model.name), f"{self.service} {model.name}")
        self._learn(refusal, context[ADMITTED])

    def learn_error(self, exception: BaseException, event_name: str, context: dict[str, Any], **_: Any) -> None:
        """No answer came, or the call ended here."""
        if isinstance(exception, BotoCoreError):
            call = f"{self.service} {event_name.rpartition('.')[2]}"
            self._learn(from_botocore_error(exception, call), context[ADMITTED])
        else:
            self.breaker.given_up(context[ADMITTED])

    def _learn(self, error: AwsError, admitted: int) -> None:
        met = self.breaker
        if isinstance(error, Unauthenticated):
            self.forget()
        if isinstance(error, Throttled | Unavailable):
            met.failed(error, admitted)
        elif error.code == "NoCredentials":
            met.given_up(admitted)
        else:
            met.succeeded(admitted)
