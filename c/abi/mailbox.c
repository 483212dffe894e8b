/* The exported functions of mailboxes: arguments are checked here, the work is in pool/mailbox.c.
 */
#include "ristretto.h"

#include "abi/thread.h"

static const char no_mailbox[] = "there is no memory for the mailbox of this thread";

/* Minus the kind of an error of esp_mailbox_find or esp_mailbox_wait, remembered; what is not
 * negative passes through. */
static int32_t answer_of(int32_t answer)
{
    switch (answer) {
    case -ESP_INVALID_INPUT:
        return esp_misuse(ESP_INVALID_INPUT, "the number is not that of a mailbox");
    case -ESP_CLOSED:
        return esp_misuse(ESP_CLOSED, "the mailbox is closed: its thread has ended");
    case -ESP_UNAVAILABLE:
        return esp_misuse(ESP_UNAVAILABLE, "the system refuses a lock");
    default:
        return answer;
    }
}

double rst_mailbox_open(void)
{
    esp_mailbox *m = esp_thread_mailbox();
    double handle = m ? esp_mailbox_handle(m) : 0;
    return handle != 0 ? handle : esp_misuse(ESP_LIMIT_EXCEEDED, no_mailbox);
}

int32_t rst_mailbox_drain(uint32_t *pairs, uint32_t most)
{
    if (most && !pairs) {
        return esp_misuse(ESP_INVALID_INPUT, "the memory for the pairs is a null pointer");
    }
    esp_mailbox *m = esp_thread_mailbox();
    if (!m) {
        return esp_misuse(ESP_LIMIT_EXCEEDED, no_mailbox);
    }
    return (int32_t)esp_mailbox_drain(m, pairs, most < INT32_MAX ? most : INT32_MAX);
}

int32_t rst_mailbox_arm(void)
{
    esp_mailbox *m = esp_thread_mailbox();
    return m ? esp_mailbox_arm(m) : esp_misuse(ESP_LIMIT_EXCEEDED, no_mailbox);
}

int32_t rst_mailbox_disarm(void)
{
    esp_mailbox *m = esp_thread_mailbox();
    if (!m) {
        return esp_misuse(ESP_LIMIT_EXCEEDED, no_mailbox);
    }
    esp_mailbox_disarm(m);
    return 0;
}

int32_t rst_mailbox_socket(void)
{
    esp_mailbox *m = esp_thread_mailbox();
    int32_t socket = m ? esp_mailbox_socket(m) : 0;
    if (!m) {
        return esp_misuse(ESP_LIMIT_EXCEEDED, no_mailbox);
    }
    if (socket == -OS_UNSUPPORTED) {
        return esp_misuse(ESP_UNSUPPORTED, "this system has no pairs of sockets");
    }
    return socket >= 0 ? socket : esp_misuse(ESP_UNAVAILABLE, "the system refuses two sockets");
}

int32_t rst_mailbox_wait(double mailbox, uint32_t milliseconds)
{
    int32_t error;
    esp_mailbox *m = esp_mailbox_find(mailbox, &error);
    if (!m) {
        return answer_of(error);
    }
    int32_t answer = esp_mailbox_wait(m, milliseconds);
    esp_mailbox_let_go(m);
    return answer_of(answer);
}

int32_t rst_mailbox_ring(double mailbox)
{
    int32_t error;
    esp_mailbox *m = esp_mailbox_find(mailbox, &error);
    if (!m) {
        return answer_of(error);
    }
    esp_mailbox_ring(m);
    esp_mailbox_let_go(m);
    return 0;
}

/* A letter of its own, which its delivery frees. */
int32_t rst_mailbox_post(double mailbox, uint32_t ticket, uint32_t value)
{
    int32_t error;
    esp_mailbox *m = esp_mailbox_find(mailbox, &error);
    if (!m) {
        return answer_of(error);
    }
    bool posted = esp_mailbox_post_pair(m, ticket, value);
    esp_mailbox_let_go(m);
    return posted ? 0 : esp_misuse(ESP_LIMIT_EXCEEDED, "there is no memory for what is posted");
}
