//! Builds everything under c/: the library for this machine and for every target, the native
//! tests, and the proof that the core stays portable. `zig build -l` lists the steps.
//!
//! There are no lists of files here: every .c file of the folders in `core` and `system` is
//! compiled, at any depth. Of c/platform one file is taken: posix.c, windows.c or none.c. SIMD
//! kernels need no flags of their own; they use target attributes.

const std = @import("std");
const builtin = @import("builtin");
const Build = std.Build;
const Optimize = std.builtin.Optimize;

const zig_version = std.mem.trimEnd(u8, @embedFile(".zig-version"), "\r\n");

comptime {
    if (!std.mem.eql(u8, builtin.zig_version_string, zig_version)) @compileError(
        "Ristretto builds with Zig " ++ zig_version ++ ", and this is Zig " ++
            builtin.zig_version_string ++ "; `bun run setup` fetches the right one into .tools",
    );
}

/// The minimiser: no threads, no signals, nothing of an operating system but memory.
const core = [_][]const u8{ "base", "cube", "minimize", "exact", "dense", "pla", "job" };

/// What the library adds to the core, beside one file of c/platform and those of c/ipc/system.
const system = [_][]const u8{ "ipc", "isolate", "pool", "abi" };

/// What a worker process adds to the core, beside the same files.
const worker_folders = [_][]const u8{ "ipc", "isolate/worker" };

/// Everything the library is shipped for. No supported Bun or Deno runs on a glibc before 2.17, or
/// on a macOS before 11.
const targets = [_][]const u8{
    "x86_64-linux-gnu.2.17",
    "aarch64-linux-gnu.2.17",
    "x86_64-linux-musl",
    "aarch64-linux-musl",
    "x86_64-macos.11.0",
    "aarch64-macos.11.0",
    "x86_64-windows-gnu",
    "aarch64-windows-gnu",
};

/// Machines nothing is shipped for; they prove that the core needs neither threads nor 64 bits.
const core_targets = [_][]const u8{ "wasm32-wasi", "arm-linux-musleabihf" };

/// Of Windows: tokens, and waiting on addresses.
const windows_libraries = [_][]const u8{ "advapi32", "api-ms-win-core-synch-l1-2-0" };

const c_flags = [_][]const u8{
    "-std=c11",
    "-Wno-c23-extensions", // #embed
    "-fvisibility=hidden", // only what the ABI header marks is exported
    "-ffp-contract=off", // a fused multiply-add would round otherwise than two operations
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wshadow",
    "-Wvla",
    "-Wshorten-64-to-32", // speaks on 64-bit machines of what would break on others
    "-Wmissing-prototypes",
    "-Wstrict-prototypes",
    "-Wpointer-arith",
    "-Wwrite-strings",
    "-Wimplicit-fallthrough",
    "-Wno-tautological-constant-out-of-range-compare", // checks for 32-bit machines
};

/// What a compilation consists of.
const Parts = struct {
    target: Build.ResolvedTarget,
    optimize: Optimize,
    /// The whole library; otherwise the core alone, compiled with RST_CORE_ONLY defined.
    system: bool,
    /// The program of worker processes in place of the library.
    worker: bool = false,
    /// The worker that loads libraries.
    dynamic: bool = false,
    /// Faults on demand, in workers of the tests; and the dynamic worker in the tests themselves.
    faults: bool = false,
    sanitize: bool = false,
    /// Reports the edges that are reached, to c/test/fuzz/coverage.c; it has no workers.
    coverage: bool = false,
    /// The thread sanitizer; only for programs.
    threads: bool = false,
    /// Files beside those of the core or the library.
    extra: []const []const u8 = &.{},
};

pub fn build(b: *Build) void {
    b.dependOnDirectoryContents(b.path("c")); // so that a new folder is noticed
    const target = chosenTarget(b);
    const optimize = b.option(
        Optimize,
        "optimize",
        "default: fast for the library, debug for the tests",
    );
    addLibrarySteps(b, target, optimize orelse .fast);
    addTestSteps(b, target, optimize orelse .debug);
    addFuzzStep(b, target);
    addCheckStep(b);
    addDigestStep(b);
}

/// The target of -Dtarget, else this machine's processor family and system at their oldest
/// supported versions: what is built here runs elsewhere, and needs no files of a C compiler.
fn chosenTarget(b: *Build) Build.ResolvedTarget {
    const host = b.graph.host.result;
    var default: std.Target.Query = .{ .cpu_arch = host.cpu.arch, .os_tag = host.os.tag };
    switch (host.os.tag) {
        .linux => {
            default.abi = host.abi;
            if (host.abi.isGnu()) default.glibc_version = .{ .major = 2, .minor = 17, .patch = 0 };
        },
        .windows => default.abi = .gnu,
        .macos => default.os_version_min = .{ .semver = .{ .major = 11, .minor = 0, .patch = 0 } },
        else => {},
    }
    return b.standardTargetOptions(.{ .default_target = default });
}

fn addLibrarySteps(b: *Build, target: Build.ResolvedTarget, optimize: Optimize) void {
    b.installArtifact(library(b, target, optimize));
    if (hasWorker(target)) b.installArtifact(workerProgram(b, target, optimize, false));

    const all = b.step("all", "The library for every target, into zig-out/targets/");
    for (targets) |triple| {
        const resolved = resolve(b, triple);
        installInto(b, all, library(b, resolved, optimize), "targets", triple);
        if (!hasWorker(resolved)) continue;
        installInto(b, all, workerProgram(b, resolved, optimize, false), "targets", triple);
        if (!hasDynamicWorker(resolved)) continue;
        // Nobody ships it yet: no mode loads libraries. It must stay possible.
        all.dependOn(&dynamicWorkerProgram(b, resolved, optimize).step);
    }
}

fn library(b: *Build, target: Build.ResolvedTarget, optimize: Optimize) *Build.Step.Compile {
    const lib = b.addLibrary(.{
        .name = "ristretto",
        .linkage = .dynamic,
        .root_module = cModule(b, .{ .target = target, .optimize = optimize, .system = true }),
    });
    lib.link_function_sections = true;
    lib.link_gc_sections = true;
    // The kernels inlined across files: 14 % less time. Zig's linker for macOS cannot.
    if (target.result.os.tag == .linux and optimize != .debug) lib.lto = .full;
    return lib;
}

fn addTestSteps(b: *Build, target: Build.ResolvedTarget, optimize: Optimize) void {
    const test_step = b.step("test", "Run the native tests; -fqemu or -fwine runs foreign ones");
    const program_step = b.step("test-program", "The native tests, into zig-out/test/");
    const wasm_step = b.step("wasm-test", "Run the native tests of the core as WebAssembly");
    const sanitize = b.option(
        bool,
        "sanitize",
        "the undefined-behaviour sanitizer in the tests (default: true)",
    ) orelse true;
    const threads = b.option(
        bool,
        "threads",
        "the thread sanitizer in the tests, and no other (default: false)",
    ) orelse false;
    const js = b.option(
        []const u8,
        "js",
        "the JavaScript runtime that runs WebAssembly (default: bun)",
    ) orelse "bun";

    const files = cFiles(b, "c/test", .this_folder);
    const program = testProgram(b, .{
        .target = target,
        .optimize = optimize,
        .system = true,
        .sanitize = sanitize and !threads,
        .threads = threads,
        .faults = true,
        .extra = files,
    });
    const run = b.addRunArtifact(program);
    run.addPassthruArgs();
    test_step.dependOn(&run.step);
    installInto(b, program_step, program, "test", "");

    const wasm = testProgram(b, .{
        .target = resolve(b, "wasm32-wasi"),
        .optimize = optimize,
        .system = false,
        .sanitize = sanitize,
        .extra = files,
    });
    const wasm_run = b.addSystemCommand(&.{js});
    wasm_run.addFileArg(b.path("tools/wasi.ts"));
    wasm_run.addArtifactArg(wasm);
    wasm_run.addPassthruArgs();
    wasm_step.dependOn(&wasm_run.step);
}

fn testProgram(b: *Build, parts: Parts) *Build.Step.Compile {
    const program = b.addExecutable(.{ .name = "native_test", .root_module = cModule(b, parts) });
    if (parts.sanitize) addSanitizer(b, program);
    return program;
}

/// Our own runtime of the undefined-behaviour sanitizer.
fn addSanitizer(b: *Build, program: *Build.Step.Compile) void {
    program.bundle_ubsan_rt = false; // c/test/sanitizer/ubsan.c says why
    program.root_module.addCSourceFiles(.{
        .files = cFiles(b, "c/test/sanitizer", .this_folder),
        .flags = &(c_flags ++ .{
            "-fno-sanitize=undefined",
            "-Wno-unused-command-line-argument", // of those that Zig adds for a sanitizer
        }),
    });
}

/// The fuzzer: the library under the sanitizer, optimised, and what calls it, which does not count
/// as reached. Not on Windows.
fn addFuzzStep(b: *Build, target: Build.ResolvedTarget) void {
    const step = b.step("fuzz", "The fuzzer, into zig-out/fuzz/");
    if (target.result.os.tag == .windows) return;
    const program = b.addExecutable(.{
        .name = "fuzz",
        .root_module = cModule(b, .{
            .target = target,
            .optimize = .safe,
            .system = true,
            .sanitize = true,
            .coverage = true,
        }),
    });
    addSanitizer(b, program);
    program.root_module.addCSourceFiles(.{
        .files = cFiles(b, "c/test/fuzz", .this_folder),
        .flags = &c_flags,
    });
    installInto(b, step, program, "fuzz", "");
}

/// Compiles the core, without linking it, for the machines of `core_targets`.
fn addCheckStep(b: *Build) void {
    const check = b.step("check", "Compile the core for wasm32 and for a 32-bit machine");
    for (core_targets) |triple| {
        const lib = b.addLibrary(.{
            .name = b.fmt("core-{s}", .{triple}),
            .linkage = .static,
            .root_module = cModule(b, .{
                .target = resolve(b, triple),
                .optimize = .fast,
                .system = false,
            }),
        });
        check.dependOn(&lib.step);
    }
}

/// Programs that print a hash of many answers, compiled as the library is: the same on each target.
fn addDigestStep(b: *Build) void {
    const files = cFiles(b, "c/test/digest", .this_folder);
    if (files.len == 0) return;
    const digest = b.step("digest", "Programs that hash answers, into zig-out/digest/");
    for (targets ++ core_targets) |triple| {
        const program = b.addExecutable(.{
            .name = "digest",
            .root_module = cModule(b, .{
                .target = resolve(b, triple),
                .optimize = .fast,
                .system = false,
                .extra = files,
            }),
        });
        installInto(b, digest, program, "digest", triple);
    }
}

/// Has a step put a program or library into zig-out/FOLDER/TRIPLE/, the triple without a version.
fn installInto(
    b: *Build,
    step: *Build.Step,
    artifact: *Build.Step.Compile,
    folder: []const u8,
    triple: []const u8,
) void {
    const name = triple[0 .. std.mem.indexOfScalar(u8, triple, '.') orelse triple.len];
    const install = b.addInstallArtifact(artifact, .{
        .dest_dir = .{ .override = .{ .custom = b.pathJoin(&.{ folder, name }) } },
        .pdb_dir = .disabled,
        .implib_dir = .disabled,
    });
    step.dependOn(&install.step);
}

fn cModule(b: *Build, parts: Parts) *Build.Module {
    // Optimised tests keep their names and lines, for whoever looks into them: valgrind.
    const shows = parts.optimize == .debug or (parts.optimize == .safe and parts.extra.len > 0);
    const module = b.createModule(.{
        .target = parts.target,
        .optimize = parts.optimize,
        .link_libc = true,
        .pic = if (parts.target.result.cpu.arch.isWasm()) null else true,
        .strip = !shows,
        .omit_frame_pointer = parts.optimize != .debug,
        .sanitize_c = if (parts.sanitize) .full else .off,
        .sanitize_thread = parts.threads,
    });
    module.addIncludePath(b.path("c"));
    module.addIncludePath(b.path("c/include"));
    if (!parts.system) module.addCMacro("RST_CORE_ONLY", "1");
    module.addCMacro("RST_VERSION", "\"" ++ @import("build.zig.zon").version ++ "\"");

    var files: std.ArrayList([]const u8) = .empty;
    append(b, &files, parts.extra);
    for (core) |folder| append(b, &files, cFiles(b, b.fmt("c/{s}", .{folder}), .all_below));
    if (parts.worker or parts.system) {
        const folders: []const []const u8 = if (parts.worker) &worker_folders else &system;
        for (folders) |folder| {
            append(b, &files, cFiles(b, b.fmt("c/{s}", .{folder}), .this_folder));
        }
        append(b, &files, systemFiles(b, parts.target.result.os.tag));
    }
    if (parts.faults and parts.worker) module.addCMacro("RST_FAULTS", "1");
    if (parts.dynamic) module.addCMacro("RST_DYNAMIC", "1");
    const workers = parts.system and hasWorker(parts.target) and !parts.coverage;
    if (workers and parts.faults and hasDynamicWorker(parts.target)) embedLibrary(b, module, parts);
    if (workers) embedWorker(b, module, parts);
    if (parts.target.result.os.tag == .windows and (parts.worker or parts.system)) {
        for (windows_libraries) |name| module.linkSystemLibrary(name, .{});
    }
    const flags: []const []const u8 = if (parts.coverage)
        &(c_flags ++ .{"-fsanitize-coverage=trace-pc-guard"})
    else
        &c_flags;
    module.addCSourceFiles(.{ .files = files.items, .flags = flags });
    return module;
}

/// The file of c/platform for a system, and those of c/ipc/system.
fn systemFiles(b: *Build, tag: std.Target.Os.Tag) []const []const u8 {
    const platform: []const u8 = switch (tag) {
        .windows => "c/platform/windows.c",
        .wasi, .freestanding => "c/platform/none.c",
        else => "c/platform/posix.c",
    };
    // Where a system has no groups, no handles of threads or no copies of processes, it takes the
    // file that says so.
    const ipc: []const []const u8 = switch (tag) {
        .linux => &.{ "linux", "posix" },
        .macos => &.{ "macos", "posix", "none_copy", "none_group", "none_sentinel" },
        .windows => &.{ "windows", "none_copy", "none_sentinel" },
        else => &.{"none"},
    };
    var files: std.ArrayList([]const u8) = .empty;
    for (cFiles(b, "c/platform", .this_folder)) |file| {
        if (std.mem.eql(u8, file, platform)) append(b, &files, &.{file});
    }
    for (cFiles(b, "c/ipc/system", .this_folder)) |file| {
        for (ipc) |name| {
            const prefix = b.pathJoin(&.{ "c/ipc/system", name });
            if (std.mem.startsWith(u8, file, prefix)) append(b, &files, &.{file});
        }
    }
    return files.items;
}

/// Whether there are worker processes on the system of a target.
fn hasWorker(target: Build.ResolvedTarget) bool {
    return switch (target.result.os.tag) {
        .linux, .macos, .windows => true,
        else => false,
    };
}

/// Whether there is a worker that loads libraries.
fn hasDynamicWorker(target: Build.ResolvedTarget) bool {
    return target.result.os.tag == .linux;
}

/// The worker: a static program for the processor of a target.
fn workerProgram(
    b: *Build,
    target: Build.ResolvedTarget,
    optimize: Optimize,
    faults: bool,
) *Build.Step.Compile {
    var query: std.Target.Query = .fromTarget(&target.result);
    if (target.result.os.tag == .linux) {
        query.abi = if (target.result.cpu.arch == .arm) .musleabihf else .musl;
        query.glibc_version = null;
    }
    const program = b.addExecutable(.{
        .name = "ristretto-worker",
        .linkage = if (target.result.os.tag == .macos) null else .static,
        .root_module = cModule(b, .{
            .target = b.resolveTargetQuery(query),
            .optimize = if (optimize == .debug) .safe else optimize,
            .system = false,
            .worker = true,
            .faults = faults,
        }),
    });
    program.link_function_sections = true;
    program.link_gc_sections = true;
    program.root_module.strip = true;
    if (target.result.os.tag == .linux and optimize != .debug) program.lto = .full;
    return program;
}

/// The same for the C library of the target, as a dynamic program: it loads libraries.
fn dynamicWorkerProgram(
    b: *Build,
    target: Build.ResolvedTarget,
    optimize: Optimize,
) *Build.Step.Compile {
    const program = b.addExecutable(.{
        .name = "ristretto-worker-dynamic",
        .linkage = .dynamic,
        .root_module = cModule(b, .{
            .target = target,
            .optimize = if (optimize == .debug) .safe else optimize,
            .system = false,
            .worker = true,
            .dynamic = true,
        }),
    });
    program.link_function_sections = true;
    program.link_gc_sections = true;
    program.root_module.strip = true;
    return program;
}

/// Puts the dynamic worker, and a library for it, where c/test/test_isolate_library.c takes them
/// from.
fn embedLibrary(b: *Build, module: *Build.Module, parts: Parts) void {
    const target = parts.target;
    const library_module = b.createModule(.{
        .target = target,
        .optimize = .safe,
        .link_libc = true,
        .pic = true,
        .strip = true,
        .sanitize_c = .off,
    });
    library_module.addIncludePath(b.path("c"));
    library_module.addCSourceFiles(.{
        .files = cFiles(b, "c/test/library", .this_folder),
        .flags = &c_flags,
    });
    const faults = b.addLibrary(.{
        .name = "fault-library",
        .linkage = .dynamic,
        .root_module = library_module,
    });
    const program = dynamicWorkerProgram(b, target, parts.optimize);
    const folder = b.addWriteFiles();
    _ = folder.addCopyFile(program.getEmittedBin(), "ristretto-worker-dynamic");
    _ = folder.addCopyFile(faults.getEmittedBin(), "fault-library");
    module.addEmbedPath(folder.getDirectory());
    module.addCMacro("RST_DYNAMIC_WORKER", "1");
    const interpreter = target.result.standardDynamicLinkerPath().get() orelse "";
    module.addCMacro("RST_INTERPRETER", b.fmt("\"{s}\"", .{interpreter}));
}

/// Puts the worker where c/isolate/image.c takes it from.
fn embedWorker(b: *Build, module: *Build.Module, parts: Parts) void {
    const program = workerProgram(b, parts.target, parts.optimize, parts.faults);
    const folder = b.addWriteFiles();
    _ = folder.addCopyFile(program.getEmittedBin(), "ristretto-worker");
    module.addEmbedPath(folder.getDirectory());
    module.addCMacro("RST_WORKER", "1");
}

/// The .c files of a folder, sorted; none when it does not exist. Zig, which remembers what this
/// script decided, is told that the folder was listed, so that a new file is noticed.
fn cFiles(
    b: *Build,
    folder: []const u8,
    depth: enum { this_folder, all_below },
) []const []const u8 {
    const io = b.graph.io;
    var dir = b.root.openDir(io, folder, .{ .iterate = true }) catch |err| switch (err) {
        error.FileNotFound => return &.{},
        else => std.process.fatal("cannot read the folder {s}: {t}", .{ folder, err }),
    };
    defer dir.close(io);
    b.dependOnDirectoryContents(b.path(folder));

    var files: std.ArrayList([]const u8) = .empty;
    var entries = dir.iterate();
    while (entries.next(io) catch |err|
        std.process.fatal("cannot list the folder {s}: {t}", .{ folder, err })) |entry|
    {
        const path = b.fmt("{s}/{s}", .{ folder, entry.name });
        if (entry.kind == .directory) {
            if (depth == .all_below) append(b, &files, cFiles(b, path, depth));
        } else if (std.mem.endsWith(u8, entry.name, ".c")) append(b, &files, &.{path});
    }
    std.mem.sortUnstable([]const u8, files.items, {}, struct {
        fn before(_: void, left: []const u8, right: []const u8) bool {
            return std.mem.lessThan(u8, left, right);
        }
    }.before);
    return files.items;
}

fn append(b: *Build, files: *std.ArrayList([]const u8), more: []const []const u8) void {
    files.appendSlice(b.allocator, more) catch @panic("out of memory");
}

fn resolve(b: *Build, triple: []const u8) Build.ResolvedTarget {
    const query = std.Target.Query.parse(.{ .arch_os_abi = triple }) catch
        std.process.fatal("{s} is not a target that Zig knows", .{triple});
    return b.resolveTargetQuery(query);
}
