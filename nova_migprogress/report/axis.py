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

"""Round numbers for the axes of a curve."""

import math

from nova_migprogress.text import units

#: Seconds between two marks.
_TIME_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
               1800, 3600, 7200, 10800, 21600, 43200, 86400)


def time_marks(length: float, most: int = 8) -> list[tuple[float, str]]:
    """Return marks for a duration.

    :param length: seconds, more than 0
    :param most: how many, 0 not counted
    :returns: [(seconds, label)]
    """
    step: float
    for step in _TIME_STEPS:
        if length / step <= most:
            break
    else:
        step = 86400 * _round_up(length / most / 86400)
    count = int(length / step + 1e-9)
    return [(position * step, _format_time(position * step, step))
            for position in range(count + 1)]


def byte_marks(highest: float, most: int = 4
               ) -> tuple[float, list[tuple[float, str]], str]:
    """Return marks for bytes.

    :param highest: the largest value, in bytes
    :param most: how many, 0 not counted
    :returns: (top of the axis, [(bytes, label)], unit)
    """
    highest = max(highest, 1)
    power = min(int(math.log2(highest) / 10 + 1e-9), len(units.UNITS) - 1)
    unit = 1024 ** power
    step = _round_up(highest / unit / most)
    if not power:
        step = max(step, 1)
    count = math.ceil(highest / unit / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    marks = [(position * step * unit, '%.*f' % (digits, position * step))
             for position in range(count + 1)]
    return count * step * unit, marks, units.UNITS[power]


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    for factor in (1, 2, 2.5, 5, 10):
        if factor * power >= value * (1 - 1e-9):
            break
    if factor == 2.5 and power < 10:
        # One digit is enough for a label.
        factor = 5
    return factor * power


def _format_time(seconds: float, step: float) -> str:
    if step < 1:
        return '%.1f s' % seconds
    if seconds >= 48 * 3600 and step >= 3600:
        return '%dd %02dh' % divmod(seconds // 3600, 24)
    return units.clock(seconds)
