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

"""Options that several commands take."""


def add_config_options(parser, **kwargs):
    """Add --config-file and --config-dir to an argparse parser.

    :param kwargs: more about both for argparse, such as their default
    """
    parser.add_argument(
        '--config-file', metavar='PATH', action='append',
        help='the nova.conf of the cell; may be repeated. Default: where '
             'Nova looks, such as /etc/nova/nova.conf', **kwargs)
    parser.add_argument(
        '--config-dir', metavar='DIR', action='append',
        help='a directory of *.conf files to read; may be repeated', **kwargs)
