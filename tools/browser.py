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

"""A real browser without a window, to test a page and to take its picture.

Chromium is driven through its DevTools protocol over a pipe: no port, no
driver program. https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time
import typing

#: Where to look for it; the packages of the distributions differ.
PROGRAMS = ('chromium', 'chromium-browser', 'google-chrome', 'chrome')
#: Seconds that anything may take.
PATIENCE = 60


class BrowserError(Exception):
    """The browser did not do what it was asked for."""


def find() -> typing.Optional[str]:
    """Return the path of the browser, None if there is none."""
    for program in PROGRAMS:
        path = shutil.which(program)
        if path:
            return path
    return None


class Browser:
    """One page in a browser, which is closed with the context.

    It resolves no name, so that it cannot reach anything but files.
    """

    def __init__(self) -> None:
        #: URLs that pages asked for, by number.
        self.requests: dict[str, str] = {}
        #: Why requests were blocked, by number.
        self.blocked: dict[str, str] = {}
        #: What went wrong in pages: exceptions, errors and warnings.
        self.complaints: list[str] = []
        self._number = 0
        self._buffer = b''
        self._events: list[typing.Optional[str]] = []
        self._session: typing.Optional[str] = None

    def __enter__(self) -> 'Browser':
        self._profile = tempfile.TemporaryDirectory(
            prefix='browser-', ignore_cleanup_errors=True)
        try:
            self._start()
            target = self._call('Target.createTarget', url='about:blank')
            self._session = self._call(
                'Target.attachToTarget', targetId=target['targetId'],
                flatten=True)['sessionId']
            for domain in ('Page', 'Runtime', 'Network', 'Log'):
                self._call(domain + '.enable')
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc_info: object) -> None:
        # The browser has children in its process group.
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (AttributeError, ProcessLookupError):
            pass
        else:
            self._process.wait()
            os.close(self._write)
            os.close(self._read)
        self._profile.cleanup()

    def _start(self) -> None:
        program = find()
        if program is None:
            raise BrowserError('there is none of ' + ', '.join(PROGRAMS))
        command = [
            program, '--headless', '--no-sandbox', '--disable-gpu',
            '--disable-dev-shm-usage', '--no-first-run', '--hide-scrollbars',
            '--disable-background-networking', '--disable-component-update',
            '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND',
            '--user-data-dir=' + self._profile.name,
            '--remote-debugging-pipe', 'about:blank']
        # It expects its ends of the pipes at these numbers.
        ends = [_out_of_the_way(end) for end in os.pipe() + os.pipe()]
        theirs_in, self._write, self._read, theirs_out = ends

        def place() -> None:
            os.dup2(theirs_in, 3)
            os.dup2(theirs_out, 4)

        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=place, pass_fds=(3, 4),
            start_new_session=True,
            env=dict(os.environ, HOME=self._profile.name))
        os.close(theirs_in)
        os.close(theirs_out)

    def open(self, path: typing.Union[str, pathlib.Path]) -> None:
        """Open a file and wait until it is loaded."""
        self._events.clear()
        self._call('Page.navigate', url=pathlib.Path(path).resolve().as_uri())
        deadline = time.monotonic() + PATIENCE
        while 'Page.loadEventFired' not in self._events:
            self._receive(deadline)

    def evaluate(self, expression: str) -> typing.Any:
        """Return the value of an expression in the page's JavaScript.

        :raises BrowserError: it throws an exception
        """
        found = self._call('Runtime.evaluate', expression=expression,
                           returnByValue=True)
        if 'exceptionDetails' in found:
            raise BrowserError(found['exceptionDetails'])
        return found['result'].get('value')

    def resize(self, width: int, height: int) -> None:
        """Give the page so many pixels."""
        self._call('Emulation.setDeviceMetricsOverride', width=width,
                   height=height, deviceScaleFactor=1, mobile=False)

    def medium(self, media: str = '', scheme: str = 'light') -> None:
        """Show the page as on 'print', or in the colours of a scheme."""
        self._call('Emulation.setEmulatedMedia', media=media, features=[
            {'name': 'prefers-color-scheme', 'value': scheme}])

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a pixel."""
        self._call('Input.dispatchMouseEvent', type='mouseMoved', x=x, y=y)

    def picture(self, width: int, height: int) -> bytes:
        """Return a picture of the page's top as PNG."""
        found = self._call(
            'Page.captureScreenshot', captureBeyondViewport=True, clip={
                'x': 0, 'y': 0, 'width': width, 'height': height, 'scale': 1})
        return base64.b64decode(found['data'])

    def printed(self) -> bytes:
        """Return the page as it is printed, a PDF."""
        found = self._call('Page.printToPDF', printBackground=False)
        return base64.b64decode(found['data'])

    def _call(self, method: str, **params: typing.Any) -> typing.Any:
        self._number += 1
        message = {'id': self._number, 'method': method, 'params': params}
        if self._session:
            message['sessionId'] = self._session
        os.write(self._write, json.dumps(message).encode() + b'\0')
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._receive(deadline)
            if answer.get('id') == self._number:
                break
        if 'error' in answer:
            raise BrowserError('%s: %s' % (method, answer['error']))
        return answer['result']

    def _receive(self, deadline: float) -> dict[str, typing.Any]:
        """Return the next message and remember what it tells."""
        while b'\0' not in self._buffer:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([self._read], [], [], left)[0]:
                raise BrowserError('nothing from it for %d s' % PATIENCE)
            got = os.read(self._read, 65536)
            if not got:
                raise BrowserError('it ended by itself')
            self._buffer += got
        raw, _null, self._buffer = self._buffer.partition(b'\0')
        message: dict[str, typing.Any] = json.loads(raw)
        method = message.get('method')
        params = message.get('params', {})
        self._events.append(method)
        if method == 'Network.requestWillBeSent':
            self.requests[params['requestId']] = params['request']['url']
        elif method == 'Network.loadingFailed' and 'blockedReason' in params:
            self.blocked[params['requestId']] = params['blockedReason']
        elif method == 'Runtime.exceptionThrown':
            self.complaints.append(str(params['exceptionDetails']))
        elif method == 'Log.entryAdded':
            self.complaints.append(params['entry']['text'])
        elif method == 'Runtime.consoleAPICalled':
            self.complaints.append(str(params['args']))
        return message


def _out_of_the_way(descriptor: int) -> int:
    """Return a copy whose number is none of those that are given away."""
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return copy
