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

"""Several polls of the migrations, for those numbers that need them."""

import argparse
import collections.abc
import logging
import time
import typing

from nova_migprogress.cli import argument_types
from nova_migprogress.client import cloud
from nova_migprogress.client import follow

LOG = logging.getLogger(__name__)

#: Bounds of ``--samples`` and ``--interval``.
SAMPLES = (1, 10000)
INTERVAL = (1.0, 3600.0)


def add_arguments(parser: argparse.ArgumentParser, default: int) -> None:
    """Add the options that say how often to poll.

    :param default: how many polls unless the user says otherwise
    """
    parser.add_argument(
        '--samples', metavar='<number>', default=default,
        type=argument_types.integer(*SAMPLES),
        help='Look so many times before answering, %d to %d (default: '
             '%d); rates need two, a verdict some passes of the memory' %
             (SAMPLES + (default,)))
    add_interval_argument(parser)


def add_interval_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option that says how long to wait between two polls."""
    parser.add_argument(
        '--interval', metavar='<seconds>',
        type=argument_types.seconds(*INTERVAL),
        help='Seconds between two looks, %g to %g (default: as often as the '
             'cloud writes the progress; never more often than that)'
             % INTERVAL)


def poll_repeatedly(
        cloud: cloud.Cloud,
        filters: collections.abc.Mapping[str, object],
        samples: int, interval: typing.Optional[float],
        sleep: collections.abc.Callable[[float], object] = time.sleep
) -> follow.Snapshot:
    """Poll several times.

    :param cloud: the cloud
    :param filters: keyword arguments of its migrations()
    :param samples: how often
    :param interval: seconds between two polls; None for as often as is
        worthwhile
    :param sleep: waits so many seconds
    :returns: the last snapshot; there are no further polls once nothing is
        in progress
    :raises ClientError: the first poll failed
    """
    follower = follow.Follower(cloud, filters, interval)
    snapshot = follower.poll()
    if snapshot.error is not None:
        raise snapshot.error
    later_snapshots = follower.snapshots(sleep)
    for number in range(2, samples + 1):
        if all(tracked.ended for tracked in snapshot.tracked):
            break
        snapshot = next(later_snapshots)
        if snapshot.error is not None:
            LOG.warning('Sample %d of %d is missing: %s',
                        number, samples, snapshot.error)
    return snapshot
