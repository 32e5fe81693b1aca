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

import ddt
from openstack import connection

from nova_migprogress.client import cloud
from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress import statuses
from tests.unit.client import base

HOSTS_HIDDEN = ('The hosts are hidden by a policy of this cloud '
                '(os_compute_api:os-migrations:index:host).')
NO_PLUGIN = 'This cloud does not have the progress plugin: '


class ConnectTestCase(base.ClientTestCase):

    def test_sdk(self):
        listing = self.use_plugin(base.entry(1))
        found = cloud.Cloud.from_sdk(
            connection.Connection(session=self.session), 7)
        self.assertEqual([1], [record.id for record in found.migrations()])
        self.assertEqual(7, listing.last_request.timeout)

    def test_session_itself(self):
        self.use_plugin(base.entry(1))
        found = cloud.Cloud(self.session)
        self.assertEqual([1], [record.id for record in found.migrations()])

    def test_server_names(self):
        self.use_plugin()
        self.answer('/servers', {'servers': [{'id': 'a', 'name': 'web'}]})
        self.assertEqual({'a': 'web'}, self.cloud.server_names(['a']))

    def test_server_date(self):
        self.assertIsNone(self.cloud.server_date)
        self.answer('/extensions', base.EXTENSIONS,
                    headers={'Date': 'Thu, 29 Jan 2026 11:00:00 GMT'})
        self.cloud.capabilities()
        self.assertEqual(1769684400.0, self.cloud.server_date)


class PagesTestCase(base.ClientTestCase):

    def test_link_of_migrations_without_uuid(self):
        # No marker can be made of them: Nova would answer 400.
        self.answer('/extensions', base.EXTENSIONS)
        listing = self.answer('/os-migrations', {
            'migrations': [base.entry(1, uuid=None)],
            'migrations_links': [{'rel': 'next', 'href': 'next'}]})
        self.assertEqual([1], [found.id for found in self.cloud.migrations()])
        self.assertNotIn('marker', listing.last_request.qs)

    def test_same_page_once_more(self):
        # A server that knows no markers.
        self.answer('/extensions', base.EXTENSIONS)
        listing = self.answer('/os-migrations', {
            'migrations': [base.entry(2), base.entry(1)],
            'migrations_links': [{'rel': 'next', 'href': 'next'}]})
        self.assertEqual([2, 1],
                         [found.id for found in self.cloud.migrations()])
        self.assertEqual(2, listing.call_count)


@ddt.ddt
class PluginTestCase(base.ClientTestCase):
    """A cloud with the plugin."""

    def test_one_request(self):
        listing = self.use_plugin(base.entry(1, memory_total=None))
        found, = self.cloud.migrations()
        self.assertIsNone(found.memory_total)
        self.assertEqual(1, listing.call_count)
        self.assertEqual({'status': list(statuses.IN_PROGRESS_STATUSES)},
                         base.query(listing.last_request))
        self.assertEqual(
            'compute 2.105',
            listing.last_request.headers['OpenStack-API-Version'])

    @ddt.data(None, (), [])
    def test_all_statuses(self, wanted):
        listing = self.use_plugin()
        self.cloud.migrations(wanted)
        self.assertEqual({}, base.query(listing.last_request))

    @ddt.data(
        # None of them has a host.
        ([{'source_compute': None}] * 2, True),
        ([{'source_compute': None}, {}], False), ([{}], False), ([], False))
    @ddt.unpack
    def test_hidden_hosts(self, values, expected):
        self.use_plugin(*[base.entry(number, **changed)
                          for number, changed in enumerate(values)])
        self.cloud.migrations()
        self.assertEqual((HOSTS_HIDDEN,) if expected else (),
                         self.cloud.capabilities().missing)

    def test_hosts_show_again(self):
        self.use_plugin(base.entry(1, source_compute=None))
        self.cloud.migrations()
        # An empty list tells nothing.
        for entries, expected in (([], (HOSTS_HIDDEN,)),
                                  ([base.entry(1)], ())):
            self.use_plugin(*entries)
            self.cloud.migrations()
            self.assertEqual(expected, self.cloud.capabilities().missing)

    def test_filters_that_nova_does_not_have(self):
        self.use_plugin(base.entry(1), base.entry(2, dest_compute='host3'))
        self.assertEqual([2], [
            found.id for found in self.cloud.migrations(dest_compute='host3')])


class ProjectsTestCase(base.ClientTestCase):
    """A policy that hides the projects of others."""

    def forbid_all(self):
        """Answer 403 but for a request that names a project."""
        def list_own(request, context):
            if 'project_id' not in base.query(request):
                context.status_code = 403
            return {'migrations': [base.entry(1)]}

        return self.answer('/os-migrations', list_own)

    def test_own_project(self):
        self.use_plugin()
        self.auth.project = 'own'
        listing = self.forbid_all()
        for _time in range(2):
            self.assertEqual([1], [r.id for r in self.cloud.migrations(())])
        self.assertEqual(
            [{}, {'project_id': ['own']}, {'project_id': ['own']}],
            [base.query(request) for request in listing.request_history])
        self.assertEqual(
            ('Only migrations of your own project are shown: a policy of '
             'this cloud (os_compute_api:os-migrations:index:all_projects) '
             'hides the others.',), self.cloud.capabilities().missing)

    def test_nothing_is_hidden(self):
        self.use_plugin(base.entry(1))
        self.auth.project = 'own'
        self.cloud.migrations()
        self.assertEqual((), self.cloud.capabilities().missing)

    def test_own_project_is_not_known(self):
        self.use_plugin()
        listing = self.forbid_all()
        self.assertRaises(errors.Forbidden, self.cloud.migrations)
        self.assertEqual(1, listing.call_count)

    def test_nova_without_the_filter(self):
        self.use_stock(maximum='2.79')
        self.auth.project = 'own'
        listing = self.forbid_all()
        self.assertRaises(errors.Forbidden, self.cloud.migrations)
        self.assertEqual(1, listing.call_count)

    def test_one_that_was_asked_for(self):
        # It is not replaced by the own one.
        self.use_plugin()
        self.auth.project = 'own'
        listing = self.answer('/os-migrations', status_code=403)
        self.assertRaises(errors.Forbidden, self.cloud.migrations, (),
                          project='other')
        self.assertEqual([{'project_id': ['other']}], [
            base.query(request) for request in listing.request_history])


@ddt.ddt
class StockTestCase(base.ClientTestCase):
    """A cloud without the plugin."""

    def test_each_status(self):
        listing = self.use_stock(
            base.entry(1, status='queued', created_at='2026-01-29T11:00:00'),
            base.entry(2, created_at='2026-01-29T11:00:00',
                       migration_type='resize'),
            base.entry(3, created_at=None, migration_type='resize'),
            base.entry(4, status='migrating', migration_type='resize',
                       created_at='2026-01-29T12:00:00'),
            base.entry(5, status='error'))
        # In the order of one list: the newest first.
        self.assertEqual([4, 2, 1, 3],
                         [found.id for found in self.cloud.migrations()])
        self.assertEqual(
            [{'status': [status]} for status in statuses.IN_PROGRESS_STATUSES],
            [base.query(request) for request in listing.request_history])
        self.assertEqual(
            'compute 2.80',
            listing.last_request.headers['OpenStack-API-Version'])

    def test_all_statuses_in_one_request(self):
        listing = self.use_stock(base.entry(1, status='error'),
                                 base.entry(2, status='queued'))
        self.assertEqual([1, 2],
                         [found.id for found in self.cloud.migrations(None)])
        self.assertEqual(1, listing.call_count)

    def use_numbers(self, **kwargs):
        """Have one live migration, and an answer to who asks its server."""
        self.use_stock(base.entry(1, **dict.fromkeys(
            ('memory_total', 'memory_processed', 'memory_remaining',
             'disk_total', 'disk_processed', 'disk_remaining'))), **kwargs)
        return self.answer('/servers/server-1/migrations', {'migrations': [
            {'id': 1, 'status': 'running', 'memory_total_bytes': 4000}]})

    @ddt.data((None, {}, 4000, 1), (None, {'numbers': True}, 4000, 1),
              (None, {'numbers': False}, None, 0),
              # Nova has none before.
              ('2.22', {}, None, 0), ('2.23', {}, 4000, 1))
    @ddt.unpack
    def test_numbers(self, maximum, kwargs, expected, requests):
        server = self.use_numbers(maximum=maximum or '2.104')
        found, = self.cloud.migrations(('running',), **kwargs)
        self.assertEqual(expected, found.memory_total)
        self.assertEqual(requests, server.call_count)

    def test_numbers_are_forbidden(self):
        self.use_numbers()
        server = self.answer('/servers/server-1/migrations', {
            'forbidden': {'message': 'So it is.'}}, status_code=403)
        for _time in range(2):
            found, = self.cloud.migrations(('running',))
            self.assertIsNone(found.memory_total)
        # Not asked for again.
        self.assertEqual(1, server.call_count)
        capabilities = self.cloud.capabilities()
        self.assertEqual(discovery.NONE, capabilities.listing)
        self.assertEqual(
            'The numbers are hidden by a policy of this cloud (GET '
            '/servers/server-1/migrations: 403 So it is.).',
            capabilities.missing[-1])

    def test_filter_of_a_later_nova(self):
        listing = self.use_stock(maximum='2.58')
        self.assertRaises(errors.Unsupported, self.cloud.migrations,
                          project='a')
        self.assertEqual(0, listing.call_count)

    def test_progress_microversion(self):
        self.use_stock()
        error = self.assertRaises(errors.Unsupported,
                                  self.cloud.progress_microversion)
        self.assertTrue(str(error).startswith(NO_PLUGIN))


class ChangeTestCase(base.ClientTestCase):
    """The plugin is removed, or added, while the cloud is known."""

    def test_plugin_is_removed(self):
        self.use_plugin(base.entry(1, source_compute=None))
        self.cloud.migrations()
        self.assertEqual((HOSTS_HIDDEN,), self.cloud.capabilities().missing)

        def list_none(request, context):
            version = request.headers['OpenStack-API-Version']
            context.status_code = 406 if version == 'compute 2.105' else 200
            return {'migrations': []}

        self.use_stock()
        self.answer('/os-migrations', list_none)
        self.assertEqual([], self.cloud.migrations())
        capabilities = self.cloud.capabilities()
        self.assertEqual('2.80', capabilities.microversion)
        # Nothing is left of what was known.
        only, = capabilities.missing
        self.assertTrue(only.startswith(NO_PLUGIN))

    def test_never_acceptable(self):
        extensions = self.answer('/extensions', base.EXTENSIONS)
        listing = self.answer('/os-migrations', status_code=406)
        self.assertRaises(errors.NotAcceptable, self.cloud.migrations)
        # What was found out just now is no older than the answer.
        self.assertEqual((1, 1), (extensions.call_count, listing.call_count))
        # Later it may have changed: once more, not for ever.
        self.assertRaises(errors.NotAcceptable, self.cloud.migrations)
        self.assertEqual((2, 3), (extensions.call_count, listing.call_count))
