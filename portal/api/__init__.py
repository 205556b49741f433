"""The REST API of all apps, and its documents."""
