"""The table of the cache that all processes share, as django.core.cache.backends.db expects it.

UNLOGGED: what stands in it may be lost, and each write is half as dear.
"""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE portal_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX portal_cache_expires ON portal_cache (expires);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(CREATE, "DROP TABLE portal_cache")]
