/*
 * Licensed under the Apache License, Version 2.0 (the "License"); you may
 * not use this file except in compliance with the License. You may obtain
 * a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
 * WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
 * License for the specific language governing permissions and limitations
 * under the License.
 *
 * The guest's only program: it rewrites memory (and a disk) at a given rate
 * and keeps verifying what it wrote.
 *
 *     workload RATE SET DISK DISK_RATE      (MiB/s, MiB, MiB, MiB/s)
 *
 * SET MiB of memory are rewritten page by page at RATE MiB/s. A page's words
 * depend on the page and on how often it was rewritten, so a page that a
 * migration lost, duplicated or sent in an old version is noticed. Further
 * STATIC_MIB are written once and must stay. Every second or so everything is
 * verified and one line is printed:
 *
 *     MIGPROGRESS ok iteration N rate R MiB/s
 *     MIGPROGRESS CORRUPT memory page P ...        (and then for ever)
 *
 * With DISK the first disk is filled once, "MIGPROGRESS disk ready", then
 * verified and, at DISK_RATE, rewritten the same way: "MIGPROGRESS CORRUPT
 * disk ...".
 *
 * Why it never sleeps: QEMU before 8.2.3 forgets writes of a TCG guest during
 * a migration. When it clears the dirty bitmap it leaves the processor's TLB
 * alone, and writes through entries that are still in there are not noticed
 * (QEMU commit "physmem: Fix migration dirty bitmap coherency with TCG memory
 * access"). The guest then arrives with an old version of a page: with every
 * statistic fine it panics, because most of what an idle guest writes are
 * kernel stacks and run queues. Every load of CR3 empties the TLB; with the
 * kernel parameter pti=on each system call loads it twice. So there is one
 * process only; it spends idle time with system calls, which also writes its
 * kernel stack again and again, and writes each page once more after them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define PAGE_WORDS (PAGE / 8)
#define MIB (1UL << 20)
#define STATIC_MIB 16UL
/* Every STEP-th word of a page changes when the page is rewritten. */
#define STEP 64UL
#define BLOCK (1UL << 18)
/* Pages that are written between two flushes of the TLB. */
#define BATCH 16

static void say(const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    /* One write is one line, also with two writers. */
    if (write(1, line, length) != length)
        _exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* splitmix64: different for every (place, generation), never compressible. */
static uint64_t pattern(uint64_t place, uint64_t generation)
{
    uint64_t z = place * 0x9e3779b97f4a7c15UL + generation + 1;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
    return z ^ (z >> 31);
}

static void corrupt(const char *what, uint64_t place, uint64_t expected,
                    uint64_t found)
{
    for (;;) {
        say("MIGPROGRESS CORRUPT %s %llu expected %016llx found %016llx\n",
            what, (unsigned long long)place, (unsigned long long)expected,
            (unsigned long long)found);
        sleep(1);
    }
}

static void verify(const uint64_t *words, uint64_t page, uint64_t step,
                   uint32_t generation)
{
    for (uint64_t i = 0; i < PAGE_WORDS; i += step) {
        uint64_t expected = pattern(page * PAGE_WORDS + i, generation);
        uint64_t found = words[page * PAGE_WORDS + i];
        if (found != expected)
            corrupt("memory page", page, expected, found);
    }
}

static struct {
    int fd;
    uint64_t blocks;
    /* The next block operation; the first `blocks` of them fill the disk. */
    uint64_t next;
    double rate;
    double due;
    uint32_t *generations;
    uint64_t *buffer;
} disk;

static void flush_tlb(void)
{
    syscall(SYS_getppid);
}

static void verify_block(uint64_t block)
{
    if (pread(disk.fd, disk.buffer, BLOCK, block * BLOCK) != (ssize_t)BLOCK)
        corrupt("disk read", block, BLOCK, 0);
    for (uint64_t i = 0; i < BLOCK / 8; i += STEP) {
        uint64_t expected = pattern(block * BLOCK + i,
                                    disk.generations[block]);
        if (disk.buffer[i] != expected)
            corrupt("disk block", block, expected, disk.buffer[i]);
    }
}

static void write_block(uint64_t block)
{
    for (uint64_t i = 0; i < BLOCK / 8; i++)
        disk.buffer[i] = pattern(block * BLOCK + i, disk.generations[block]);
    if (pwrite(disk.fd, disk.buffer, BLOCK, block * BLOCK) != (ssize_t)BLOCK)
        corrupt("disk write", block, BLOCK, 0);
}

static int fill_disk(unsigned long mib, double rate)
{
    disk.fd = open("/dev/vda", O_RDWR | O_DIRECT);
    disk.blocks = mib * MIB / BLOCK;
    /* Without a write rate the disk is only read. */
    disk.rate = rate;
    disk.generations = calloc(disk.blocks, sizeof(*disk.generations));
    disk.buffer = aligned_alloc(PAGE, BLOCK);
    if (disk.fd < 0 || !disk.generations || !disk.buffer)
        return 1;
    for (uint64_t block = 0; block < disk.blocks; block++)
        write_block(block);
    say("MIGPROGRESS disk ready %lu MiB\n", mib);
    disk.due = now();
    return 0;
}

/* One block, if it is time for one. */
static void work_on_disk(double time)
{
    if (!disk.blocks || time < disk.due)
        return;
    uint64_t block = disk.next++ % disk.blocks;
    verify_block(block);
    if (disk.rate > 0) {
        disk.generations[block]++;
        write_block(block);
    }
    disk.due += BLOCK / ((disk.rate > 0 ? disk.rate : 4.0) * MIB);
    if (disk.due < time - 1)
        disk.due = time;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    double rate = atof(argv[1]);
    uint64_t pages = strtoul(argv[2], NULL, 10) * MIB / PAGE;
    unsigned long disk_mib = strtoul(argv[3], NULL, 10);
    if (disk_mib && fill_disk(disk_mib, atof(argv[4]))) {
        say("MIGPROGRESS CORRUPT disk: /dev/vda cannot be used\n");
        return 1;
    }
    uint64_t fixed = STATIC_MIB * MIB / PAGE;
    uint64_t *words = mmap(NULL, (pages + fixed) * PAGE,
                           PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t *generations = calloc(pages + 1, sizeof(*generations));
    if (words == MAP_FAILED || !generations) {
        say("MIGPROGRESS CORRUPT: not enough memory\n");
        return 1;
    }
    for (uint64_t i = 0; i < (pages + fixed) * PAGE_WORDS; i++)
        words[i] = pattern(i, 0);
    say("MIGPROGRESS ready\n");

    uint64_t next = 0, iteration = 0;
    double last = now(), reported = last, budget = 0, written = 0;
    for (;;) {
        double time = now();
        budget += (time - last) * rate * MIB;
        /* After a pause the guest goes on at its rate, without a burst. */
        if (budget > rate * MIB / 4)
            budget = rate * MIB / 4;
        last = time;
        while (pages && budget >= BATCH * PAGE) {
            uint64_t first = next;
            for (int n = 0; n < BATCH; n++) {
                verify(words, next, STEP, generations[next]);
                generations[next]++;
                for (uint64_t i = 0; i < PAGE_WORDS; i += STEP)
                    words[next * PAGE_WORDS + i] =
                        pattern(next * PAGE_WORDS + i, generations[next]);
                next = (next + 1) % pages;
            }
            flush_tlb();
            for (int n = 0; n < BATCH; n++) {
                uint64_t page = (first + n) % pages;
                volatile uint64_t *word = words + page * PAGE_WORDS;
                *word = *word;
                volatile uint32_t *generation = generations + page;
                *generation = *generation;
            }
            budget -= BATCH * PAGE;
            written += BATCH * PAGE;
        }
        work_on_disk(time);
        if (time - reported >= 1) {
            for (uint64_t page = 0; page < pages; page++)
                verify(words, page, STEP, generations[page]);
            for (uint64_t page = pages; page < pages + fixed; page++)
                verify(words, page, 1, 0);
            say("MIGPROGRESS ok iteration %llu rate %.1f MiB/s\n",
                (unsigned long long)++iteration,
                written / MIB / (time - reported));
            written = 0;
            reported = time;
        }
        for (int n = 0; n < 100; n++)
            flush_tlb();
    }
}
