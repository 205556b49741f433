"""The resources of finops in the REST API."""
