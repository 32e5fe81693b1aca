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

"""GET requests to the compute API, with errors that say what failed."""

from collections import abc
import contextlib
import email.utils
import typing

from keystoneauth1 import adapter as ksa_adapter
from keystoneauth1 import exceptions as ksa_exceptions
from keystoneauth1 import session as ksa_session
import requests

from nova_migprogress.client import errors

#: Seconds without a byte from the server after which it is given up.
TIMEOUT = 60

#: A query parameter, name and value.
Param = tuple[str, str]

#: Longest part of a server's message that is repeated to the user.
_LONGEST = 500

_CREDENTIALS = (ksa_exceptions.AuthorizationFailure,
                ksa_exceptions.AuthPluginException,
                ksa_exceptions.Unauthorized)

_REJECTIONS: dict[int, type[errors.Rejected]] = {
    403: errors.Forbidden, 404: errors.NotFound, 406: errors.NotAcceptable}


class Rest:
    """Reads from one compute endpoint.

    :param adapter: a keystoneauth1 Adapter for the compute service, or a
        Session
    :param timeout: seconds without a byte from the server after which a
        request fails
    """

    def __init__(self, adapter: typing.Union[ksa_adapter.Adapter,
                                             ksa_session.Session],
                 timeout: float = TIMEOUT) -> None:
        if isinstance(adapter, ksa_session.Session):
            adapter = ksa_adapter.Adapter(adapter, service_type='compute')
        self.adapter = adapter
        self._timeout = timeout
        #: The server's clock as of the last answer, in seconds since 1970;
        #: None when it does not tell.
        self.date: typing.Optional[float] = None

    def get(self, path: str, params: abc.Sequence[Param] = (),
            microversion: str = '2.1') -> dict[str, typing.Any]:
        """Return the decoded body of an answer, always a mapping.

        :param path: below the endpoint, with a leading slash
        :param params: names may repeat
        :raises ClientError: no good answer
        """
        what = 'GET %s' % path
        with translate_errors(what):
            response = self.adapter.get(
                path, params=list(params), microversion=microversion,
                microversion_service_type='compute', raise_exc=False,
                headers={'Accept': 'application/json'},
                timeout=self._timeout)
        self.date = _parse_date(response.headers.get('Date'))
        if response.status_code != 200:
            raise _make_error(what, response)
        try:
            body = response.json()
        except (ValueError, RecursionError):
            raise errors.InvalidAnswer(
                '%s: the answer is not JSON: %.100r' % (what, response.text))
        if not isinstance(body, dict):
            raise errors.InvalidAnswer(
                '%s: the answer is not a JSON object: %.100r' % (what, body))
        return body

    def max_microversion(self) -> str:
        """Return the server's newest microversion, '2.1' if it has none.

        :raises ClientError: the endpoint cannot be found or asked
        """
        with translate_errors('discovering the compute API'):
            data = self.adapter.get_endpoint_data()
            newest = data and data.max_microversion
        return '%d.%d' % newest if newest else '2.1'

    def project_id(self) -> typing.Optional[str]:
        """Return the caller's project, None if the plugin cannot tell."""
        with translate_errors('authenticating'):
            return self.adapter.get_project_id()


@contextlib.contextmanager
def translate_errors(what: str) -> abc.Iterator[None]:
    """Turn keystoneauth's errors into ours.

    :param what: what is done, for the message
    :raises ClientError: see errors
    """
    try:
        yield
    except ksa_exceptions.ClientException as exc:
        message = '%s: %s' % (what, str(exc)[:_LONGEST])
        status = getattr(exc, 'http_status', None) or 0
        if isinstance(exc, _CREDENTIALS):
            raise errors.AuthenticationFailed(message) from exc
        if status >= 500:
            raise errors.ServerFailed(message) from exc
        if status == 403:
            raise errors.Forbidden(message) from exc
        raise errors.Unreachable(message) from exc


def _make_error(what: str, response: requests.Response) -> errors.ClientError:
    """Return the error that an answer other than 200 stands for."""
    status = response.status_code
    message = '%s: %d %s' % (what, status, _read_message(response))
    if status == 401:
        return errors.AuthenticationFailed(message)
    if status >= 500 or status in (413, 429):
        wait = response.headers.get('Retry-After') or ''
        return errors.ServerFailed(
            message, int(wait) if wait.isdecimal() and len(wait) < 9
            else None)
    return _REJECTIONS.get(status, errors.Rejected)(message)


def _read_message(response: requests.Response) -> str:
    """Return what the server says, as {'forbidden': {'message': ...}}."""
    try:
        body, = response.json().values()
        return str(body['message'])[:_LONGEST]
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return str(response.reason or '')[:_LONGEST]


def _parse_date(value: typing.Optional[str]) -> typing.Optional[float]:
    """Return a Date header in seconds since 1970, None if it is no date."""
    if value is None:
        return None
    try:
        return email.utils.parsedate_to_datetime(value).timestamp()
    except (AttributeError, IndexError, TypeError, ValueError, OverflowError):
        return None
