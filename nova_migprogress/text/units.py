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

"""Numbers as people read them; None becomes :data:`UNKNOWN`."""

import datetime
import typing

from nova_migprogress import timestamps

#: What stands for a value that nobody knows.
UNKNOWN = '-'

#: Of bytes, each 1024 times the one before.
UNITS = ('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB')


def size(number: typing.Optional[float]) -> str:
    """Bytes, in three or four significant digits: ``1.25 GiB``."""
    if number is None:
        return UNKNOWN
    value = float(number)
    for unit in UNITS:
        # 1023.5 would be rounded to a four-digit 1024.
        if value < 1023.5 or unit == UNITS[-1]:
            break
        value /= 1024
    if unit == 'B':
        return '%d B' % round(value)
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return '%.*f %s' % (digits, value, unit)


def rate(number: typing.Optional[float]) -> str:
    """Bytes per second: ``31.5 MiB/s``."""
    return UNKNOWN if number is None else size(number) + '/s'


def percent(number: typing.Optional[float]) -> str:
    """A share of 100, rounded down so that 100 % means all of it."""
    if number is None:
        return UNKNOWN
    return '%d%%' % min(max(int(number), 0), 100)


def seconds(number: typing.Optional[float]) -> str:
    """A duration in up to six characters: ``42s``, ``3m05s``, ``2h10m``."""
    if number is None:
        return UNKNOWN
    if number < 0:
        return '-' + seconds(-number)
    if 0.05 <= number < 9.95:
        return '%.1fs' % number
    whole = int(round(number))
    if whole < 60:
        return '%ds' % whole
    if whole < 3600:
        return '%dm%02ds' % divmod(whole, 60)
    if whole < 24 * 3600:
        return '%dh%02dm' % divmod(whole // 60, 60)
    if whole < 100 * 24 * 3600:
        return '%dd%02dh' % divmod(whole // 3600, 24)
    return '%dd' % (whole // (24 * 3600))


def clock(number: float) -> str:
    """A duration as on a clock: ``0:05``, ``1:00:00``, ``-0:01``."""
    sign = '-' if number <= -0.5 else ''
    minutes, rest = divmod(int(round(abs(number))), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return '%s%d:%02d:%02d' % (sign, hours, minutes, rest)
    return '%s%d:%02d' % (sign, minutes, rest)


def timestamp(moment: typing.Optional[datetime.datetime]) -> str:
    """A datetime, to the second, in its own time zone's ISO 8601."""
    return UNKNOWN if moment is None else timestamps.format_datetime(moment)
