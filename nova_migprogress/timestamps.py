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

"""Moments in time, in ISO 8601 and in seconds: read here, written here.

Two forms are read and each keeps its own expression: the first knows every
way in which people and programs write a date and a time, the second nothing
but what the compute API sends; anything else that it sends is no time.
"""

import datetime
import math
import re
import typing

#: The largest number of seconds, either way: the end of the year 9999.
MAX_SECONDS = 253402300799

_ISO_8601 = re.compile(
    r'(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?'
    r' ?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?', re.ASCII | re.IGNORECASE)
#: Nova sends neither a time zone, which is UTC, nor always a fraction.
_API_TIME = re.compile(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?'
                       r'(Z|[+-]\d\d:?\d\d)?', re.ASCII)


def parse(value: object) -> float:
    """Return the seconds that a value of a recording means.

    :param value: a number of seconds from any fixed moment, or a string in
        ISO 8601: date and time, UTC unless it says otherwise
    :returns: seconds; of a string, those since 1970 in UTC
    :raises ValueError: it is neither; the message says why
    """
    if isinstance(value, str):
        return _parse_iso_8601(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError('neither a number of seconds nor ISO 8601')
    if not math.isfinite(value) or abs(value) > MAX_SECONDS:
        raise ValueError('not between -%d and %d seconds' % (MAX_SECONDS,
                                                             MAX_SECONDS))
    return value


def _parse_iso_8601(value: str) -> float:
    match = _ISO_8601.fullmatch(value.strip())
    if match is None:
        raise ValueError('neither a number of seconds nor ISO 8601')
    year, month, day, hour, minute, second, fraction = match.groups()[:7]
    _utc, sign, hours, minutes = match.groups()[7:]
    # datetime names what is out of range.
    moment = datetime.datetime(
        int(year), int(month), int(day), int(hour), int(minute),
        int(second or 0), tzinfo=datetime.timezone.utc)
    # Fractions are finer than datetime's.
    seconds = moment.timestamp() + float('0.' + (fraction or '0')[:9])
    if sign:
        offset = int(hours) * 3600 + int(minutes or 0) * 60
        seconds += offset if sign == '-' else -offset
    return seconds


def parse_api_time(value: object) -> typing.Optional[datetime.datetime]:
    """Return the moment that the compute API shows, None if it shows none.

    :param value: such as created_at or updated_at of a migration
    :returns: aware, in UTC unless the value says otherwise
    """
    match = _API_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    moment, fraction, zone = match.groups()
    zone = '+0000' if zone in (None, 'Z') else zone.replace(':', '')
    try:
        return datetime.datetime.strptime(
            moment + (fraction or '.0')[:7] + zone, '%Y-%m-%dT%H:%M:%S.%f%z')
    except ValueError:
        return None


def is_clock(seconds: float) -> bool:
    """Tell whether a number of seconds is a time of day: from 2001 on.

    Smaller ones count from any moment, such as the start of a recording.
    """
    return seconds >= 1e9


def format_utc(seconds: float) -> str:
    """Return seconds since 1970 in ISO 8601, in UTC and to the second."""
    return format_utc_datetime(datetime.datetime.fromtimestamp(
        math.floor(seconds), datetime.timezone.utc))


def format_utc_datetime(moment: datetime.datetime) -> str:
    """Return a moment in ISO 8601, in UTC and to the second.

    :param moment: aware; a naive one is taken for local time
    """
    return moment.astimezone(datetime.timezone.utc).strftime(
        '%Y-%m-%dT%H:%M:%SZ')


def format_datetime(moment: datetime.datetime,
                    timespec: str = 'seconds') -> str:
    """Return a moment in ISO 8601, in its own time zone.

    :param moment: aware
    :param timespec: as of datetime.isoformat(): 'auto' is as exact as the
        moment is
    """
    return moment.isoformat(timespec=timespec)
