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

"""Recordings of migrations: JSON lines, written by watch, read by replay.

What programs need is here: a :class:`Reader` yields a :class:`RecordedSample`
for each line and reports each :class:`Problem`, which :class:`Problems`
counts; a :class:`Writer` appends to a recording. Needs Python alone.
"""

from nova_migprogress.recording.problems import Problem
from nova_migprogress.recording.problems import Problems
from nova_migprogress.recording.raw_lines import Compressed
from nova_migprogress.recording.reader import Reader
from nova_migprogress.recording.reader import RecordedSample
from nova_migprogress.recording.writer import Writer

__all__ = [
    'Compressed',
    'Problem',
    'Problems',
    'Reader',
    'RecordedSample',
    'Writer',
]
