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

"""The steps with which Nova ends a live migration that has succeeded.

They are those of _post_live_migration of nova.compute.manager.ComputeManager,
which is done once more if the conductor went meanwhile. What the driver has
done must not be done twice then: the device of a volume that was disconnected
may be another guest's by now, and once the destination has the guest recorded
the guest may be on its way back, to the files that would be removed.
"""

import collections.abc
import contextlib
import contextvars
import time
import typing

from nova.compute import vm_states
from nova import objects
from oslo_log import log as logging

from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import conductor_wait

LOG = logging.getLogger(__name__)

#: The step in which the destination records that it has the guest.
DESTINATION = 'post_live_migration_at_destination'
#: How often the destination is told at the most. It may be its own service
#: that is away, and each call has its timeout.
DESTINATION_CALLS = 3
#: How often the record is read at the most, to find out whether it has.
READS = 5
#: Seconds for which it may still be at work when its answer did not come, and
#: between two looks.
DESTINATION_PATIENCE = 60
DESTINATION_PAUSE = 2

_Step = collections.abc.Callable[[], typing.Any]

_done: contextvars.ContextVar[typing.Optional[set[str]]] = (
    contextvars.ContextVar('migprogress_end_steps', default=None))


@contextlib.contextmanager
def each_once() -> collections.abc.Iterator[None]:
    """Within this context, in this thread, no step is done twice."""
    token = _done.set(set())
    try:
        yield
    finally:
        _done.reset(token)


def once(name: str, step: _Step) -> typing.Any:
    """Do a step, unless it was done within each_once().

    :returns: what the step does; None if it was done before
    """
    done = _done.get()
    if done is None:
        return step()
    if name in done:
        LOG.debug('%s was done before.', name)
        return None
    result = step()
    done.add(name)
    return result


def is_done(name: str) -> bool:
    """Tell whether a step was done within each_once()."""
    return name in (_done.get() or ())


def tell_destination(tell: _Step, instance: 'objects.Instance', dest: str,
                     wait: conductor_wait.ConductorWait) -> typing.Any:
    """Have the destination do its part, once more if an outage kept it.

    :param tell: calls it
    :param dest: the host that the guest has moved to
    :param wait: waits for the conductor
    :returns: what the call returns; None if only its answer was lost
    """
    for left in reversed(range(DESTINATION_CALLS)):
        try:
            return tell()
        except Exception as exc:
            outage = conductor.is_outage(exc)
            # One that was given up may have done its part since, and refuse
            # to do it twice.
            told_before = left < DESTINATION_CALLS - 1
            if not (outage or told_before) or not wait.wait():
                raise
            recorded = _find_recorded(instance, dest, wait,
                                      conductor.is_late(exc))
            if recorded is not None:
                if recorded.vm_state == vm_states.ERROR:
                    raise
                LOG.warning(
                    'The destination has recorded that it has the guest; it '
                    'did not answer: %s.', exc, instance=instance)
                return None
            if not left or not outage:
                raise
            LOG.warning('The destination did not do its part in an outage: '
                        '%s. It is told again.', exc, instance=instance)
    return None


def _find_recorded(instance: 'objects.Instance', dest: str,
                   wait: conductor_wait.ConductorWait,
                   at_work: bool) -> typing.Optional['objects.Instance']:
    """Return the instance that the destination has recorded as its own.

    :param at_work: it may be about it
    :returns: None if it has not
    """
    deadline = time.monotonic() + (DESTINATION_PATIENCE if at_work else 0)
    while True:
        found = _read(instance, wait)
        if found.host == dest:
            return found
        if time.monotonic() >= deadline:
            return None
        time.sleep(DESTINATION_PAUSE)


def _read(instance: 'objects.Instance',
          wait: conductor_wait.ConductorWait) -> 'objects.Instance':
    """Read the instance anew; Nova's own object stays as it is."""
    for left in reversed(range(READS)):
        try:
            return objects.Instance.get_by_uuid(
                instance._context, instance.uuid, expected_attrs=[])
        except Exception as exc:
            if not left or not conductor.is_outage(exc) or not wait.wait():
                raise
