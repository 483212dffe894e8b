/* An operation of a job: what dispatch.c needs to know of it, and what it hands back.
 *
 * Adding one: a file op_NAME.c with one function, a prototype here, a line in the table of
 * dispatch.c, its number in format.h. The function only computes: reading the operands, limits,
 * statistics of the input, sorting, text and the writing of the block are the same for all of them
 * and are done around it (dispatch.c).
 */
#ifndef ESP_OPERATION_H
#define ESP_OPERATION_H

#include "job/reader.h"
#include "minimize/minimize.h"

/* The answer as it lies in memory: offsets are RST_ANSWER_… */
typedef struct esp_answer {
    uint32_t complete, stopped, verified, optimal, truth, cubes, before, lower_bound;
    uint64_t input_literals, output_literals, before_input_literals, before_output_literals, work;
    uint32_t rounds, essential, primes, output, off_cubes, warnings, text_type;
    uint32_t fewest;
    uint32_t reserved[6];
} esp_answer;
_Static_assert(sizeof(esp_answer) == RST_ANSWER_SIZE, "the answer has 128 bytes");
_Static_assert(offsetof(esp_answer, input_literals) == RST_ANSWER_INPUT_LITERALS, "as in format.h");
_Static_assert(offsetof(esp_answer, work) == RST_ANSWER_WORK, "as in format.h");
_Static_assert(offsetof(esp_answer, text_type) == RST_ANSWER_TEXT_TYPE, "as in format.h");
_Static_assert(offsetof(esp_answer, fewest) == RST_ANSWER_FEWEST, "as in format.h");

/* A function of many, as it lies in memory. */
typedef struct esp_function_entry {
    uint32_t end; /* of its cubes in ON; they begin where those of the one before end */
    uint32_t lower_bound;
} esp_function_entry;

typedef struct esp_result {
    esp_answer answer;
    bool has_function;  /* `out` goes into the block, as covers or as text */
    bool has_text;      /* `text` goes into the block in place of covers */
    esp_pla out;        /* the covers of the answer, with names and phase */
    esp_cover *counted; /* cover that the answer's cubes and literals are counted on; NULL = none */
    const uint32_t *cube_flags;      /* one a cube of out.function.on; NULL = absent */
    const esp_cover *points;         /* one row a cube of out.function.on; NULL = absent */
    const esp_function_entry *entry; /* out.function.on are many functions' cubes; NULL: one's */
    uint32_t entries;
    esp_text text;
    esp_bytes certificate; /* length 0: none */
} esp_result;

/* What an operation may hand back when OPTION_EMIT asks for text. */
typedef enum esp_emits {
    ESP_EMITS_NOTHING,    /* it has no function to write: the option changes nothing */
    ESP_EMITS_BOTH,       /* covers, or text when asked for */
    ESP_EMITS_TEXT,       /* always text */
    ESP_EMITS_COVERS_ONLY /* asking for text is an error */
} esp_emits;

struct esp_operation {
    uint32_t id;
    uint32_t operands; /* 0: the table only; then no section is looked into, options included */
    const char *name;
    esp_emits emits;
    uint32_t output_type; /* of text, when the job does not say (ESP_PLA_…) */
    bool tables;          /* it takes TABLES in place of covers, and reads them itself */
    bool follows_phase; /* it calls esp_job_apply_phase; otherwise .phase of a text is forgotten */
    /* `operand` has two entries; those that the operation has are filled. Returns ESP_OK (with
     * ctx->stop set when a limit ended it early and it has an answer all the same) or records an
     * error. */
    esp_status (*run)(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result);
};

/* NULL: no such operation. */
const esp_operation *esp_operation_find(uint32_t id);
/* Sections that jobs of this operation may carry, as bits. */
uint32_t esp_operation_sections(const esp_operation *operation);

/* Text that cannot be written is refused before any work is done for it (finish.c). */
esp_status esp_job_check_text(esp_context *ctx, const esp_job *job, const esp_shape *s);
/* What is left to do when the operation has answered: count, sort, derive what text needs, write
 * text. */
esp_status esp_job_finish(esp_context *ctx, const esp_job *job, const esp_pla *operand,
                          esp_result *result);

/* Everything between the opened job and the result that can be written: options, limits, operands,
 * the operation, statistics, sorting, text. */
esp_status esp_dispatch(esp_context *ctx, esp_job *job, esp_result *result);

/* The answer's function is operand 0 with its names and phase; DC and OFF come along only where the
 * caller does not have them yet, because the operand was text. The operation then replaces what it
 * computed. */
void esp_result_set_function(esp_result *result, const esp_job *job, const esp_pla *operand);

/* Gives the function its whole DC set where ON and OFF leave points open (dont_cares.c). */
esp_status esp_job_complete_dc(esp_context *ctx, esp_function *f);

/* Operand 0 as .phase of its text wants it (phase.c). */
esp_status esp_job_apply_phase(esp_context *ctx, const esp_job *job, esp_pla *operand);

esp_status esp_op_minimize(esp_context *ctx, const esp_job *job, esp_pla *operand,
                           esp_result *result);
esp_status esp_op_complement(esp_context *ctx, const esp_job *job, esp_pla *operand,
                             esp_result *result);
esp_status esp_op_primes(esp_context *ctx, const esp_job *job, esp_pla *operand,
                         esp_result *result);
esp_status esp_op_essential(esp_context *ctx, const esp_job *job, esp_pla *operand,
                            esp_result *result);
esp_status esp_op_minima(esp_context *ctx, const esp_job *job, esp_pla *operand,
                         esp_result *result);
esp_status esp_op_equivalent(esp_context *ctx, const esp_job *job, esp_pla *operand,
                             esp_result *result);
esp_status esp_op_tautology(esp_context *ctx, const esp_job *job, esp_pla *operand,
                            esp_result *result);
esp_status esp_op_parse(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result);
esp_status esp_op_print(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result);
esp_status esp_op_size(esp_context *ctx, const esp_job *job, esp_pla *operand, esp_result *result);
esp_status esp_op_explain(esp_context *ctx, const esp_job *job, esp_pla *operand,
                          esp_result *result);
/* Without operands. */
esp_status esp_op_minimize_tables(esp_context *ctx, const esp_job *job, esp_pla *operand,
                                  esp_result *result);

#endif
