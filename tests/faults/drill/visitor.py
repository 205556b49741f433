"""A platform engineer at a browser, who invites one person after another as long as the drill goes on."""

import http.client
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 60.0
PAUSE_S = 0.4
AGAIN_S = 0.5
CSRF = "0123456789abcdefghijklmnopqrstuv"


@dataclass(frozen=True)
class Request:
    """One request. began, ended: seconds of the monotonic clock; status: 0 when the connection broke."""

    email: str
    began: float
    ended: float
    status: int


class Visitor:
    """A context manager. requests: all of them; whoever is refused with an error asks again, until it is answered."""

    def __init__(self, url: str, cookie: str, page: str) -> None:
        self._where, self._page = urlsplit(url), page
        self._headers = {
            "Cookie": f"{cookie}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.requests: list[Request] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._invite_all, name="visitor", daemon=True)

    def __enter__(self) -> "Visitor":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def answered_since(self, moment: float) -> int:
        """How many requests were made after that second of the monotonic clock, and taken."""
        return sum(one.began > moment and 200 <= one.status < 400 for one in list(self.requests))

    def _invite_all(self) -> None:
        number = 0
        while not self._ending.wait(PAUSE_S):
            number += 1
            email = f"guest-{number}@drill.example"
            while not self._invite(email) and not self._ending.wait(AGAIN_S):
                pass

    def _invite(self, email: str) -> bool:
        """Send the form once. Returns whether it was answered by other than an error."""
        began, status = time.monotonic(), 0
        connection = http.client.HTTPConnection(self._where.hostname or "", self._where.port, timeout=TIMEOUT_S)
        try:
            body = urlencode({"email": email, "name": "A guest", "role": "", "tenant": ""})
            connection.request("POST", self._page, body, self._headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            status = 0
        finally:
            connection.close()
        self.requests.append(Request(email, began, time.monotonic(), status))
        return 200 <= status < 500
