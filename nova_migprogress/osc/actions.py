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

"""What an operator can do about a migration now, and what it costs."""

import collections.abc
import shlex
import typing

from nova_migprogress.client import migration_record
from nova_migprogress.convergence import assessment
from nova_migprogress import migration_types
from nova_migprogress import statuses
from nova_migprogress.text import units
from nova_migprogress.text import wording

#: Microversions from which the compute API takes these actions.
ABORT_MICROVERSION = (2, 24)
#: ... of a migration that does not run yet.
ABORT_QUEUED_MICROVERSION = (2, 65)
FORCE_COMPLETE_MICROVERSION = (2, 22)


class Action(typing.NamedTuple):
    """One legal action."""

    #: 'abort', 'force complete', 'confirm' or 'revert'.
    name: str
    #: What it costs, a sentence.
    cost: str
    #: The shell command that does it.
    command: str


def list_legal(
        record: migration_record.MigrationRecord,
        assessment: assessment.Assessment,
        vm_state: typing.Optional[str] = None,
        max_microversion: typing.Optional[tuple[int, ...]] = None,
        cloud_options: collections.abc.Sequence[str] = ()
) -> tuple[Action, ...]:
    """List the actions that Nova takes for a migration as it is now.

    Whether the caller has the right to is the policy's decision.

    :param record: the migration
    :param assessment: what is said of it
    :param vm_state: the server's OS-EXT-STS:vm_state, None if not known
    :param max_microversion: the newest microversion of the cloud, as a pair
        of integers; None if it is not known and all of them may be there
    :param cloud_options: what to put after ``openstack`` in the commands,
        such as ('--os-cloud', 'one')
    :returns: the least harmful first
    """
    if record.is_live:
        return tuple(_list_live_actions(
            record, assessment, vm_state, max_microversion, cloud_options))
    if (record.migration_type in migration_types.CONFIRMED_TYPES and
            record.status == statuses.FINISHED):
        return _list_finished_actions(record, cloud_options)
    return ()


def explain_none(record: migration_record.MigrationRecord) -> str:
    """Say why nothing can be done about a migration, a sentence."""
    if record.ended:
        return 'It ended: %s.' % record.status
    if record.status == statuses.POST_COPY:
        return ('The server runs on the destination already; post-copy can '
                'be neither aborted nor forced.')
    if record.is_live:
        return 'Nova takes none in status %s.' % record.status
    return ('Nova takes none before the copy of a %s is finished.'
            % record.migration_type)


def _list_live_actions(
        record: migration_record.MigrationRecord,
        assessment: assessment.Assessment,
        vm_state: typing.Optional[str],
        max_microversion: typing.Optional[tuple[int, ...]],
        cloud_options: collections.abc.Sequence[str]
) -> collections.abc.Iterator[Action]:
    """Yield the actions for a live migration.

    live_migrate_abort and live_migrate_force_complete of nova/compute/api.py
    say which Nova takes.
    """
    def is_offered(microversion: tuple[int, int]) -> bool:
        return max_microversion is None or max_microversion >= microversion

    def format_command(microversion: tuple[int, int], *words: str) -> str:
        # openstack speaks 2.1 unless told otherwise. The integer id is known
        # to every release of it and to every microversion, and the server's
        # uuid needs no quoting.
        return _format_command(
            cloud_options,
            ('--os-compute-api-version', '%d.%d' % microversion), words,
            (record.instance_uuid or '',
             str(record.uuid if record.id is None else record.id)))

    if (record.status in statuses.QUEUED_STATUSES and
            is_offered(ABORT_QUEUED_MICROVERSION)):
        yield Action(
            'abort',
            'Nothing was copied yet: the server stays on its source.',
            format_command(ABORT_QUEUED_MICROVERSION,
                           'server', 'migration', 'abort'))
    if record.status != statuses.RUNNING:
        return
    if is_offered(ABORT_MICROVERSION):
        sent = [number for number in
                (record.memory_processed, record.disk_processed) if number]
        yield Action(
            'abort',
            'The server stays on its source and goes on running; %s lost.' % (
                units.size(sum(sent)) + ' already sent are' if sent
                else 'what was sent is'),
            format_command(ABORT_MICROVERSION,
                           'server', 'migration', 'abort'))
    # Nova forces no paused server, for example.
    if (is_offered(FORCE_COMPLETE_MICROVERSION) and
            vm_state in (None, 'active')):
        yield Action(
            'force complete', describe_force_cost(assessment),
            format_command(FORCE_COMPLETE_MICROVERSION,
                           'server', 'migration', 'force', 'complete'))


def describe_force_cost(assessment: assessment.Assessment) -> str:
    """Say what forcing a live migration to complete costs."""
    pauses = wording.pauses(assessment)
    length = ('for a time that is not known yet', 'for about %s',
              'for %s to %s')[len(pauses)] % pauses
    return ('The server is paused %s; or, where the compute node permits '
            'post-copy, it switches to the destination at once and there is '
            'no way back: if the network or a host fails before the end, the '
            'server must be rebooted.' % length)


def _list_finished_actions(
        record: migration_record.MigrationRecord,
        cloud_options: collections.abc.Sequence[str]) -> tuple[Action, ...]:
    """List the actions for a resize or cold migration that was copied."""
    group = ('server', 'resize' if record.migration_type ==
             migration_types.RESIZE else 'migration')
    server = (record.instance_uuid or '',)
    return (
        Action('confirm', 'The copy on the source is deleted; no way back.',
               _format_command(cloud_options, group, ('confirm',), server)),
        Action('revert', 'The server is stopped and started again on its '
               'source; what it wrote to local disks since is lost.',
               _format_command(cloud_options, group, ('revert',), server)))


def _format_command(*groups: collections.abc.Sequence[str]) -> str:
    words = ['openstack']
    for group in groups:
        words.extend(group)
    return ' '.join(shlex.quote(word) for word in words)
