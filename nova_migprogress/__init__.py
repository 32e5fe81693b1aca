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

import typing

#: The version of the installed distribution.
__version__: str

# For mypy every name would be an attribute of the package.
if not typing.TYPE_CHECKING:
    def __getattr__(name: str) -> str:
        # When it is asked for: finding it takes longer than all the rest of
        # this package's import.
        if name != '__version__':
            raise AttributeError(
                f'module {__name__!r} has no attribute {name!r}')
        import importlib.metadata
        return importlib.metadata.version('nova-migprogress')
