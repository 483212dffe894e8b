/* The portable bit-set kernels, and the choice between variants by what the processor says of
 * itself. */
#define KERNEL_TARGET
#define KERNEL_LANES 1
#define KERNEL_TABLE esp_kernels_portable
#define KERNEL_ID 1
#define KERNEL_NAME "portable"
#include "cube/kernels_body.h"

#if defined __x86_64__
#include <cpuid.h> /* __get_cpuid_count */

/* Vector registers are usable only when the system saves them: XCR0 says which it does. */
static uint32_t saved_registers(void)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static const esp_kernels *fastest(void)
{
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_POPCNT)) {
        return &esp_kernels_portable;
    }
    uint32_t saved = saved_registers();
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (saved & 0x6) != 0x6 || !(b & bit_AVX2)) {
        return &esp_kernels_portable;
    }
    uint32_t wide = bit_AVX512F | bit_AVX512BW | bit_AVX512VL | bit_AVX512DQ;
    if ((saved & 0xe6) == 0xe6 && (b & wide) == wide) {
        return &esp_kernels_avx512;
    }
    return &esp_kernels_avx2;
}

/* The answer is a fact of the machine, the same whoever asks, so it may be kept for all threads: a
 * virtual machine intercepts each cpuid, which made up nearly all of a thread's first call (19 us).
 * Threads that ask at once all write the same. */
const esp_kernels *esp_kernels_pick(bool portable)
{
    static const esp_kernels *_Atomic known;
    const esp_kernels *kernels =
        portable ? &esp_kernels_portable : atomic_load_explicit(&known, memory_order_relaxed);
    if (!kernels) {
        kernels = fastest();
        atomic_store_explicit(&known, kernels, memory_order_relaxed);
    }
    return kernels;
}
#else
const esp_kernels *esp_kernels_pick(bool portable)
{
    (void)portable;
    return &esp_kernels_portable;
}
#endif
