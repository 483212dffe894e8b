/* What the exported functions of worker processes share (process.c, heap.c). */
#ifndef ESP_ABI_PROCESS_H
#define ESP_ABI_PROCESS_H

#include "isolate/crew.h"

extern const char esp_no_state[];

/* A negative answer, remembered as the thread's misuse. */
int32_t esp_process_complain(int32_t answer);
/* Writes a failure's words, unless there is no room for them. */
void esp_process_tell(const iso_failure *f, uint32_t *words);
/* Writes the handle of a view, if there is one. */
void esp_process_tell_view(double view, uint8_t *out);
double esp_process_perform(double crew, const iso_work *work, iso_outcome *o, uint32_t *failure);
double esp_process_submit(double crew, const iso_work *work, double mailbox, uint32_t ticket,
                          uint32_t *failure);

#endif
