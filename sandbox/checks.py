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

"""Judge what the API said about a migration against libvirt's own truth.

Pure functions; *truth* is what sandbox.truth.reader returns of a migration.
Most return a list of Check.
"""

from collections import abc
import typing

from nova_migprogress import fields
from nova_migprogress import statuses
from sandbox.truth import reader
from sandbox.truth import slow_saves as slow_saves_mod

#: How old the newest sample may be while the migration runs, in seconds.
MAX_AGE = 2.5
#: Of it the time between two saves.
INTERVAL = 2

#: Nothing can be known yet.
_BEFORE = (statuses.ACCEPTED,) + statuses.QUEUED_STATUSES

#: An entry of GET /os-migrations.
Entry = dict[str, typing.Any]
#: Anything that has the six numbers, all of them known or none.
Numbers = abc.Mapping[str, typing.Any]

_Read = typing.TypeVar('_Read')


class Reading(typing.TypedDict):
    """What the API said about a migration."""

    #: When it was asked and when it had answered, in seconds since 1970.
    time: float
    answered: float
    migration: Entry


class Check(typing.NamedTuple):
    """One thing that must be so."""

    name: str
    ok: bool
    detail: str


def values(entry: Numbers) -> dict[str, typing.Any]:
    """The six fields of an entry, or of libvirt's statistics."""
    return {name: entry[name] for name in fields.NAMES}


def is_known(entry: Numbers) -> bool:
    """Tell whether an entry has numbers: all six or none, see shape()."""
    return entry['memory_total'] is not None


def _sent(numbers: Numbers) -> int:
    return fields.sum_known(numbers['memory_processed'],
                            numbers['disk_processed']) or 0


def moving_samples(truth: reader.Run) -> list[reader.JobStats]:
    """libvirt's samples but those that are all zero."""
    return [sample for sample in truth['samples']
            if any(sample.get(name) for name in fields.NAMES)]


def last_values(truth: reader.Run) -> typing.Optional[dict[str, int]]:
    """The six numbers of the newest of them, None if there is none."""
    samples = moving_samples(truth)
    return values(samples[-1]) if samples else None


def _check_each(name: str, readings: abc.Sequence[_Read],
                predicate: abc.Callable[[_Read], bool], good: str) -> Check:
    # The first are enough.
    wrong = [reading for reading in readings if not predicate(reading)][:3]
    return Check(name, bool(readings) and not wrong,
                 'at %s' % wrong if wrong else
                 good % len(readings) if readings else 'there is no reading')


def shape(readings: abc.Sequence[Reading]) -> list[Check]:
    """Null rules and types, of all readings."""
    entries = [reading['migration'] for reading in readings]

    def is_complete(entry: Entry) -> bool:
        return set(fields.NAMES) <= set(entry)

    def is_typed(entry: Entry) -> bool:
        found = [entry[name] for name in fields.NAMES]
        return all(value is None for value in found) or all(
            fields.is_byte_count(value) for value in found)

    def is_informative(entry: Entry) -> bool:
        return not is_known(entry) or entry['memory_total'] > 0 or (
            entry['disk_total'] > 0)

    def is_silent(entry: Entry) -> bool:
        return entry['status'] not in _BEFORE or not is_known(entry)

    return [
        _check_each('all six keys in every entry', entries, is_complete,
                    '%d entries'),
        _check_each('all six are integers or all are null', entries, is_typed,
                    '%d entries'),
        _check_each('never the all-zero values of the prepare phase', entries,
                    is_informative, '%d entries'),
        _check_each('null until something is known', entries, is_silent,
                    '%d entries'),
    ]


def monotonic(readings: abc.Iterable[Reading]) -> list[Check]:
    """processed never decreases."""
    found = [reading['migration'] for reading in readings
             if is_known(reading['migration'])]
    checks = []
    for name in ('memory_processed', 'disk_processed'):
        series = [entry[name] for entry in found]
        falls = [(a, b) for a, b in zip(series, series[1:]) if b < a]
        checks.append(Check(
            name + ' never decreases', bool(series) and not falls,
            'falls %s' % falls[:3] if falls else
            '%d different values in %d readings'
            % (len(set(series)), len(series))))
    return checks


def age(reading: Reading, truth: reader.Run) -> float:
    """Seconds since libvirt showed what a reading shows.

    Time ends with libvirt's last sample of the running job: in the last one
    or two seconds of a migration libvirt answers nobody.
    """
    samples = moving_samples(truth)
    sent = _sent(reading['migration'])
    shown: float = samples[0]['time']
    for before, after in zip(samples, samples[1:]):
        if _sent(after) <= sent:
            shown = after['time']
        elif _sent(before) <= sent:
            share = ((sent - _sent(before)) /
                     (_sent(after) - _sent(before)))
            shown = before['time'] + share * (after['time'] -
                                              before['time'])
    end: float = samples[-1]['time']
    return max(0.0, min(reading['time'], end) - shown)


def _max_age(reading: Reading,
             slow_saves: abc.Iterable[slow_saves_mod.SlowSave]) -> float:
    """How old the sample of a reading may be.

    More than MAX_AGE only where a slow save made the next one wait, by that.
    """
    return max([MAX_AGE] + [
        save.rest + save.seconds + MAX_AGE - INTERVAL for save in slow_saves
        if save.began <= reading['time'] <=
        save.began + save.rest + save.seconds + MAX_AGE - INTERVAL])


def running(readings: abc.Iterable[Reading], truth: reader.Run,
            slow_saves: abc.Sequence[slow_saves_mod.SlowSave] = (),
            ) -> list[Check]:
    """The readings of the running job lie on libvirt's own curve."""
    samples = moving_samples(truth)
    if not samples:
        return [Check('libvirt reported progress', False, 'no sample')]
    end = samples[-1]['time']
    found = [reading for reading in readings
             if is_known(reading['migration']) and reading['time'] <= end]
    checks = [Check('numbers while it runs', len(found) > 1,
                    '%d readings' % len(found))]
    if not found:
        return checks
    ages = [age(reading, truth) for reading in found]
    slow = [oldest for oldest, reading in zip(ages, found)
            if oldest > _max_age(reading, slow_saves)]
    checks.append(Check(
        'the newest sample is at most %s s old' % MAX_AGE, not slow,
        'oldest %.1f s, %d slow saves' % (max(ages), len(slow_saves))))
    late = samples[0]['time'] + MAX_AGE
    silent = [reading for reading in readings
              if late < reading['time'] <= end and
              not is_known(reading['migration'])]
    checks.append(Check(
        'numbers at the latest %s s after libvirt has some' % MAX_AGE,
        not silent, '%.1f s after' % max(
            0, found[0]['time'] - samples[0]['time'])))

    def is_behind(reading: Reading) -> bool:
        # The next sample that libvirt gave after the answer.
        later = [s for s in samples if s['time'] >= reading['answered']]
        return not later or (
            _sent(reading['migration']) <= _sent(later[0]))

    checks.append(_check_each('never ahead of libvirt', found, is_behind,
                              '%d readings'))
    return checks


def course(readings: abc.Sequence[Reading], truth: reader.Run,
           slow_saves: abc.Sequence[slow_saves_mod.SlowSave] = (),
           ) -> list[Check]:
    """What holds for every migration that runs, however it ends."""
    return shape(readings) + monotonic(readings) + running(
        readings, truth, slow_saves)


def memory_only(readings: abc.Iterable[Reading], truth: reader.Run,
                memory_mib: int) -> list[Check]:
    """A live migration that copies no disk."""
    found = [reading['migration'] for reading in readings
             if is_known(reading['migration'])]
    totals = {entry['memory_total'] for entry in found}
    disks = {tuple(entry[name] for name in fields.DISK_NAMES)
             for entry in found}
    return [
        Check("memory_total is libvirt's",
              totals == {sample['memory_total']
                         for sample in moving_samples(truth)},
              '%s' % sorted(totals)),
        # libvirt counts about half a MiB of firmware with it.
        Check("memory_total is the guest's memory",
              all(0 <= total - (memory_mib << 20) <= 1 << 20
                  for total in totals),
              '%s, the guest has %d' % (sorted(totals), memory_mib << 20)),
        Check('disk_* are 0 when no disk is copied', disks == {(0, 0, 0)},
              '%s' % sorted(disks)),
    ]


def completed(final: Entry, truth: reader.Run) -> list[Check]:
    """The entry after success holds libvirt's final numbers, to the byte."""
    last = truth['completed']
    if last is None:
        return [Check('libvirt sent its final statistics', False, 'none')]
    checks = [Check('the status is completed',
                    final['status'] == statuses.COMPLETED, final['status'])]
    for name in fields.NAMES:
        checks.append(Check(
            "final %s is JOB_COMPLETED's" % name, final[name] == last[name],
            'API %s, libvirt %s' % (final[name], last[name])))
    remaining = final['memory_remaining'], final['disk_remaining']
    checks.append(Check('nothing remains', remaining == (0, 0),
                        'memory %s, disk %s' % remaining))
    return checks


def interrupted(readings: abc.Iterable[Reading], final: Entry,
                truth: reader.Run) -> list[Check]:
    """The entry after an abort or a failure keeps the last real numbers."""
    samples = moving_samples(truth)
    last = [reading['migration'] for reading in readings
            if is_known(reading['migration'])][-1:]
    if not samples or not last:
        return [Check('numbers before the end', False, 'none')]
    checks = [
        Check('libvirt sent no final statistics',
              truth['completed'] is None, str(truth['completed'])),
        Check('the final numbers are not null', is_known(final),
              str(values(final))),
    ]
    if not is_known(final):
        return checks
    low, high = _sent(last[0]), _sent(samples[-1])
    # The driver's own poll may have seen a little more than the recorder.
    rate = (_sent(samples[-1]) - _sent(samples[0])) / max(
        1, samples[-1]['time'] - samples[0]['time'])
    checks.append(Check(
        'the last real numbers stay',
        low <= _sent(final) <= high + rate and
        # libvirt does not know the memory while it copies disks.
        samples[-1]['memory_total'] in (0, final['memory_total']),
        'last reading %d, final %d, libvirt %d' % (low, _sent(final), high)))
    checks.append(Check(
        'what remains is not claimed to be done',
        final['memory_remaining'] > 0, str(final['memory_remaining'])))
    return checks


#: Seconds before the end of a job from which the last numbers may be.
LATEST = 3


def are_right(numbers: Numbers, truth: reader.Run) -> bool:
    """Whether the six numbers that stay are what they must be.

    Those of JOB_COMPLETED, to the byte; without, because the migration did
    not complete, libvirt's of the last three seconds. Nova's last poll may
    have come after the recorder's: then it may tell as much more as came
    between two of these.
    """
    if truth['completed'] is not None:
        return values(numbers) == values(truth['completed'])
    samples = moving_samples(truth)
    if not samples or any(value is None for value in numbers.values()):
        return False
    recent = [_sent(sample) for sample in samples
              if sample['time'] >= samples[-1]['time'] - LATEST]
    step = max((after - before for before, after in zip(recent, recent[1:])),
               default=0)
    return recent[0] <= _sent(numbers) <= recent[-1] + step


def stock(entry: Entry, below: Entry) -> list[Check]:
    """The microversion below shows the same entry without the six keys.

    :param entry: an entry at the new microversion
    :param below: the same at the one below
    """
    extra = sorted(set(below) & set(fields.NAMES))
    rest = {key: value for key, value in entry.items()
            if key not in fields.NAMES}
    return [
        Check('the microversion below has none of the six keys', not extra,
              str(extra)),
        Check('and is otherwise the same', rest == below,
              'differs in %s' % sorted(
                  key for key in set(rest) | set(below)
                  if rest.get(key) != below.get(key))),
    ]
