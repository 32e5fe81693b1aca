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

"""Moments in time as a recording gives them."""

import datetime
import math
import re
import typing

#: The largest number of seconds, either way: the end of the year 9999.
MAX_SECONDS = 253402300799

_ISO_8601 = re.compile(
    r'(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?'
    r' ?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?', re.ASCII | re.IGNORECASE)


def parse(value):
    """Return the seconds that a value means.

    :param value: a number of seconds from any fixed moment, or a string in
        ISO 8601: date and time, UTC unless it says otherwise
    :returns: seconds; of a string, those since 1970 in UTC
    :raises ValueError: it is neither; the message says why
    """
    if isinstance(value, str):
        return _of_iso_8601(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError('neither a number of seconds nor ISO 8601')
    if not math.isfinite(value) or abs(value) > MAX_SECONDS:
        raise ValueError('not between -%d and %d seconds' % (MAX_SECONDS,
                                                             MAX_SECONDS))
    return value


def _of_iso_8601(value):
    match = _ISO_8601.fullmatch(value.strip())
    if match is None:
        raise ValueError('neither a number of seconds nor ISO 8601')
    groups = match.groups()
    # datetime names what is out of range.
    moment = datetime.datetime(*(int(group or 0) for group in groups[:6]),
                               tzinfo=datetime.timezone.utc)
    found = moment.timestamp() + float('0.' + (groups[6] or '0')[:9])
    if groups[8]:
        offset = int(groups[9]) * 3600 + int(groups[10] or 0) * 60
        found += offset if groups[8] == '-' else -offset
    return found


def is_clock(value):
    """Tell whether a number of seconds is a time of day: from 2001 on.

    Smaller ones count from any moment, such as the start of a recording.
    """
    return value >= 1e9


def format_utc(value):
    """Return seconds since 1970 in ISO 8601, to the second."""
    moment = datetime.datetime.fromtimestamp(math.floor(value),
                                             datetime.timezone.utc)
    return moment.strftime('%Y-%m-%dT%H:%M:%SZ')


#: Nova sends neither a time zone, which is UTC, nor always a fraction.
_API_TIME = re.compile(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?'
                       r'(Z|[+-]\d\d:?\d\d)?', re.ASCII)


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


def format_utc_datetime(moment: datetime.datetime) -> str:
    """Return a moment in ISO 8601, in UTC and to the second.

    :param moment: aware; a naive one is taken for local time
    """
    return moment.astimezone(datetime.timezone.utc).strftime(
        '%Y-%m-%dT%H:%M:%SZ')
