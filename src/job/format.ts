/**
 * The bytes of a job and of a result: the numbers of c/job/format.h, under the same names without
 * the prefix. docs/job-format.md is the prose; test/job_format.test.ts holds both files together.
 */

// The header, byte offsets.
export const HEADER_SIZE = 64;
export const HEADER_MAGIC = 0;
export const HEADER_VERSION = 4;
export const HEADER_OPERATION = 8;
export const HEADER_SECTIONS = 12;
export const HEADER_LENGTH = 16;
export const HEADER_STATUS = 20;
export const MAGIC_JOB = 0x4a545352;
export const MAGIC_RESULT = 0x52545352;
export const FORMAT_VERSION = 1;
export const MAX_SECTIONS = 64;

// An entry of the section table, byte offsets in the entry.
export const ENTRY_SIZE = 32;
export const ENTRY_KIND = 0;
export const ENTRY_FLAGS = 4;
export const ENTRY_OFFSET = 8;
export const ENTRY_LENGTH = 12;
export const ENTRY_COUNT = 16;
export const CRITICAL = 1;

// Sections.
export const SECTION_VARS = 1;
export const SECTION_ON = 2;
export const SECTION_DC = 3;
export const SECTION_OFF = 4;
export const SECTION_ON2 = 5;
export const SECTION_DC2 = 6;
export const SECTION_OFF2 = 7;
export const SECTION_TEXT = 8;
export const SECTION_TEXT2 = 9;
export const SECTION_NAMES = 10;
export const SECTION_PHASE = 11;
export const SECTION_OPTIONS = 12;
export const SECTION_CERTIFICATE = 13;
export const SECTION_ANSWER = 14;
export const SECTION_ERROR = 15;
export const SECTION_TRAILER = 16;
export const SECTION_CUBE_FLAGS = 17;
export const SECTION_POINTS = 18;
export const SECTION_TABLES = 19;
export const SECTION_TABLES_DC = 20;
export const SECTION_FUNCTIONS = 21;

// Operations.
export const OP_MINIMIZE = 1;
export const OP_COMPLEMENT = 2;
export const OP_EQUIVALENT = 3;
export const OP_TAUTOLOGY = 4;
export const OP_PARSE = 5;
export const OP_PRINT = 6;
export const OP_SIZE = 7;
export const OP_EXPLAIN = 8;
export const OP_PRIMES = 10;
export const OP_MINIMIZE_TABLES = 9;
export const OP_ESSENTIAL = 11;
export const OP_MINIMA = 12;

// Options.
export const OPTION_METHOD = 1;
export const OPTION_EFFORT = 2;
export const OPTION_BUDGET = 3;
export const OPTION_TIMEOUT = 4;
export const OPTION_MEMORY = 5;
export const OPTION_CUBES = 6;
export const OPTION_ON_LIMIT = 7;
export const OPTION_VERIFY = 8;
export const OPTION_SEED = 9;
export const OPTION_KERNELS = 10;
export const OPTION_EMIT = 11;
export const OPTION_INPUT_TYPE = 12;
export const OPTION_OUTPUT_TYPE = 13;
export const OPTION_CANONICAL = 14;
export const OPTION_CERTIFICATE = 15;
export const OPTION_SINGLE_OUTPUT = 16;
export const OPTION_LITERALS = 17;
export const OPTION_COVERS = 18;

// The answer, byte offsets in its section.
export const ANSWER_SIZE = 128;
export const ANSWER_COMPLETE = 0;
export const ANSWER_STOPPED = 4;
export const ANSWER_VERIFIED = 8;
export const ANSWER_OPTIMAL = 12;
export const ANSWER_TRUTH = 16;
export const ANSWER_CUBES = 20;
export const ANSWER_BEFORE = 24;
export const ANSWER_LOWER_BOUND = 28;
export const ANSWER_INPUT_LITERALS = 32;
export const ANSWER_OUTPUT_LITERALS = 40;
export const ANSWER_BEFORE_INPUT_LITERALS = 48;
export const ANSWER_BEFORE_OUTPUT_LITERALS = 56;
export const ANSWER_WORK = 64;
export const ANSWER_ROUNDS = 72;
export const ANSWER_ESSENTIAL = 76;
export const ANSWER_PRIMES = 80;
export const ANSWER_OUTPUT = 84;
export const ANSWER_OFF_CUBES = 88;
export const ANSWER_WARNINGS = 92;
export const ANSWER_TEXT_TYPE = 96;
export const ANSWER_FEWEST = 100;

// The trailer, byte offsets in its section.
export const TRAILER_SIZE = 64;
export const TRAILER_RUN_NS = 0;
export const TRAILER_PEAK = 8;
export const TRAILER_KERNELS = 16;
export const TRAILER_ATTEMPTS = 20;
export const TRAILER_WORKER = 24;

// Flags of a cube in CUBE_FLAGS.
export const CUBE_PRIME = 1;
export const CUBE_ESSENTIAL = 2;
export const CUBE_REDUNDANT = 4;

// What a block may say at most.
export const MAX_INPUTS = 1048576;
export const MAX_PARTS = 4194304;
export const MAX_WIDES = 65536;
export const MAX_TABLE_INPUTS = 16;
export const MAX_TABLE_OUTPUTS = 64;
