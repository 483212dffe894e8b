/* The example in docs/job-format.md is what it says: the dumps there are this job and its result.
 *
 * Method. Every line `00000000: 52 53 …` of the page between ```job and ```, and between ```result
 * and ```, is taken as 16 bytes at its offset; what is not listed is zero, `..` is any byte.
 */
#include <stdio.h>
#include <string.h>

#include "test_job_build.h"

typedef struct dump {
    uint8_t bytes[1024];
    bool any[1024]; /* the page does not say */
    uint32_t lines;
} dump;

static uint32_t digit(char c)
{
    return c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
           : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                                  : 99;
}

static void read_line(dump *d, const char *line)
{
    uint32_t offset = 0;
    for (uint32_t i = 0; i < 8 && digit(line[i]) < 16; i++) {
        offset = offset * 16 + digit(line[i]);
    }
    for (uint32_t i = 0; i < 16 && offset + i < sizeof d->bytes && strlen(line) >= 9 + 3 * (i + 1);
         i++) {
        const char *byte = line + 10 + 3 * i;
        d->any[offset + i] = byte[0] == '.';
        d->bytes[offset + i] = (uint8_t)(byte[0] == '.' ? 0 : digit(byte[0]) * 16 + digit(byte[1]));
    }
    d->lines++;
}

static bool read_page(dump *job, dump *result)
{
    static const char *const places[] = {"docs/job-format.md", "../docs/job-format.md",
                                         "../../docs/job-format.md"};
    FILE *page = NULL;
    for (uint32_t i = 0; i < 3 && !page; i++) {
        page = fopen(places[i], "rb");
    }
    if (!page) {
        return false;
    }
    char line[512];
    dump *to = NULL;
    while (fgets(line, sizeof line, page)) {
        if (!strncmp(line, "```", 3)) {
            to = !strncmp(line, "```job", 6) ? job : !strncmp(line, "```result", 9) ? result : NULL;
        } else if (to) {
            read_line(to, line);
        }
    }
    (void)fclose(page);
    return true;
}

static void check_dump(const dump *d, const uint8_t *bytes, uint32_t length)
{
    CHECK(d->lines > 5);
    for (uint32_t i = 0; i < length; i++) {
        if (!d->any[i] && !CHECK_EQ_U(bytes[i], d->bytes[i])) {
            printf("at byte %u\n", i);
        }
    }
}

TEST(the_example_of_the_page_is_right)
{
    static job_build job;
    static dump job_dump, result_dump;
    job_begin(&job, RST_OP_MINIMIZE);
    job_vars(&job, 2, 1);
    job_cover(&job, RST_SECTION_ON, "00 1|01 1|11 1");
    job_option(&job, RST_OPTION_CANONICAL, 4, 1);
    const uint8_t *result = job_run(&job);
    if (read_page(&job_dump, &result_dump)) {
        check_dump(&job_dump, job.bytes, job.length);
        check_dump(&result_dump, result, block_u32(result, RST_HEADER_LENGTH));
    } else {
        esp_test_skip("docs/job-format.md is not to be found from here");
    }
    job_done();
}

const esp_test test_job_example[] = {
    {"the example in docs/job-format.md is right", the_example_of_the_page_is_right},
    {0},
};
