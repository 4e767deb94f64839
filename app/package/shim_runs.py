"""C++ around interactor and checker of a Polygon problem whose solutions are run several times (`run-count`).

Theory of operation. Each run is a pass of ours: the validator is asked once a run, and what it leaves as nextpass.in is the next run's
input. A run in `talks` is a dialogue with the interactor, which reads this run's input and tells (its tout) the next one's; in any other
run the solution reads its input and its output is what is told. Where the problem has an interactor, all of our passes are dialogues: in a
plain run this program copies the input to the solution itself. After the last run the checker sees the test's input, what was told last,
and the answer. Without an interactor a checker that prints makes the next input: it is asked after each run, and its input is then that
run's; any other one is asked after the last run only, and the solution's own output is the next input.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.package.shims import interactive_head

_SOURCE = r"""
static char contestbox_told[] = "contestbox_tout", contestbox_state[] = "contestbox_state", contestbox_next[] = "contestbox_next";
static char contestbox_input[4096];
static void contestbox_copy(const char *from, int target) {
    static char buffer[65536];
    int file = open(from, O_RDONLY);
    for (ssize_t got; file >= 0 && (got = read(file, buffer, sizeof buffer)) > 0;)
        for (ssize_t done = 0, put; done < got; done += put)
            if ((put = write(target, buffer + done, (size_t)(got - done))) <= 0) { close(file); return; }
    if (file >= 0) close(file);
}
static void contestbox_listen(const char *input) {
    pid_t feeder = -1;
    if (CONTESTBOX_INTERACTOR && (feeder = fork()) == 0) {
        signal(SIGPIPE, SIG_IGN);
        contestbox_copy(input, 1);
        _exit(0);
    }
    close(1);
    contestbox_shim::keep_output();
    if (rename(contestbox_shim::output_name, contestbox_told)) _exit(1);
    if (feeder > 0) contestbox_shim::ended(feeder);
}
static int contestbox_check(char **words, const char *folder, int trial) {
#if CONTESTBOX_CHECKER
    char *call[] = {words[0], trial ? words[1] : contestbox_input, contestbox_told, words[2], nullptr};
    pid_t child = fork();
    if (child == 0) {
        if (trial) contestbox_shim::say_to(1, "", contestbox_next);
        contestbox_shim::say_to(2, folder, "judgemessage.txt");
        exit(contestbox_checker::contestbox_main(4, call));
    }
    return contestbox_shim::ended(child);
#else
    (void)words, (void)folder;
    return trial;
#endif
}
int main(int count, char **words) {
    if (count < 4) return 1;
    char *folder = words[3], path[4200];
    int run = 1, made = 0;
    FILE *state = fopen(contestbox_state, "r");
    snprintf(contestbox_input, sizeof contestbox_input, "%s", words[1]);
    if (state) {
        if (fscanf(state, "%d %d %4095s", &run, &made, contestbox_input) != 3) return 1;
        fclose(state);
        run++;
    }
    if ((CONTESTBOX_TALKS >> run) & 1) {
#if CONTESTBOX_INTERACTOR
        char *call[] = {words[0], words[1], contestbox_told, words[2], nullptr};
        pid_t child = fork();
        if (child == 0) {
            unlink(contestbox_told);
            contestbox_shim::say_to(2, folder, "judgemessage.txt");
            exit(contestbox_interactor::contestbox_main(4, call));
        }
        close(0);
        close(1);
        int code = contestbox_shim::ended(child);
        if (code != 0) contestbox_shim::answer(code, folder);
#endif
    } else {
        contestbox_listen(words[1]);
    }
    if (run == CONTESTBOX_RUNS) {
        if (made) snprintf(contestbox_input, sizeof contestbox_input, "%s", words[1]);
        contestbox_shim::answer(contestbox_check(words, folder, 0), folder);
    }
    if (CONTESTBOX_PRINTS) {
        unlink(contestbox_next);
        int code = contestbox_check(words, folder, 1);
        if (code != 0) contestbox_shim::answer(code, folder);
    }
    snprintf(path, sizeof path, "%snextpass.in", folder);
    int next = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (next < 0) return 1;
    contestbox_copy(CONTESTBOX_PRINTS ? contestbox_next : contestbox_told, next);
    state = fopen(contestbox_state, "w");
    if (!state || fprintf(state, "%d %d %s\n", run, CONTESTBOX_PRINTS, contestbox_input) < 0 || fclose(state)) return 1;
    _exit(42);
}
"""


def testlib_runs(
    *, scoring: bool, checker: bool, interactor: bool, runs: int, talks: Iterable[int], prints: bool
) -> str:
    """A whole program for `runs` runs, of which those in `talks` (from 1) are dialogues with the interactor; `prints`: the checker makes
    the next input.
    """
    mask = sum(1 << run for run in set(talks))
    return (
        f"{interactive_head(scoring=scoring, checker=checker, interactor=interactor)}\n"
        f"#define CONTESTBOX_RUNS {runs}\n#define CONTESTBOX_TALKS {mask}\n#define CONTESTBOX_INTERACTOR {int(interactor)}\n"
        f"#define CONTESTBOX_PRINTS {int(prints)}\n{_SOURCE}"
    )
