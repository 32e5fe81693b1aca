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

"""``nova-migprogress-status upgrade check``: is this node ready?

Like nova-status: a table of checks, exit code 0 when all succeed, 1 with a
warning, 2 with a failure and 255 for an error of the command itself. Run it
on each node; what a node has no part in, such as api-paste.ini on a compute
node, is a success that says so.
"""

import collections.abc
import configparser
import functools
import importlib.metadata
import sys
import textwrap
import typing
import warnings

from oslo_config import cfg
from oslo_db import options as db_options
from oslo_upgradecheck import upgradecheck

from nova_migprogress.cmd import cell_database
from nova_migprogress.cmd import libraries
from nova_migprogress import conf as package_conf
from nova_migprogress import db_migrations
from nova_migprogress import exception
from nova_migprogress.i18n import _
from nova_migprogress.virt import shim_installer

#: Major versions of Nova that this package is tested with.
TESTED_RELEASES = {34: '2026.2'}

DRIVER = 'migprogress.LibvirtDriver'
APP_SECTION = 'app:osapi_compute_app_v21'
APP_FACTORY = 'nova_migprogress.api.deploy:app_factory'

# Read without Nova's own configuration, which a broken Nova cannot load.
_OPTS = [cfg.StrOpt('compute_driver')]
_WSGI_OPTS = [cfg.StrOpt('api_paste_config', default='api-paste.ini',
                         deprecated_group='DEFAULT')]

# Of another group than the options of this package, and absent before Nova 34,
# which ignores it then.
_LIBVIRT_OPTS = [cfg.IntOpt(package_conf.MONITOR_INTERVAL,
                            default=package_conf.MONITOR_INTERVAL_DEFAULT)]

_Check = collections.abc.Callable[['UpgradeCommands'], upgradecheck.Result]


def _success(details: typing.Optional[str] = None) -> upgradecheck.Result:
    return upgradecheck.Result(upgradecheck.Code.SUCCESS, details)


def _warning(details: str) -> upgradecheck.Result:
    return upgradecheck.Result(upgradecheck.Code.WARNING, details)


def _failure(details: str) -> upgradecheck.Result:
    return upgradecheck.Result(upgradecheck.Code.FAILURE, details)


def _no_traceback(check: _Check) -> _Check:
    """Turn whatever a check raises into a failure of that check.

    A Nova of which anything cannot be imported is what the checks look for.
    Each imports what it needs of Nova, and what needs Nova, when it is run.
    """
    @functools.wraps(check)
    def wrapper(self: 'UpgradeCommands') -> upgradecheck.Result:
        try:
            return check(self)
        except shim_installer.ShimError as exc:
            return _failure('%s.' % exc)
        except Exception as exc:
            return _failure('%s: %s' % (type(exc).__name__, exc))
    return wrapper


class UpgradeCommands(upgradecheck.UpgradeCommands):
    """The checks of a node. None of them changes anything."""

    display_title = _('Migration progress check results')

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__()
        self.conf = conf

    def _get_details(
            self, upgrade_check_result: upgradecheck.Result
    ) -> typing.Optional[str]:
        # The commands among the details are meant to be copied: not broken
        # at their hyphens, as the base class does.
        if upgrade_check_result.details is None:
            return None
        return '\n'.join(textwrap.wrap(
            str(upgrade_check_result.details), 60, subsequent_indent='  ',
            break_long_words=False, break_on_hyphens=False))

    @_no_traceback
    def _check_release(self) -> upgradecheck.Result:
        directory = shim_installer.nova_directory()
        try:
            version = importlib.metadata.version('nova')
        except importlib.metadata.PackageNotFoundError:
            return _warning(_('The release of the Nova in %s is unknown.')
                            % directory)
        if int(version.split('.')[0]) not in TESTED_RELEASES:
            return _warning(
                _('Nova %(version)s: this package is tested with %(tested)s '
                  'only.') % {'version': version, 'tested': ', '.join(
                      '%d (%s)' % item for item in TESTED_RELEASES.items())})
        return _success(_('Nova %(version)s in %(directory)s.') % {
            'version': version, 'directory': directory})

    @_no_traceback
    def _check_libraries(self) -> upgradecheck.Result:
        problems = libraries.problems()
        if problems:
            return _failure(_('In %(environment)s: %(problems)s.') % {
                'environment': sys.prefix, 'problems': '; '.join(problems)})
        return _success(_('All are there, none is too old.'))

    @_no_traceback
    def _check_shim(self) -> upgradecheck.Result:
        directory = shim_installer.nova_directory()
        hiding = shim_installer.hiding_directories()
        if hiding:
            return _failure(
                _('The Nova in %(nova)s cannot be imported: %(hiding)s hides '
                  'it. Run: %(fix)s') % {
                      'nova': directory, 'fix': shim_installer.FIX,
                      'hiding': ', '.join(str(path) for path in hiding)})
        location = shim_installer.location()
        if not location:
            return _failure(
                _('The Nova in %(nova)s cannot load compute_driver = '
                  '%(driver)s: there is no %(package)s. Run: %(fix)s') % {
                      'nova': directory, 'driver': DRIVER,
                      'package': shim_installer.PACKAGE,
                      'fix': shim_installer.FIX})
        import nova.virt.migprogress
        driver = nova.virt.migprogress.LibvirtDriver
        return _success(_('%(driver)s is loaded from %(directory)s.') % {
            'driver': driver.__name__,
            'directory': location.parent})

    @_no_traceback
    def _check_driver_seam(self) -> upgradecheck.Result:
        from nova_migprogress.virt.libvirt import copy_seam
        from nova_migprogress.virt.libvirt import monitor_seam
        try:
            monitor_seam.check()
        except exception.UnknownSeam as exc:
            return _failure(_('No progress of live migrations is recorded '
                              'with this Nova: %s.') % exc)
        try:
            copy_seam.check()
        except exception.UnknownSeam as exc:
            return _failure(_('No progress of cold migrations is recorded '
                              'with this Nova: %s.') % exc)
        return _success(_('Looks as expected.'))

    @_no_traceback
    def _check_api_seam(self) -> upgradecheck.Result:
        from nova_migprogress.api import extension
        from nova_migprogress.api import microversion
        try:
            # For real, in this process, which serves no API.
            extension.install()
        except exception.UnsupportedNova as exc:
            return _failure(_('No progress is served with this Nova, because '
                              '%s.') % exc)
        return _success(_('Progress is served at microversion %s.')
                        % microversion.bump())

    @_no_traceback
    def _check_object(self) -> upgradecheck.Result:
        import nova.objects.migration

        from nova_migprogress.objects import migration
        stock = nova.objects.migration.Migration
        problems = migration.problems(stock)
        if problems:
            return _failure(_('Migration object %(version)s: %(problems)s.') %
                            {'version': stock.VERSION,
                             'problems': '; '.join(problems)})
        return _success(_('Migration object %s.') % stock.VERSION)

    @_no_traceback
    def _check_database(self) -> upgradecheck.Result:
        if not self.conf.database.connection:
            return _success(_('No [database] connection is configured here.'))
        try:
            with cell_database.connect(
                    self.conf.config_file or [],
                    self.conf.config_dir or []) as (engine, name):
                missing = db_migrations.check(engine)
        except cell_database.DatabaseProblem as exc:
            return _failure('%s.' % str(exc).rstrip('.'))
        if missing:
            return _failure(
                _('%(name)s: to do: %(missing)s. Run: '
                  'nova-migprogress-manage db upgrade') % {
                      'name': name, 'missing': '; '.join(missing)})
        return _success(_('%s is up to date.') % name)

    @_no_traceback
    def _check_paste(self) -> upgradecheck.Result:
        name = self.conf.wsgi.api_paste_config
        path = self.conf.find_file(name)
        if not path:
            return _success(_('There is no %s here.') % name)
        paste = configparser.RawConfigParser(strict=False)
        try:
            with open(path) as stream:
                paste.read_file(stream)
            factory = paste.get(APP_SECTION, 'paste.app_factory')
        except (OSError, ValueError, configparser.Error) as exc:
            return _failure(_('Cannot read %(path)s: %(reason)s.') % {
                'path': path, 'reason': exc})
        if factory != APP_FACTORY:
            return _warning(
                _('This API serves no progress: [%(section)s] of %(path)s '
                  'has paste.app_factory = %(factory)s instead of '
                  '%(ours)s') % {'section': APP_SECTION, 'path': path,
                                 'factory': factory, 'ours': APP_FACTORY})
        return _success(_('%s serves the progress.') % path)

    @_no_traceback
    def _check_compute_driver(self) -> upgradecheck.Result:
        driver = self.conf.compute_driver
        if not driver:
            return _success(_('No compute_driver is configured here.'))
        if driver != DRIVER:
            return _warning(
                _('This compute records no progress: compute_driver = '
                  '%(driver)s instead of %(ours)s') % {'driver': driver,
                                                       'ours': DRIVER})
        return _success('compute_driver = %s' % driver)

    @_no_traceback
    def _check_interval(self) -> upgradecheck.Result:
        try:
            interval = package_conf.effective_interval(self.conf)
        except cfg.ConfigFileValueError as exc:
            return _failure(_('nova-compute does not start: %s.') % exc)
        return _success(
            _('Progress is saved every %(seconds)d seconds: %(reason)s.')
            % interval._asdict())

    _upgrade_checks = (
        (_('Nova release'), _check_release),
        (_('Python libraries'), _check_libraries),
        (_('Compute driver module'), _check_shim),
        (_("Nova's libvirt driver"), _check_driver_seam),
        (_("Nova's compute API"), _check_api_seam),
        (_("Nova's Migration object"), _check_object),
        (_('Database schema'), _check_database),
        (_('api-paste.ini'), _check_paste),
        (_('compute_driver'), _check_compute_driver),
        (_('Interval between saves'), _check_interval),
    )


def main(argv: typing.Optional[list[str]] = None) -> int:
    """Run the checks.

    :param argv: arguments without the program's name; those of the process
        if None
    :returns: the exit code
    """
    # A library of Nova imports it if it is there, on native threads too.
    warnings.filterwarnings('ignore', r'\s*Eventlet is deprecated')
    conf = cfg.ConfigOpts()
    conf.register_opts(_OPTS)
    conf.register_opts(_WSGI_OPTS, group='wsgi')
    conf.register_opts(_LIBVIRT_OPTS, group='libvirt')
    package_conf.register_opts(conf)
    conf.register_opts(db_options.database_opts, group='database')
    try:
        return upgradecheck.main(
            conf, project='nova', upgrade_command=UpgradeCommands(conf),
            argv=sys.argv[1:] if argv is None else argv)
    except cfg.Error as exc:
        print('Cannot read the configuration: %s' % exc, file=sys.stderr)
        return 255


if __name__ == '__main__':
    sys.exit(main())
