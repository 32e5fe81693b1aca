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


#: Default of conductor_patience.
CONDUCTOR_PATIENCE = 900

GROUP = cfg.OptGroup(
    'migration_progress',
    title='Migration progress',
    help="""
Options of nova-migprogress, which reports the progress of migrations in the
os-migrations API. They are read by nova-compute when ``compute_driver`` is
``migprogress.LibvirtDriver``.
""")

#: Bounds of the option interval, in seconds.
MAX_INTERVAL = 3600
#: Nova's own option, since Nova 34, and its default.
MONITOR_INTERVAL = 'live_migration_monitor_interval'
MONITOR_INTERVAL_DEFAULT = 5

OPTS = [
    cfg.Opt(
        'interval',
        type=BoundedInteger(min=1, max=MAX_INTERVAL),
        default=2,
        mutable=True,
        help="""
Seconds between two writes of a running migration's progress to the database.

The hypervisor is polled by Nova anyway; this option only decides how often
the newest sample is saved. Each save is one RPC call to the conductor and
two SQL statements. A saved sample is therefore never older than about this
interval plus half a second, as long as the conductor answers quickly: saves
take a tenth of the time at the most. One that takes two seconds is followed by
the migration's next one after 20 seconds, and all migrations of a compute
service together slow down likewise.

``instance.progress``, the percentage that ``GET /servers/{id}`` shows, is
saved less often, and only when it changed: every ten intervals or once a
minute, whichever is sooner, or every interval if that is longer.

Possible values:

* an integer from 1 to 3600, in seconds.
* not set: 2, unless ``[libvirt]live_migration_monitor_interval`` was raised.

Related options:

* ``[libvirt]live_migration_monitor_interval`` decides how often the stock
  libvirt driver saves. Where it was raised above its default of 5 and this
  option is not set, this driver saves as seldom, at least once an hour.
"""),
    cfg.Opt(
        'conductor_patience',
        type=BoundedInteger(min=0, max=3600),
        default=CONDUCTOR_PATIENCE,
        mutable=True,
        help="""
Seconds for which the end of a live migration waits for the conductor.

Nova gives up a live migration at the first call to the conductor that fails,
also when the guest runs on the destination already: it is then recorded on the
wrong host. The driver therefore proves first, by saving the final numbers,
that conductor, message queue and database are there, and waits for them. The
guest runs meanwhile. While they are away a migration is not forced to
complete either; the request is remembered.

The waiting ends at once when ``nova-compute`` is stopped. When it is given up
the log has a warning that says where the guest runs.

Possible values:

* an integer from 0 to 3600, in seconds. Default: 900.
* 0: nothing is asked and nothing is waited for, as with Nova's own driver.

Related options:

* ``[DEFAULT]rpc_response_timeout`` is how long Nova itself waits for one
  answer.
"""),
]


class Interval(typing.NamedTuple):
    """How often the progress of a running migration is saved."""

    seconds: int
    #: To be put after it in a message.
    reason: str


def effective_interval(conf: cfg.ConfigOpts) -> Interval:
    """Return the interval that is in force.

    Whoever raised Nova's own interval, so that fewer saves reach the message
    queue, is not to get more of them.

    :param conf: with the options of this package registered; Nova's are
        optional
    :raises oslo_config.cfg.ConfigFileValueError: the configured one is out of
        its bounds
    """
    seconds = conf[GROUP.name].interval
    location = conf.get_location('interval', GROUP.name)
    if location and location.location is not cfg.Locations.opt_default:
        return Interval(seconds, 'as set by [migration_progress] interval')
    monitor = getattr(getattr(conf, 'libvirt', None), MONITOR_INTERVAL, None)
    if monitor is not None and monitor > MONITOR_INTERVAL_DEFAULT:
        return Interval(min(monitor, MAX_INTERVAL),
                        'as set by [libvirt] %s' % MONITOR_INTERVAL)
    return Interval(seconds, 'the default of [migration_progress] interval')


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
