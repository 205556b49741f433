"""What every answer tells the browser to refuse, the server's own refusals included."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Nothing here uses a device; the clipboard is written to by the copy buttons. A feature that browsers do not know is an
# error in their console.
REFUSED_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "fullscreen", "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
HEADERS = {
    "Permissions-Policy": ", ".join([f"{feature}=()" for feature in REFUSED_FEATURES] + ["clipboard-write=(self)"]),
    "Cross-Origin-Resource-Policy": "same-origin",
    # Django's own middleware sets these three too, but not on what itself refuses.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class HeadersMiddleware:
    """Adds HEADERS to every answer that does not say otherwise itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
