"""The role that the application runs as may add to the audit trail and read it, and nothing else."""

from django.conf import settings
from django.db import migrations
from psycopg import sql

TABLES = ("governance_auditevent", "governance_auditseal", "governance_auditanchor")


def revoke(apps, schema_editor):
    """Only where that role exists: an installation that migrates and runs as one role rests on the triggers alone."""
    role = settings.DATABASE_APP_ROLE
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
        if cursor.fetchone() is None:
            return
        for table in TABLES:
            names = sql.Identifier(table), sql.Identifier(role)
            cursor.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(*names))


class Migration(migrations.Migration):

    dependencies = [("governance", "0002_rounds_and_append_only")]

    operations = [migrations.RunPython(revoke, migrations.RunPython.noop)]
