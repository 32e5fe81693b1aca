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

"""Write a file as a whole or not at all."""

import collections.abc
import contextlib
import os
import stat
import tempfile


class Unwritable(Exception):
    """The file cannot be written; the message names it and says why."""


def check(path: str, source: str) -> None:
    """Make sure that a file can be written, before any work is done.

    Nothing is changed.

    :param path: of the file
    :param source: path of what is read, which must be another file
    :raises Unwritable: it cannot
    """
    with _naming(path):
        target = os.path.realpath(path)
        if os.path.isdir(target):
            raise Unwritable('cannot write %s: it is a directory' % path)
        if os.path.exists(target):
            if not stat.S_ISREG(os.stat(target).st_mode):
                raise Unwritable('cannot write %s: it is not a regular file'
                                 % path)
            if os.path.exists(source) and os.path.samefile(target, source):
                raise Unwritable('cannot write %s: it is the recording'
                                 % path)
            with open(target, 'ab'):
                pass
        handle, name = _make_temporary(target)
        os.close(handle)
        os.unlink(name)


def write(path: str, text: str) -> None:
    """Write a file and replace the one that is there, if any.

    :param path: of the file; a symbolic link is followed
    :raises Unwritable: it cannot be written; what was there is still there
    """
    with _naming(path):
        target = os.path.realpath(path)
        handle, name = _make_temporary(target)
        try:
            with open(handle, 'w', encoding='utf-8') as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(name, _find_mode(target))
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


@contextlib.contextmanager
def _naming(path: str) -> collections.abc.Iterator[None]:
    """Name the file in errors."""
    try:
        yield
    except (OSError, ValueError) as exc:
        # ValueError: a null character within a path.
        raise Unwritable('cannot write %s: %s'
                         % (path, getattr(exc, 'strerror', None) or exc))


def _make_temporary(target: str) -> tuple[int, str]:
    """Return (handle, name) of a new file beside a file."""
    return tempfile.mkstemp(prefix='.nova-migprogress-', suffix='.html',
                            dir=os.path.dirname(target))


def _find_mode(target: str) -> int:
    """Return the permissions that a new file would have, or the old ones."""
    if os.path.exists(target):
        return stat.S_IMODE(os.stat(target).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
