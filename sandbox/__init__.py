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

"""A real Nova with two real libvirt hosts on one machine, for development.

The rooms, from the front door inwards:

* ``__main__``    the commands of ``python -m sandbox``
* ``cloud``       up, down, status: the order in which everything is made
* ``servers``     boot a guest, migrate it, abort, force, confirm
* ``client``      the compute API, as a client sees it
* ``demo``        what ``tools/demo`` shows
* ``checks``      the API's numbers judged against libvirt's own
* ``services``    every process of the cloud: name, host, command, readiness
* ``process``     start, stop and find those processes
* ``namespaces``  the three machines: a control plane and two compute hosts
* ``hypervisor``  libvirtd and sshd of a compute host
* ``database``, ``messaging``, ``novaconf``  the control plane's configuration
* ``fakes``       stand-ins for keystone, glance, neutron and cinder
* ``guest``       the kernel, initramfs and workload that a server runs
* ``truth``       libvirt's own statistics, recorded beside Nova

It needs root. Everything runs in namespaces of its own; the only thing seen
outside of them is the compute API's port on 127.0.0.1. The sandbox is not
installed with the package.
"""
