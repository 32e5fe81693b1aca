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

"""Several looks at the migrations, for those numbers that need them."""

import logging
import time

from nova_migprogress.cli import argument_types
from nova_migprogress.client import follow

LOG = logging.getLogger(__name__)

#: Bounds of ``--samples`` and ``--interval``.
SAMPLES = (1, 10000)
INTERVAL = (1.0, 3600.0)


def add_arguments(parser, default):
    """Add the options that say how often to look.

    :param default: how many looks unless the user says otherwise
    """
    parser.add_argument(
        '--samples', metavar='<number>', default=default,
        type=argument_types.integer(*SAMPLES),
        help='Look so many times before answering, %d to %d (default: '
             '%d); rates need two, a verdict some passes of the memory' %
             (SAMPLES + (default,)))
    add_interval_argument(parser)


def add_interval_argument(parser):
    """Add the option that says how long to wait between two looks."""
    parser.add_argument(
        '--interval', metavar='<seconds>',
        type=argument_types.seconds(*INTERVAL),
        help='Seconds between two looks, %g to %g (default: as often as the '
             'cloud writes the progress; never more often than that)'
             % INTERVAL)


def poll_repeatedly(cloud, filters, samples, interval, sleep=time.sleep):
    """Look several times.

    :param cloud: a client.cloud.Cloud
    :param filters: keyword arguments of its migrations()
    :param samples: how often
    :param interval: seconds, or None
    :returns: the last follow.Snapshot; there are no further looks once
        nothing is in progress
    :raises ClientError: the first look failed
    """
    follower = follow.Follower(cloud, filters, interval)
    snapshot = follower.poll()
    if snapshot.error is not None:
        raise snapshot.error
    for number in range(2, samples + 1):
        if all(tracked.ended for tracked in snapshot.tracked):
            break
        sleep(follower.wait)
        snapshot = follower.poll()
        if snapshot.error is not None:
            LOG.warning('Sample %d of %d is missing: %s',
                        number, samples, snapshot.error)
    return snapshot
