/* The contract of ipc/system.h where nobody has written it yet: everything that can be refused is
 * refused with OS_UNSUPPORTED, and nothing else is ever called. A wait does not sleep, which its
 * contract allows. */
#include "ipc/system.h"

#include "platform/os.h"

void ipc_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t ns)
{
    (void)word;
    (void)expected;
    (void)ns;
}

void ipc_wake(_Atomic uint32_t *word)
{
    (void)word;
}

uint32_t ipc_processor(void)
{
    return UINT32_MAX;
}

uint32_t ipc_processors(void)
{
    return 1;
}

int ipc_region_create(ipc_region *r, uint64_t granted, uint64_t reserved, bool one_way)
{
    (void)granted;
    (void)one_way;
    *r = (ipc_region){.reserved = reserved, .handle = -1};
    return OS_UNSUPPORTED;
}

int ipc_region_grow(ipc_region *r, uint64_t granted)
{
    return granted <= r->granted ? 0 : OS_UNSUPPORTED;
}

int ipc_region_map(ipc_region *r, int32_t handle, uint64_t granted, uint64_t reserved,
                   bool writable)
{
    (void)handle;
    return ipc_region_create(r, granted, reserved, writable);
}

int ipc_region_bells(ipc_region *r, _Atomic uint32_t *const words[], uint32_t count)
{
    (void)r;
    (void)words;
    (void)count;
    return OS_UNSUPPORTED;
}

void ipc_region_close(ipc_region *r)
{
    r->base = NULL;
    r->handle = -1;
}

void ipc_region_blank(ipc_region *r, uint64_t from)
{
    (void)r;
    (void)from;
}

void ipc_close(int32_t handle)
{
    (void)handle;
}

int ipc_socket_pair(int32_t *first, int32_t *second)
{
    *first = *second = -1;
    return OS_UNSUPPORTED;
}

int ipc_socket_send(int32_t socket, const void *bytes, size_t length, const int32_t *handles,
                    uint32_t count)
{
    (void)socket;
    (void)bytes;
    (void)length;
    (void)handles;
    (void)count;
    return OS_UNSUPPORTED;
}

int ipc_socket_receive(int32_t socket, void *bytes, size_t capacity, int32_t *handles,
                       uint32_t most, uint32_t *count, bool wait)
{
    (void)socket;
    (void)bytes;
    (void)capacity;
    (void)handles;
    (void)most;
    (void)wait;
    *count = 0;
    return -OS_UNSUPPORTED;
}

int ipc_socket_patience(int32_t socket, uint32_t milliseconds)
{
    (void)socket;
    (void)milliseconds;
    return OS_UNSUPPORTED;
}

int ipc_handle_move(int32_t handle, int32_t to)
{
    (void)handle;
    (void)to;
    return OS_UNSUPPORTED;
}

int ipc_event_create(int32_t *event)
{
    *event = -1;
    return OS_UNSUPPORTED;
}

void ipc_event_set(int32_t event)
{
    (void)event;
}

void ipc_event_clear(int32_t event)
{
    (void)event;
}

int ipc_poll_create(int32_t *poll)
{
    *poll = -1;
    return OS_UNSUPPORTED;
}

int ipc_poll_add(int32_t poll, int32_t handle, uint64_t tag)
{
    (void)poll;
    (void)handle;
    (void)tag;
    return OS_UNSUPPORTED;
}

void ipc_poll_remove(int32_t poll, int32_t handle)
{
    (void)poll;
    (void)handle;
}

uint32_t ipc_poll_wait(int32_t poll, uint64_t *tags, uint32_t most, uint64_t ns)
{
    (void)poll;
    (void)tags;
    (void)most;
    (void)ns;
    return 0;
}

int ipc_program_create(const uint8_t *bytes, size_t size, int32_t *program)
{
    (void)bytes;
    (void)size;
    *program = -1;
    return OS_UNSUPPORTED;
}

int ipc_process_start(ipc_process *p, int32_t program, const int32_t inherited[2])
{
    (void)program;
    (void)inherited;
    *p = (ipc_process){.handle = -1};
    return OS_UNSUPPORTED;
}

void ipc_process_begin(int count, char **words)
{
    (void)count;
    (void)words;
}

void ipc_process_kill(const ipc_process *p)
{
    (void)p;
}

void ipc_process_reap(ipc_process *p, int32_t *signal, int32_t *code)
{
    *signal = *code = -1;
    *p = (ipc_process){.handle = -1};
}

void ipc_process_look(const ipc_process *p, ipc_look *l)
{
    (void)p;
    *l = (ipc_look){IPC_STATE_UNKNOWN, 0};
}

uint64_t ipc_process_memory(const ipc_process *p)
{
    (void)p;
    return 0;
}

uint64_t ipc_machine_memory(void)
{
    return 0;
}

void ipc_process_settle(void) {}

size_t ipc_stream_read(uint8_t *bytes, size_t most)
{
    (void)bytes;
    (void)most;
    return 0;
}

bool ipc_stream_write(const uint8_t *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    return false;
}
