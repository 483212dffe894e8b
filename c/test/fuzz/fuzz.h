/* A fuzzer of our own: what its files share.
 *
 *      corpus  ──►  pick one, change it (mutate.c, and what the target knows of its format)
 *         ▲                                   │
 *         │ kept when an edge of the          ▼
 *         │ program was reached that     run, under the undefined-behaviour sanitizer, with the
 *         └── no input reached before ◄── input before a page that nobody may touch
 *
 * All of it depends on the seed alone: the same seed, corpus and number of executions give the same
 * run. A finding is whatever ends the program: the sanitizer, a signal, an execution of more than
 * ten seconds of processor time, or a target that calls fuzz_finding. The input is then in a file.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stdint.h>

enum { FUZZ_MOST = 4096, FUZZ_OUT = 64 * 1024 };

typedef struct fuzz_bytes {
    uint32_t length;
    uint8_t data[FUZZ_MOST];
} fuzz_bytes;

typedef struct fuzz_target {
    const char *name;
    /* The n-th input that is there without a corpus; false: there are no more. */
    bool (*seed)(uint32_t n, fuzz_bytes *out);
    /* One execution. The bytes end where readable memory ends. */
    void (*run)(const uint8_t *bytes, uint32_t length);
    /* A change that keeps more of the format than a random one would. */
    void (*change)(fuzz_bytes *b, const fuzz_bytes *other, uint64_t *random);
} fuzz_target;

extern const fuzz_target fuzz_pla;
extern const fuzz_target fuzz_job;
extern const fuzz_target fuzz_options;
#if defined __linux__
extern const fuzz_target fuzz_worker;
#endif

/* mutate.c */
uint64_t fuzz_random(uint64_t *state);
uint32_t fuzz_below(uint64_t *state, uint32_t bound);
/* A number that hurts: the end of a range, near `right`, or any. */
uint32_t fuzz_number(uint64_t *random, uint32_t right);
/* In a buffer; what does not fit is cut off. */
void fuzz_insert(fuzz_bytes *b, uint32_t at, const void *bytes, uint32_t length);
void fuzz_remove(fuzz_bytes *b, uint32_t at, uint32_t length);
/* One random change of bytes that no format is known of. */
void fuzz_change(fuzz_bytes *b, const fuzz_bytes *other, uint64_t *random);

/* coverage.c: edges of the program that were reached for the first time since the last call. */
uint32_t fuzz_fresh_edges(void);
uint32_t fuzz_edges(void);
/* As if no edge had been reached. */
void fuzz_forget_edges(void);

/* corpus.c: inputs in memory, and in files that are named after their hash. */
uint32_t fuzz_corpus_size(void);
const fuzz_bytes *fuzz_corpus_at(uint32_t n);
void fuzz_corpus_clear(void);
void fuzz_corpus_add(const fuzz_bytes *b);
/* The files of a folder in the order of their names; false: there is none. */
bool fuzz_corpus_load(const char *folder);
/* Writes those that reach edges which no smaller one reaches. How many. */
uint32_t fuzz_corpus_save(const fuzz_target *target, const char *folder);
uint64_t fuzz_hash(const uint8_t *bytes, uint32_t length);
bool fuzz_write(const char *folder, const uint8_t *bytes, uint32_t length, char *path,
                uint32_t room);

/* main.c */
_Noreturn void fuzz_finding(const char *what);
/* Runs a target on a copy that ends where readable memory ends. */
void fuzz_execute(const fuzz_target *target, const fuzz_bytes *b);
/* Memory of exactly `length` bytes, at most FUZZ_OUT, for what a target writes; contents kept. */
uint8_t *fuzz_out(uint32_t length);

#endif
