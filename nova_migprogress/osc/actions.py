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

import shlex
import typing

from nova_migprogress import statuses
from nova_migprogress.text import units
from nova_migprogress.text import wording

#: Microversions from which the compute API takes these actions.
ABORT = (2, 24)
#: ... of a migration that does not run yet.
ABORT_QUEUED = (2, 65)
FORCE_COMPLETE = (2, 22)

_QUEUED = ('queued', 'preparing')


class Action(typing.NamedTuple):
    """One legal action."""

    #: 'abort', 'force complete', 'confirm' or 'revert'.
    name: str
    #: What it costs, a sentence.
    cost: str
    #: The shell command that does it.
    command: str


def legal(record, assessment, vm_state=None, maximum=None, options=()):
    """List the actions that Nova takes for a migration as it is now.

    Whether the caller has the right to is the policy's decision.

    :param record: a client.record.MigrationRecord
    :param assessment: its convergence.assessment.Assessment
    :param vm_state: the server's OS-EXT-STS:vm_state, None if not known
    :param maximum: the newest microversion of the cloud, as a pair of
        integers; None if it is not known and all of them may be there
    :param options: what to put after ``openstack`` in the commands, such as
        ('--os-cloud', 'one')
    :returns: a tuple of Actions, the least harmful first
    """
    if record.migration_type == 'live-migration':
        return tuple(_live(record, assessment, vm_state, maximum, options))
    if (record.migration_type in ('migration', 'resize') and
            record.status == 'finished'):
        return _finished(record, options)
    return ()


def why_none(record):
    """Say why nothing can be done about a migration, a sentence."""
    if record.ended:
        return 'It ended: %s.' % record.status
    if record.status == statuses.POST_COPY:
        return ('The server runs on the destination already; post-copy can '
                'be neither aborted nor forced.')
    if record.migration_type == 'live-migration':
        return 'Nova takes none in status %s.' % record.status
    return ('Nova takes none before the copy of a %s is finished.'
            % record.migration_type)


def _live(record, assessment, vm_state, maximum, options):
    def offered(version):
        return maximum is None or tuple(maximum) >= version

    def command(version, words):
        # openstack speaks 2.1 unless told otherwise. The integer id is known
        # to every release of it and to every microversion, and the server's
        # uuid needs no quoting.
        return _command(
            options, ('--os-compute-api-version', '%d.%d' % version),
            words, (record.instance_uuid,
                    record.uuid if record.id is None else str(record.id)))

    abort = ('server', 'migration', 'abort')
    if record.status in _QUEUED and offered(ABORT_QUEUED):
        yield Action('abort', 'Nothing was copied yet: the server stays on '
                     'its source.', command(ABORT_QUEUED, abort))
    if record.status != 'running':
        return
    if offered(ABORT):
        sent = [number for number in
                (record.memory_processed, record.disk_processed) if number]
        yield Action(
            'abort', 'The server stays on its source and goes on running; '
            '%s lost.' % (units.size(sum(sent)) + ' already sent are' if sent
                          else 'what was sent is'), command(ABORT, abort))
    # Nova forces no paused server, for example.
    if offered(FORCE_COMPLETE) and vm_state in (None, 'active'):
        yield Action('force complete', force_cost(assessment), command(
            FORCE_COMPLETE, ('server', 'migration', 'force', 'complete')))


def force_cost(assessment):
    """Say what forcing a live migration to complete costs."""
    pauses = wording.pauses(assessment)
    length = ('for a time that is not known yet', 'for about %s',
              'for %s to %s')[len(pauses)] % pauses
    return ('The server is paused %s; or, where the compute node permits '
            'post-copy, it switches to the destination at once and there is '
            'no way back: if the network or a host fails before the end, the '
            'server must be rebooted.' % length)


def _finished(record, options):
    group = ('server', 'resize' if record.migration_type == 'resize'
             else 'migration')
    return (
        Action('confirm', 'The copy on the source is deleted; no way back.',
               _command(options, (), group + ('confirm',),
                        (record.instance_uuid,))),
        Action('revert', 'The server is stopped and started again on its '
               'source; what it wrote to local disks since is lost.',
               _command(options, (), group + ('revert',),
                        (record.instance_uuid,))))


def _command(*groups):
    words = ['openstack']
    for group in groups:
        words.extend(group)
    return ' '.join(shlex.quote(word) for word in words)
