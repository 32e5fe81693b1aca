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

"""This Nova is not what the package expects.

One tree for the API, the objects and the driver. None of them is ever raised
into Nova: whoever installs a part of the package catches them, leaves stock
Nova as it is and logs the message.
"""


class UnsupportedNova(Exception):
    """The installed Nova does not look as this package expects it.

    Raised by itself by the API, whose messages complete the sentence "this
    Nova release is not supported because ...". Nothing of Nova has been
    changed when it is raised.
    """


class IncompatibleMigration(UnsupportedNova):
    """A Migration object whose progress fields are not the specification's."""


class UnknownSeam(UnsupportedNova):
    """A place where Nova would be changed does not look as expected."""
