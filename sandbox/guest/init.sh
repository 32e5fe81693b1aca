#!/bin/busybox sh
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

# The guest's init. The kernel puts the parameters it does not know, mp_*,
# into the environment.

/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in $(cat /modules/order); do
    insmod "/modules/$module"
done
exec </dev/ttyS0 >/dev/ttyS0 2>&1

/workload "${mp_rate:-0}" "${mp_set:-0}" "${mp_disk:-0}" "${mp_disk_rate:-0}"
echo "MIGPROGRESS CORRUPT: the workload ended with $?"
while :; do sleep 1000; done
