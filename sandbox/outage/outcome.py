# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What an outage did to a migration."""

from collections import abc
import re
import typing

from nova_migprogress import statuses
from sandbox import api_poller
from sandbox import checks
from sandbox import client
from sandbox.outage import cases
from sandbox.truth import calls as calls_mod
from sandbox.truth import reader

_COMPLAINT = re.compile(r' (WARNING|ERROR|CRITICAL) ([\w.]+) (.*)$')


class Outcome(typing.NamedTuple):
    """One case with one driver; seconds, None where there is nothing."""

    case: str
    driver: str
    #: The migration's final status; one that is not final is stuck.
    migration: str
    #: The server as the API shows it: status, task state, host.
    server_status: str
    task_state: typing.Optional[str]
    host: typing.Optional[str]
    #: Where libvirt runs the guest.
    guest_hosts: abc.Sequence[str]
    #: It is alive there and all its memory is as it must be.
    intact: bool
    #: The longest time without new numbers, from the outage's begin on.
    gap: typing.Optional[float]
    #: From the outage's end to the first new numbers.
    resumed: typing.Optional[float]
    #: The longest time in which Nova did not poll the running job.
    monitor_gap: typing.Optional[float]
    #: From the operator's request to Nova's call of libvirt.
    latency: typing.Optional[float]
    #: Whether the numbers in the database are what they must be: those of
    #: JOB_COMPLETED, or the last real ones of a migration that failed.
    exact: bool
    numbers: abc.Mapping[str, typing.Optional[int]]
    completed: typing.Optional[abc.Mapping[str, int]]
    #: Warnings and errors in the log of the source's nova-compute: all of
    #: them, and those of this project.
    complaints: int
    own_complaints: abc.Sequence[str]
    #: How long the outage was.
    outage: typing.Optional[float] = None
    #: From its beginning to the end of the copy, negative if that was before.
    before_end: typing.Optional[float] = None
    #: From the end of the outage, or of the copy if that was later, to the
    #: migration's final status; None: it got none.
    settled: typing.Optional[float] = None
    #: What the outage was drawn with, None if it was not.
    seed: typing.Optional[int] = None
    #: What libvirt said last while the copy ran.
    last: typing.Optional[abc.Mapping[str, int]] = None

    @property
    def lost(self) -> bool:
        """Nova does not know where the guest is, or what became of it."""
        return (list(self.guest_hosts) != [self.host] or
                self.task_state is not None)

    @property
    def unharmed(self) -> bool:
        """As if there had been no outage, and the numbers are libvirt's."""
        return (self.migration == statuses.COMPLETED and not self.lost and
                self.server_status == 'ACTIVE' and self.intact and self.exact)


def _widest_gap(times: abc.Sequence[float]) -> typing.Optional[float]:
    gaps = [after - before for before, after in zip(times, times[1:])]
    return max(gaps) if gaps else None


def _latency(asked: typing.Optional[float],
             calls: abc.Iterable[calls_mod.Call]) -> typing.Optional[float]:
    if asked is None:
        return None
    wanted = (calls_mod.ABORT, calls_mod.SUSPEND, calls_mod.POST_COPY)
    return next((time - asked for time, function in calls
                 if time >= asked and function.startswith(wanted)), None)


def judge(case: cases.Case, driver: str, began: float, ended: float,
          asked: typing.Optional[float],
          readings: abc.Sequence[api_poller.APIAnswer], truth: reader.Run,
          calls: abc.Sequence[calls_mod.Call], log: abc.Iterable[str],
          migration: str, numbers: abc.Mapping[str, typing.Optional[int]],
          hosts: abc.Sequence[str], intact: bool,
          server: client.JSONObject,
          settled: typing.Optional[float] = None) -> Outcome:
    """Derive the Outcome from everything that was seen.

    :param began: when the outage began, in seconds since 1970
    :param ended: and when it ended
    :param asked: when the operator asked for something, None if not
    :param readings: what the API told
    :param calls: what the source's libvirtd was asked for
    :param log: lines of the source's nova-compute
    :param migration: the migration's status after all
    :param numbers: its six numbers after all
    :param hosts: where libvirt runs the guest
    :param intact: whether it is alive there, with its memory as it must be
    :param server: as the API shows it after all
    :param settled: when the migration was seen to have its final status
    """
    seen = api_poller.change_times(readings)
    before = [time for time in seen if time <= began][-1:]
    after = [time for time in seen if time > began]
    complaints = [match for match in map(_COMPLAINT.search, log) if match]
    # The end of the job is the end of the numbers.
    end = truth['ended'] or readings[-1]['time']
    copied = truth['ended'] if truth['completed'] else None
    return Outcome(
        case=case.name, driver=driver, migration=migration,
        server_status=server['status'],
        task_state=client.task_state(server),
        host=client.compute_host(server), guest_hosts=hosts,
        intact=intact,
        gap=_widest_gap(before + after + ([end] if end > began else [])),
        resumed=next((time - ended for time in seen if time > ended), None),
        monitor_gap=_widest_gap(
            calls_mod.poll_times(calls, truth) +
            ([truth['ended']] if truth['ended'] else [])),
        latency=_latency(asked, calls) if case.during else None,
        exact=checks.are_right(numbers, truth), numbers=numbers,
        completed=truth['completed'] and checks.values(truth['completed']),
        complaints=len(complaints),
        own_complaints=[match.group(0).strip() for match in complaints
                        if match.group(2).startswith('nova_migprogress')],
        outage=ended - began,
        before_end=None if copied is None else copied - began,
        settled=None if settled is None else max(
            0, settled - max(ended, copied or ended)),
        seed=case.seed,
        last=checks.last_values(truth))
