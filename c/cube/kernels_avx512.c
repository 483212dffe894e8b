/* The bit-set kernels for processors with AVX-512: eight words at a time. Compiles to nothing
 * elsewhere. */
#if defined __x86_64__
#define KERNEL_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,bmi,bmi2,popcnt")))
#define KERNEL_LANES 8
#define KERNEL_TABLE esp_kernels_avx512
#define KERNEL_ID 3
#define KERNEL_NAME "avx512"
#include "cube/kernels_body.h"
#else
typedef int esp_kernels_avx512_not_here; /* C wants at least one declaration */
#endif
