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

"""The driver shim ``nova.virt.migprogress``: where it is, put it, remove it.

Nova only loads compute drivers below ``nova.virt``. The wheel brings the shim
as ``nova/virt/migprogress``, which works where Nova and this package share a
directory. Two layouts break that:

- Nova in another site directory: Python takes ``nova.virt`` from there and
  never looks into ours.
- Nova installed editable: its import hook comes after the search through the
  site directory, where Python finds our ``nova`` directory, without an
  ``__init__.py``, and takes it for a namespace package. Nova is hidden.

For both the shim is written into Nova's own directory, and the copy that
hides Nova is removed. Nothing here imports Nova, which may be broken.
"""

import collections.abc
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import shutil
import sys
import tempfile
import typing

PACKAGE = 'nova.virt.migprogress'
DISTRIBUTION = 'nova-migprogress'
FIX = 'nova-migprogress-manage driver install'

# Lists what install() wrote, so that uninstall() removes nothing else.
MANIFEST = 'nova-migprogress.json'


class ShimError(Exception):
    """The shim cannot be found, written or removed; the message says why."""


def nova_directory() -> pathlib.Path:
    """Return the directory of the installed Nova, also when it is hidden.

    :raises ShimError: this Python has no Nova
    """
    for finder in sys.meta_path:
        find_spec = getattr(finder, 'find_spec', None)
        spec = find_spec and find_spec('nova', None)
        # A namespace package, a hull of other packages' files, has no origin.
        if spec and spec.origin and spec.submodule_search_locations:
            return pathlib.Path(spec.origin).parent
    raise ShimError('Nova is not installed for %s' % sys.executable)


def hiding_directories() -> list[pathlib.Path]:
    """Return the directories that Python takes for Nova instead of Nova."""
    spec = importlib.util.find_spec('nova')
    if spec is None or spec.origin:
        return []
    return [pathlib.Path(path)
            for path in spec.submodule_search_locations or ()]


def packaged_files() -> list[pathlib.Path]:
    """Return the paths of the shim that came with the installed package.

    Empty when the package is installed editable: its files then stay in the
    source tree.
    """
    try:
        files = importlib.metadata.distribution(DISTRIBUTION).files or []
    except importlib.metadata.PackageNotFoundError:
        return []
    parts = tuple(PACKAGE.split('.'))
    return [pathlib.Path(file.locate()).resolve() for file in files
            if file.parts[:len(parts)] == parts]


def location() -> typing.Optional[pathlib.Path]:
    """Return the path from which Python imports the shim, or None."""
    importlib.invalidate_caches()
    try:
        spec = importlib.util.find_spec(PACKAGE)
    except ImportError:
        return None
    return pathlib.Path(spec.origin) if spec and spec.origin else None


def install() -> str:
    """Make the shim importable; repeating it changes nothing.

    :returns: a sentence that says what was done
    :raises ShimError: it cannot be done; nothing is left half written
    """
    target = nova_directory() / 'virt' / 'migprogress'
    hiding = hiding_directories()
    if not hiding:
        found = location()
        if found and found.parent.resolve() != target.resolve():
            return ('Nothing to do: %s is imported from %s.'
                    % (PACKAGE, found.parent))
    if target.resolve() in {file.parent for file in packaged_files()}:
        return ('Nothing to do: %s belongs to the installed package %s.'
                % (target, DISTRIBUTION))
    try:
        changed = _write(target)
        if hiding:
            _remove_hiding_copy()
    except OSError as exc:
        raise ShimError('Cannot write %s: %s' % (exc.filename or target,
                                                 exc.strerror or exc))
    still_hiding = hiding_directories()
    if still_hiding:
        raise ShimError(
            'Nova in %s is still hidden by other files in %s' % (
                target.parent.parent, ', '.join(map(str, still_hiding))))
    if not location():
        raise ShimError('%s was written, but Python does not import it'
                        % target)
    if changed:
        return 'Installed %s in %s.' % (PACKAGE, target)
    return 'Nothing to do: %s is installed.' % target


def uninstall() -> str:
    """Remove what install() wrote and nothing else.

    :returns: a sentence that says what was done
    :raises ShimError: the shim was not written by install(), was changed
        since, or cannot be removed
    """
    target = nova_directory() / 'virt' / 'migprogress'
    if not os.path.lexists(target):
        return 'Nothing to do: there is no %s.' % target
    if target.resolve() in {file.parent for file in packaged_files()}:
        raise ShimError(
            '%s belongs to the installed package %s; remove it with '
            '"pip uninstall %s"' % (target, DISTRIBUTION, DISTRIBUTION))
    files = _read_manifest(target)
    _check_unchanged(target, files)
    try:
        _remove_files([target / name for name in files])
        (target / MANIFEST).unlink()
        left = sorted(entry.name for entry in target.iterdir())
        if not left:
            target.rmdir()
    except OSError as exc:
        raise ShimError('Cannot remove %s: %s' % (exc.filename or target,
                                                  exc.strerror or exc))
    if left:
        return ('Removed %s from %s, where other files remain: %s.'
                % (PACKAGE, target, ', '.join(left)))
    return 'Removed %s from %s.' % (PACKAGE, target)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sources() -> dict[str, bytes]:
    """Return {file name: content} of the shim, without importing it."""
    shim = pathlib.Path(__file__).parent / 'shim'
    return {path.name: path.read_bytes() for path in shim.glob('*.py')}


def _read_manifest(target: pathlib.Path) -> dict[str, str]:
    """Return {file name: SHA-256} of what install() wrote to a directory."""
    try:
        with open(target / MANIFEST) as manifest:
            files = json.load(manifest)['files']
    except FileNotFoundError:
        raise ShimError('%s was not written by "%s"; it is left alone'
                        % (target, FIX))
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ShimError('Cannot read %s: %s' % (target / MANIFEST, exc))
    bad = [name for name in files if os.path.basename(name) != name]
    if bad:
        raise ShimError('%s names a file of another directory: %s'
                        % (target / MANIFEST, bad[0]))
    return files


def _check_unchanged(target: pathlib.Path, files: dict[str, str]) -> None:
    """Raise ShimError if a file is neither as written nor as shipped now.

    As shipped now it is after an interrupted update.
    """
    shipped = _sources()
    for name, digest in files.items():
        path = target / name
        if path.exists():
            content = path.read_bytes()
            if _digest(content) != digest and content != shipped.get(name):
                raise ShimError('%s was changed since it was installed; '
                                'remove it by hand' % path)


def _write(target: pathlib.Path) -> bool:
    """Write the shim, or update it, and return whether anything changed."""
    sources = _sources()
    files = {name: _digest(content) for name, content in sources.items()}
    if os.path.lexists(target):
        written = _read_manifest(target)
        _check_unchanged(target, written)
        if written == files and all((target / name).exists()
                                    for name in files):
            return False
        _write_files(target, sources, files)
        return True
    new = pathlib.Path(tempfile.mkdtemp(prefix='.migprogress-',
                                        dir=target.parent))
    try:
        new.chmod(0o755)
        _write_files(new, sources, files)
        os.rename(new, target)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return True


def _write_files(directory: pathlib.Path, sources: dict[str, bytes],
                 files: dict[str, str]) -> None:
    """Write each file as a whole, the list of them last."""
    manifest = json.dumps({'written_by': FIX, 'files': files}, indent=4)
    contents = dict(sources)
    contents[MANIFEST] = manifest.encode()
    for name, content in contents.items():
        new = directory / (name + '.new')
        new.write_bytes(content)
        new.chmod(0o644)
        os.replace(new, directory / name)


def _remove_files(paths: collections.abc.Iterable[pathlib.Path]) -> None:
    """Remove modules and their byte code, and the byte code's directory."""
    for path in paths:
        if path.exists():
            path.unlink()
        cache = path.parent / '__pycache__'
        for compiled in cache.glob(path.stem + '.*.pyc'):
            compiled.unlink()
        if cache.is_dir() and not any(cache.iterdir()):
            cache.rmdir()


def _remove_hiding_copy() -> None:
    """Remove the wheel's copy of the shim, and directories left empty."""
    files = packaged_files()
    _remove_files([file for file in files if file.suffix == '.py'])
    for directory in {file.parent for file in files
                      if file.suffix == '.py'}:
        # migprogress, virt, nova
        for level in (directory, directory.parent, directory.parent.parent):
            if level.is_dir() and not any(level.iterdir()):
                level.rmdir()
    importlib.invalidate_caches()
