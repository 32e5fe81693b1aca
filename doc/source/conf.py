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

import importlib.metadata

project = 'nova-migprogress'
copyright = 'nova-migprogress developers'
version = release = importlib.metadata.version(project)
extensions = [
    'cliff.sphinxext',
    'openstackdocstheme',
    'oslo_config.sphinxconfiggen',
    'oslo_config.sphinxext',
    'reno.sphinxext',
]
html_theme = 'openstackdocs'
html_static_path = ['_static']
html_css_files = ['pages.css']
pygments_style = 'native'
# A block that names no language is what a shell or a log says, not Python.
highlight_language = 'none'
# Quotes and ellipses, but not dashes: --all is an option.
smartquotes_action = 'qe'
autoprogram_cliff_application = 'openstack'
# It would be counted from git's tags.
openstackdocs_auto_version = False
openstackdocs_repo_name = 'nova-migprogress'
# A page of its own holds the annotated sample file.
config_generator_config_file = [
    ('../../etc/nova/config-generator.conf', '_static/nova-migprogress'),
]
