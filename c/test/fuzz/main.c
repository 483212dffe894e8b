/* Runs the fuzzer:  fuzz [OPTION…] [TARGET…]
 *
 *      --executions=N     of each target; default 100,000
 *      --seconds=N        at most so long for each target, though it then has fewer executions
 *      --seed=N           default 1
 *      --corpus=FOLDER    inputs to begin with, in FOLDER/TARGET
 *      --save=FOLDER      afterwards, the smallest inputs that reach all that was reached
 *      --findings=FOLDER  where an input goes that ended the program; default: the current folder
 *      --replay=FILE      one execution of that file, by the one target that is named
 *
 * The last line of standard output is `fuzz: N passed, N failed`, counted in targets; the exit
 * status is 1 after a finding, which ends the program.
 */
#define _GNU_SOURCE /* sigaltstack, clock_gettime */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

enum { PAGE = 4096, CHANGES_MOST = 6, PATIENCE_S = 10, TELL_S = 5 };

static const fuzz_target *const targets[] = {
    &fuzz_pla,
    &fuzz_job,
    &fuzz_options,
#if defined __linux__
    &fuzz_worker,
#endif
};
enum { TARGETS = sizeof targets / sizeof *targets };

static uint64_t executions_most = 100000;
static uint32_t seconds_most;
static uint64_t first_seed = 1;
static const char *corpus_folder;
static const char *save_folder;
static const char *findings_folder = ".";
static const char *replayed;

static const fuzz_target *current;
static uint32_t passed;
static const fuzz_bytes *input;
static uint64_t executions;
static uint8_t *before_the_end; /* FUZZ_MOST bytes, then a page that nobody may touch */
static uint8_t *out_before_the_end;

/* In a signal handler or not: the input goes to a file, the program ends. */
static _Noreturn void finish(const char *what)
{
    char path[1024] = "nowhere";
    char text[1400];
    if (input && !fuzz_write(findings_folder, input->data, input->length, path, sizeof path)) {
        (void)snprintf(path, sizeof path, "nowhere: %s cannot be written", findings_folder);
    }
    int n =
        snprintf(text, sizeof text,
                 "%s: %s, execution %llu; the input is in %s\nfuzz: %u passed, 1 failed\n",
                 current ? current->name : "?", what, (unsigned long long)executions, path, passed);
    (void)!write(STDOUT_FILENO, text, (size_t)n);
    _exit(1);
}

_Noreturn void fuzz_finding(const char *what)
{
    finish(what);
}

static void caught(int signal)
{
    if (signal == SIGVTALRM) { /* once a second of processor time */
        static uint64_t seen;
        static uint32_t same;
        same = executions == seen ? same + 1 : 0;
        seen = executions;
        if (same < PATIENCE_S) {
            return;
        }
        finish("an execution takes more than ten seconds of processor time");
    }
    finish(signal == SIGABRT   ? "a sanitizer or an assertion spoke"
           : signal == SIGSEGV ? "an address that is not there (SIGSEGV)"
           : signal == SIGBUS  ? "SIGBUS"
           : signal == SIGFPE  ? "SIGFPE"
                               : "SIGILL");
}

static void catch_signals(void)
{
    static uint8_t stack[64 * 1024];
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGVTALRM};
    (void)sigaltstack(&other, NULL);
    for (uint32_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = caught;
        action.sa_flags = SA_ONSTACK | SA_RESTART;
        (void)sigaction(signals[i], &action, NULL);
    }
    const struct itimerval each_second = {{1, 0}, {1, 0}};
    (void)setitimer(ITIMER_VIRTUAL, &each_second, NULL);
}

/* Room that ends where readable memory ends. */
static uint8_t *guarded(uint32_t room)
{
    uint8_t *at =
        mmap(NULL, room + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || mprotect(at + room, PAGE, PROT_NONE)) {
        (void)fprintf(stderr, "fuzz: there is no memory\n");
        exit(2);
    }
    return at;
}

uint8_t *fuzz_out(uint32_t length)
{
    return out_before_the_end + FUZZ_OUT - length;
}

void fuzz_execute(const fuzz_target *target, const fuzz_bytes *b)
{
    uint8_t *at = before_the_end + FUZZ_MOST - b->length;
    memcpy(at, b->data, b->length);
    input = b;
    executions++;
    target->run(at, b->length);
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint32_t begin_corpus(const fuzz_target *target)
{
    fuzz_bytes b;
    fuzz_corpus_clear();
    for (uint32_t n = 0; target->seed(n, &b); n++) {
        fuzz_corpus_add(&b);
    }
    if (corpus_folder) {
        char folder[1024];
        (void)snprintf(folder, sizeof folder, "%s/%s", corpus_folder, target->name);
        if (!fuzz_corpus_load(folder)) {
            (void)fprintf(stderr, "fuzz: %s cannot be read\n", folder);
            exit(2);
        }
    }
    return fuzz_corpus_size();
}

static void make_input(const fuzz_target *target, fuzz_bytes *b, uint64_t *random)
{
    uint32_t size = fuzz_corpus_size();
    /* Half of the time one of those that were found last. */
    uint32_t recent = size < 32 ? size : 32;
    uint32_t n =
        fuzz_below(random, 2) ? fuzz_below(random, size) : size - 1 - fuzz_below(random, recent);
    const fuzz_bytes *from = fuzz_corpus_at(n);
    b->length = from->length;
    memcpy(b->data, from->data, from->length);
    uint32_t changes = 1 + fuzz_below(random, CHANGES_MOST);
    for (uint32_t i = 0; i < changes; i++) {
        const fuzz_bytes *other = fuzz_corpus_at(fuzz_below(random, size));
        (fuzz_below(random, 3) ? target->change : fuzz_change)(b, other, random);
    }
}

static void run_target(const fuzz_target *target)
{
    static fuzz_bytes b;
    uint64_t random = first_seed;
    double start = seconds();
    double told = start;
    current = target;
    executions = 0;
    fuzz_forget_edges();
    uint32_t began = begin_corpus(target);
    for (uint32_t n = 0; n < began; n++) {
        fuzz_execute(target, fuzz_corpus_at(n));
    }
    (void)fuzz_fresh_edges();
    while (executions < executions_most) {
        make_input(target, &b, &random);
        fuzz_execute(target, &b);
        if (fuzz_fresh_edges()) {
            fuzz_corpus_add(&b);
        }
        if (executions % 4096 == 0) {
            double now = seconds();
            if (seconds_most && now - start >= seconds_most) {
                break;
            }
            if (now - told >= TELL_S) {
                told = now;
                (void)fprintf(stderr, "%s: %llu executions, %u edges, %u inputs\n", target->name,
                              (unsigned long long)executions, fuzz_edges(), fuzz_corpus_size());
            }
        }
    }
    double took = seconds() - start;
    printf("%s: %llu executions in %.1f s, %u edges, %u inputs of which %u at first, "
           "no finding\n",
           target->name, (unsigned long long)executions, took, fuzz_edges(), fuzz_corpus_size(),
           began);
    (void)fflush(stdout);
    if (save_folder) {
        char folder[1024];
        (void)snprintf(folder, sizeof folder, "%s/%s", save_folder, target->name);
        printf("%s: %u inputs saved\n", target->name, fuzz_corpus_save(target, folder));
    }
    passed++;
}

static void replay(const fuzz_target *target)
{
    static fuzz_bytes b;
    FILE *file = fopen(replayed, "rb");
    if (!file) {
        (void)fprintf(stderr, "fuzz: %s cannot be read\n", replayed);
        exit(2);
    }
    b.length = (uint32_t)fread(b.data, 1, sizeof b.data, file);
    (void)fclose(file);
    current = target;
    fuzz_execute(target, &b);
    passed++;
}

static const char *value_of(const char *word, const char *name)
{
    size_t length = strlen(name);
    return strncmp(word, name, length) == 0 ? word + length : NULL;
}

static bool read_option(const char *word)
{
    const char *value;
    if ((value = value_of(word, "--executions="))) {
        executions_most = strtoull(value, NULL, 10);
    } else if ((value = value_of(word, "--seconds="))) {
        seconds_most = (uint32_t)strtoul(value, NULL, 10);
    } else if ((value = value_of(word, "--seed="))) {
        first_seed = strtoull(value, NULL, 10);
    } else if ((value = value_of(word, "--corpus="))) {
        corpus_folder = value;
    } else if ((value = value_of(word, "--save="))) {
        save_folder = value;
    } else if ((value = value_of(word, "--findings="))) {
        findings_folder = value;
    } else if ((value = value_of(word, "--replay="))) {
        replayed = value;
    } else {
        return false;
    }
    return true;
}

int main(int count, char **words)
{
    bool chosen[TARGETS] = {false};
    bool any = false;
    for (int i = 1; i < count; i++) {
        uint32_t t = 0;
        while (t < TARGETS && strcmp(words[i], targets[t]->name) != 0) {
            t++;
        }
        if (t < TARGETS) {
            chosen[t] = any = true;
        } else if (!read_option(words[i])) {
            (void)fprintf(stderr, "fuzz: %s is no target and no option\n", words[i]);
            return 2;
        }
    }
    before_the_end = guarded(FUZZ_MOST);
    out_before_the_end = guarded(FUZZ_OUT);
    catch_signals();
    for (uint32_t t = 0; t < TARGETS; t++) {
        if (chosen[t] || (!any && !replayed)) {
            (replayed ? replay : run_target)(targets[t]);
        }
    }
    fuzz_corpus_clear();
    printf("fuzz: %u passed, 0 failed\n", passed);
    return passed == 0;
}
