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

import re
import typing

from nova_migprogress import fields
from sandbox import api_poller
from sandbox import checks
from sandbox.truth import calls as calls_mod

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
    guest_hosts: typing.Sequence[str]
    #: It is alive there and all its memory is as it must be.
    intact: bool
    #: The longest time without new numbers, from the outage's begin on.
    gap: typing.Optional[float]
    #: From the outage's end to the first new numbers.
    resumed: typing.Optional[float]
    #: The longest time in which Nova did not look at the running job.
    monitor_gap: typing.Optional[float]
    #: From the operator's request to Nova's call of libvirt.
    latency: typing.Optional[float]
    #: Whether the numbers in the database are what they must be: those of
    #: JOB_COMPLETED, or the last real ones of a migration that failed.
    exact: bool
    numbers: typing.Mapping[str, typing.Optional[int]]
    completed: typing.Optional[typing.Mapping[str, int]]
    #: Warnings and errors in the log of the source's nova-compute: all of
    #: them, and those of this project.
    complaints: int
    own_complaints: typing.Sequence[str]

    @property
    def lost(self):
        """Nova does not know where the guest is, or what became of it."""
        return (list(self.guest_hosts) != [self.host] or
                self.task_state is not None)


def _widest(times):
    gaps = [after - before for before, after in zip(times, times[1:])]
    return max(gaps) if gaps else None


def _latency(asked, calls):
    if asked is None:
        return None
    wanted = (calls_mod.ABORT, calls_mod.SUSPEND, calls_mod.POST_COPY)
    return next((time - asked for time, function in calls
                 if time >= asked and function.startswith(wanted)), None)


def judge(case, driver, began, ended, asked, readings, truth, calls, log,
          migration, numbers, hosts, intact, server):
    """Derive the Outcome from everything that was seen."""
    seen = api_poller.changes(readings)
    before = [time for time in seen if time <= began][-1:]
    after = [time for time in seen if time > began]
    complaints = [match for match in map(_COMPLAINT.search, log) if match]
    # The end of the job is the end of the numbers.
    end = truth['ended'] or readings[-1]['time']
    return Outcome(
        case=case.name, driver=driver, migration=migration,
        server_status=server['status'],
        task_state=server['OS-EXT-STS:task_state'],
        host=server['OS-EXT-SRV-ATTR:host'], guest_hosts=hosts,
        intact=intact,
        gap=_widest(before + after + ([end] if end > began else [])),
        resumed=next((time - ended for time in seen if time > ended), None),
        monitor_gap=_widest(calls_mod.polls(calls, truth) +
                            ([truth['ended']] if truth['ended'] else [])),
        latency=_latency(asked, calls) if case.during else None,
        exact=checks.right(numbers, truth), numbers=numbers,
        completed=truth['completed'] and {
            name: truth['completed'][name] for name in fields.NAMES},
        complaints=len(complaints),
        own_complaints=[match.group(0).strip() for match in complaints
                        if match.group(2).startswith('nova_migprogress')])
