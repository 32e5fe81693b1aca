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

"""Numbers on the command line, with bounds."""

import argparse
import collections.abc
import typing

Number = typing.TypeVar('Number', int, float)


def integer(low: int, high: int) -> collections.abc.Callable[[str], int]:
    """Return an argparse type for whole numbers.

    :param low: the least
    :param high: the greatest
    """
    return bounded(int, 'a whole number', low, high)


def seconds(low: float, high: float) -> collections.abc.Callable[[str], float]:
    """Return an argparse type for seconds.

    :param low: the least
    :param high: the greatest
    """
    return bounded(float, 'a number of seconds', low, high)


def bounded(convert: collections.abc.Callable[[str], Number], what: str,
            low: Number, high: Number
            ) -> collections.abc.Callable[[str], Number]:
    """Return an argparse type for numbers of any kind.

    :param convert: makes the number, or raises ValueError
    :param what: what it is, for the message
    :param low: the least
    :param high: the greatest
    """
    def parse(value: str) -> Number:
        try:
            number = convert(value)
        except ValueError:
            number = None
        # A NaN is between no two numbers.
        if number is None or not low <= number <= high:
            raise argparse.ArgumentTypeError(
                '%r is not %s from %g to %g' % (value, what, low, high))
        return number
    return parse
