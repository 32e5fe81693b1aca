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

* ``__main__``               the commands of ``python -m sandbox``
* ``demo.__main__``          ``tools/demo``, or ``python -m sandbox.demo``
* ``demo.play``              what happens in the demo
* ``demo.printer``           what it prints: bars, lines, tables, a picture
* ``scenario.catalogue``     the live migrations that tests and benchmarks run
* ``scenario.stage``         hosts and network as such a scenario wants them
* ``scenario.action``        what is done to a running migration, and when
* ``outage.cases``           the outages that tests and benchmarks try
* ``outage.experiment``      one outage while a live migration runs
* ``outage.faults``          a service that is frozen, stopped or killed
* ``outage.outcome``         what an outage did to the migration
* ``checks``                 the API's numbers judged against libvirt's own
* ``api_poller``             the API, polled beside whatever else is done
* ``migrations``             migrate a server, poll, abort, force, confirm
* ``servers``                boot and delete a server, cap its migrations
* ``verification``           is a guest alive, and its memory intact?
* ``client``                 the compute API, as a client sees it
* ``cloud``                  up and down: the order in which all is made
* ``status``                 what runs
* ``reconfigure``            the compute hosts with other options for a while
* ``services``               every process of the cloud: host, command, probe
* ``process``                start, stop and find those processes
* ``database``               a private MariaDB
* ``schemas``                the tables of its databases
* ``messaging``              a private RabbitMQ
* ``novaconf``               the configuration files of Nova and placement
* ``hypervisor``             libvirtd and sshd of a compute host: their files
* ``namespaces``             the three machines: a control plane, two computes
* ``fakes.app``              the stand-ins for other services, one process
* ``fakes.auth``             stands in for keystone
* ``fakes.image``            stands in for glance
* ``fakes.network``          stands in for neutron
* ``fakes.volume``           stands in for cinder
* ``guest.build``            the kernel and initramfs that a server runs
* ``guest.console``          what its workload says of itself
* ``truth.recorder``         records libvirt's own statistics beside Nova
* ``truth.reader``           reads what that has recorded
* ``truth.calls``            reads which calls a libvirtd got, and when
* ``truth.slow_saves``       reads which saves of the progress were slow
* ``settings``               what was asked of the running sandbox
* ``layout``                 directories, addresses and names
* ``programs``               the programs that all this needs
* ``interruption``           Ctrl-C and SIGTERM: undo, once and completely
* ``waiting``                wait for something that somebody else does
* ``exception``              the errors, each one line for the user

It needs root. Everything runs in namespaces of its own; the only thing seen
outside of them is the compute API's port on 127.0.0.1. The sandbox is not
installed with the package.
"""
