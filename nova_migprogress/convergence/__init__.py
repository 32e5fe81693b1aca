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

"""Will a migration finish, and when: samples in, assessments out.

Pure Python: it imports nothing of Nova or OpenStack and does no input or
output. What programs need is here::

    from nova_migprogress import convergence

    follower = convergence.Estimator()
    for row in rows:
        assessment = follower.add(convergence.from_mapping(row))
        if assessment.verdict == convergence.NOT_CONVERGING:
            ...

Numbers go one way: samples, sample_filter, the trackers in memory and disk,
which measure, verdicts, which judges what they measured, assessment.
"""

from nova_migprogress.convergence.assessment import Assessment
from nova_migprogress.convergence.estimator import Estimator
from nova_migprogress.convergence.phases import ALL as PHASES
from nova_migprogress.convergence.phases import COPYING
from nova_migprogress.convergence.phases import ENDED
from nova_migprogress.convergence.phases import FIRST_PASS
from nova_migprogress.convergence.phases import POST_COPY
from nova_migprogress.convergence.phases import PRE_COPY
from nova_migprogress.convergence.phases import PREPARING
from nova_migprogress.convergence.phases import STORAGE
from nova_migprogress.convergence.samples import from_mapping
from nova_migprogress.convergence.samples import InvalidSample
from nova_migprogress.convergence.samples import Sample
from nova_migprogress.convergence.sync_splitter import Sync
from nova_migprogress.convergence.verdicts import ALL as VERDICTS
from nova_migprogress.convergence.verdicts import BORDERLINE
from nova_migprogress.convergence.verdicts import COMPLETED
from nova_migprogress.convergence.verdicts import CONVERGING
from nova_migprogress.convergence.verdicts import FAILED
from nova_migprogress.convergence.verdicts import NOT_CONVERGING
from nova_migprogress.convergence.verdicts import STALLED
from nova_migprogress.convergence.verdicts import UNKNOWN

__all__ = [
    'Assessment',
    'BORDERLINE',
    'COMPLETED',
    'CONVERGING',
    'COPYING',
    'ENDED',
    'Estimator',
    'FAILED',
    'FIRST_PASS',
    'InvalidSample',
    'NOT_CONVERGING',
    'PHASES',
    'POST_COPY',
    'PREPARING',
    'PRE_COPY',
    'STALLED',
    'STORAGE',
    'Sample',
    'Sync',
    'UNKNOWN',
    'VERDICTS',
    'from_mapping',
]
