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

"""Build the guest: an installed kernel and an initramfs around a workload."""

from collections import abc
import lzma
import os
import pathlib
import shutil
import subprocess

from sandbox import exception
from sandbox import programs

HERE = pathlib.Path(__file__).resolve().parent

#: What the guest needs to see its disk; what is built in is not a module.
MODULES = ('virtio_pci', 'virtio_blk')


def _load_order(modules_dep: str, wanted: abc.Iterable[str]) -> list[str]:
    """The module files to load, dependencies first.

    :param modules_dep: text of the kernel's modules.dep
    :param wanted: names of modules
    """
    needs: dict[str, list[str]] = {}
    for line in modules_dep.splitlines():
        module, _, needed = line.partition(':')
        needs[module] = needed.split()
    order: list[str] = []
    for name in wanted:
        for module, others in needs.items():
            if pathlib.PurePath(module).name.partition('.')[0] == name:
                # depmod lists what must be loaded first last.
                order += list(reversed(others)) + [module]
    return list(dict.fromkeys(order))


def _decompress(path: pathlib.Path) -> bytes:
    if path.suffix == '.xz':
        return lzma.decompress(path.read_bytes())
    if path.suffix == '.zst':
        return subprocess.run([programs.find('zstd'), '-dc', str(path)],
                              check=True, stdout=subprocess.PIPE).stdout
    return path.read_bytes()


def _compile(target: pathlib.Path) -> None:
    proc = subprocess.run(
        [programs.find('gcc'), '-O2', '-Wall', '-static', '-o', str(target),
         str(HERE / 'workload.c')],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        universal_newlines=True)
    if proc.returncode:
        raise exception.SandboxError(
            "The guest's workload does not compile (is libc6-dev "
            'installed?): %s' % proc.stdout[-1000:])


def build(directory: pathlib.Path) -> None:
    """Build ``kernel`` and ``initramfs`` in a directory.

    :raises SandboxError: if a kernel, a program or a library is missing
    """
    root = directory / 'root'
    if root.exists():
        shutil.rmtree(root)
    for name in ('bin', 'dev', 'proc', 'sys', 'modules'):
        (root / name).mkdir(parents=True)
    kernel, modules = programs.kernels()[-1]
    shutil.copyfile(kernel, directory / 'kernel')
    order: list[str] = []
    dep = pathlib.Path(modules, 'modules.dep').read_text()
    for name in _load_order(dep, MODULES):
        path = pathlib.Path(modules, name)
        order.append(path.name.partition('.')[0] + '.ko')
        (root / 'modules' / order[-1]).write_bytes(_decompress(path))
    (root / 'modules' / 'order').write_text('\n'.join(order) + '\n')
    shutil.copy2(programs.find('busybox'), root / 'bin' / 'busybox')
    shutil.copyfile(HERE / 'init.sh', root / 'init')
    os.chmod(root / 'init', 0o755)
    _compile(root / 'workload')
    names = '\n'.join(str(path.relative_to(root))
                      for path in sorted(root.rglob('*')))
    with open(directory / 'initramfs', 'wb') as target:
        subprocess.run(
            [programs.find('cpio'), '--create', '--format=newc', '--quiet',
             '--owner=0:0'],
            cwd=root, input=names.encode(), stdout=target, check=True)
