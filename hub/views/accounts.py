"""AWS accounts: taking them in, testing and syncing them."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance import policy
from governance.models import User
from governance.roles import Permission
from hub import account_setup
from hub.actions import accounts, catalogue
from hub.forms import AccountForm
from hub.models import AwsAccount
from hub.reports.accounts import account_rows, services
from hub.views.people import signed_in
from portal.lib.refusing import shown_on, told

# Shown where Atrium's own account number belongs while AWS does not tell it.
UNKNOWN_HOME = "ATRIUM-ACCOUNT-NUMBER"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every account, how it stands and how old its data is."""
    user = _platform(request)
    rows = account_rows(list(AwsAccount.objects.visible_to(user).select_related("tenant")))
    context = {
        "rows": rows,
        "failing": sum(row.status.value == "failing" for row in rows),
        "without_logs": [(row, region) for row in rows for region in row.without_logs],
        "may_manage": policy.can(user, Permission.MANAGE_ACCOUNTS),
        "left_alone": sum(bool(row.left_alone) for row in rows),
        "own": [row for row in services([""]).get("", []) if row.status.value != "closed"],
    }
    return render(request, "hub/accounts/list.html", context)


@require_safe
def detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One account: its connection, its regions, what its administrator installs."""
    account = _visible(request, uid)
    return render(request, "hub/accounts/detail.html", _context(account, signed_in(request)))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Take in an account."""
    user = _manager(request)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            account = accounts.add(by=user, **form.cleaned_data)
        if not form.errors:
            return redirect("hub:account-detail", uid=account.uid)
    return render(request, "hub/accounts/form.html", {"form": form}, status=422 if form.errors else None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change what Atrium knows about an account."""
    account = _visible(request, uid)
    user = _manager(request)
    initial = {name: getattr(account, name) for name in ("name", "environment", "tenant", "regions", "role_arn")}
    form = AccountForm(request.POST or None, account=account, initial=initial)
    if request.method == "POST" and form.is_valid():
        changes = form.cleaned_data
        changes["role_arn"] = changes["role_arn"] or account_setup.role_arn(account.number)
        with shown_on(form):
            accounts.change(account=account, by=user, **changes)
        if not form.errors:
            return redirect("hub:account-detail", uid=account.uid)
    context = {"form": form, "account": account}
    return render(request, "hub/accounts/form.html", context, status=422 if form.errors else None)


@require_POST
def test(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Test the connection and show what was tried."""
    account = _visible(request, uid)
    user = _manager(request)
    checks = accounts.test(account=account, by=user)
    return render(request, "hub/accounts/detail.html", _context(account, user) | {"checks": checks})


@require_POST
def sync(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Have the account synced now."""
    account = _visible(request, uid)
    with told(request, f"The sync of {account} is queued; its regions show when it ran."):
        catalogue.ask_for_sync(account=account, by=signed_in(request))
    return redirect("hub:account-detail", uid=account.uid)


def _context(account: AwsAccount, user: User) -> dict[str, object]:
    context: dict[str, object] = {
        "account": account,
        "row": account_rows([account])[0],
        "may_manage": policy.can(user, Permission.MANAGE_ACCOUNTS),
        "may_sync": policy.can(user, Permission.RUN_JOBS),
    }
    if context["may_manage"]:
        context |= {
            "template": account_setup.template(account, account.home_account or UNKNOWN_HOME),
            "read_only": account_setup.template(account, account.home_account or UNKNOWN_HOME, writing=False),
            "command": account_setup.deploy_command(),
        }
    return context


def _platform(request: HttpRequest) -> User:
    user = signed_in(request)
    policy.check_can(user, Permission.VIEW_PLATFORM, what="see AWS accounts")
    return user


def _manager(request: HttpRequest) -> User:
    user = signed_in(request)
    policy.check_can(user, Permission.MANAGE_ACCOUNTS, what="manage AWS accounts")
    return user


def _visible(request: HttpRequest, uid: UUID) -> AwsAccount:
    """The account, which is not there for those who may not see the platform."""
    user = signed_in(request)
    if not policy.can(user, Permission.VIEW_PLATFORM):
        raise Http404
    return get_object_or_404(AwsAccount.objects.visible_to(user).select_related("tenant"), uid=uid)
