/*
 * What a process asks its C library of its surroundings, answered otherwise: loaded by LD_PRELOAD, steered by the words of
 * MLPIPE_WORLD (see src/repro/world/). A word that is not there leaves its answers alone.
 *
 *   shift=N    the time of day is N milliseconds later (earlier, where N is negative)
 *   still=N    the time of day begins at N microseconds since 1970 and goes on by a little with every question; so does the
 *              processor time that was used
 *   tick=N     with still: by N microseconds with the first question; 1000 without it
 *   process=N  the process is N, what it forks are the numbers behind N
 *   grain=N    what R seeds its generator from, where nobody has seeded it, is N
 *   chance=N   what the system gives as random bytes follows from N
 *   names=N    names of temporary files follow from N
 *   folder=sorted|turned   the order in which the entries of a folder come
 *   processors=N   the scheduler lets it run on N processors, so it is told
 *   haste=N    what starts (processes, threads) and what threads read is held up by N milliseconds at the most
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int has_shift, has_still, has_process, has_grain, has_chance, has_names, has_haste;
static enum { AS_IS, SORTED, TURNED } folder;
static int64_t shift, still, tick = 1000, grain;
static long process, first_process, processors, haste;
static _Atomic uint64_t names;
static _Atomic long children, threads;
/* Of each thread for itself: what one thread is told does not depend on what others ask. */
static __thread uint64_t chance, asked, slept;
static __thread uintptr_t asked_process;

static const char *word(const char *words, const char *name) {
  size_t length = strlen(name);
  for (const char *at = words; at && *at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : 0)
    if (!strncmp(at, name, length) && at[length] == '=') return at + length + 1;
  return 0;
}

static int number(const char *words, const char *name, int64_t *to) {
  const char *value = word(words, name);
  if (value) *to = strtoll(value, 0, 10);
  return value != 0;
}

/* splitmix64 (Steele, Lea and Flood 2014), as published by Vigna. */
static uint64_t mixed(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static const uint64_t golden = 0x9e3779b97f4a7c15u;

static void raw_now(clockid_t clock, struct timespec *to) { syscall(SYS_clock_gettime, clock, to); }

/* Up to `most` milliseconds, never the same twice. */
static void dawdle(long most) {
  struct timespec now;
  raw_now(CLOCK_MONOTONIC, &now);
  uint64_t dice = mixed((uint64_t)now.tv_nsec ^ ((uint64_t)syscall(SYS_gettid) << 32));
  struct timespec nap = {0, (long)(dice % ((uint64_t)most * 1000000u + 1))};
  syscall(SYS_nanosleep, &nap, 0);
}

__attribute__((constructor)) static void begin(void) {
  const char *words = getenv("MLPIPE_WORLD");
  int64_t value = 0;
  has_shift = number(words, "shift", &shift);
  has_still = number(words, "still", &still);
  number(words, "tick", &tick);
  has_grain = number(words, "grain", &grain);
  if ((has_process = number(words, "process", &value))) process = first_process = (long)value;
  if ((has_chance = number(words, "chance", &value))) chance = mixed((uint64_t)value);
  if ((has_names = number(words, "names", &value))) names = mixed((uint64_t)value);
  if (number(words, "processors", &value)) processors = (long)value;
  const char *order = word(words, "folder");
  if (order) folder = *order == 's' ? SORTED : TURNED;
  if ((has_haste = number(words, "haste", &value))) dawdle(haste = (long)value);
}

/* ---- the clock ---- */

/* More and more with each question: a loop that waits for a moment comes to its end. */
static int64_t still_nanoseconds(void) {
  uint64_t n = asked++;
  return (int64_t)(n * (uint64_t)tick * 1000u + n * n * 1000u + slept);
}

static int is_time_of_day(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

static void move(struct timespec *to) {
  int64_t nanoseconds = to->tv_nsec + shift % 1000 * 1000000;
  to->tv_sec += shift / 1000 + (nanoseconds >= 1000000000) - (nanoseconds < 0);
  to->tv_nsec = (long)((nanoseconds + 1000000000) % 1000000000);
}

/* R seeds from the time of day, which it asks right after the number of the process: nanoseconds << 16 ^ seconds ^ process << 16. */
static void sow(struct timespec *to) {
  uint32_t seed = (uint32_t)mixed((uint64_t)grain + (uint64_t)(process - first_process));
  to->tv_sec = (time_t)(seed & 0xffff);
  to->tv_nsec = (long)((seed >> 16) ^ ((uint32_t)getpid() & 0xffff));
}

int clock_gettime(clockid_t clock, struct timespec *to) {
  /* R's function for it is short: both questions come from nearly the same place. */
  uintptr_t after = (uintptr_t)__builtin_return_address(0) - asked_process;
  asked_process = 0;
  if (has_grain && clock == CLOCK_REALTIME && after < 256) return sow(to), 0;
  int is_used = clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
  if (has_still && (is_time_of_day(clock) || is_used)) {
    int64_t passed = still_nanoseconds();
    if (!is_used) passed += still * 1000;
    to->tv_sec = (time_t)(passed / 1000000000);
    to->tv_nsec = (long)(passed % 1000000000);
    return 0;
  }
  int done = (int)syscall(SYS_clock_gettime, clock, to);
  if (has_shift && is_time_of_day(clock)) move(to);
  return done;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  to->tv_sec = now.tv_sec;
  to->tv_usec = now.tv_nsec / 1000;
  if (zone) memset(zone, 0, sizeof(struct timezone));
  return 0;
}

time_t time(time_t *to) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (to) *to = now.tv_sec;
  return now.tv_sec;
}

int timespec_get(struct timespec *to, int base) {
  if (base != TIME_UTC) return 0;
  clock_gettime(CLOCK_REALTIME, to);
  return base;
}

clock_t clock(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec * CLOCKS_PER_SEC + used.tv_nsec / (1000000000 / CLOCKS_PER_SEC);
}

int getrusage(__rusage_who_t who, struct rusage *to) {
  int done = (int)syscall(SYS_getrusage, who, to);
  if (!has_still) return done;
  int64_t passed = still_nanoseconds() / 1000;
  to->ru_utime = (struct timeval){passed / 1000000, passed % 1000000};
  to->ru_stime = (struct timeval){0, 0};
  return done;
}

clock_t times(struct tms *to) {
  clock_t done = (clock_t)syscall(SYS_times, to);
  if (!has_still) return done;
  clock_t passed = still_nanoseconds() / 10000000;
  *to = (struct tms){passed, 0, 0, 0};
  return passed;
}

/* Who sleeps finds that as much time has passed. */
int select(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e, struct timeval *restrict t) {
  REAL(int, "select", int, fd_set *, fd_set *, fd_set *, struct timeval *);
  uint64_t wanted = t ? (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_usec * 1000u : 0;
  int done = real(n, r, w, e, t);
  if (has_still && done == 0) slept += wanted;
  return done;
}

int nanosleep(const struct timespec *wanted, struct timespec *left) {
  long done = syscall(SYS_nanosleep, wanted, left);
  if (has_still && done == 0)
    slept += (uint64_t)wanted->tv_sec * 1000000000u + (uint64_t)wanted->tv_nsec;
  return (int)done;
}

/* ---- the process ---- */

static pid_t own(void) { return (pid_t)syscall(SYS_getpid); }

pid_t getpid(void) {
  asked_process = (uintptr_t)__builtin_return_address(0);
  return has_process ? (pid_t)process : own();
}

pid_t getppid(void) { return has_process ? (pid_t)(process - 1) : (pid_t)syscall(SYS_getppid); }

/* No such number is a process of the system; those that we gave stand for the real ones. */
int kill(pid_t id, int with) {
  pid_t meant = id;
  if (has_process && id == process) meant = own();
  if (has_process && id == process - 1) meant = (pid_t)syscall(SYS_getppid);
  return (int)syscall(SYS_kill, meant, with);
}

pid_t fork(void) {
  REAL(pid_t, "fork", void);
  long nth = atomic_fetch_add(&children, 1) + 1;
  pid_t child = real();
  if (child == 0) {
    process += nth;
    children = 0;
    chance = mixed(chance + (uint64_t)nth);
    names = mixed(names + (uint64_t)nth);
    if (has_haste) dawdle(haste);
  }
  return child;
}

/* ---- chance ---- */

static void fill(unsigned char *to, size_t length) {
  for (size_t at = 0; at < length; at++) to[at] = (unsigned char)(mixed(chance += golden) >> 24);
}

ssize_t getrandom(void *to, size_t length, unsigned flags) {
  if (!has_chance) return syscall(SYS_getrandom, to, length, flags);
  fill(to, length);
  return (ssize_t)length;
}

int getentropy(void *to, size_t length) {
  if (length > 256) return errno = EIO, -1;
  return getrandom(to, length, 0) == (ssize_t)length ? 0 : -1;
}

static int is_taken(const char *name) {
  struct stat found;
  return lstat(name, &found) == 0;
}

/* Puts letters for the six X; those of a name that is taken already are passed over. */
static int name_by_chance(char *name, int behind) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  size_t length = strlen(name);
  if (length < 6 + (size_t)behind) return errno = EINVAL, -1;
  char *at = name + length - 6 - behind;
  if (strncmp(at, "XXXXXX", 6)) return errno = EINVAL, -1;
  do
    for (int i = 0; i < 6; i++) at[i] = letters[mixed(atomic_fetch_add(&names, golden)) % 36];
  while (is_taken(name));
  return 0;
}

char *mkdtemp(char *name) {
  REAL(char *, "mkdtemp", char *);
  if (!has_names) return real(name);
  return name_by_chance(name, 0) || mkdir(name, 0700) ? 0 : name;
}

int mkstemp(char *name) {
  REAL(int, "mkstemp", char *);
  if (!has_names) return real(name);
  return name_by_chance(name, 0) ? -1 : open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
}
int mkstemp64(char *name) { return mkstemp(name); }

/* ---- folders ---- */

struct listing {
  DIR *of;
  struct dirent **entries;
  size_t count, next;
  struct listing *rest;
};
static struct listing *listings;
static pthread_mutex_t listings_lock = PTHREAD_MUTEX_INITIALIZER;

static int by_name(const void *a, const void *b) {
  return strcmp((*(struct dirent *const *)a)->d_name, (*(struct dirent *const *)b)->d_name);
}

static struct dirent *real_readdir(DIR *of) {
  REAL(struct dirent *, "readdir", DIR *);
  return real(of);
}

static void arrange(struct dirent **entries, size_t count) {
  qsort(entries, count, sizeof *entries, by_name);
  for (size_t at = 0; folder == TURNED && at < count / 2; at++) {
    struct dirent *swapped = entries[at];
    entries[at] = entries[count - 1 - at], entries[count - 1 - at] = swapped;
  }
}

static struct listing *take(DIR *of) {
  struct listing *made = calloc(1, sizeof *made);
  if (!made) return 0;
  made->of = of;
  for (struct dirent *entry; (entry = real_readdir(of)); made->count++) {
    struct dirent **more = realloc(made->entries, (made->count + 1) * sizeof *more);
    struct dirent *copy = malloc(sizeof *copy);
    if (more) made->entries = more;
    if (!more || !copy) break;
    made->entries[made->count] = memcpy(copy, entry, entry->d_reclen < sizeof *copy ? entry->d_reclen : sizeof *copy);
  }
  arrange(made->entries, made->count);
  made->rest = listings;
  return listings = made;
}

static void drop(DIR *of) {
  pthread_mutex_lock(&listings_lock);
  for (struct listing **at = &listings; *at; at = &(*at)->rest)
    if ((*at)->of == of) {
      struct listing *gone = *at;
      *at = gone->rest;
      for (size_t i = 0; i < gone->count; i++) free(gone->entries[i]);
      free(gone->entries);
      free(gone);
      break;
    }
  pthread_mutex_unlock(&listings_lock);
}

struct dirent *readdir(DIR *of) {
  if (folder == AS_IS) return real_readdir(of);
  pthread_mutex_lock(&listings_lock);
  struct listing *found = listings;
  while (found && found->of != of) found = found->rest;
  if (!found) found = take(of);
  struct dirent *entry = found && found->next < found->count ? found->entries[found->next++] : 0;
  pthread_mutex_unlock(&listings_lock);
  return entry;
}
struct dirent64 *readdir64(DIR *of) { return (struct dirent64 *)readdir(of); }

int closedir(DIR *of) {
  REAL(int, "closedir", DIR *);
  if (folder != AS_IS) drop(of);
  return real(of);
}

void rewinddir(DIR *of) {
  REAL(void, "rewinddir", DIR *);
  if (folder != AS_IS) drop(of);
  real(of);
}

typedef int (*comparer)(const struct dirent **, const struct dirent **);

int scandir(const char *restrict name, struct dirent ***restrict to, int (*wanted)(const struct dirent *), comparer compare) {
  REAL(int, "scandir", const char *, struct dirent ***, int (*)(const struct dirent *), comparer);
  int count = real(name, to, wanted, compare);
  if (folder != AS_IS && !compare && count > 0) arrange(*to, (size_t)count);
  return count;
}

/* ---- processors ---- */

int sched_getaffinity(pid_t of, size_t size, cpu_set_t *to) {
  REAL(int, "sched_getaffinity", pid_t, size_t, cpu_set_t *);
  if (!processors) return real(of, size, to);
  CPU_ZERO_S(size, to);
  for (long at = 0; at < processors; at++) CPU_SET_S(at, size, to);
  return 0;
}

/* ---- threads; with haste, whoever is not the first one is held up ---- */

static void hold_up(void) {
  if (has_haste && syscall(SYS_gettid) != own()) dawdle(haste / 8);
}

struct start {
  void *(*work)(void *);
  void *with;
  uint64_t chance;
};

static void *start_thread(void *given) {
  struct start start = *(struct start *)given;
  free(given);
  chance = start.chance;
  if (has_haste) dawdle(haste);
  return start.work(start.with);
}

int pthread_create(pthread_t *restrict id, const pthread_attr_t *restrict attributes, void *(*work)(void *), void *restrict with) {
  REAL(int, "pthread_create", pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  struct start *start = has_haste || has_chance ? malloc(sizeof *start) : 0;
  if (!start) return real(id, attributes, work, with);
  long nth = atomic_fetch_add(&threads, 1) + 1;
  *start = (struct start){work, with, mixed(chance + (uint64_t)nth * golden)};
  return real(id, attributes, start_thread, start);
}

ssize_t read(int from, void *to, size_t length) {
  REAL(ssize_t, "read", int, void *, size_t);
  hold_up();
  return real(from, to, length);
}

ssize_t pread(int from, void *to, size_t length, off_t at) {
  REAL(ssize_t, "pread", int, void *, size_t, off_t);
  hold_up();
  return real(from, to, length, at);
}
ssize_t pread64(int from, void *to, size_t length, off64_t at) { return pread(from, to, length, at); }
