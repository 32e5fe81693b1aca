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

"""An outage in which everything fails that goes through the conductor."""

import threading
import time

import fixtures
from nova.conductor import rpcapi
import oslo_messaging
from oslo_messaging.rpc import client as rpc_client
import sqlalchemy
from sqlalchemy import event

#: Statements that a read-only database refuses.
_WRITES = ('INSERT', 'UPDATE', 'DELETE')


def no_answer():
    """Return what a conductor that is frozen or cut off ends a call with."""
    return oslo_messaging.MessagingTimeout('no reply')


def no_database():
    """Return what a conductor answers whose database is away."""
    return oslo_messaging.RemoteError('DBConnectionError', 'cannot connect')


def read_only_database():
    """Return what a conductor answers whose database refuses to write."""
    return oslo_messaging.RemoteError(
        'DBError', 'The MariaDB server is running with the --read-only option')


class _FailingConductor:
    """What nova.conductor.rpcapi.ConductorAPI is during the outage."""

    def __init__(self, outage):
        self._outage = outage

    def object_action(self, context, objinst, objmethod, args, kwargs):
        self._outage.fail('%s.%s' % (objinst.obj_name(), objmethod))

    def object_class_action_versions(self, context, objname, objmethod,
                                     object_versions, args, kwargs):
        self._outage.fail('%s.%s' % (objname, objmethod))

    def object_backport_versions(self, context, objinst, object_versions):
        self._outage.fail('object_backport_versions')


class _Indirection:
    """NovaObject.indirection_api: the failing one while the outage lasts.

    In Nova's functional tests objects have no way through the conductor, they
    reach the database from every service. It is looked at anew at every call,
    so that also objects that were made before have it; those to which an
    indirection of their own is given keep that.
    """

    def __init__(self, outage):
        self._outage = outage
        self._conductor = _FailingConductor(outage)

    def __get__(self, instance, owner):
        return self._conductor if self._outage.hits() else None


class ConductorOutage(fixtures.Fixture):
    """Every call to the conductor fails, of every compute service.

    All remotable methods of Nova's objects and all RPC calls and casts to the
    conductor's topic, in every thread but the test's own, in which the API
    runs and the test looks at the database.

    :param error: returns the exception of a call
    :param delay: seconds that a call takes to fail
    :param read_only: the conductor answers and the database reads; what fails
        is a statement that writes, not a save that sends none
    """

    def __init__(self, error=no_answer, delay=0.0, read_only=False):
        super().__init__()
        self._error = error
        self._delay = delay
        self._read_only = read_only
        self._lasts = threading.Event()
        self._over = threading.Event()
        #: What was asked for in vain: (seconds, thread's name, call).
        self.failed = []
        #: Set when it has begun, for good.
        self.begun = threading.Event()
        #: Set at the first call that failed.
        self.noticed = threading.Event()

    def _setUp(self):
        self._thread = threading.current_thread()
        if self._read_only:
            event.listen(sqlalchemy.Engine, 'before_cursor_execute',
                         self._refuse_writes)
            self.addCleanup(event.remove, sqlalchemy.Engine,
                            'before_cursor_execute', self._refuse_writes)
        else:
            self.useFixture(fixtures.MonkeyPatch(
                'nova.objects.base.NovaObject.indirection_api',
                _Indirection(self)))
            for name in ('call', 'cast'):
                self.useFixture(fixtures.MonkeyPatch(
                    'oslo_messaging.rpc.client._BaseCallContext.' + name,
                    self._guarded(getattr(
                        rpc_client._BaseCallContext, name))))
        self.addCleanup(self.end)

    def begin(self):
        """Let the outage begin."""
        self._over.clear()
        self._lasts.set()
        self.begun.set()

    def end(self):
        """Let it end; calls that wait for their failure fail at once."""
        self._lasts.clear()
        self._over.set()

    def begin_before(self, target, *names):
        """Let it begin when one of these methods is called, the first time.

        :param target: the object or class whose methods they are
        """
        def begin_once():
            if not self._over.is_set() and not self._lasts.is_set():
                self.begin()

        self._replace(target, names, begin_once)

    def takes(self, target, *names):
        """Let these methods fail as well while the outage lasts."""
        def fail():
            if self.hits():
                self.failed.append((time.monotonic(),
                                    threading.current_thread().name,
                                    'taken along'))
                raise RuntimeError('this fails in the same outage')

        self._replace(target, names, fail)

    def _replace(self, target, names, before):
        for name in names:
            method = getattr(target, name)

            def replacement(*args, _method=method, **kwargs):
                before()
                return _method(*args, **kwargs)

            self.useFixture(fixtures.MockPatchObject(
                target, name, replacement))

    def hits(self):
        """Tell whether a call by this thread would fail now."""
        return (self._lasts.is_set() and
                threading.current_thread() is not self._thread)

    def fail(self, what):
        """Fail as a call to the conductor does."""
        self.failed.append((time.monotonic(), threading.current_thread().name,
                            what))
        self.noticed.set()
        self._over.wait(self._delay)
        raise self._error()

    def _guarded(self, method):
        def guarded(call_context, ctxt, name, **kwargs):
            if call_context.target.topic == rpcapi.RPC_TOPIC and self.hits():
                self.fail('rpc ' + name)
            return method(call_context, ctxt, name, **kwargs)
        return guarded

    def _refuse_writes(self, connection, cursor, statement, *args):
        if statement.startswith(_WRITES) and self.hits():
            self.fail(statement)
