/* The bit-set kernels for processors with AVX2: four words at a time. Compiles to nothing
 * elsewhere. */
#if defined __x86_64__
#define KERNEL_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define KERNEL_LANES 4
#define KERNEL_TABLE esp_kernels_avx2
#define KERNEL_ID 2
#define KERNEL_NAME "avx2"
#include "cube/kernels_body.h"
#else
typedef int esp_kernels_avx2_not_here; /* C wants at least one declaration */
#endif
