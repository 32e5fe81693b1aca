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

"""Which columns of ``migrations`` does the installed Nova manage itself?

Every Nova release since Mitaka has the six progress columns in its own model
and expects them in the database, whoever put them there. Removing one breaks
that Nova, so a downgrade asks here first.
"""

import typing


def nova_columns() -> typing.Optional[set[str]]:
    """Return the column names of the installed Nova's Migration model.

    :returns: a set of names, or None where no Nova can be imported, so that
        nothing is known about what it manages.
    """
    try:
        from nova.db.main import models
    except ImportError:
        try:
            # Where they were up to Wallaby (23).
            from nova.db.sqlalchemy import models
        except ImportError:
            return None
    return set(models.Migration.__table__.columns.keys())
