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

"""One schema operation, and what can go wrong with it."""

from collections import abc
import typing

from alembic import operations


class Step(typing.NamedTuple):
    """One schema operation that is still to be done."""

    #: What is done, in the imperative: 'add column migrations.disk_total'.
    description: str
    #: Does it, given an alembic.operations.Operations.
    apply: abc.Callable[[operations.Operations], None]


class ScriptPlan(typing.NamedTuple):
    """What one script has to do on the database that was inspected."""

    #: Number of the script, from 1.
    number: int
    #: Its name, such as 'progress columns'.
    title: str
    #: The operations to do, in order. Empty if there is nothing to do.
    steps: list[Step]
    #: What a downgrade leaves in place, with the reason, as sentences.
    kept: list[str]

    @property
    def heading(self) -> str:
        """Number and title, as in '001 progress columns'."""
        return '%03d %s' % (self.number, self.title)


class SchemaError(Exception):
    """The schema could not be inspected or changed; the message says why."""


class NotNovaDatabase(SchemaError):
    """The database is not the main database of a Nova cell."""


class SchemaConflict(SchemaError):
    """Something with the right name has the wrong definition."""


class StepFailed(SchemaError):
    """The database refused a step. Steps before it are done."""

    def __init__(self, step: Step, error: Exception) -> None:
        self.step = step
        # oslo.db wraps the SQLAlchemy error, which holds the driver's.
        error = getattr(error, 'inner_exception', None) or error
        reason: typing.Any = getattr(error, 'orig', None) or error
        message = 'could not %s: %s' % (step.description, str(reason).strip())
        statement = getattr(error, 'statement', None)
        if statement:
            message += '\nThe statement was: %s' % ' '.join(statement.split())
        super().__init__(message)
