"""A small evaluator of IAM policies: documents and one request in, one decision with its reason out. It knows no account."""
