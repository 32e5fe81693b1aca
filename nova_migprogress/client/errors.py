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

"""What may go wrong between a client and the compute API.

Every message names what was asked for, and what the server said if it said
anything.
"""

import typing


class ClientError(Exception):
    """Base of all errors of this package."""


class Unreachable(ClientError):
    """No answer: no connection, a timeout, TLS, or no compute endpoint."""


class AuthenticationFailed(ClientError):
    """Keystone or Nova does not accept the credentials."""


class ServerFailed(ClientError):
    """The server cannot answer now: 5xx, 413 or 429.

    :ivar retry_after: seconds that the server asks to wait, or None
    """

    def __init__(self, message: str,
                 retry_after: typing.Optional[int] = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InvalidAnswer(ClientError):
    """The answer is not what the compute API answers."""


class Rejected(ClientError):
    """The server does not do what was asked for: a 4xx of any other kind."""


class Forbidden(Rejected):
    """A policy does not allow it."""


class NotFound(Rejected):
    """There is no such thing."""


class NotAcceptable(Rejected):
    """The server does not know the microversion."""


class Unsupported(ClientError):
    """This Nova is too old for what was asked for."""


class Ambiguous(ClientError):
    """A name stands for several servers."""
