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

"""Run tests on mutants, each in a fork of a process that has all libraries.

Nothing is written: the mutated module exists in the fork only.
"""

from collections import abc
import contextlib
import importlib
from importlib import machinery
import json
import os
import pathlib
import signal
import sys
import time
import typing
import unittest

from tools.mutants import mutation

#: What is imported anew in each fork.
OWN = ('nova_migprogress', 'tests', 'tools', 'sandbox', 'benchmarks')

#: A mutant and whether a test noticed it.
Verdict = tuple[mutation.Mutant, bool]


class TestsFailed(Exception):
    """The tests fail without a mutant."""


def _run_tests(modules: abc.Iterable[str]) -> bool:
    suite = unittest.defaultTestLoader.loadTestsFromNames(list(modules))
    result = unittest.TestResult()
    result.failfast = True
    suite.run(result)
    return result.wasSuccessful()


def _replace_source(path: pathlib.Path, source: str) -> None:
    stock = machinery.SourceFileLoader.get_code

    def get_code(self: machinery.SourceFileLoader,
                 fullname: str) -> typing.Any:
        if pathlib.Path(self.path).resolve() == path:
            return compile(source, self.path, 'exec')
        return stock(self, fullname)

    machinery.SourceFileLoader.get_code = get_code


def _fork(function: abc.Callable[[], bool]) -> int:
    """Start a process that ends with 0 if the function returns True."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        # With what it starts it is killed when it takes too long.
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(null, descriptor)
        code = 0 if function() else 1
    finally:
        # No clean-up of what belongs to the parent.
        os._exit(code)


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def prepare(modules: abc.Sequence[str]) -> float:
    """Import what the tests need but the project; returns their seconds.

    :raises TestsFailed: if they do not pass as they are
    """
    receiver, sender = os.pipe()

    def run() -> bool:
        passed = _run_tests(modules)
        with open(sender, 'w') as stream:
            json.dump([name for name in sys.modules], stream)
        return passed

    pid = _fork(run)
    os.close(sender)
    with open(receiver) as stream:
        names = json.load(stream)
    if os.waitpid(pid, 0)[1]:
        raise TestsFailed('The tests fail without any mutant.')
    # First: it chooses Nova's kind of threads.
    importlib.import_module('tests')
    for name in names:
        if name.partition('.')[0] not in OWN + ('__main__',):
            # Some names of sys.modules are no modules.
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    began = time.monotonic()
    if os.waitpid(_fork(lambda: _run_tests(modules)), 0)[1]:
        raise TestsFailed('The tests fail when they are run again.')
    return time.monotonic() - began


def run(mutants: abc.Iterable[mutation.Mutant],
        order: abc.Callable[[mutation.Mutant], abc.Sequence[str]],
        processes: int, timeout: float,
        deadline: float) -> abc.Iterator[Verdict]:
    """Yield for each mutant whether a test noticed it.

    :param order: the test modules for a mutant, the likeliest first
    :param timeout: seconds after which a mutant counts as noticed
    :param deadline: when to begin no more, by time.monotonic()
    """
    waiting = iter(mutants)
    running: dict[int, tuple[mutation.Mutant, float]] = {}
    try:
        while True:
            while len(running) < processes and time.monotonic() < deadline:
                mutant = next(waiting, None)
                if mutant is None:
                    break

                def test(mutant: mutation.Mutant = mutant) -> bool:
                    _replace_source(mutant.path, mutant.source())
                    return _run_tests(order(mutant))

                running[_fork(test)] = mutant, time.monotonic() + timeout
            if not running:
                return
            for pid, (mutant, until) in list(running.items()):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    _end(pid)
                    del running[pid]
                    yield mutant, status != 0
                elif time.monotonic() > until:
                    _end(pid)
            time.sleep(0.01)
    finally:
        for pid in running:
            _end(pid)
