"""What an account holds, read from AWS and kept as rows."""

# The kind of the runs of the catalogue's sync; their scope is an account, or an account and region.
SYNC_KIND = "catalogue"
