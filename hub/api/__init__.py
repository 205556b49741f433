"""The resources of the hub in the REST API."""
