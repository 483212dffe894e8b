/* The inputs that are worth changing: in memory while a run goes on, in files between runs. */
#define _GNU_SOURCE /* strdup */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* What is saved is small, and reaches more than an edge or two by itself. */
enum { ENTRIES_MOST = 4096, NAMES_MOST = 4096, SAVED_MOST = 1024, GAIN_LEAST = 4 };

static fuzz_bytes *entries[ENTRIES_MOST];
static uint32_t count;

uint32_t fuzz_corpus_size(void)
{
    return count;
}

const fuzz_bytes *fuzz_corpus_at(uint32_t n)
{
    return entries[n];
}

void fuzz_corpus_clear(void)
{
    while (count) {
        free(entries[--count]);
    }
}

void fuzz_corpus_add(const fuzz_bytes *b)
{
    fuzz_bytes *copy = count < ENTRIES_MOST ? malloc(sizeof *copy) : NULL;
    if (copy) {
        copy->length = b->length;
        memcpy(copy->data, b->data, b->length);
        entries[count++] = copy;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void load_file(const char *folder, const char *name)
{
    char path[1024];
    fuzz_bytes b;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file) {
        b.length = (uint32_t)fread(b.data, 1, sizeof b.data, file);
        (void)fclose(file);
        fuzz_corpus_add(&b);
    }
}

bool fuzz_corpus_load(const char *folder)
{
    static char *names[NAMES_MOST];
    uint32_t found = 0;
    DIR *listing = opendir(folder);
    if (!listing) {
        return false;
    }
    for (struct dirent *entry; found < NAMES_MOST && (entry = readdir(listing));) {
        if (entry->d_name[0] != '.') {
            names[found++] = strdup(entry->d_name);
        }
    }
    (void)closedir(listing);
    qsort(names, found, sizeof *names, by_name);
    for (uint32_t i = 0; i < found; i++) {
        load_file(folder, names[i]);
        free(names[i]);
    }
    return true;
}

uint64_t fuzz_hash(const uint8_t *bytes, uint32_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint32_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

bool fuzz_write(const char *folder, const uint8_t *bytes, uint32_t length, char *path,
                uint32_t room)
{
    (void)snprintf(path, room, "%s/%016llx", folder, (unsigned long long)fuzz_hash(bytes, length));
    FILE *file = fopen(path, "wb");
    bool written = file && fwrite(bytes, 1, length, file) == length;
    return file && fclose(file) == 0 && written;
}

static int by_length(const void *a, const void *b)
{
    const fuzz_bytes *first = *(fuzz_bytes *const *)a;
    const fuzz_bytes *second = *(fuzz_bytes *const *)b;
    if (first->length != second->length) {
        return first->length < second->length ? -1 : 1;
    }
    return memcmp(first->data, second->data, first->length);
}

uint32_t fuzz_corpus_save(const fuzz_target *target, const char *folder)
{
    uint32_t saved = 0;
    char path[1024];
    qsort(entries, count, sizeof *entries, by_length);
    fuzz_forget_edges();
    for (uint32_t i = 0; i < count; i++) {
        fuzz_execute(target, entries[i]);
        uint32_t gain = fuzz_fresh_edges();
        if (gain >= GAIN_LEAST && entries[i]->length <= SAVED_MOST) {
            saved += fuzz_write(folder, entries[i]->data, entries[i]->length, path, sizeof path);
        }
    }
    return saved;
}
