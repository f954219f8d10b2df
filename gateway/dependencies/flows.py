"""Runs flows: blocking code in a bounded pool of threads, with the ports and the caller as arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from anyio import CapacityLimiter
from fastapi import Depends
from starlette.requests import Request

from gateway.declared_codes import declares
from gateway.dependencies.state import State, state_of
from gateway.http.credentials import LinkProofs, read_proofs, read_token
from gateway.http.failures import Problem, refusal, unwrap
from gateway.http.fair_time import Holder, in_thread
from gateway.http.forwarded import source_of
from vault.flows.answers import Missing, Stale, Throttled
from vault.flows.context import Caller, Ports
from vault.flows.people import founding, signing_in
from vault.rules.verdict import Refused

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FlowRunner:
    """Runs flows without sign-in, in their source's turn. A refusal is raised as its Problem."""

    state: State
    source: str

    @property
    def now(self) -> datetime:
        """The time that a flow is told."""
        return self.state.clock()

    async def run(
        self,
        flow: Callable[Concatenate[Ports, P], T | Refused | Throttled | Stale | Missing],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The flow's result."""
        async with self.state.turns.hold(1, self.source):
            work = partial(flow, self.state.ports, *args, **kwargs)
            return await _in_thread(self.state, self.state.flow_threads, Holder(self.source), work)

    async def transfer(
        self,
        flow: Callable[Concatenate[Ports, P], T | Refused | Throttled | Stale | Missing],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """As `run`, in a pool of its own: a flow that writes a large body must not block short ones."""
        work = partial(flow, self.state.ports, *args, **kwargs)
        return await _in_thread(self.state, self.state.transfer_threads, Holder(self.source), work)


@dataclass(frozen=True, slots=True)
class MemberFlowRunner:
    """Runs flows of a signed-in member, as their caller, in her turn."""

    state: State
    caller: Caller
    source: str

    @property
    def now(self) -> datetime:
        """The time that a flow is told."""
        return self.state.clock()

    async def run(
        self,
        flow: Callable[Concatenate[Ports, Caller, P], T | Refused | Throttled | Stale | Missing],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The flow's result."""
        work = partial(flow, self.state.ports, self.caller, *args, **kwargs)
        async with self.state.turns.hold(1, self.caller.member):
            return await _in_thread(self.state, self.state.flow_threads, self._holder, work)

    async def transfer(
        self,
        flow: Callable[Concatenate[Ports, Caller, P], T | Refused | Throttled | Stale | Missing],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """As `run`, in a pool of its own: a flow that waits for a slow sender must not block short ones."""
        work = partial(flow, self.state.ports, self.caller, *args, **kwargs)
        return await _in_thread(self.state, self.state.transfer_threads, self._holder, work)

    @property
    def _holder(self) -> Holder:
        return Holder(self.source, self.caller.member)


async def _in_thread(
    state: State,
    limiter: CapacityLimiter,
    holder: Holder,
    work: Callable[[], T | Refused | Throttled | Stale | Missing],
) -> T:
    return unwrap(await in_thread(state.fair, limiter, holder, work))


async def _flows(request: Request) -> FlowRunner:
    return FlowRunner(state_of(request), source_of(request))


@declares("sign_in", "origin_wrong", security=("session", "cookie"))
async def _member_flows(request: Request) -> MemberFlowRunner:
    flows = FlowRunner(state_of(request), source_of(request))
    token = read_token(request, flows.state.public)
    caller = None if token is None else await flows.run(signing_in.authenticate, token, flows.now)
    if caller is None:
        raise refusal("sign_in")
    request.state.holder = caller.member
    return MemberFlowRunner(flows.state, caller, flows.source)


@declares("link_unavailable", "passphrase_wrong", "too_many", security=("link",))
async def _proofs(request: Request) -> LinkProofs:
    return read_proofs(request.headers.get("authorization"))


async def _source(request: Request) -> str:
    return source_of(request)


Flows = Annotated[FlowRunner, Depends(_flows)]


@declares("setup_open")
async def _while_set_up(flows: Flows) -> None:
    if await flows.run(founding.is_open):
        raise Problem("setup_open")


# For a route of strangers that makes no sense without a practice: answered before its body is read.
WhileSetUp = Depends(_while_set_up)
MemberFlows = Annotated[MemberFlowRunner, Depends(_member_flows)]
SignedIn = Depends(_member_flows)  # for a route that needs only a signed-in member
Proofs = Annotated[LinkProofs, Depends(_proofs)]
Source = Annotated[str, Depends(_source)]
