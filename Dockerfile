FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY manage.py pyproject.toml ./
COPY portal portal
COPY governance governance
COPY hub hub
COPY finops finops
COPY templates templates
COPY static static
# The sandbox account, its demo company and the one-machine supervisor are no part of production.
RUN rm -rf portal/sandbox portal/local portal/demo \
    && ATRIUM_ENV=production ATRIUM_SECRET_KEY=build DATABASE_URL=postgresql://build@localhost/build \
       BROKER_URL=redis://localhost:6379/0 python manage.py collectstatic --noinput \
    && useradd --system atrium
USER atrium
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "1", "--blocking-threads", "8", \
     "--backlog", "256", "--backpressure", "64", "--http1-header-read-timeout", "10000", "--http1-buffer-size", "65536", \
     "--respawn-failed-workers", "--workers-kill-timeout", "30", \
     "--host", "0.0.0.0", "--port", "8000", "portal.wsgi:application"]
