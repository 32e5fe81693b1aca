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

"""What the estimator says after each sample."""

import typing


class Assessment(typing.NamedTuple):
    """The judgement of one migration at one moment.

    Rates are bytes per second, times are seconds; None means unknown or not
    applicable, never zero.
    """

    #: Time of the sample that is judged.
    time: float
    #: One of phases.ALL.
    phase: str
    #: One of verdicts.ALL.
    verdict: str
    #: Bytes sent per second, lately: growth of processed memory, or of
    #: processed disk while disks are copied. Compressed where the hypervisor
    #: compresses.
    throughput: typing.Optional[float] = None
    #: Bytes per second that the guest makes the migration send again, as the
    #: hypervisor counts them: a page that is written twice within a pass
    #: counts once, so that it saturates near the throughput. Of the disk
    #: during the storage phase.
    dirty_rate: typing.Optional[float] = None
    #: Memory written again per memory worked off, over the latest passes:
    #: 0.5 means that each pass is half as long as the one before.
    ratio: typing.Optional[float] = None
    #: Seconds from the time of the assessment to the end of the migration.
    #: None if it will not end by itself or nothing can be said.
    eta: typing.Optional[float] = None
    #: eta counts what is known to remain only: it will take at least so long.
    eta_at_least: bool = False
    #: Seconds the guest would stand still if the migration were forced to
    #: complete now by pausing it: all that remains at this throughput. None
    #: where nothing is forced: before the copy, after the switch to post-copy
    #: and for cold migrations.
    pause: typing.Optional[float] = None
    #: The same with what the guest has written since the last dirty-bitmap
    #: sync, which remaining does not count yet. None without a ratio.
    pause_most: typing.Optional[float] = None
    #: Seconds since the numbers were true.
    sample_age: float = 0.0
