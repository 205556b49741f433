# The image of web, worker, sweeper and migrate. The tag is a version: pin its digest where you mirror images.
FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt
COPY manage.py pyproject.toml ./
COPY portal portal
COPY governance governance
COPY hub hub
COPY finops finops
COPY templates templates
COPY static static
# The sandbox account, its demo company and the one-machine supervisor are no part of production. Whom the demo company
# consists of stays: signing in refuses its password.
RUN rm -rf portal/sandbox portal/local portal/management/commands/demo.py \
    && find portal/demo -name '*.py' ! -name __init__.py ! -name company.py -delete
# Settings ask for addresses; collecting connects to none of them.
RUN ATRIUM_ENV=production ATRIUM_SECRET_KEY=build ATRIUM_URL=https://localhost \
    ATRIUM_EMAIL_BACKEND=django.core.mail.backends.smtp.EmailBackend DATABASE_URL=postgresql://build@localhost/build \
    BROKER_URL=redis://localhost:6379/0 python manage.py collectstatic --noinput
RUN python -m compileall -q /venv /app

FROM python:3.11.14-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH
RUN useradd --system --uid 10001 --no-create-home atrium
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
# Owns nothing in the image and needs to write nowhere but /tmp.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "1", "--blocking-threads", "8", \
     "--backlog", "256", "--backpressure", "64", "--http1-header-read-timeout", "10000", "--http1-buffer-size", "65536", \
     "--respawn-failed-workers", "--workers-kill-timeout", "30", \
     "--host", "0.0.0.0", "--port", "8000", "portal.wsgi:application"]
