/* Writing PLA text: the exact bytes, and that reading them gives the same covers, names and type
 * again.
 *
 * Method. A few texts are compared byte for byte with what Espresso 2.3 prints for the same covers;
 * random covers of shapes around the borders of words go through writer, reader and writer.
 */
#include <string.h> /* strlen, memcmp */

#include "pla/pla.h"
#include "test.h"

enum { F = ESP_PLA_F, D = ESP_PLA_D, R = ESP_PLA_R };

static esp_context context, again;

static void check_text(const char *text, uint32_t type, const char *expected)
{
    esp_context_init(&context);
    esp_pla pla;
    esp_text out = {0};
    CHECK_EQ_U(esp_pla_read(&context, (const uint8_t *)text, strlen(text), F | D, &pla), ESP_OK);
    CHECK_EQ_U(esp_pla_write(&context, &pla, type, &out), ESP_OK);
    CHECK_EQ_U(out.length, strlen(expected));
    CHECK(out.length == strlen(expected) && !memcmp(out.data, expected, out.length));
    esp_context_free(&context);
}

TEST(the_text_has_the_shape_that_espresso_prints)
{
    static const char text[] = ".i 5\n.o 3\n.ilb a b c d e\n.ob f g h\n.type fdr\n.phase 101\n"
                               "01-2- 1-0\n11111 ~~0\n.e\n";
    check_text(text, F,
               ".i 5\n.o 3\n.ilb a b c d e\n.ob f g h\n#.phase 101\n.p 1\n01--- 100\n.e\n");
    check_text(text, F | D,
               ".type fd\n.i 5\n.o 3\n.ilb a b c d e\n.ob f g h\n#.phase 101\n.p 2\n01--- "
               "1~~\n01--- ~2~\n.end\n");
    check_text(text, F | D | R,
               ".type fdr\n.i 5\n.o 3\n.ilb a b c d e\n.ob f g h\n#.phase 101\n.p 4\n"
               "01--- 1~~\n01--- ~2~\n01--- ~~0\n11111 ~~0\n.end\n");
    check_text(text, R,
               ".type r\n.i 5\n.o 3\n.ilb a b c d e\n.ob f g h\n#.phase 101\n.p 2\n"
               "01--- ~~0\n11111 ~~0\n.end\n");
    check_text(".i 0\n.o 2\n.phase 11\n10\n", F, ".i 0\n.o 2\n.p 1\n 10\n.e\n");
    check_text(".i 2\n.o 3\n.ob f\n.e\n", F, ".i 2\n.o 3\n.ob f\n.p 0\n.e\n");
    check_text(".i 1\n.o 1\n1 1\n", F | D, ".type fd\n.i 1\n.o 1\n.p 1\n1 1\n.end\n");
}

TEST(what_the_function_does_not_have_is_not_claimed)
{
    /* ON and OFF without DC: as fdr it would say that everything else is nothing, as fr that it is
     * free. */
    check_text(".i 1\n.o 1\n.type fr\n1 1\n0 0\n", F | D | R,
               ".type fr\n.i 1\n.o 1\n.p 2\n1 1\n0 0\n.end\n");
    check_text(".i 1\n.o 1\n1 1\n", F | R, ".i 1\n.o 1\n.p 1\n1 1\n.e\n");
}

static void check_names(const char *input, const char *output, esp_status expected)
{
    esp_context_init(&context);
    static const char text[] = ".i 2\n.o 2\n.e\n";
    esp_pla pla;
    esp_text out;
    CHECK_EQ_U(esp_pla_read(&context, (const uint8_t *)text, strlen(text), F, &pla), ESP_OK);
    const esp_name inputs[2] = {{input, (uint32_t)strlen(input)}, {"b", 1}};
    const esp_name outputs[2] = {{"f", 1}, {output, (uint32_t)strlen(output)}};
    pla.input_name = inputs;
    pla.output_name = outputs;
    pla.input_names = pla.output_names = 2;
    CHECK_EQ_U(esp_pla_write(&context, &pla, F, &out), expected);
    esp_context_free(&context);
}

TEST(names_that_could_not_be_read_again_are_refused)
{
    check_names("a", "g", ESP_OK);
    check_names("a<1>#.", "g", ESP_OK);
    check_names("a", "", ESP_OK); /* the last names may be missing */
    check_names("", "g", ESP_INVALID_INPUT);
    check_names("a b", "g", ESP_INVALID_INPUT);
    check_names("a", "g\n", ESP_INVALID_INPUT);
    check_names(".a", "g", ESP_INVALID_INPUT);
    check_names("a", "#g", ESP_INVALID_INPUT);
    check_names("a", "g\x7f", ESP_INVALID_INPUT);
}

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
    return esp_test_below(&random_state, n);
}

/* Cubes with one to all outputs. The first input tells OFF from ON, so that they never contradict
 * each other. */
static void random_cover(const esp_shape *s, uint32_t count, bool off, esp_cover *f)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t *c = esp_cover_push(&context, s, f);
        CHECK(c != NULL);
        esp_cube_copy(s, c, s->full);
        for (uint32_t v = 0; v < s->inputs; v++) {
            uint32_t what = v ? random_below(3) : off;
            if (what < 2) {
                esp_cube_clear(c, esp_bit(s, v, what));
            }
        }
        uint32_t keep = random_below(s->outputs);
        for (uint32_t p = 0; p < s->outputs; p++) {
            if (p != keep && random_below(3)) {
                esp_cube_clear(c, esp_output_var(s)->first + p);
            }
        }
    }
}

static const char name_text[] = "abcdefghijklmnopqrstuvwxyz<0>[1]\xc3\xa4_|$%.";

static const esp_name *random_names(uint32_t count)
{
    esp_name *name = esp_alloc_array(&context, count, sizeof *name);
    for (uint32_t k = 0; k < count; k++) {
        name[k] = (esp_name){name_text + random_below(26), 1 + random_below(10)};
    }
    return name;
}

static bool same_cover(const esp_shape *s, const esp_cover *a, const esp_cover *b)
{
    return a->count == b->count &&
           (!a->count || !memcmp(a->data, b->data, (size_t)a->count * s->words * sizeof(uint64_t)));
}

static bool same_names(const esp_name *a, const esp_name *b, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        if (a[k].length != b[k].length || memcmp(a[k].text, b[k].text, a[k].length)) {
            return false;
        }
    }
    return true;
}

static void round_trip(uint32_t inputs, uint32_t outputs, uint32_t type)
{
    esp_context_init(&context);
    esp_context_init(&again);
    esp_pla pla = {0}, copy;
    esp_function *f = &pla.function;
    const esp_shape *s = f->shape = esp_shape_create(&context, inputs, 1, &outputs);
    f->has_on = type & F;
    f->has_dc = type & D;
    f->has_off = type & R;
    random_cover(s, type & F ? random_below(40) : 0, false, &f->on);
    random_cover(s, type & D ? random_below(40) : 0, false, &f->dc);
    random_cover(s, type & R && inputs ? random_below(40) : 0, true, &f->off);
    if (random_below(2)) {
        pla.input_name = random_names(inputs);
        pla.output_name = random_names(outputs);
        pla.input_names = inputs;
        pla.output_names = outputs;
    }
    esp_text text = {0}, second = {0};
    CHECK_EQ_U(esp_pla_write(&context, &pla, type, &text), ESP_OK);
    CHECK_EQ_U(esp_pla_read(&again, text.data, text.length, type, &copy), ESP_OK);
    CHECK_EQ_U(copy.type, type);
    CHECK_EQ_U(copy.function.shape->inputs, inputs);
    CHECK_EQ_U(copy.function.shape->outputs, outputs);
    CHECK(same_cover(s, &f->on, &copy.function.on));
    CHECK(same_cover(s, &f->dc, &copy.function.dc));
    CHECK(same_cover(s, &f->off, &copy.function.off));
    CHECK_EQ_U(copy.input_names, pla.input_names);
    CHECK_EQ_U(copy.output_names, pla.output_names);
    CHECK(same_names(pla.input_name, copy.input_name, copy.input_names));
    CHECK(same_names(pla.output_name, copy.output_name, copy.output_names));
    CHECK_EQ_U(copy.declared_cubes, copy.terms);
    CHECK_EQ_U(esp_pla_write(&again, &copy, type, &second), ESP_OK);
    CHECK(second.length == text.length && !memcmp(second.data, text.data, text.length));
    esp_context_free(&context);
    esp_context_free(&again);
}

TEST(random_covers_survive_writing_and_reading)
{
    static const uint32_t inputs[] = {0, 1, 2, 3, 4, 5, 30, 31, 32, 33, 63, 64, 65, 97, 200};
    static const uint32_t outputs[] = {1, 2, 3, 4, 5, 8, 31, 33, 62, 63, 64, 65, 128, 130, 200};
    static const uint32_t types[] = {F, F | D, F | R, F | D | R, R, D | R};
    for (uint32_t k = 0; k < 225 * esp_test_times; k++) {
        round_trip(inputs[k / 15 % 15], outputs[k % 15], types[k % 16 % 6]);
    }
}

TEST(a_stopped_run_still_writes)
{
    static const char text[] = ".i 1\n.o 1\n1 1\n.e\n";
    esp_context_init(&context);
    esp_pla pla;
    esp_text out;
    CHECK_EQ_U(esp_pla_read(&context, (const uint8_t *)text, strlen(text), F, &pla), ESP_OK);
    context.stop = ESP_LIMIT_TIME;
    context.next_check = 0;
    CHECK_EQ_U(esp_pla_write(&context, &pla, F, &out), ESP_OK);
    CHECK_EQ_U(context.error.kind, ESP_OK);
    esp_context_free(&context);
}

const esp_test test_pla_write[] = {
    {"the text has the shape that Espresso prints", the_text_has_the_shape_that_espresso_prints},
    {"what the function does not have is not claimed",
     what_the_function_does_not_have_is_not_claimed},
    {"names that could not be read again are refused",
     names_that_could_not_be_read_again_are_refused},
    {"random covers survive writing and reading", random_covers_survive_writing_and_reading},
    {"a stopped run still writes", a_stopped_run_still_writes},
    {0},
};
