"""What an account holds, read from AWS and kept as rows."""
