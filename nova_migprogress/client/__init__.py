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

"""The progress of migrations for programs.

Imports nothing of Nova: keystoneauth1 is all that it needs. The entry points:

* :class:`nova_migprogress.client.cloud.Cloud`: what a cloud offers, and every
  migration of it in one request;
* :class:`nova_migprogress.client.follow.Follower`: the same again and again,
  with an assessment of each migration;
* :mod:`nova_migprogress.client.novaclient` and
  :mod:`nova_migprogress.client.sdk`: for programs that use those libraries.
"""
