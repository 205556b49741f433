"""Starts, watches and stops the processes of one machine: for `make run`, for the tests and for the fault tests.

Imports no app and not Django's settings: it makes the environment that they read.
"""
