/* One server and many clients: everybody is answered with his own answer, nobody sleeps on, a party
 * that lies or leaves harms no other.
 *
 * Method. Clients are threads, so that the thread sanitizer sees both sides; each party has its own
 * region. The server answers with the sum of what it got and of the lane's number.
 */
#if defined RST_CORE_ONLY
typedef int nothing_here; /* there are no threads in this build */
#else
#include <string.h>

#include "ipc/hub.h"
#include "platform/os.h"
#include "test.h"

enum { PARTIES = 3, LANES = 5, CALLS = 400, STACK = 128 * 1024 };

typedef struct client {
    os_thread thread;
    ipc_lane lane;
    uint32_t calls;
    uint32_t wrong;
} client;

static ipc_hub hub;
static ipc_region regions[PARTIES];
static int32_t events[PARTIES];
static client clients[PARTIES][LANES];

static ipc_party_shared *shared_of(uint32_t party)
{
    return (ipc_party_shared *)(void *)regions[party].base;
}

static void run_client(void *argument)
{
    client *c = argument;
    for (uint32_t n = 0; n < c->calls; n++) {
        ipc_message m = {{n}};
        if (ipc_lane_call(&c->lane, &m, IPC_FOREVER) != IPC_OK || m.word[0] != n + c->lane.index) {
            c->wrong++;
            return;
        }
    }
}

/* False: this system has none of this; that is told. */
static bool open_hub(void)
{
    uint64_t size = (ipc_party_size(LANES) + 4095) / 4096 * 4096;
    int error = ipc_hub_init(&hub, PARTIES);
    for (uint32_t p = 0; !error && p < PARTIES; p++) {
        error = ipc_region_create(&regions[p], size, size, false);
        error = error ? error : ipc_event_create(&events[p]);
        if (!error) {
            ipc_party_init(shared_of(p), LANES);
            CHECK(ipc_hub_admit(&hub, shared_of(p), LANES, events[p]) == (int32_t)p);
        }
    }
    if (error) {
        CHECK(error == OS_UNSUPPORTED);
        esp_test_skip("this system has no shared memory of ours");
    }
    return !error;
}

static void close_hub(void)
{
    ipc_hub_close(&hub);
    for (uint32_t p = 0; p < PARTIES; p++) {
        ipc_close(events[p]);
        ipc_region_close(&regions[p]);
    }
}

static void start(uint32_t party, uint32_t lane, uint32_t calls)
{
    client *c = &clients[party][lane];
    memset(c, 0, sizeof *c);
    c->calls = calls;
    ipc_lane_init(&c->lane, shared_of(party), lane, events[party]);
    CHECK(os_thread_start(&c->thread, run_client, c, STACK) == 0);
}

static void join(uint32_t party, uint32_t lane)
{
    os_thread_join(&clients[party][lane].thread);
    CHECK_EQ_U(clients[party][lane].wrong, 0);
}

/* Answers so many messages; parties that lie are dismissed and counted. */
static uint32_t serve(uint32_t messages)
{
    uint32_t liars = 0;
    while (messages > 0) {
        ipc_from from = {0};
        ipc_message m;
        int got = ipc_hub_next(&hub, UINT64_C(60000000000), &from, &m);
        if (got == IPC_VIOLATION) {
            ipc_hub_dismiss(&hub, from.party);
            liars++;
            continue;
        }
        if (!CHECK(got == IPC_OK)) {
            break;
        }
        m.word[0] += from.lane;
        CHECK(ipc_hub_reply(&hub, &from, &m) == IPC_OK);
        messages--;
    }
    return liars;
}

TEST(every_client_gets_its_own_answers)
{
    if (!open_hub()) {
        return;
    }
    for (uint32_t p = 0; p < PARTIES; p++) {
        for (uint32_t l = 0; l < LANES; l++) {
            start(p, l, CALLS);
        }
    }
    CHECK_EQ_U(serve(PARTIES * LANES * CALLS), 0);
    for (uint32_t p = 0; p < PARTIES; p++) {
        for (uint32_t l = 0; l < LANES; l++) {
            join(p, l);
        }
    }
    ipc_from from;
    ipc_message m;
    CHECK(ipc_hub_next(&hub, 0, &from, &m) == IPC_TIMED_OUT);
    close_hub();
}

TEST(a_round_takes_one_message_of_each_lane)
{
    if (!open_hub()) {
        return;
    }
    /* Lane 0 has sent four, lane 3 one: lane 3 is not kept waiting. */
    ipc_lane eager;
    ipc_lane modest;
    ipc_lane_init(&eager, shared_of(0), 0, events[0]);
    ipc_lane_init(&modest, shared_of(0), 3, events[0]);
    ipc_message m = {{7}};
    for (uint32_t n = 0; n < 4; n++) {
        CHECK(ipc_lane_call(&eager, &m, 0) == IPC_TIMED_OUT);
    }
    CHECK(ipc_lane_call(&modest, &m, 0) == IPC_TIMED_OUT);
    const uint32_t expected[] = {0, 3, 0, 0, 0};
    for (uint32_t n = 0; n < 5; n++) {
        ipc_from from = {0};
        CHECK(ipc_hub_next(&hub, 0, &from, &m) == IPC_OK);
        CHECK_EQ_U(from.lane, expected[n]);
    }
    close_hub();
}

TEST(a_party_that_lies_or_leaves_harms_no_other)
{
    if (!open_hub()) {
        return;
    }
    ipc_party_shared *liar = shared_of(1);
    for (uint32_t w = 0; w < IPC_LANES_MOST / 32; w++) {
        atomic_store(&liar->ready[w], UINT32_MAX); /* lanes that have nothing, and that are not */
    }
    start(0, 1, CALLS);
    CHECK_EQ_U(serve(CALLS / 2), 0);
    atomic_store(&liar->lanes[2].requests.tail, 1000);
    atomic_store(&liar->ready[0], 4);
    CHECK_EQ_U(serve(CALLS - CALLS / 2), 1);
    join(0, 1);
    ipc_hub_dismiss(&hub, 2);
    start(0, 4, CALLS);
    CHECK_EQ_U(serve(CALLS), 0);
    join(0, 4);
    close_hub();
}

TEST(a_server_that_sleeps_hears_its_other_handles)
{
    if (!open_hub()) {
        return;
    }
    int32_t event;
    CHECK(ipc_event_create(&event) == 0);
    CHECK(ipc_poll_add(hub.poll, event, IPC_HUB_TAGS + 5) == 0);
    ipc_event_set(event);
    ipc_from from = {0};
    ipc_message m;
    CHECK(ipc_hub_next(&hub, IPC_FOREVER, &from, &m) == IPC_AGAIN);
    CHECK_EQ_U(from.tag, IPC_HUB_TAGS + 5);
    ipc_poll_remove(hub.poll, event);
    ipc_close(event);
    close_hub();
}

const esp_test test_ipc_hub[] = {
    {"every client of a hub gets its own answers", every_client_gets_its_own_answers},
    {"a round takes one message of each lane", a_round_takes_one_message_of_each_lane},
    {"a party that lies or leaves harms no other", a_party_that_lies_or_leaves_harms_no_other},
    {"a server that sleeps hears its other handles", a_server_that_sleeps_hears_its_other_handles},
    {0},
};
#endif
