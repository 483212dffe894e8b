/* Handles and mailboxes: nothing is lost, nothing comes twice, nobody sleeps through a letter, and
 * what is closed stays closed, with many threads at it. */
#if !defined RST_CORE_ONLY
#include <math.h>

#include "base/arena.h"
#include "platform/os.h"
#include "pool/mailbox.h"
#include "ristretto.h"
#include "test.h"

enum { STACK = 256 * 1024, POSTERS = 4, EACH = 20000, BATCH = 64 };

static atomic_uint destroyed;

static void count_destroyed(esp_held *self)
{
    (void)self;
    atomic_fetch_add(&destroyed, 1);
}

TEST(a_handle_finds_its_object_until_it_is_removed)
{
    esp_registry r;
    CHECK_EQ_U(esp_registry_init(&r), 0);
    esp_held objects[100];
    double handles[100];
    int32_t error;
    atomic_store(&destroyed, 0);
    for (uint32_t i = 0; i < 100; i++) {
        esp_held_init(&objects[i], count_destroyed);
        handles[i] = esp_registry_enter(&r, &objects[i]);
        esp_let_go(&objects[i]); /* the registry holds it now */
    }
    for (uint32_t i = 0; i < 100; i++) {
        CHECK(esp_registry_find(&r, handles[i], &error) == &objects[i]);
        esp_let_go(&objects[i]);
    }
    CHECK_EQ_U(atomic_load(&destroyed), 0);
    for (uint32_t i = 0; i < 100; i += 2) {
        esp_let_go(esp_registry_remove(&r, handles[i], &error));
        CHECK(!esp_registry_find(&r, handles[i], &error) && error == -ESP_CLOSED);
        CHECK(!esp_registry_remove(&r, handles[i], &error) && error == -ESP_CLOSED);
    }
    CHECK_EQ_U(atomic_load(&destroyed), 50);
    /* A slot that is used again has another number. */
    esp_held_init(&objects[0], count_destroyed);
    double again = esp_registry_enter(&r, &objects[0]);
    CHECK(esp_registry_find(&r, again, &error) == &objects[0]);
    CHECK(!esp_registry_find(&r, handles[0], &error) && error == -ESP_CLOSED);
    const double forged[] = {0,           -1,   0.5,  (double)ESP_HANDLES_MOST * 3 + 1,
                             again + 0.5, NAN,  1e15, INFINITY,
                             -again,      1e300};
    for (uint32_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        CHECK(!esp_registry_find(&r, forged[i], &error) && error == -ESP_INVALID_INPUT);
    }
    os_mutex_destroy(&r.lock);
    esp_system_free(r.slots);
}

typedef struct poster {
    os_thread thread;
    double mailbox;
    uint32_t number;
    esp_mailbox *direct; /* NULL: through the ABI */
    atomic_bool *stop;
} poster;

static void post_all(void *argument)
{
    poster *p = argument;
    for (uint32_t i = 0; i < EACH * esp_test_times; i++) {
        CHECK(rst_mailbox_post(p->mailbox, p->number, i) == 0);
    }
}

/* Drains until so many came; sleeps whenever there is nothing. Each poster's must come in order. */
static void read_all(double mailbox, uint64_t expected)
{
    uint32_t pairs[2 * BATCH];
    uint32_t next[POSTERS] = {0};
    uint64_t seen = 0;
    while (seen < expected) {
        int32_t count = rst_mailbox_drain(mailbox, pairs, BATCH);
        for (int32_t i = 0; i < count; i++) {
            uint32_t from = pairs[2 * i];
            if (!CHECK(from < POSTERS) || !CHECK_EQ_U(pairs[2 * i + 1], next[from]++)) {
                return;
            }
        }
        seen += (uint32_t)count;
        if (!count && rst_mailbox_arm(mailbox) == 0 &&
            !CHECK(rst_mailbox_wait(mailbox, ESP_TEST_PATIENCE_MS) == 1)) { /* slept through it */
            return;
        }
    }
    CHECK(rst_mailbox_drain(mailbox, pairs, BATCH) == 0);
}

TEST(letters_of_many_threads_arrive_once_and_in_order_and_wake_the_reader)
{
    double mailbox = rst_mailbox_open();
    CHECK(mailbox > 0);
    poster posters[POSTERS];
    for (uint32_t i = 0; i < POSTERS; i++) {
        posters[i] = (poster){.mailbox = mailbox, .number = i};
        CHECK_EQ_U(os_thread_start(&posters[i].thread, post_all, &posters[i], STACK), 0);
    }
    read_all(mailbox, (uint64_t)POSTERS * EACH * esp_test_times);
    for (uint32_t i = 0; i < POSTERS; i++) {
        os_thread_join(&posters[i].thread);
    }
    CHECK(rst_mailbox_close(mailbox) == 0);
}

TEST(one_ring_for_many_letters_and_none_when_disarmed)
{
    uint32_t pairs[2 * BATCH];
    double mailbox = rst_mailbox_open();
    CHECK(rst_mailbox_arm(mailbox) == 0);
    for (uint32_t i = 0; i < 5; i++) {
        CHECK(rst_mailbox_post(mailbox, i, 0) == 0);
    }
    CHECK(rst_mailbox_wait(mailbox, 0) == 1);
    CHECK(rst_mailbox_wait(mailbox, 0) == 0); /* only once */
    CHECK(rst_mailbox_arm(mailbox) == 1);     /* they were not drained */
    CHECK(rst_mailbox_drain(mailbox, pairs, 3) == 3);
    CHECK(rst_mailbox_arm(mailbox) == 1);
    CHECK(rst_mailbox_drain(mailbox, pairs, BATCH) == 2);
    CHECK(rst_mailbox_arm(mailbox) == 0);
    CHECK(rst_mailbox_disarm(mailbox) == 0);
    CHECK(rst_mailbox_post(mailbox, 9, 0) == 0);
    CHECK(rst_mailbox_wait(mailbox, 0) == 0);
    CHECK(rst_mailbox_drain(mailbox, pairs, BATCH) == 1);
    CHECK(rst_mailbox_ring(mailbox) == 0);
    CHECK(rst_mailbox_wait(mailbox, 0) == 1);
    CHECK(rst_mailbox_close(mailbox) == 0);
}

TEST(numbers_that_are_no_mailboxes_are_refused)
{
    CHECK(rst_mailbox_post(0, 0, 0) == -RST_INVALID_INPUT);
    CHECK(rst_mailbox_wait(NAN, 60000) == -RST_INVALID_INPUT);
    CHECK(rst_mailbox_ring(-5) == -RST_INVALID_INPUT);
    CHECK(rst_mailbox_drain(7, NULL, 0) == -RST_INVALID_INPUT);
    CHECK(rst_mailbox_arm(0.5) == -RST_INVALID_INPUT);
    CHECK(rst_mailbox_disarm(-1) == -RST_INVALID_INPUT);
    CHECK(rst_mailbox_socket(1e300) == -RST_INVALID_INPUT);
    CHECK(rst_mailbox_close(3) == -RST_INVALID_INPUT);
    double mailbox = rst_mailbox_open();
    CHECK(rst_mailbox_drain(mailbox, NULL, 1) == -RST_INVALID_INPUT);
    CHECK(rst_mailbox_drain(mailbox, NULL, 0) == 0);
    CHECK(rst_mailbox_close(mailbox) == 0);
    CHECK(rst_mailbox_close(mailbox) == -RST_CLOSED);
    CHECK(rst_mailbox_drain(mailbox, NULL, 0) == -RST_CLOSED);
}

/* A thread that ends with letters in its mailbox, while others post. */
typedef struct short_life {
    os_thread thread;
    atomic_bool *ready;
    double mailbox;
    esp_mailbox *held;
} short_life;

static void live_shortly(void *argument)
{
    short_life *life = argument;
    life->mailbox = rst_mailbox_open();
    int32_t error;
    life->held = esp_mailbox_find(life->mailbox, &error);
    uint32_t pairs[2];
    CHECK(rst_mailbox_post(life->mailbox, 1, 1) == 0);
    atomic_store(life->ready, true);
    for (uint32_t i = 0; i < 1000; i++) {
        (void)rst_mailbox_drain(life->mailbox, pairs, 1);
    }
}

static atomic_uint dropped;

static void count_dropped(esp_letter *letter, bool delivered)
{
    (void)letter;
    atomic_fetch_add(&dropped, !delivered);
}

static void post_until_stopped(void *argument)
{
    poster *p = argument;
    while (!atomic_load(p->stop)) {
        (void)esp_mailbox_post_pair(p->direct, 0, 0);
    }
}

TEST(a_mailbox_goes_with_its_thread_and_drops_what_comes_later)
{
    for (uint32_t round = 0; round < 50; round++) {
        atomic_bool ready = false;
        atomic_bool stop = false;
        short_life life = {.ready = &ready};
        CHECK_EQ_U(os_thread_start(&life.thread, live_shortly, &life, STACK), 0);
        while (!atomic_load(&ready)) {
        }
        poster p = {.direct = life.held, .stop = &stop};
        CHECK_EQ_U(os_thread_start(&p.thread, post_until_stopped, &p, STACK), 0);
        os_thread_join(&life.thread);
        CHECK(rst_mailbox_post(life.mailbox, 1, 1) == -RST_CLOSED);
        CHECK(rst_mailbox_wait(life.mailbox, 60000) == -RST_CLOSED);
        atomic_store(&dropped, 0);
        esp_letter letter = {.done = count_dropped};
        esp_mailbox_post(life.held, &letter);
        CHECK_EQ_U(atomic_load(&dropped), 1);
        atomic_store(&stop, true);
        os_thread_join(&p.thread);
        esp_mailbox_let_go(life.held);
    }
}

static void wait_long(void *argument)
{
    poster *p = argument;
    p->number = (uint32_t)-esp_mailbox_wait(p->direct, UINT32_MAX);
}

TEST(closing_a_mailbox_wakes_who_waits_for_it)
{
    esp_mailbox *m = esp_mailbox_create();
    if (!CHECK(m)) {
        return;
    }
    poster p = {.direct = m};
    CHECK_EQ_U(os_thread_start(&p.thread, wait_long, &p, STACK), 0);
    esp_mailbox_close(m);
    os_thread_join(&p.thread);
    CHECK_EQ_U(p.number, RST_CLOSED);
    esp_mailbox_let_go(m);
}

TEST(a_reader_that_sleeps_is_roused_before_its_letter_and_finds_it)
{
    esp_mailbox *m = esp_mailbox_create();
    if (!CHECK(m)) {
        return;
    }
    uint32_t pair[2];
    esp_mailbox_rouse(m);
    CHECK(esp_mailbox_wait(m, 0) == 0); /* it did not sleep */
    CHECK(!esp_mailbox_arm(m));
    esp_mailbox_rouse(m);
    esp_mailbox_rouse(m);
    CHECK(esp_mailbox_wait(m, 0) == 1);
    CHECK(esp_mailbox_post_pair(m, 3, 4));
    CHECK(esp_mailbox_wait(m, 0) == 0); /* one ring for both */
    CHECK(esp_mailbox_arm(m));          /* who has found nothing yet does not sleep again */
    CHECK(esp_mailbox_drain(m, pair, 1) == 1 && pair[0] == 3 && pair[1] == 4);
    esp_mailbox_close(m);
    esp_mailbox_let_go(m);
}

const esp_test test_pool_mailbox[] = {
    {"a handle finds its object until it is removed",
     a_handle_finds_its_object_until_it_is_removed},
    {"letters of many threads arrive once, in order, and wake the reader",
     letters_of_many_threads_arrive_once_and_in_order_and_wake_the_reader},
    {"one ring for many letters, and none when it is disarmed",
     one_ring_for_many_letters_and_none_when_disarmed},
    {"numbers that are no mailboxes are refused", numbers_that_are_no_mailboxes_are_refused},
    {"a mailbox goes with its thread, and drops what comes later",
     a_mailbox_goes_with_its_thread_and_drops_what_comes_later},
    {"closing a mailbox wakes who waits for it", closing_a_mailbox_wakes_who_waits_for_it},
    {"a reader that sleeps is roused before its letter, and finds it",
     a_reader_that_sleeps_is_roused_before_its_letter_and_finds_it},
    {0},
};
#endif
