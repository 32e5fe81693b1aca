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

"""The assessments of a recording as JSON lines for programs."""

import json

from nova_migprogress import fields
from nova_migprogress.replay import moments


def to_json(moment: moments.Moment) -> str:
    """Return one JSON object, in ASCII and without the end of the line.

    time, eta, pause, pause_most and sample_age are seconds; throughput and
    dirty_rate bytes per second; remaining and the six fields bytes; null is
    unknown or not applicable. The eta counts from the time.
    """
    assessment = moment.assessment
    found = {
        'time': moment.time,
        'uuid': moment.row.uuid,
        'status': moment.status,
        'phase': assessment.phase,
        'verdict': assessment.verdict,
        'percent': moment.percent,
        'remaining': moment.remaining,
        'throughput': assessment.throughput,
        'dirty_rate': assessment.dirty_rate,
        'ratio': assessment.ratio,
        'eta': assessment.eta,
        'eta_at_least': assessment.eta_at_least,
        'pause': assessment.pause,
        'pause_most': assessment.pause_most,
        'sample_age': assessment.sample_age,
    }
    found.update(zip(fields.NAMES, moment.row.sample.numbers))
    return json.dumps(found)
