"""What every call of every client passes, by botocore's own events: the breaker, the pace and the record.

before-call → the breaker admits · before-send (each attempt) → the pace, the record · after-call → the breaker learns.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from portal.aws import breaker, pace, recording
from portal.aws.errors import AwsError, Throttled, Unauthenticated, Unavailable, from_botocore_error, from_client_error
from portal.aws.recording import Place


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

    def admit(self, **_: Any) -> None:
        """Raises Unavailable while the breaker is open."""
        breaker.of(self.account, self.service).admit()

    def send(self, request: Any, event_name: str, **_: Any) -> None:
        """Wait for the pace. What is raised here ends the call as what it is: botocore tries again only its own."""
        pace.take(self.account, self.place.region, self.service)
        recording.sent(self.place, event_name.rpartition(".")[2], request)

    def learn(self, http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        """AWS answered: success, a refusal, or a failure of its own after all attempts."""
        recording.answered(self.place, model.name, http_response, parsed)
        if http_response.status_code < 300:
            breaker.of(self.account, self.service).succeeded()
            return
        self._learn(from_client_error(ClientError(parsed, model.name), f"{self.service} {model.name}"))

    def learn_error(self, exception: BaseException, event_name: str, **_: Any) -> None:
        """No answer came, or the call ended here."""
        if isinstance(exception, BotoCoreError):
            self._learn(from_botocore_error(exception, f"{self.service} {event_name.rpartition('.')[2]}"))
        else:
            breaker.of(self.account, self.service).given_up()

    def _learn(self, error: AwsError) -> None:
        met = breaker.of(self.account, self.service)
        if isinstance(error, Unauthenticated):
            self.forget()
        if isinstance(error, Throttled | Unavailable):
            met.failed(error)
        elif error.code == "NoCredentials":
            met.given_up()
        else:
            met.succeeded()
