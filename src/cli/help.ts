// The text of `--help`. A test holds it against the tables of options.

/** What `--help` prints. docs/command-line.md says the same at length. */
export const help = `ristretto: two-level logic minimisation

  ristretto [options] [FILE…]     PLA text in, minimal PLA text out
  ristretto check-certificate FILE CERTIFICATE
                                  does it show that its cover of FILE is minimum?
  ristretto doctor                what was found here, what works, and what it costs

Without FILE, or for "-", standard input is read. The results go to standard output, everything
else to standard error.

Commands
  -Despresso          minimise (default)
  -Dexact             minimise to a proven minimum number of cubes; as --method exact
  -Decho              read and write, with -o for other sets: -o r gives the complement
  -Dso                each output by itself, no shared cubes; with -S1 exactly;
                      -Dsingle_output is the same
  -Dso_both           the same, each output or its complement: whichever is smaller
  -Dprimes            all prime implicants
  -Dessen             the essential prime implicants
  -Dtaut              is every point ON or don't-care?
  -Dverify A B        do two files agree wherever both care? Exit status 1 if not

Options of espresso
  -o TYPE             sets that are written: f (default), d, r, fd, fr, dr, fdr
  -f -fd -fr -fdr     type of input without .type; default -fd
  -e fast | strong    less or more effort (-e eat, -e eatdots: accepted)
  -s                  summary: cubes and literals before and after, time, verified
  -t                  trace: a line for each step that is seen
  -d                  -s and -t
  -x                  do not print the result
  -S NUMBER           -S1: exactly, with -Dso and -Dso_both; no effect on the others

Options
  --method METHOD     heuristic (default) or exact
  --effort EFFORT     fast, default or high
  --timeout TIME      500ms, 2s, 1m; then the best cover so far is the result
  --budget WORK       units of work, the same on every machine; then the best so far
  --memory SIZE       64M, 1G
  --on-limit WHAT     at a limit: best (default) or error
  --seed NUMBER       varies the choices of the heuristic
  --literals WHICH    few (default) or fewest: with the exact method, of all minimum covers
  --certificate FILE  with the exact method: write there why no cover is smaller
  --no-verify         do not check the result against the input
  --isolation MODE    where the core runs: direct (default), pool, process, fresh, auto
  --json              statistics as JSON on standard error, a line a file
  -h, --help          this text
  --version           version of the program and of its library

Ctrl-C prints the best cover so far; a second Ctrl-C ends at once.
Exit status: 0 done; 1 an input is wrong or a job failed, or -Dverify found a difference;
2 wrong usage; 130 Ctrl-C.
`;
