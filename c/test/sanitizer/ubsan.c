/* What the undefined-behaviour sanitizer of the native tests calls when it finds something: says
 * where, and ends the program.
 *
 * Zig has such a runtime too. It also prints values and a trace, but it takes 15 s to compile for
 * each target and 256 KiB of every thread's stack for its thread-local state, where our tests run
 * the core in threads of 128 KiB. clang's documentation names the functions; every one is given
 * first a record that begins with the place in the source, then the values, each as one word.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct place {
    const char *file;
    uint32_t line;
    uint32_t column;
} place;

static _Noreturn void report(const place *where, const char *what)
{
    fflush(stdout);
    fprintf(stderr, "%s:%u:%u: undefined behaviour: %s\n", where->file, (unsigned)where->line,
            (unsigned)where->column, what);
    fflush(stderr);
    abort();
}

/* Each has two names, of which the second is called where clang knows that it does not return. */
#define HANDLER(name, parameters, where, what)                                                     \
    _Noreturn void __ubsan_handle_##name parameters;                                               \
    _Noreturn void __ubsan_handle_##name##_abort parameters;                                       \
    _Noreturn void __ubsan_handle_##name parameters                                                \
    {                                                                                              \
        report(where, what);                                                                       \
    }                                                                                              \
    _Noreturn void __ubsan_handle_##name##_abort parameters                                        \
    {                                                                                              \
        report(where, what);                                                                       \
    }

/* WebAssembly checks at run time that a function is called with as many words as it takes. */
#define WORDS_0 (const place *p)
#define WORDS_1 (const place *p, uintptr_t a __attribute__((unused)))
#define WORDS_2                                                                                    \
    (const place *p, uintptr_t a __attribute__((unused)), uintptr_t b __attribute__((unused)))
#define WORDS_3                                                                                    \
    (const place *p, uintptr_t a __attribute__((unused)), uintptr_t b __attribute__((unused)),     \
     uintptr_t c __attribute__((unused)))

HANDLER(add_overflow, WORDS_2, p, "overflow of an addition")
HANDLER(sub_overflow, WORDS_2, p, "overflow of a subtraction")
HANDLER(mul_overflow, WORDS_2, p, "overflow of a multiplication")
HANDLER(divrem_overflow, WORDS_2, p, "division by zero, or of the least number by -1")
HANDLER(negate_overflow, WORDS_1, p, "overflow of a negation")
HANDLER(pointer_overflow, WORDS_2, p, "a pointer moved out of its object, or NULL moved")
HANDLER(shift_out_of_bounds, WORDS_2, p, "a shift by more bits than there are, or of a sign")
HANDLER(out_of_bounds, WORDS_1, p, "an index out of bounds")
HANDLER(type_mismatch_v1, WORDS_1, p, "a pointer that is NULL, misaligned, or to too few bytes")
HANDLER(alignment_assumption, WORDS_3, p, "an alignment that was promised and is not so")
HANDLER(load_invalid_value, WORDS_1, p, "a value that its type does not have")
HANDLER(float_cast_overflow, WORDS_1, p, "a float that the integer's type cannot hold")
HANDLER(invalid_builtin, WORDS_0, p, "zeros counted in a zero")
HANDLER(vla_bound_not_positive, WORDS_1, p, "an array of no or negative length")
HANDLER(nonnull_arg, WORDS_0, p, "NULL for a parameter that must not be NULL")
HANDLER(nonnull_return_v1, (const void *record __attribute__((unused)), const place *p), p,
        "NULL returned where it must not be")
HANDLER(builtin_unreachable, WORDS_0, p, "a point that was promised not to be reached")
HANDLER(missing_return, WORDS_0, p, "the end of a function that returns a value")
