"""Provisioning: what a plan says, driven step by step to what AWS has, and proved by calls."""
