#include "scenarios/engine/sweep_jobs.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controller/base/mem.h"
#include "controller/base/str.h"

/* What a child writes for each piece: a header when it begins, one when it is done. */
struct piece_header {
    uint64_t index;
    uint64_t report_bytes;
    uint64_t done;
};

struct job {
    pid_t pid;
    int from_child;
    size_t running; /* index + 1 of the piece that began and did not end; 0: none */
};

static void write_all(int file, const void *data, size_t len)
{
    const char *bytes = data;
    while (len > 0) {
        ssize_t written = write(file, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(EXIT_FAILURE); /* the parent is gone */
        bytes += written;
        len -= (size_t)written;
    }
}

/* False at the end of the stream. */
static bool read_all(int file, void *data, size_t len)
{
    char *bytes = data;
    while (len > 0) {
        ssize_t got = read(file, bytes, len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes += got;
        len -= (size_t)got;
    }
    return true;
}

NORETURN static void child_run(int to_parent, unsigned first, unsigned step, size_t count,
                               const bool *skip, sweep_work *work, void *ctx)
{
    struct buf report;
    buf_init(&report, SWEEP_REPORT_BYTES_MAX);
    for (size_t i = first; i < count; i += step) {
        if (skip[i])
            continue;
        struct piece_header header = {.index = i};
        write_all(to_parent, &header, sizeof(header));
        buf_clear(&report);
        work(ctx, i, &report);
        header.done = 1;
        header.report_bytes = report.len;
        write_all(to_parent, &header, sizeof(header));
        write_all(to_parent, report.data, report.len);
    }
    _exit(EXIT_SUCCESS);
}

static void job_start(struct job *job, unsigned first, unsigned step, size_t count,
                      const bool *skip, sweep_work *work, void *ctx)
{
    int ends[2];
    ASSERT(pipe(ends) == 0);
    job->pid = fork();
    ASSERT(job->pid >= 0);
    if (job->pid == 0) {
        (void)close(ends[0]);
        child_run(ends[1], first, step, count, skip, work, ctx);
    }
    (void)close(ends[1]);
    job->from_child = ends[0];
    job->running = 0;
}

/* Reads until the child is through or dead. */
static void job_collect(struct job *job, bool *done, char **ret_reports)
{
    struct piece_header header;
    while (read_all(job->from_child, &header, sizeof(header))) {
        job->running = (size_t)header.index + 1;
        if (!header.done)
            continue;
        ASSERT(header.report_bytes <= SWEEP_REPORT_BYTES_MAX);
        char *text = mem_alloc((size_t)header.report_bytes + 1);
        if (!read_all(job->from_child, text, (size_t)header.report_bytes)) {
            mem_free(text);
            break;
        }
        done[header.index] = true;
        job->running = 0;
        if (header.report_bytes > 0)
            ret_reports[header.index] = text;
        else
            mem_free(text);
    }
    (void)close(job->from_child);
    int status = 0;
    while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (job->running == 0)
        return;
    done[job->running - 1] = true;
    ret_reports[job->running - 1] =
        str_format("  the process died: %s %d\n", WIFSIGNALED(status) ? "signal" : "exit code",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static bool all_done(const bool *done, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!done[i])
            return false;
    }
    return true;
}

void sweep_jobs_run(unsigned jobs, size_t count, sweep_work *work, void *ctx, char **ret_reports)
{
    struct job running[SWEEP_JOBS_MAX];
    bool *done = mem_alloc_array(count + 1, sizeof(*done));
    if (jobs == 0 || jobs > SWEEP_JOBS_MAX)
        jobs = jobs == 0 ? 2 : SWEEP_JOBS_MAX;
    (void)fflush(NULL); /* or the children would print it again */
    /* Each round of processes finishes or leaves at least one piece behind it. */
    while (!all_done(done, count)) {
        for (unsigned i = 0; i < jobs; i++)
            job_start(&running[i], i, jobs, count, done, work, ctx);
        for (unsigned i = 0; i < jobs; i++)
            job_collect(&running[i], done, ret_reports);
    }
    mem_free(done);
}
