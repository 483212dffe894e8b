//! Builds everything under c/: the library for this machine and for every target, the native tests,
//! and the proofs that the core stays portable. `zig build -l` lists the steps.
//!
//! There are no lists of files here: every .c file of a folder in `core` or `system` is compiled, at
//! any depth. Of c/platform only one file is taken, for the system at hand: posix.c, windows.c or none.c.
//! Files of SIMD kernels need no flags of their own; they use target attributes.

const std = @import("std");
const builtin = @import("builtin");
const Build = std.Build;

const zig_version = std.mem.trimEnd(u8, @embedFile(".zig-version"), "\r\n");

comptime {
    if (!std.mem.eql(u8, builtin.zig_version_string, zig_version)) @compileError(
        "Ristretto builds with Zig " ++ zig_version ++ ", and this is " ++ builtin.zig_version_string ++
            ". `bun run setup` fetches the right one into .tools/zig.",
    );
}

/// The minimiser: no threads, no signals, nothing of an operating system but memory.
const core = [_][]const u8{ "base", "cube", "minimize", "exact", "dense", "pla", "job" };

/// What the library adds to the core, beside one file of c/platform.
const system = [_][]const u8{ "pool", "abi" };

/// Everything the library is shipped for. glibc 2.17 is CentOS 7, older than any supported Bun or Deno.
const targets = [_][]const u8{
    "x86_64-linux-gnu.2.17", "aarch64-linux-gnu.2.17", "x86_64-linux-musl", "aarch64-linux-musl",
    "x86_64-macos",          "aarch64-macos",          "x86_64-windows-gnu", "aarch64-windows-gnu",
};

/// Machines that nothing is shipped for, which prove that the core assumes neither threads nor 64 bits.
const core_targets = [_][]const u8{ "wasm32-wasi", "arm-linux-musleabihf" };

const c_flags = [_][]const u8{
    "-std=c11",
    "-fvisibility=hidden", // only what the ABI header marks is exported
    "-ffp-contract=off", // a fused multiply-add would round differently from machine to machine
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wshadow",
    "-Wvla",
    "-Wshorten-64-to-32", // an error on 64-bit machines, where it can still be seen
    "-Wmissing-prototypes",
    "-Wstrict-prototypes",
    "-Wpointer-arith",
    "-Wwrite-strings",
    "-Wimplicit-fallthrough",
};

const Parts = enum { core, library };

pub fn build(b: *Build) void {
    b.dependOnDirectoryContents(b.path("c")); // so that a new folder is noticed
    const target = hostOrChosenTarget(b);
    const optimize = b.option(std.builtin.Optimize, "optimize", "fast (default), small, safe or debug");
    const sanitize = b.option(bool, "sanitize", "the undefined-behaviour sanitizer in tests (default: yes)") orelse true;

    addLibrarySteps(b, target, optimize orelse .fast);
    addTestSteps(b, target, optimize orelse .debug, sanitize);
    addCheckStep(b);
    addDigestStep(b);
}

/// The target of -Dtarget, else this machine's processor family and system at their oldest supported
/// versions, so that a library built here runs on another machine and needs no C compiler's files.
fn hostOrChosenTarget(b: *Build) Build.ResolvedTarget {
    const host = b.graph.host.result;
    var default: std.Target.Query = .{ .cpu_arch = host.cpu.arch, .os_tag = host.os.tag };
    switch (host.os.tag) {
        .linux => {
            default.abi = host.abi;
            if (host.abi.isGnu()) default.glibc_version = .{ .major = 2, .minor = 17, .patch = 0 };
        },
        .windows => default.abi = .gnu,
        else => {},
    }
    return b.standardTargetOptions(.{ .default_target = default });
}

fn addLibrarySteps(b: *Build, target: Build.ResolvedTarget, optimize: std.builtin.Optimize) void {
    b.installArtifact(library(b, target, optimize));

    const all = b.step("all", "The library for every target, into zig-out/targets/");
    for (targets) |triple| {
        const install = b.addInstallArtifact(library(b, resolve(b, triple), optimize), .{
            .dest_dir = .{ .override = .{ .custom = b.fmt("targets/{s}", .{folderName(triple)}) } },
            .pdb_dir = .disabled,
            .implib_dir = .disabled,
        });
        all.dependOn(&install.step);
    }
}

fn library(b: *Build, target: Build.ResolvedTarget, optimize: std.builtin.Optimize) *Build.Step.Compile {
    const lib = b.addLibrary(.{
        .name = "ristretto",
        .linkage = .dynamic,
        .root_module = cModule(b, target, optimize, .library, false, &.{}),
    });
    lib.link_function_sections = true;
    lib.link_gc_sections = true;
    return lib;
}

/// `test` runs the native tests, also for a foreign -Dtarget with -fqemu or -fwine; `test-program` only
/// installs them, for valgrind and its like; `wasm-test` runs those of the core as WebAssembly.
fn addTestSteps(b: *Build, target: Build.ResolvedTarget, optimize: std.builtin.Optimize, sanitize: bool) void {
    const run_step = b.step("test", "Run the native tests (-Dtarget=… with -fqemu or -fwine for foreign ones)");
    const program_step = b.step("test-program", "Install the native tests into zig-out/test/");
    const wasm_step = b.step("wasm-test", "Run the native tests of the core as wasm32-wasi");
    const runtime = b.option([]const u8, "js", "the JavaScript runtime that runs WebAssembly (default: bun)") orelse "bun";

    const program = testProgram(b, target, optimize, .library, sanitize) orelse {
        const missing = b.addFail("there are no native tests: c/test/main.c does not exist");
        for ([_]*Build.Step{ run_step, program_step, wasm_step }) |step| step.dependOn(&missing.step);
        return;
    };
    const run = b.addRunArtifact(program);
    run.addPassthruArgs();
    run_step.dependOn(&run.step);

    const install = b.addInstallArtifact(program, .{
        .dest_dir = .{ .override = .{ .custom = "test" } },
        .pdb_dir = .disabled,
    });
    program_step.dependOn(&install.step);

    const wasm = testProgram(b, resolve(b, "wasm32-wasi"), optimize, .core, sanitize).?;
    const wasm_run = b.addSystemCommand(&.{runtime});
    wasm_run.addFileArg(b.path("tools/wasi.ts"));
    wasm_run.addArtifactArg(wasm);
    wasm_run.addPassthruArgs();
    wasm_step.dependOn(&wasm_run.step);
}

fn testProgram(
    b: *Build,
    target: Build.ResolvedTarget,
    optimize: std.builtin.Optimize,
    parts: Parts,
    sanitize: bool,
) ?*Build.Step.Compile {
    const files = cFiles(b, "c/test", .this_folder);
    if (!contains(files, "c/test/main.c")) return null;
    return b.addExecutable(.{
        .name = "native_test",
        .root_module = cModule(b, target, optimize, parts, sanitize, files),
    });
}

/// Compiles the core, without linking it, for the machines of `core_targets`.
fn addCheckStep(b: *Build) void {
    const check = b.step("check", "Compile the core for wasm32 and a 32-bit machine");
    for (core_targets) |triple| {
        const lib = b.addLibrary(.{
            .name = b.fmt("core-{s}", .{triple}),
            .linkage = .static,
            .root_module = cModule(b, resolve(b, triple), .fast, .core, false, &.{}),
        });
        check.dependOn(&lib.step);
    }
}

/// Programs that print a hash of many answers, built as the library is: equal on every target or wrong.
fn addDigestStep(b: *Build) void {
    const files = cFiles(b, "c/test/digest", .this_folder);
    if (files.len == 0) return;
    const digest = b.step("digest", "Programs that hash answers, for every target, into zig-out/digest/");
    for (targets ++ core_targets) |triple| {
        const program = b.addExecutable(.{
            .name = "digest",
            .root_module = cModule(b, resolve(b, triple), .fast, .core, false, files),
        });
        const install = b.addInstallArtifact(program, .{
            .dest_dir = .{ .override = .{ .custom = b.fmt("digest/{s}", .{folderName(triple)}) } },
            .pdb_dir = .disabled,
        });
        digest.dependOn(&install.step);
    }
}

/// One compilation of the core, or of the whole library, with `extra` files beside it.
fn cModule(
    b: *Build,
    target: Build.ResolvedTarget,
    optimize: std.builtin.Optimize,
    parts: Parts,
    sanitize: bool,
    extra: []const []const u8,
) *Build.Module {
    const module = b.createModule(.{
        .target = target,
        .optimize = optimize,
        .link_libc = true,
        .pic = if (target.result.cpu.arch.isWasm()) null else true,
        .strip = optimize != .debug,
        .omit_frame_pointer = optimize != .debug,
        .sanitize_c = if (sanitize) .full else .off,
    });
    module.addIncludePath(b.path("c"));
    module.addIncludePath(b.path("c/include"));
    if (parts == .core) module.addCMacro("RST_CORE_ONLY", "1");

    var files: std.ArrayList([]const u8) = .empty;
    append(b, &files, extra);
    for (core) |folder| append(b, &files, cFiles(b, b.fmt("c/{s}", .{folder}), .all_below));
    if (parts == .library) {
        for (system) |folder| append(b, &files, cFiles(b, b.fmt("c/{s}", .{folder}), .all_below));
        const platform: []const u8 = switch (target.result.os.tag) {
            .windows => "c/platform/windows.c",
            .wasi, .freestanding => "c/platform/none.c",
            else => "c/platform/posix.c",
        };
        if (contains(cFiles(b, "c/platform", .this_folder), platform)) append(b, &files, &.{platform});
    }
    module.addCSourceFiles(.{ .files = files.items, .flags = &c_flags });
    return module;
}

/// The .c files of a folder, sorted; none when the folder does not exist. Zig's cache of this script's
/// outcome is told which folders were looked at, so that a new file is noticed.
fn cFiles(b: *Build, folder: []const u8, depth: enum { this_folder, all_below }) []const []const u8 {
    const io = b.graph.io;
    var dir = b.root.openDir(io, folder, .{ .iterate = true }) catch |err| switch (err) {
        error.FileNotFound => return &.{},
        else => std.process.fatal("cannot read the folder {s}: {t}", .{ folder, err }),
    };
    defer dir.close(io);
    b.dependOnDirectoryContents(b.path(folder));

    var files: std.ArrayList([]const u8) = .empty;
    var entries = dir.iterate();
    while (entries.next(io) catch |err| std.process.fatal("cannot list {s}: {t}", .{ folder, err })) |entry| {
        const path = b.fmt("{s}/{s}", .{ folder, entry.name });
        if (entry.kind == .directory and depth == .all_below) {
            append(b, &files, cFiles(b, path, depth));
        } else if (entry.kind != .directory and std.mem.endsWith(u8, entry.name, ".c")) {
            append(b, &files, &.{path});
        }
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

fn contains(files: []const []const u8, wanted: []const u8) bool {
    for (files) |file| if (std.mem.eql(u8, file, wanted)) return true;
    return false;
}

fn resolve(b: *Build, triple: []const u8) Build.ResolvedTarget {
    const query = std.Target.Query.parse(.{ .arch_os_abi = triple }) catch
        std.process.fatal("{s} is not a target that Zig knows", .{triple});
    return b.resolveTargetQuery(query);
}

/// "x86_64-linux-gnu.2.17" lives in a folder x86_64-linux-gnu.
fn folderName(triple: []const u8) []const u8 {
    return triple[0 .. std.mem.indexOfScalar(u8, triple, '.') orelse triple.len];
}
