"""A module with flaws on purpose, written to a temporary folder before each scan: who passes it over is blind."""

from pathlib import Path

FLAWED = '''"""Flawed on purpose."""

import pickle
import subprocess

from django.db import connection
from django.http import HttpRequest, HttpResponse

PASSWORD = "a password in the source"


def search(request: HttpRequest) -> HttpResponse:
    name = request.GET["name"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM governance_user WHERE name = '" + name + "'")
    return HttpResponse("<p>" + name + "</p>")


def run(request: HttpRequest) -> HttpResponse:
    subprocess.call(request.POST["command"], shell=True)
    return HttpResponse(str(pickle.loads(request.body)))
'''
NAME = "planted_flaws.py"
# What each scanner must say of it, at least.
BY_BANDIT = {"S105", "S301", "S602", "S608"}
BY_RUFF = {"S105", "S301", "S602", "S608"}
# Data of a request into a page, into SQL, into a shell.
BY_PYSA = {"5008", "5051", "6065"}


def plant(folder: Path) -> Path:
    """Write the module into `folder`; returns its path."""
    path = folder / NAME
    path.write_text(FLAWED)
    return path
