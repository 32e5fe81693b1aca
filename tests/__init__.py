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

import os

# Nova 34 runs its services on native threads by default, its tests on
# eventlet unless told otherwise. Ours run on what is deployed, however they
# are started. It must be set before nova is imported.
os.environ.setdefault('OS_NOVA_DISABLE_EVENTLET_PATCHING', 'True')

from nova import monkey_patch  # noqa: E402

# Before any library imports eventlet on its own, which Nova then refuses.
monkey_patch.patch()
