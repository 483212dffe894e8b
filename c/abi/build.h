/* Facts of this build as text, for rst_build_info. The build script may define RST_VERSION and
 * RST_BUILD_ID. */
#ifndef ESP_BUILD_H
#define ESP_BUILD_H

#include <limits.h> /* __GLIBC__, on systems that have it */

#if !defined RST_VERSION
#define RST_VERSION "0.1.0"
#endif
#if !defined RST_BUILD_ID
#define RST_BUILD_ID "local"
#endif

#if defined __x86_64__
#define BUILD_PROCESSOR "x86_64"
#elif defined __aarch64__
#define BUILD_PROCESSOR "aarch64"
#elif defined __wasm32__
#define BUILD_PROCESSOR "wasm32"
#else
#define BUILD_PROCESSOR "other"
#endif

#if defined _WIN32
#define BUILD_SYSTEM "windows"
#elif defined __APPLE__
#define BUILD_SYSTEM "macos"
#elif defined __linux__ && defined __GLIBC__
#define BUILD_SYSTEM "linux-gnu"
#elif defined __linux__
#define BUILD_SYSTEM "linux-musl"
#else
#define BUILD_SYSTEM "none"
#endif

#if defined __clang__
#define BUILD_COMPILER "clang " __clang_version__
#else
#define BUILD_COMPILER "gcc " __VERSION__
#endif

#if defined RST_WORKER
#define BUILD_WORKERS "yes"
#else
#define BUILD_WORKERS "no"
#endif

#define BUILD_FACTS                                                                                \
    "version=" RST_VERSION "\nbuild=" RST_BUILD_ID "\ntarget=" BUILD_PROCESSOR "-" BUILD_SYSTEM    \
    "\nworkers=" BUILD_WORKERS "\ncompiler=" BUILD_COMPILER "\n"

#endif
