"""What every address of the API does alike; the apps declare their resources on it."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.viewsets import GenericViewSet

from portal.lib.api import callers, etags, idempotency, limits, pages
from portal.lib.api.problems import BadQuery
from portal.lib.errors import NotAllowed, Refused

EXPECTED = (Refused, exceptions.APIException, Http404)


class Resource(GenericViewSet[Any]):
    """A kind of thing under /api/v1/. Declared: scopes, shape, filters and order; written: `visible` and the verbs.

    reads, writes: the scopes that a credential needs; scopes: action → another scope than these.
    shape: the serializer of a line of a list; whole: that of a single thing, if it is another one.
    filters: the query parameters of the list, as a serializer without required fields.
    Every write runs in one transaction, refusals included: what an action did before it refused stays done.
    """

    reads: ClassVar[str]
    writes: ClassVar[str] = ""
    scopes: ClassVar[dict[str, str]] = {}
    shape: ClassVar[type[BaseSerializer[Any]]]
    whole: ClassVar[type[BaseSerializer[Any]] | None] = None
    filters: ClassVar[type[Serializer[Any]] | None] = None
    order: ClassVar[tuple[str, ...]] = ("uid",)
    lookup_field = "uid"
    lookup_value_converter = "uuid"
    http_method_names = ["get", "head", "post", "patch", "put", "delete"]  # noqa: RUF012  (DRF's own)

    @property
    def person(self) -> Any:
        """Who calls, the `by=` of every action."""
        return self.request.user

    def visible(self) -> QuerySet[Any]:
        """The rows that the caller may see, with what their shape reads."""
        raise NotImplementedError

    def narrowed(self, rows: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
        """`rows` after the filters that were given. Called with those of `filters` alone."""
        return rows.filter(**chosen)

    def found(self) -> Any:
        """The thing of this address. Raises 404 for what is invisible, Changed if If-Match names another version."""
        rows = self.visible()
        thing = get_object_or_404(rows, uid=self.kwargs["uid"])
        if self.request.method not in SAFE_METHODS and "If-Match" in self.request.headers:
            thing = self._held(rows, thing)
            etags.check_version(self.request, etags.of(self.told(thing)))
        return thing

    def given(self, body: type[Serializer[Any]], **options: Any) -> dict[str, Any]:
        """The body of the request, read by `body`. Raises ValidationError, also for a field that it does not have."""
        serializer = body(data=self.request.data, context=self.get_serializer_context(), **options)
        taken = {name for name, field in serializer.fields.items() if not field.read_only}
        if unknown := [name for name in self.request.data if name not in taken]:
            raise exceptions.ValidationError(dict.fromkeys(unknown, "There is no such field here."))
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def told(self, thing: Model) -> Any:
        """The representation of a single thing."""
        return (self.whole or self.shape)(thing, context=self.get_serializer_context()).data

    def shown(self, thing: Any, status: int = 200) -> Response:
        """The answer to a write: the thing as it stands now, read again."""
        return Response(self.told(self.visible().get(pk=thing.pk)), status=status)

    def made(self, thing: Any) -> Response:
        """The answer to a creation: 201 with the address of the new thing."""
        answered = self.shown(thing, 201)
        answered["Location"] = f"{self.request.path}{thing.uid}/"
        return answered

    def scope(self) -> str:
        """The scope that a credential needs for this request."""
        usual = self.reads if self.request.method in SAFE_METHODS else self.writes
        return self.scopes.get(self.action or "", usual)

    # From here on: how DRF is told.
    def get_queryset(self) -> QuerySet[Any]:
        return self.visible()

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return self.shape if self.action == "list" or self.whole is None else self.whole

    def check_permissions(self, request: Request) -> None:
        """In this order: signed in, not too often, with the scope, and no parameter that nobody reads."""
        if not request.user.is_authenticated:
            raise exceptions.NotAuthenticated("Send a token: Authorization: Bearer …")
        limits.take(callers.name_of(request))
        by = callers.credential(request)
        if by and self.action and self.scope() not in by.scopes:
            raise NotAllowed(f"This token does not have the scope {self.scope()}.")
        self._check_parameters(request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = str(request.method).lower()
        handler = getattr(self, method, None)
        if request.method not in SAFE_METHODS and handler and method in self.http_method_names:
            setattr(self, method, self._whole_or_nothing(handler))

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Response:
        if isinstance(request, Request) and response.status_code < 300:
            response = self._versioned(request, response)
        finished = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(finished, ("Authorization", "Cookie"))
        patch_cache_control(finished, private=True, no_cache=True)
        return finished

    def _versioned(self, request: Request, response: Response) -> Response:
        if response.data is None or "ETag" in response:
            return response
        response["ETag"] = etags.of(response.data)
        if request.method in SAFE_METHODS and etags.unchanged(request, response["ETag"]):
            return Response(status=304, headers={"ETag": response["ETag"]})
        return response

    def _whole_or_nothing(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        """A handler in one transaction with the kept answer. A refusal commits, an unforeseen error does not."""

        def act(request: Request, *args: Any, **kwargs: Any) -> Response:
            try:
                answered = handler(request, *args, **kwargs)
            except EXPECTED as error:
                return self.handle_exception(error)
            return self._versioned(request, answered)

        def whole(request: Request, *args: Any, **kwargs: Any) -> Response:
            with transaction.atomic():
                return idempotency.once(request, lambda: act(request, *args, **kwargs), seen=self._still_seen)

        return whole

    def _still_seen(self, told: Any) -> bool:
        """Whether the caller may see the thing that an answer to a write told of, in this moment."""
        return self.visible().filter(uid=told["uid"]).exists()

    def _held(self, rows: QuerySet[Any], thing: Any) -> Any:
        """The thing read again with its row locked, so that nobody changes it between the check and the action."""
        type(thing)._base_manager.select_for_update().get(pk=thing.pk)
        return get_object_or_404(rows, pk=thing.pk)

    def _check_parameters(self, request: Request) -> None:
        known: set[str] = set()
        if self.action == "list":
            paged = pages.PARAMETERS if self.pagination_class else ()
            known = {*paged, *(self.filters().fields if self.filters else ())}
        errors = [
            {"field": name, "message": f"There is no parameter {name} here."}
            for name in request.query_params
            if name not in known
        ]
        if errors:
            raise BadQuery(" ".join(error["message"] for error in errors), errors)


class Listed(Resource):
    """With a list."""

    def list(self, request: Request) -> Response:
        """The page of what the caller may see, narrowed by the filters."""
        page = self.paginate_queryset(self.narrowed(self.visible(), self.chosen())) or []
        return self.get_paginated_response(self.shape(page, many=True, context=self.get_serializer_context()).data)

    def chosen(self) -> dict[str, Any]:
        """The filters of this request, read; those that were not given are left out."""
        if self.filters is None:
            return {}
        given = {name: value for name, value in self.request.query_params.items() if name not in pages.PARAMETERS}
        serializer = self.filters(data=given, context=self.get_serializer_context())
        if not serializer.is_valid():
            errors = [{"field": name, "message": str(one)} for name, all in serializer.errors.items() for one in all]
            raise BadQuery(f"Look at {', '.join(serializer.errors)}.", errors)
        return dict(serializer.validated_data)


class Shown(Resource):
    """With an address for each single thing."""

    def retrieve(self, request: Request, uid: Any) -> Response:
        """One of them."""
        return Response(self.told(self.found()))
