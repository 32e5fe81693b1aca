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

"""What can fail in a cloud while a migration runs, and comes back.

Each fault is a context manager: entered, something has failed; left, it is
back and ready.
"""

import contextlib
import os
import signal
import time

from sandbox import process
from sandbox import services


def _group(layout, name, signum):
    # A service leads its process group.
    os.killpg(process.pid_of(layout, name), signum)


@contextlib.contextmanager
def frozen(layout, name):
    """A service that neither answers nor ends: SIGSTOP, then SIGCONT."""
    _group(layout, name, signal.SIGSTOP)
    try:
        yield
    finally:
        _group(layout, name, signal.SIGCONT)


@contextlib.contextmanager
def stopped(layout, name):
    """A service that was ended in an orderly way and is started again."""
    process.stop(layout, name)
    try:
        yield
    finally:
        _start(layout, name)


@contextlib.contextmanager
def killed(layout, name):
    """A service that was killed and is started again."""
    _group(layout, name, signal.SIGKILL)
    while process.pid_of(layout, name) is not None:
        time.sleep(0.05)
    try:
        yield
    finally:
        _start(layout, name)


def _start(layout, name):
    service = services.get(layout, name)
    process.start(layout, service)
    process.wait_ready(layout, service)
