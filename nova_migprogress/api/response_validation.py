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

"""Validate the answer once, as ``[api] response_validation`` says.

Nova validates in a decorator for each range of microversions. Every one of
them serialises and parses the whole answer, and jsonschema prepares each
subschema anew for each value of each entry. Here the serialised answer is
parsed once and the subschemas are prepared once a process.
"""

import collections.abc
import typing

import jsonschema
from nova.api.validation import validators
import nova.conf
from nova import exception
from oslo_log import log as logging
from oslo_serialization import jsonutils

CONF = nova.conf.CONF
LOG = logging.getLogger(__name__)


#: A parsed JSON schema.
Schema = dict[str, typing.Any]
_Errors = collections.abc.Iterator[jsonschema.ValidationError]


def _make_keywords() -> dict[str, collections.abc.Callable[..., _Errors]]:
    """Return the two keywords of jsonschema that descend, with a memory.

    They hold for schemas without references. The memory is keyed by identity:
    a subschema lives as long as the validator that holds its parent.
    """
    # Validators are jsonschema's, which has no types.
    prepared: dict[int, typing.Any] = {}

    def iter_errors(validator: typing.Any, subschema: Schema,
                    value: object,
                    path: typing.Union[str, int]) -> _Errors:
        for_subschema = prepared.get(id(subschema))
        if for_subschema is None:
            for_subschema = validator.evolve(schema=subschema)
            prepared[id(subschema)] = for_subschema
        for error in for_subschema.iter_errors(value):
            error.path.appendleft(path)
            yield error

    def properties(validator: typing.Any, subschemas: dict[str, Schema],
                   instance: typing.Any, schema: Schema) -> _Errors:
        if validator.is_type(instance, 'object'):
            for name, subschema in subschemas.items():
                if name in instance:
                    yield from iter_errors(
                        validator, subschema, instance[name], name)

    def items(validator: typing.Any, subschema: Schema,
              instance: typing.Any, schema: Schema) -> _Errors:
        if validator.is_type(instance, 'array'):
            for index, item in enumerate(instance):
                yield from iter_errors(validator, subschema, item, index)

    return {'properties': properties, 'items': items}


class ResponseValidator:
    """Nova's validator of one schema, to be used for many answers."""

    def __init__(self, schema: Schema) -> None:
        self._validator = validators._SchemaValidator(schema)
        stock = self._validator.validator
        self._validator.validator = jsonschema.validators.extend(
            type(stock), _make_keywords())(
                schema, format_checker=stock.format_checker)

    def __call__(self, body: typing.Union[str, bytes]) -> None:
        """Validate a serialised answer.

        :raises nova.exception.ValidationError: it does not match and
            ``response_validation`` is 'error'; with 'warn' it is logged, with
            'ignore' nothing is done
        """
        if CONF.api.response_validation == 'ignore':
            return
        try:
            self._validator.validate(jsonutils.loads(body))
        except exception.ValidationError:
            if CONF.api.response_validation != 'warn':
                raise
            LOG.exception('Schema failed to validate')
