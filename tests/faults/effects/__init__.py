"""An app that only the fault tests install: jobs that leave a row behind each time they take effect."""
