"""A small evaluator of IAM policies: documents and a request in, a decision and its reason out. It knows no account."""
