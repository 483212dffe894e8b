/* The exported functions of mailboxes: arguments are checked here, the work is in pool/mailbox.c.
 */
#include "ristretto.h"

#include "abi/thread.h"
#include "pool/mailbox.h"

static const char no_memory[] = "there is no memory for the mailbox or for what is posted";

/* Minus the kind of an error, remembered; what is not negative passes through. */
static int32_t answer_of(int32_t answer)
{
    switch (answer) {
    case -ESP_INVALID_INPUT:
        return esp_misuse(ESP_INVALID_INPUT, "the number is not that of a mailbox");
    case -ESP_CLOSED:
        return esp_misuse(ESP_CLOSED, "the mailbox is closed");
    case -ESP_UNAVAILABLE:
        return esp_misuse(ESP_UNAVAILABLE, "the system refuses a lock");
    default:
        return answer;
    }
}

double rst_mailbox_open(void)
{
    double mailbox = esp_mailbox_open();
    if (mailbox != 0 && esp_thread_own(mailbox, esp_mailbox_shut)) {
        return mailbox;
    }
    (void)esp_mailbox_shut(mailbox);
    return esp_misuse(ESP_LIMIT_EXCEEDED, no_memory);
}

int32_t rst_mailbox_close(double mailbox)
{
    esp_thread_disown(mailbox, esp_mailbox_shut);
    return answer_of(esp_mailbox_shut(mailbox));
}

int32_t rst_mailbox_drain(double mailbox, uint32_t *pairs, uint32_t most)
{
    int32_t error;
    if (most && !pairs) {
        return esp_misuse(ESP_INVALID_INPUT, "the memory for the pairs is a null pointer");
    }
    esp_mailbox *m = esp_mailbox_find(mailbox, &error);
    if (!m) {
        return answer_of(error);
    }
    uint32_t count = esp_mailbox_drain(m, pairs, most < INT32_MAX ? most : INT32_MAX);
    esp_mailbox_let_go(m);
    return (int32_t)count;
}

int32_t rst_mailbox_arm(double mailbox)
{
    int32_t answer;
    esp_mailbox *m = esp_mailbox_find(mailbox, &answer);
    if (m) {
        answer = esp_mailbox_arm(m);
        esp_mailbox_let_go(m);
    }
    return answer_of(answer);
}

int32_t rst_mailbox_disarm(double mailbox)
{
    int32_t answer;
    esp_mailbox *m = esp_mailbox_find(mailbox, &answer);
    if (m) {
        answer = 0;
        esp_mailbox_disarm(m);
        esp_mailbox_let_go(m);
    }
    return answer_of(answer);
}

int32_t rst_mailbox_socket(double mailbox)
{
    int32_t error;
    esp_mailbox *m = esp_mailbox_find(mailbox, &error);
    if (!m) {
        return answer_of(error);
    }
    int32_t socket = esp_mailbox_socket(m);
    esp_mailbox_let_go(m);
    if (socket == -OS_UNSUPPORTED) {
        return esp_misuse(ESP_UNSUPPORTED, "this system has no pairs of sockets");
    }
    return socket >= 0 ? socket : esp_misuse(ESP_UNAVAILABLE, "the system refuses two sockets");
}

int32_t rst_mailbox_wait(double mailbox, uint32_t milliseconds)
{
    int32_t answer;
    esp_mailbox *m = esp_mailbox_find(mailbox, &answer);
    if (m) {
        answer = esp_mailbox_wait(m, milliseconds);
        esp_mailbox_let_go(m);
    }
    return answer_of(answer);
}

int32_t rst_mailbox_ring(double mailbox)
{
    int32_t answer;
    esp_mailbox *m = esp_mailbox_find(mailbox, &answer);
    if (m) {
        answer = 0;
        esp_mailbox_ring(m);
        esp_mailbox_let_go(m);
    }
    return answer_of(answer);
}

int32_t rst_mailbox_post(double mailbox, uint32_t ticket, uint32_t value)
{
    int32_t error;
    esp_mailbox *m = esp_mailbox_find(mailbox, &error);
    if (!m) {
        return answer_of(error);
    }
    bool posted = esp_mailbox_post_pair(m, ticket, value);
    esp_mailbox_let_go(m);
    return posted ? 0 : esp_misuse(ESP_LIMIT_EXCEEDED, no_memory);
}
