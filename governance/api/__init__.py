"""The resources of governance in the REST API."""
