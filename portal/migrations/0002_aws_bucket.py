"""The token buckets of calls to AWS, which all processes share: see portal.aws.shared_pace.

UNLOGGED: what stands in it may be lost, and a call waits for no write to the disk.
"""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE portal_aws_bucket (
    place varchar(120) PRIMARY KEY,
    level double precision NOT NULL,
    filled_at timestamptz NOT NULL,
    granted boolean NOT NULL
) WITH (fillfactor = 50);
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_cache")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE portal_aws_bucket")]
