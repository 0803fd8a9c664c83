#include "scenarios/engine/sweep_jobs.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controller/base/mem.h"
#include "controller/base/str.h"

/* What goes up the pipe for each piece, with the report behind it. */
struct piece_header {
    uint64_t index;
    uint64_t report_bytes;
};

struct sweep_worker {
    unsigned number;
    unsigned count; /* of workers */
    int to_parent;
    size_t branched; /* the piece of this process, when it is a branch */
};

struct job {
    pid_t pid;
    int from_child;
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

static void send_report(const struct sweep_worker *worker, size_t index, struct str report)
{
    struct piece_header header = {.index = index, .report_bytes = report.len};
    write_all(worker->to_parent, &header, sizeof(header));
    write_all(worker->to_parent, report.data, report.len);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

bool sweep_branch(struct sweep_worker *worker, size_t index)
{
    if (index % worker->count != worker->number)
        return false;
    pid_t pid = fork();
    ASSERT(pid >= 0);
    if (pid == 0) {
        worker->branched = index;
        return true;
    }
    int status = wait_for(pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
        return false;
    char *report =
        str_format("  the process died: %s %d\n", WIFSIGNALED(status) ? "signal" : "exit code",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    send_report(worker, index, str_from(report));
    mem_free(report);
    return false;
}

void sweep_branch_end(struct sweep_worker *worker, const struct buf *report)
{
    send_report(worker, worker->branched, buf_str(report));
    _exit(EXIT_SUCCESS);
}

static void job_start(struct job *job, unsigned number, unsigned count, sweep_walk *walk,
                      void *ctx)
{
    int ends[2];
    ASSERT(pipe(ends) == 0);
    job->pid = fork();
    ASSERT(job->pid >= 0);
    if (job->pid == 0) {
        struct sweep_worker worker = {
            .number = number, .count = count, .to_parent = ends[1], .branched = SIZE_MAX};
        (void)close(ends[0]);
        walk(ctx, &worker);
        _exit(EXIT_SUCCESS);
    }
    (void)close(ends[1]);
    job->from_child = ends[0];
}

/* One report of one piece. False: the worker and all its branches are through or dead. */
static bool job_read(const struct job *job, size_t count, bool *done, char **ret_reports)
{
    struct piece_header header;
    if (!read_all(job->from_child, &header, sizeof(header)))
        return false;
    ASSERT(header.index < count && header.report_bytes <= SWEEP_REPORT_BYTES_MAX);
    char *text = mem_alloc((size_t)header.report_bytes + 1);
    done[header.index] = read_all(job->from_child, text, (size_t)header.report_bytes);
    mem_free(ret_reports[header.index]);
    ret_reports[header.index] = header.report_bytes > 0 ? text : NULL;
    if (header.report_bytes == 0)
        mem_free(text);
    return true;
}

/* From whoever has something to say, so that nobody waits for a full pipe. */
static void jobs_collect(struct job *jobs, unsigned job_count, size_t count, bool *done,
                         char **ret_reports)
{
    struct pollfd files[SWEEP_JOBS_MAX];
    unsigned open_count = job_count;
    for (unsigned i = 0; i < job_count; i++)
        files[i] = (struct pollfd){.fd = jobs[i].from_child, .events = POLLIN};
    while (open_count > 0) {
        if (poll(files, job_count, -1) < 0)
            continue;
        for (unsigned i = 0; i < job_count; i++) {
            if (files[i].revents == 0 || job_read(&jobs[i], count, done, ret_reports))
                continue;
            (void)close(jobs[i].from_child);
            (void)wait_for(jobs[i].pid);
            files[i].fd = -1; /* poll passes over it */
            open_count--;
        }
    }
}

void sweep_jobs_run(unsigned jobs, size_t count, sweep_walk *walk, void *ctx, char **ret_reports)
{
    struct job running[SWEEP_JOBS_MAX];
    bool *done = mem_alloc_array(count + 1, sizeof(*done));
    if (jobs == 0 || jobs > SWEEP_JOBS_MAX)
        jobs = jobs == 0 ? 2 : SWEEP_JOBS_MAX;
    (void)fflush(NULL); /* or the children would print it again */
    for (unsigned i = 0; i < jobs; i++)
        job_start(&running[i], i, jobs, walk, ctx);
    jobs_collect(running, jobs, count, done, ret_reports);
    for (size_t i = 0; i < count; i++) {
        if (!done[i])
            ret_reports[i] = str_format("  the run never came to this point: it ended early, or "
                                        "it is not deterministic\n");
    }
    mem_free(done);
}
