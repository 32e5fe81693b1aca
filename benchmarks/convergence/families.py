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

"""Families of simulated migrations: what is hard to tell, many times."""

from collections import abc
import random

from benchmarks.convergence import model as model_mod
from benchmarks.convergence import recordings
from benchmarks.convergence import simulator

Model = model_mod.Model
Family = abc.Callable[[random.Random], Model]


def converging(chance: random.Random) -> Model:
    """Light writers of all kinds."""
    bandwidth = chance.choice((8, 32, 100, 1000))
    return Model(
        'converging', bandwidth=bandwidth,
        memory=bandwidth * chance.uniform(5, 60),
        zero_share=chance.uniform(0, 0.8),
        working_set=bandwidth * chance.uniform(1, 5),
        pattern=chance.choice(('sequential', 'random', 'hot')),
        write_rate=bandwidth * chance.uniform(0.05, 0.6))


def saturated(chance: random.Random) -> Model:
    """Heavy writers that complete in the end."""
    bandwidth = chance.choice((32, 100, 1000))
    return Model(
        'saturated', bandwidth=bandwidth, memory=bandwidth * 16,
        working_set=bandwidth * chance.uniform(3, 6),
        write_rate=bandwidth * chance.uniform(0.8, 0.93), unsteady=0.03,
        limit=600)


def hopeless(chance: random.Random) -> Model:
    """Guests that rewrite a working set faster than it can be sent."""
    bandwidth = chance.choice((8, 32, 100, 1000))
    return Model(
        'hopeless', bandwidth=bandwidth,
        memory=bandwidth * chance.uniform(8, 40),
        zero_share=chance.uniform(0, 0.6),
        working_set=bandwidth * chance.uniform(2.5, 7),
        write_rate=bandwidth * chance.uniform(1.5, 10), limit=120)


def hopeless_random(chance: random.Random) -> Model:
    """The same, at random places."""
    return hopeless(chance)._replace(
        name='hopeless random', pattern=chance.choice(('random', 'hot')),
        write_rate=1000 * chance.uniform(2.5, 10), bandwidth=1000,
        memory=16000, working_set=chance.uniform(3000, 8000))


def hopeless_short(chance: random.Random) -> Model:
    """Passes shorter than most steps."""
    return hopeless(chance)._replace(
        name='hopeless short', bandwidth=32, memory=512,
        working_set=32 * chance.uniform(1, 2), write_rate=120)


def huge(chance: random.Random) -> Model:
    """Hundreds of GiB."""
    bandwidth = 1200
    return Model(
        'huge', memory=chance.uniform(100, 400) * 1024, poll=0.5,
        bandwidth=bandwidth, zero_share=chance.uniform(0, 0.3),
        working_set=chance.uniform(10, 60) * 1024,
        pattern=chance.choice(('sequential', 'random')),
        write_rate=bandwidth * chance.uniform(0.1, 0.7), limit=3000)


def tiny(chance: random.Random) -> Model:
    """A guest of 64 MiB on a fast link."""
    return Model('tiny', memory=64, bandwidth=100, working_set=16,
                 write_rate=chance.uniform(1, 60))


def storage(chance: random.Random) -> Model:
    """Block migration of a disk that is written to."""
    bandwidth = chance.choice((32, 100))
    return Model(
        'storage', bandwidth=bandwidth, memory=bandwidth * 8,
        disk=bandwidth * chance.uniform(5, 100),
        disk_write_rate=bandwidth * chance.uniform(0, 0.5),
        working_set=bandwidth * 2, write_rate=bandwidth * 0.2)


def auto_converge(chance: random.Random) -> Model:
    """Hopeless until throttled."""
    return hopeless(chance)._replace(
        name='auto-converge', auto_converge=True, limit=400,
        write_rate=1000 * chance.uniform(1.2, 3), bandwidth=1000,
        memory=16000, working_set=chance.uniform(2500, 6000))


def compressed(chance: random.Random) -> Model:
    """xbzrle, converging."""
    bandwidth = 32
    return Model(
        'compressed', compression=chance.uniform(0.1, 0.8),
        working_set=bandwidth * chance.uniform(4, 10),
        write_rate=bandwidth * chance.uniform(0.3, 0.8))


def compressed_hopeless(chance: random.Random) -> Model:
    """xbzrle that does not suffice."""
    compression = chance.uniform(0.2, 0.8)
    return Model(
        'compressed hopeless', compression=compression, memory=2048,
        working_set=32 / compression * chance.uniform(3, 7),
        write_rate=32 / compression * chance.uniform(1.5, 5), limit=150)


def multifd(chance: random.Random) -> Model:
    """Bytes that are accounted in packets."""
    return converging(chance)._replace(
        name='multifd', lag=chance.uniform(0.5, 2), bandwidth=1000,
        memory=16000, working_set=4000,
        write_rate=chance.uniform(100, 600))


def slower_link(chance: random.Random) -> Model:
    """A bandwidth lowered below what the guest writes."""
    return Model('slower link', bandwidth=100, memory=3000, zero_share=0.1,
                 working_set=500, write_rate=60, limit=200,
                 new_bandwidth=(chance.uniform(10, 35), 30))


def faster_link(chance: random.Random) -> Model:
    """A bandwidth raised above what the guest writes."""
    return Model('faster link', bandwidth=30, memory=600, working_set=120,
                 write_rate=60, limit=400,
                 new_bandwidth=(chance.uniform(40, 90), 150))


def calmer_guest(chance: random.Random) -> Model:
    """A guest that stops writing so much."""
    return Model('calmer guest', bandwidth=30, memory=600, working_set=120,
                 write_rate=60, limit=400,
                 new_write_rate=(chance.uniform(40, 90), 5))


def suspended(chance: random.Random) -> Model:
    """Forced to complete by suspending the guest."""
    return Model('suspended', bandwidth=32, working_set=128, write_rate=80,
                 suspend=chance.uniform(20, 60))


def post_copy(chance: random.Random) -> Model:
    """Switched to post-copy."""
    return Model('post-copy', bandwidth=32, working_set=128, write_rate=80,
                 post_copy=chance.uniform(8, 60))


def nova_downtime(chance: random.Random) -> Model:
    """The downtime limit in Nova's steps."""
    return converging(chance)._replace(name='nova downtime', downtime=0.5,
                                       downtime_steps=20)


def uneven_link(chance: random.Random) -> Model:
    """A link whose speed varies widely."""
    return converging(chance)._replace(name='uneven link', jitter=0.3)


def periodic_syncs(chance: random.Random) -> Model:
    """Syncs within long passes."""
    return converging(chance)._replace(
        name='periodic syncs', bandwidth=100, memory=4000, working_set=3000,
        write_rate=chance.uniform(30, 80), sync_period=5)


def periodic_hopeless(chance: random.Random) -> Model:
    """The same of guests that do not converge."""
    return hopeless(chance)._replace(
        name='periodic hopeless', bandwidth=100, memory=4000,
        working_set=chance.uniform(800, 3000),
        write_rate=chance.uniform(110, 400), sync_period=5)


def outage(chance: random.Random) -> Model:
    """A link that is down for a while."""
    start = chance.uniform(5, 15)
    return Model('outage', bandwidth=30, memory=800, zero_share=0.1,
                 working_set=200, write_rate=12,
                 outage=(start, start + chance.uniform(2, 60)))


def aborted(chance: random.Random) -> Model:
    """Aborted at any time."""
    return hopeless(chance)._replace(name='aborted',
                                     abort=chance.uniform(1, 60))


def failed(chance: random.Random) -> Model:
    """Failed at any time."""
    return hopeless(chance)._replace(name='failed',
                                     fail=chance.uniform(1, 60))


ALL = (converging, saturated, hopeless, hopeless_random, hopeless_short, huge,
       tiny, storage, auto_converge, compressed, compressed_hopeless, multifd,
       slower_link, faster_link, calmer_guest, suspended, post_copy,
       nova_downtime, uneven_link, periodic_syncs, periodic_hopeless,
       outage, aborted, failed)


def migrations(family: Family, count: int,
               first: int = 0) -> list[recordings.KnownMigration]:
    """Return simulated migrations of a family; the same ones each time.

    :param family: one of ALL
    :param count: how many
    :param first: seed of the first one
    """
    return [simulator.simulate(family(random.Random(seed)), seed)
            for seed in range(first, first + count)]
