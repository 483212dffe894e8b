/* The job block and the result block: the bytes every isolation mode carries. docs/job-format.md is
 * the prose.
 *
 *   | header 64 B | section table, 32 B an entry | section | section | … |
 *
 * Little-endian, fixed-width, position-independent. Everything not named here is zero and checked
 * to be zero. Sections stand in the order of the table, each at the first multiple of 64 after the
 * one before (the first one after the table); the block ends where its last section ends, or at the
 * next multiple of 64. So there is one way to lay out given sections, and nothing can overlap or
 * hide.
 *
 * src/job/format.ts states the same numbers; test/job_format.test.ts holds the two against each
 * other by reading this file: keep one `#define RST_… value` a line.
 */
#ifndef RST_FORMAT_H
#define RST_FORMAT_H

/* clang-format off */

/* Header, byte offsets. */
#define RST_HEADER_SIZE 64
#define RST_HEADER_MAGIC 0    /* u32: RST_MAGIC_JOB or RST_MAGIC_RESULT */
#define RST_HEADER_VERSION 4  /* u32: RST_FORMAT_VERSION */
#define RST_HEADER_OPERATION 8 /* u32: upper half = library (0: this core), lower: operation */
#define RST_HEADER_SECTIONS 12 /* u32: entries of the section table, at most RST_MAX_SECTIONS */
#define RST_HEADER_LENGTH 16  /* u32: bytes of the whole block */
#define RST_HEADER_STATUS 20  /* u32: result: an error kind, 0 = answered; job: 0 */
                              /* 24..63: zero */
#define RST_MAGIC_JOB 0x4a545352
#define RST_MAGIC_RESULT 0x52545352
#define RST_FORMAT_VERSION 1
#define RST_MAX_SECTIONS 64

/* Section table entry, byte offsets in the entry. */
#define RST_ENTRY_SIZE 32
#define RST_ENTRY_KIND 0   /* u32: RST_SECTION_… */
#define RST_ENTRY_FLAGS 4  /* u32: RST_CRITICAL or 0 */
#define RST_ENTRY_OFFSET 8 /* u32: from the start of the block, a multiple of 64 */
#define RST_ENTRY_LENGTH 12 /* u32: bytes, padding not counted */
#define RST_ENTRY_COUNT 16 /* u32: cubes, names or options in it; 0 where it makes no sense */
                           /* 20..31: zero */
#define RST_CRITICAL 1     /* a reader that does not know this section must refuse the block */

/* Sections, each at most once. The second operand's covers have the same meaning as the first's. An
 * operation refuses sections it has no use for (docs/job-format.md has the table). Cubes without a
 * point (some variable has no part) are accepted and dropped. */
#define RST_SECTION_VARS 1   /* u32 binary inputs, u32 wides, u32 parts of each wide, output last */
#define RST_SECTION_ON 2     /* cubes: rows of ceil(parts / 64) u64; bits variable after variable */
#define RST_SECTION_DC 3
#define RST_SECTION_OFF 4
#define RST_SECTION_ON2 5
#define RST_SECTION_DC2 6
#define RST_SECTION_OFF2 7
#define RST_SECTION_TEXT 8   /* PLA bytes (UTF-8 not required) */
#define RST_SECTION_TEXT2 9
#define RST_SECTION_NAMES 10 /* u32 input names, u32 output names, then each: u32 bytes, bytes, no
                              * padding; each number is 0 or all; an empty name: a missing one */
#define RST_SECTION_PHASE 11 /* one byte an output: 1 = the covers are what they say, 0 = the
                              * complement's; a label, passed through. (.phase of a TEXT is a wish:
                              * minimize and print carry it out and label their answer; the other
                              * operations answer about the function as written.) */
#define RST_SECTION_OPTIONS 12 /* each: u32 tag, u32 length, value, zeros up to a multiple of 8 */
#define RST_SECTION_CERTIFICATE 13 /* of MINIMIZE: text, docs/certificate.md */
#define RST_SECTION_ANSWER 14 /* RST_ANSWER_SIZE bytes, below */
#define RST_SECTION_ERROR 15 /* u32 kind, u32 limit, u32 line, u32 column, the message (ASCII) */
#define RST_SECTION_TRAILER 16 /* RST_TRAILER_SIZE bytes, below: not part of the answer */
#define RST_SECTION_CUBE_FLAGS 17 /* explain: one u32 a cube of ON: RST_CUBE_… */
#define RST_SECTION_POINTS 18 /* explain: one row a cube of ON, a point only it covers (or 0) */
#define RST_SECTION_TABLES 19 /* minimize-tables: functions, a bit for each output and point, whole
                               * bytes a function; bit o << inputs | x is output o at point x, of
                               * which the first input is the highest digit */
#define RST_SECTION_TABLES_DC 20 /* their don't-cares; 1 here counts more than 1 in TABLES */
#define RST_SECTION_FUNCTIONS 21 /* minimize-tables: for each function u32 the end of its cubes in
                                  * ON, u32 its lower bound */

/* Operations. Each takes covers, or TEXT in their place, and gives covers, or text when
 * RST_OPTION_EMIT says so. */
#define RST_OP_MINIMIZE 1
#define RST_OP_COMPLEMENT 2 /* OFF of the function: the complement of ON ∪ DC */
#define RST_OP_EQUIVALENT 3 /* the ON covers agree wherever both care: RST_ANSWER_TRUTH */
#define RST_OP_TAUTOLOGY 4  /* ON ∪ DC covers every point: RST_ANSWER_TRUTH */
#define RST_OP_PARSE 5      /* text to covers */
#define RST_OP_PRINT 6      /* covers to text */
#define RST_OP_SIZE 7       /* reads the header and the table only: cubes of ON as declared */
#define RST_OP_EXPLAIN 8    /* for each cube of ON: prime? essential? a point that only it covers */
#define RST_OP_PRIMES 10    /* every prime of ON ∪ DC */
#define RST_OP_MINIMIZE_TABLES 9 /* minimize, for many small functions of one shape */
#define RST_OP_ESSENTIAL 11 /* the essential primes */
#define RST_OP_MINIMA 12    /* all minimum covers */

/* Options: tag, type of the value, each at most once. A tag with the top bit set is critical: a
 * reader that does not know the tag must refuse the job instead of skipping it. */
#define RST_OPTION_METHOD 1    /* u32: 0 heuristic, 1 exact */
#define RST_OPTION_EFFORT 2    /* u32: 0 fast, 1 default, 2 high */
#define RST_OPTION_BUDGET 3    /* u64: units of work; absent: what the effort gives */
#define RST_OPTION_TIMEOUT 4   /* u64: microseconds from the start of the run */
#define RST_OPTION_MEMORY 5    /* u64: bytes the arena may hold; 0 = no limit; absent: 1 GiB */
#define RST_OPTION_CUBES 6     /* u64: cubes that any cover of the run may have; 0 = no limit */
#define RST_OPTION_ON_LIMIT 7  /* u32: 0 best so far (default), 1 error (not of the budget) */
#define RST_OPTION_VERIFY 8    /* u32: 1 check the answer (default), 0 do not */
#define RST_OPTION_SEED 9      /* u64 */
#define RST_OPTION_KERNELS 10  /* u32: 0 the fastest this machine has, 1 portable */
#define RST_OPTION_EMIT 11     /* u32: 0 covers (default), 1 PLA text */
#define RST_OPTION_INPUT_TYPE 12  /* u32: PLA text without .type: bits 1 f, 2 d, 4 r; default 3 */
#define RST_OPTION_OUTPUT_TYPE 13 /* u32: of text written; default f = 1, COMPLEMENT r = 4 */
#define RST_OPTION_CANONICAL 14 /* u32: 1 = sort the cubes of the answer */
#define RST_OPTION_CERTIFICATE 15 /* u32: 1 = MINIMIZE with method 1 answers with a CERTIFICATE */
#define RST_OPTION_SINGLE_OUTPUT 16 /* u32: MINIMIZE each output by itself: 1, or 2: either phase */
#define RST_OPTION_LITERALS 17 /* u32: 1 = MINIMIZE with method 1: the fewest literals as well */
#define RST_OPTION_COVERS 18   /* u32: covers that MINIMA lists at most; absent: 1000 */

/* Answer: a pure function of the job's bytes (unless a hard limit struck). Byte offsets. */
#define RST_ANSWER_SIZE 128
#define RST_ANSWER_COMPLETE 0  /* u32: 1 = no limit ended the run early */
#define RST_ANSWER_STOPPED 4   /* u32: the limit that did (RST_LIMIT_…), 0 = none */
#define RST_ANSWER_VERIFIED 8  /* u32: 1 = checked and right, 0 = not checked */
#define RST_ANSWER_OPTIMAL 12  /* u32: 1 = proven minimum number of cubes */
#define RST_ANSWER_TRUTH 16    /* u32: yes or no of EQUIVALENT and TAUTOLOGY */
#define RST_ANSWER_CUBES 20    /* u32: cubes of the answer's ON (COMPLEMENT: OFF) */
#define RST_ANSWER_BEFORE 24   /* u32: cubes of the input's ON */
#define RST_ANSWER_LOWER_BOUND 28 /* u32: no cover has fewer cubes; 0 = not known */
#define RST_ANSWER_INPUT_LITERALS 32 /* u64 */
#define RST_ANSWER_OUTPUT_LITERALS 40 /* u64 */
#define RST_ANSWER_BEFORE_INPUT_LITERALS 48 /* u64 */
#define RST_ANSWER_BEFORE_OUTPUT_LITERALS 56 /* u64 */
#define RST_ANSWER_WORK 64     /* u64: units of work spent */
#define RST_ANSWER_ROUNDS 72   /* u32: rounds of the outer loop */
#define RST_ANSWER_ESSENTIAL 76 /* u32: essential primes found */
#define RST_ANSWER_PRIMES 80   /* u32: primes listed, 0 = they were not */
#define RST_ANSWER_OUTPUT 84   /* u32: EQUIVALENT: first output that differs + 1, else 0 */
#define RST_ANSWER_OFF_CUBES 88 /* u32: cubes of the off-set used, 0 = none was needed */
#define RST_ANSWER_WARNINGS 92 /* u32: oddities tolerated in TEXT (a wrong .p, …) */
#define RST_ANSWER_TEXT_TYPE 96 /* u32: type TEXT was read as, 0 = there was none */
#define RST_ANSWER_FEWEST 100 /* u32: 1: optimal, and none of as many cubes has fewer literals */

/* Trailer: true of this run only. */
#define RST_TRAILER_SIZE 64
#define RST_TRAILER_RUN_NS 0  /* u64: time in the core */
#define RST_TRAILER_PEAK 8    /* u64: most bytes the arena held */
#define RST_TRAILER_KERNELS 16 /* u32: 1 portable, 2 AVX2, 3 AVX-512, 4 NEON, 5 wasm SIMD */
#define RST_TRAILER_ATTEMPTS 20 /* u32 */
#define RST_TRAILER_WORKER 24 /* u32: process id of the worker, 0 = this process */

/* Flags of a cube in CUBE_FLAGS. */
#define RST_CUBE_PRIME 1
#define RST_CUBE_ESSENTIAL 2
#define RST_CUBE_REDUNDANT 4 /* the others and DC cover it whole */

/* Limits on what a block may say; beyond them: LimitExceeded(size). */
#define RST_MAX_INPUTS 1048576
#define RST_MAX_PARTS 4194304
#define RST_MAX_WIDES 65536
#define RST_MAX_TABLE_INPUTS 16 /* of TABLES */
#define RST_MAX_TABLE_OUTPUTS 64

#endif
