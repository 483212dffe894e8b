/* The host's end of the protocol (protocol.h). The worker is treated as an attacker: a word of it
 * is fetched once, checked against what the host knows by itself, and only then used; whatever
 * cannot be is a violation, never something to repair.
 *
 * A worker gets regions of its own that no process before it ever saw, so a late write of a dead
 * one's children lands nowhere. The reply region grows when a result needs it, by the host alone,
 * and a result may ask for that once.
 */
#include "isolate/worker.h"

#include <string.h>

#include "abi/build.h"
#include "isolate/image.h"
#include "job/format.h"
#include "platform/os.h"

/* What there is for a job and for its result before either asks for more: most are smaller, and
 * each page costs a start and an end about 2 us. */
enum { FIRST_ROOM = 16 * 1024, FIRST_EXTENT = 64 * 1024, PAGE = 4096, SLICE_MS = 100 };

_Static_assert(sizeof ISO_BUILD <= ISO_BUILD_ROOM, "the build's name fits");

static int make_regions(iso_worker *w, uint64_t heap)
{
    if (w->arguments) {
        w->results = iso_area_create(ISO_REPLY_AREA, ISO_REPLY_AREA + FIRST_EXTENT, heap, false);
        w->reply = w->results ? &w->results->region : &w->own_reply;
        return w->results ? 0 : OS_FAILED;
    }
    int error = ipc_region_create(&w->request, FIRST_ROOM, ISO_RESERVED, true);
    if (!error) {
        error = ipc_region_create(&w->own_reply, ISO_REPLY_AREA + FIRST_ROOM, ISO_RESERVED, false);
    }
    return error;
}

static void write_hello(const iso_worker *w, uint32_t spin_ns, const iso_terms *terms,
                        iso_hello *hello)
{
    const ipc_region *request = w->arguments ? &w->arguments->region : &w->request;
    *hello = (iso_hello){
        .magic = ISO_MAGIC,
        .version = ISO_VERSION,
        .epoch = w->epoch,
        /* Of which the worker makes sure; what is more, it meets. */
        .request_granted = w->arguments ? FIRST_EXTENT : FIRST_ROOM,
        .reply_granted = w->reply->granted,
        .request_reserved = request->reserved,
        .reply_reserved = w->reply->reserved,
        .heap = w->arguments != NULL,
        .image = w->image,
        .spin_ns = spin_ns,
        .memory = terms->memory ? terms->memory : ISO_USUAL_MEMORY,
        .guards = (ISO_USUAL_GUARDS & ~terms->without) | terms->guards | terms->required,
        .cpu_seconds = terms->cpu_seconds,
        .nice = terms->nice,
        .oom = terms->oom,
        .build = ISO_BUILD,
    };
}

/* A process of its own, greeted. */
static int start_process(iso_worker *w, const iso_program *program, const iso_hello *hello,
                         int32_t theirs)
{
    const int32_t inherited[2] = {theirs, w->reply->handle};
    const int32_t handles[2] = {w->arguments ? w->arguments->region.handle : w->request.handle,
                                program->library};
    int error = ipc_process_start(&w->process, program->program, inherited);
    uint32_t count = w->image == ISO_IMAGE_DYNAMIC ? 2 : 1;
    if (!error && ipc_socket_send(w->control, hello, sizeof *hello, handles, count)) {
        ipc_process_kill(&w->process); /* its end is noticed as any other */
    }
    return error;
}

/* A result that nobody has limited: a hostile worker could ask for all there is. */
static uint32_t usual_output(void)
{
    uint64_t quarter = ipc_machine_memory() / 4;
    return quarter && quarter < ISO_USUAL_OUTPUT ? (uint32_t)quarter : ISO_USUAL_OUTPUT;
}

/* All that a worker has but its process: regions, rings in them, a control socket. */
static int make_channel(iso_worker *w, uint64_t heap, uint32_t spin_ns, int32_t *theirs)
{
    int error = make_regions(w, heap);
    if (!error) {
        w->shared = (iso_shared *)(void *)w->reply->base;
        ipc_ring_init(&w->shared->requests);
        ipc_ring_init(&w->shared->replies);
        _Atomic uint32_t *const bells[] = {&w->shared->requests.bell,
                                           &w->shared->requests.full_bell, &w->shared->replies.bell,
                                           &w->shared->replies.full_bell};
        error = ipc_region_bells(w->reply, bells, sizeof bells / sizeof *bells);
    }
    if (!error) {
        ipc_link_init(&w->link, &w->shared->requests, &w->shared->replies, spin_ns);
        w->link.gone = &w->gone;
        w->link.slice_ns = SLICE_MS * UINT64_C(1000000);
        error = ipc_socket_pair(&w->control, theirs);
    }
    return error;
}

/* Tries to be a copy of the zygote. Where one may have been made that nobody knows, the worker has
 * another channel afterwards. */
static int copy_zygote(iso_worker *w, iso_zygote *zygote, const iso_hello *hello, int32_t *theirs,
                       bool *copied)
{
    const int32_t handles[3] = {w->request.handle, *theirs, w->reply->handle};
    iso_copy copy = iso_zygote_copy(zygote, hello, handles, &w->process);
    int error = 0;
    *copied = copy == ISO_COPY_MADE;
    if (copy == ISO_COPY_LOST) {
        ipc_close(*theirs);
        *theirs = -1;
        iso_worker_bury(w); /* there is no process, and no heap */
        error = make_channel(w, 0, hello->spin_ns, theirs);
    }
    return error;
}

static void clear(iso_worker *w)
{
    memset(w, 0, sizeof *w);
    w->control = w->request.handle = w->own_reply.handle = w->process.handle = -1;
}

void iso_worker_move(iso_worker *to, iso_worker *from)
{
    *to = *from;
    if (to->reply == &from->own_reply) {
        to->reply = &to->own_reply;
    }
    to->link.gone = &to->gone;
    clear(from);
}

int iso_worker_start(iso_worker *w, const iso_program *program, uint64_t epoch, uint32_t spin_ns,
                     const iso_terms *terms, iso_area *arguments, uint64_t heap, iso_zygote *zygote)
{
    clear(w);
    w->reply = &w->own_reply;
    w->arguments = arguments;
    w->epoch = epoch;
    w->image = program->image;
    w->output = terms->output ? terms->output : usual_output();
    w->wipe = terms->wipe;
    int32_t theirs = -1;
    int error = make_channel(w, heap, spin_ns, &theirs);
    iso_hello hello;
    bool copied = false;
    if (!error) {
        write_hello(w, spin_ns, terms, &hello);
    }
    if (!error && zygote) {
        error = copy_zygote(w, zygote, &hello, &theirs, &copied);
    }
    if (!error && !copied) {
        error = start_process(w, program, &hello, theirs);
        if (!error && zygote) {
            iso_zygote_start(zygote, program->program, &hello);
        }
    }
    ipc_close(theirs);
    if (error) {
        iso_worker_bury(w);
    }
    return error;
}

int iso_worker_check_ready(iso_worker *w)
{
    iso_ready ready;
    uint32_t handles;
    int n = ipc_socket_receive(w->control, &ready, sizeof ready, NULL, 0, &handles, false);
    if (n == -OS_TIMED_OUT) {
        return IPC_AGAIN;
    }
    if (n <= 0) {
        return IPC_GONE;
    }
    bool right = n == (int)sizeof ready && ready.magic == ISO_MAGIC &&
                 ready.version == ISO_VERSION && ready.epoch == w->epoch &&
                 ready.image == w->image && ready.operations <= ISO_OPERATIONS_ROOM &&
                 memcmp(ready.build, ISO_BUILD, sizeof ISO_BUILD) == 0;
    if (right) {
        w->guarded = (iso_guarded){ready.memory, ready.guards, ready.landlock, ready.calls,
                                   .operations = ready.operations};
        w->watcher = ready.watcher;
        memcpy(w->guarded.operation, ready.operation, sizeof ready.operation);
    }
    return right ? IPC_OK : IPC_VIOLATION;
}

static int send(iso_worker *w, ipc_message *m, uint32_t kind)
{
    m->word[ISO_AT_KIND] = kind;
    m->word[ISO_AT_SEQUENCE] = w->sequence;
    m->word[ISO_AT_EPOCH] = (uint32_t)w->epoch;
    m->word[ISO_AT_EPOCH + 1] = (uint32_t)(w->epoch >> 32);
    m->word[ISO_AT_LAST] = w->last;
    m->word[ISO_AT_WIPE] = w->wipe;
    /* One job at a time: there is always room, unless the worker says what is not so. */
    int sent = ipc_send(&w->link, m, 0);
    return sent == IPC_TIMED_OUT ? IPC_VIOLATION : sent;
}

static uint32_t room_of(const iso_worker *w)
{
    uint64_t room = w->reply->granted - ISO_REPLY_AREA;
    return room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;
}

static uint64_t whole_pages(uint64_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

/* Copies a job into the scratch extent, which grows with them. */
static bool copy_to_scratch(iso_worker *w, const iso_source *job)
{
    if (!w->scratch.size || job->length > w->scratch.size) {
        if (w->scratch.size) {
            iso_area_give(w->arguments, w->scratch);
            w->scratch.size = 0;
        }
        uint64_t size = job->length > FIRST_EXTENT ? job->length : FIRST_EXTENT;
        if (!iso_area_take(w->arguments, size, &w->scratch)) {
            w->scratch.size = 0;
            return false;
        }
    }
    if (job->length) {
        memcpy(w->arguments->region.base + w->scratch.start, job->bytes, job->length);
    }
    return true;
}

/* Another extent for the job; false: there is none. */
static bool add_extent(iso_worker *w, uint64_t bytes)
{
    if (w->extents == ISO_EXTENTS_MOST ||
        !iso_area_take(w->results, bytes, &w->extent[w->extents])) {
        return false;
    }
    w->extents++;
    return true;
}

static void tell_extent(const iso_worker *w, ipc_message *m)
{
    const iso_extent *last = &w->extent[w->extents - 1];
    m->word[ISO_AT_EXTENT] = (uint32_t)(last->start / PAGE);
    m->word[ISO_AT_PAGES] = (uint32_t)(last->size / PAGE);
}

static void give_extents_back(iso_worker *w)
{
    while (w->extents) {
        iso_area_give(w->results, w->extent[--w->extents]);
    }
}

static void tell_waited(ipc_message *m, const iso_source *job)
{
    uint64_t now = job->since ? os_clock_ns() : 0;
    uint64_t waited = now > job->since ? now - job->since : 0;
    m->word[ISO_AT_WAITED] = (uint32_t)waited;
    m->word[ISO_AT_WAITED + 1] = (uint32_t)(waited >> 32);
}

static int call(iso_worker *w, const iso_source *job)
{
    give_extents_back(w);
    if ((!job->piece && !copy_to_scratch(w, job)) || !add_extent(w, FIRST_EXTENT)) {
        return ISO_NO_MEMORY;
    }
    ipc_message m = {{0}};
    uint64_t place = job->piece ? job->piece->start : w->scratch.start;
    m.word[ISO_AT_LENGTH] = job->length;
    m.word[ISO_AT_PLACE] = (uint32_t)(place / ISO_UNIT);
    tell_extent(w, &m);
    tell_waited(&m, job);
    return send(w, &m, ISO_CALL);
}

int iso_worker_give(iso_worker *w, const iso_source *job)
{
    if (ipc_pop_ready(&w->link.in)) {
        return IPC_VIOLATION; /* it speaks without having been asked */
    }
    if (w->dirty) {
        return IPC_VIOLATION; /* its last answer was not taken: another one gets the job */
    }
    w->sequence++;
    w->asked = false;
    atomic_store_explicit(&w->shared->cancel, 0, memory_order_relaxed);
    if (w->arguments) {
        return call(w, job);
    }
    if (job->length > w->request.granted &&
        ipc_region_grow(&w->request, whole_pages(job->length))) {
        return ISO_NO_MEMORY;
    }
    if (job->length) {
        memcpy(w->request.base, job->bytes, job->length);
    }
    w->sent = job->length;
    w->dirty = w->wipe;
    ipc_message m = {{0}};
    m.word[ISO_AT_LENGTH] = job->length;
    m.word[ISO_AT_CAPACITY] = room_of(w);
    tell_waited(&m, job);
    return send(w, &m, ISO_RUN);
}

static uint64_t epoch_of(const ipc_message *m)
{
    return m->word[ISO_AT_EPOCH] | (uint64_t)m->word[ISO_AT_EPOCH + 1] << 32;
}

/* The extent of the job in which a result is as a whole; false: there is none. */
static bool find_extent(const iso_worker *w, uint64_t start, uint32_t length, uint32_t *index)
{
    for (uint32_t i = 0; i < w->extents; i++) {
        const iso_extent *e = &w->extent[i];
        if (start >= e->start && start - e->start <= e->size &&
            length <= e->size - (start - e->start)) {
            *index = i;
            return true;
        }
    }
    return false;
}

/* What a reply says, if it can be: its kind and length, and the place of a result. */
static bool check_reply(const iso_worker *w, const ipc_message *m, bool may_grow)
{
    uint32_t length = m->word[ISO_AT_LENGTH];
    if (epoch_of(m) != w->epoch || m->word[ISO_AT_SEQUENCE] != w->sequence || length == 0) {
        return false;
    }
    for (uint32_t i = ISO_AT_CAPACITY; i < IPC_WORDS; i++) {
        if (m->word[i] && !(i == ISO_AT_PLACE && w->arguments)) {
            return false;
        }
    }
    uint64_t start = (uint64_t)m->word[ISO_AT_PLACE] * ISO_UNIT;
    uint32_t index;
    switch (m->word[ISO_AT_KIND]) {
    case ISO_DONE:
        return w->arguments ? find_extent(w, start, length, &index) : length <= room_of(w);
    case ISO_NEED:
        return !w->arguments && may_grow && length > room_of(w) &&
               length <= ISO_RESERVED - ISO_REPLY_AREA;
    case ISO_GROW:
        return w->arguments && m->word[ISO_AT_PLACE] == 0;
    default:
        return false;
    }
}

/* Answers a worker that asks for memory. */
static int serve_growth(iso_worker *w, const ipc_message *asked)
{
    ipc_message m = {{0}};
    uint32_t length = asked->word[ISO_AT_LENGTH];
    if (asked->word[ISO_AT_KIND] == ISO_NEED) {
        if (ipc_region_grow(w->reply, whole_pages(ISO_REPLY_AREA + (uint64_t)length))) {
            return ISO_NO_MEMORY;
        }
        m.word[ISO_AT_CAPACITY] = room_of(w);
        return send(w, &m, ISO_TAKE);
    }
    if (add_extent(w, (uint64_t)length * PAGE)) {
        tell_extent(w, &m);
    }
    return send(w, &m, ISO_GRANT);
}

int iso_worker_wait(iso_worker *w, uint64_t timeout_ns, uint32_t *length)
{
    bool endless = timeout_ns == 0 || timeout_ns >= IPC_SLICE;
    uint64_t until = endless ? 0 : os_clock_ns() + timeout_ns;
    for (;;) {
        ipc_message m;
        uint64_t now = endless ? 0 : os_clock_ns();
        uint64_t time = endless ? timeout_ns : now < until ? until - now : 1;
        int got = ipc_recv(&w->link, &m, time);
        if (got != IPC_OK) {
            return got;
        }
        if (!check_reply(w, &m, !w->asked)) {
            bool before = epoch_of(&m) == w->epoch && m.word[ISO_AT_SEQUENCE] == w->sequence - 1;
            return before ? ISO_STALE : IPC_VIOLATION;
        }
        *length = m.word[ISO_AT_LENGTH];
        if (*length > w->output && m.word[ISO_AT_KIND] != ISO_GROW) {
            return ipc_pop_ready(&w->link.in) ? IPC_VIOLATION : ISO_TOO_LONG;
        }
        if (m.word[ISO_AT_KIND] == ISO_DONE) {
            w->result_at =
                w->arguments ? (uint64_t)m.word[ISO_AT_PLACE] * ISO_UNIT : (uint64_t)ISO_REPLY_AREA;
            return ipc_pop_ready(&w->link.in) ? IPC_VIOLATION : IPC_OK; /* one reply a job */
        }
        w->asked = true;
        int served = serve_growth(w, &m);
        if (served != IPC_OK) {
            return served;
        }
    }
}

bool iso_worker_ask(iso_worker *w)
{
    /* It publishes, and then looks whether to tell; we ask, and then look whether it has. */
    atomic_store_explicit(&w->shared->doorbell, w->link.out.tail, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    return ipc_pop_ready(&w->link.in);
}

bool iso_worker_answered(const iso_worker *w)
{
    return ipc_pop_ready(&w->link.in);
}

bool iso_worker_began(const iso_worker *w)
{
    uint32_t head = atomic_load_explicit(&w->shared->requests.head, memory_order_relaxed);
    return w->asked || head == w->link.out.tail;
}

static uint32_t word_at(const uint8_t *bytes, uint32_t at)
{
    uint32_t word;
    memcpy(&word, bytes + at, sizeof word);
    return word;
}

/* Whether these bytes, which nobody else can change, begin a result of that length. */
static bool is_block(const uint8_t *header, uint32_t length)
{
    return length >= RST_HEADER_SIZE && word_at(header, RST_HEADER_MAGIC) == RST_MAGIC_RESULT &&
           word_at(header, RST_HEADER_VERSION) == RST_FORMAT_VERSION &&
           word_at(header, RST_HEADER_LENGTH) == length;
}

int iso_worker_copy(iso_worker *w, uint8_t *out, uint32_t length)
{
    memcpy(out, w->reply->base + w->result_at, length);
    if (w->wipe) { /* the worker did so with what is its own */
        memset(w->reply->base + w->result_at, 0, length);
        memset(w->request.base, 0, w->sent);
        w->dirty = false;
    }
    return is_block(out, length) ? IPC_OK : IPC_VIOLATION;
}

int iso_worker_view(iso_worker *w, uint32_t length, double *view)
{
    uint8_t header[RST_HEADER_SIZE] = {0};
    uint32_t index = 0;
    memcpy(header, w->reply->base + w->result_at, length < sizeof header ? length : sizeof header);
    if (!is_block(header, length) || !find_extent(w, w->result_at, length, &index)) {
        return IPC_VIOLATION;
    }
    *view = iso_piece_open(w->results, w->extent[index], w->result_at, length);
    if (*view == 0) {
        return ISO_NO_MEMORY;
    }
    w->extent[index] = w->extent[--w->extents];
    return IPC_OK;
}

void iso_worker_cancel(iso_worker *w)
{
    atomic_store_explicit(&w->shared->cancel, 1, memory_order_relaxed);
}

uint64_t iso_worker_shared(const iso_worker *w)
{
    return w->request.granted + w->reply->granted;
}

void iso_worker_bury(iso_worker *w)
{
    ipc_close(w->control);
    w->control = -1;
    if (w->arguments) {
        if (w->scratch.size) {
            iso_area_give(w->arguments, w->scratch);
        }
        esp_let_go(w->results ? &w->results->held : NULL);
        w->results = NULL;
        w->arguments = NULL;
        w->scratch.size = 0;
        w->extents = 0;
    }
    ipc_region_close(&w->request);
    ipc_region_close(&w->own_reply);
    w->shared = NULL;
}
