/* The exported functions of crews with a shared heap; the work is in c/isolate. */
#include "ristretto.h"

#include <string.h>

#include "abi/process.h"
#include "abi/thread.h"
#include "isolate/area.h"

double rst_heap_allocate(double crew, uint32_t length)
{
    double piece = iso_allocate(crew, length);
    return piece > 0 ? piece : esp_process_complain((int32_t)piece);
}

double rst_heap_address(double piece)
{
    int32_t error;
    const iso_piece *p = iso_piece_find(piece, &error);
    if (!p) {
        return esp_process_complain(error);
    }
    double address = (double)(uintptr_t)iso_piece_bytes(p);
    iso_piece_let_go(p);
    return address;
}

int32_t rst_heap_free(double piece)
{
    int32_t answer = iso_piece_close(piece);
    return answer ? esp_process_complain(answer) : 0;
}

double rst_heap_run(double crew, const uint8_t *job, uint32_t length, double piece, double kill_us,
                    uint8_t *view, uint8_t *out, uint32_t capacity, uint32_t *failure)
{
    const iso_work work = {
        .bytes = job,
        .length = length,
        .piece = piece,
        .timeout_us = kill_us,
        .view = capacity == 0,
    };
    iso_outcome o = {.out = out, .capacity = capacity};
    double n = esp_process_perform(crew, &work, &o, failure);
    esp_process_tell_view(o.view, view);
    return n;
}

double rst_heap_submit(double crew, const uint8_t *job, uint32_t length, double piece,
                       double kill_us, uint32_t view, double mailbox, uint32_t ticket,
                       uint32_t *failure)
{
    const iso_work work = {
        .bytes = job,
        .length = length,
        .piece = piece,
        .timeout_us = kill_us,
        .view = view != 0,
    };
    return esp_process_submit(crew, &work, mailbox, ticket, failure);
}

double rst_heap_take(double job, uint8_t *view, uint32_t *failure)
{
    iso_failure f = {0};
    double handle = 0;
    double n = iso_take_view(job, &handle, &f);
    if (n < 0) {
        if (!f.kind) {
            f.kind = (uint32_t)-n;
            (void)esp_process_complain((int32_t)n);
        }
        esp_process_tell(&f, failure);
    }
    esp_process_tell_view(handle, view);
    return n;
}
