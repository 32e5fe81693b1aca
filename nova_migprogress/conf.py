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

"""Configuration options, all in the group ``[migration_progress]``."""

import typing

from oslo_config import cfg
from oslo_config import types


class BoundedInteger(types.Integer):
    """An integer whose error message names the value that was refused."""

    def __call__(self, value: object) -> typing.Union[int, float, None]:
        try:
            return super().__call__(value)
        except ValueError as exc:
            raise ValueError('%s: %s' % (value, exc))


GROUP = cfg.OptGroup(
    'migration_progress',
    title='Migration progress',
    help="""
Options of nova-migprogress, which reports the progress of migrations in the
os-migrations API. They are read by nova-compute when ``compute_driver`` is
``migprogress.LibvirtDriver``.
""")

OPTS = [
    cfg.Opt(
        'interval',
        type=BoundedInteger(min=1, max=60),
        default=2,
        mutable=True,
        help="""
Seconds between two writes of a running migration's progress to the database.

The hypervisor is polled by Nova anyway; this option only decides how often
the newest sample is saved. Each save is one RPC call to the conductor and
two SQL statements. A saved sample is therefore never older than about this
interval plus half a second.

``instance.progress``, the percentage that ``GET /servers/{id}`` shows, is
saved less often: every ten intervals, and only when it changed.

Possible values:

* an integer from 1 to 60, in seconds. Default: 2.

Related options:

* ``[libvirt]live_migration_monitor_interval`` decides how often the stock
  libvirt driver saves. It has no influence on this driver, except on how often
  it logs.
"""),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register the options with a ConfigOpts; may be called repeatedly."""
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)
    conf.register_mutate_hook(_forget_cached_values)


def _forget_cached_values(conf: cfg.ConfigOpts, _changes: object) -> None:
    """Make a reload count for values that were read while it went on.

    oslo.config (ConfigOpts.mutate_config_files) empties its cache of values
    before it reads the files again. A thread that asks meanwhile, as a
    migration does at every poll, puts the old value back, where it would stay
    until the next reload.
    """
    for opt in OPTS:
        # Empties the whole cache; none of the options has another default.
        conf.clear_default(opt.name, group=GROUP.name)


def list_opts() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    """Return the options for oslo-config-generator."""
    return [(GROUP, OPTS)]
