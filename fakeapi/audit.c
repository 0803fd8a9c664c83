/* The audit log: entries in blocks whose addresses stay, records shared with the store. */
#include "controller/base/mem.h"

#include "fakeapi/server.h"

#define AUDIT_BLOCK_ENTRIES 256u

struct audit_entry {
    struct fakeapi_audit shown;
    struct record *before;
    struct record *after;
    char *text; /* owned: all texts of the entry, one after the other */
    size_t text_bytes;
};

struct audit_block {
    struct audit_entry entries[AUDIT_BLOCK_ENTRIES];
};

static struct audit_entry *entry_at(const struct audit_log *log, size_t index)
{
    size_t block = index / AUDIT_BLOCK_ENTRIES - log->first / AUDIT_BLOCK_ENTRIES;
    return &log->blocks[block]->entries[index % AUDIT_BLOCK_ENTRIES];
}

static void entry_release(struct audit_entry *entry)
{
    record_unref(entry->before);
    record_unref(entry->after);
    mem_free(entry->text);
}

/* What the entry may keep alive. */
static size_t entry_bytes(const struct audit_entry *entry)
{
    return sizeof(*entry) + entry->text_bytes +
           (entry->before != NULL ? entry->before->bytes : 0) +
           (entry->after != NULL ? entry->after->bytes : 0);
}

/* A block goes with its last entry. */
static void forget_oldest(struct audit_log *log)
{
    log->bytes -= entry_bytes(entry_at(log, log->first));
    entry_release(entry_at(log, log->first));
    log->first++;
    if (log->first % AUDIT_BLOCK_ENTRIES != 0)
        return;
    mem_free(log->blocks[0]);
    log->block_count--;
    memmove(log->blocks, log->blocks + 1, log->block_count * sizeof(struct audit_block *));
}

/* The newest entry stays, whatever its size. */
static void forget_old(struct audit_log *log)
{
    while (log->kept_max > 0 && log->count - log->first > 1 &&
           (log->count - log->first > log->kept_max || log->bytes > AUDIT_BYTES_MAX))
        forget_oldest(log);
}

static struct audit_entry *entry_add(struct audit_log *log)
{
    size_t first_of_block = log->first / AUDIT_BLOCK_ENTRIES * AUDIT_BLOCK_ENTRIES;
    if (log->count - first_of_block == log->block_count * AUDIT_BLOCK_ENTRIES) {
        log->blocks = mem_grow_array(log->blocks, log->block_count, &log->block_capacity,
                                     sizeof(struct audit_block *), SIZE_MAX);
        log->blocks[log->block_count++] = mem_alloc(sizeof(struct audit_block));
    }
    return entry_at(log, log->count++);
}

/* Copies `text` to *space and moves it on. */
static struct str keep(char **space, struct str text)
{
    struct str kept = str_from_bytes(*space, text.len);
    if (text.len > 0)
        memcpy(*space, text.data, text.len);
    *space += text.len;
    return kept;
}

static void entry_name(struct audit_entry *entry, const struct call *call)
{
    const struct record *named = call->after != NULL ? call->after : call->before;
    struct str name = call->name;
    if (call->name.len == 0 && named != NULL)
        name = json_text_at(named->object, "metadata.name");
    struct str target = call->request->target;
    struct str agent = call->request->user_agent;
    bool names = call->resource != NULL && name.len > 0;
    entry->text_bytes = target.len + agent.len + name.len + call->name_space.len +
                        call->subresource.len + 1;
    entry->text = mem_alloc(entry->text_bytes);
    char *space = entry->text;
    entry->shown.target = keep(&space, target);
    entry->shown.user_agent = keep(&space, agent);
    if (!names)
        return;
    entry->shown.kind = str_from(call->resource->kind);
    entry->shown.name_space = keep(&space, call->name_space);
    entry->shown.name = keep(&space, name);
    entry->shown.subresource = keep(&space, call->subresource);
}

static void entry_change(struct audit_entry *entry, struct call *call)
{
    entry->before = call->before; /* the references move */
    entry->after = call->changed ? call->after : record_ref(call->before);
    entry->shown.changed = call->changed;
    entry->shown.created = call->changed && entry->before == NULL && entry->after != NULL;
    entry->shown.deleted = call->changed && entry->before != NULL && entry->after == NULL;
    entry->shown.before = entry->before != NULL ? entry->before->object : NULL;
    entry->shown.after = entry->after != NULL ? entry->after->object : NULL;
    call->before = NULL;
    call->after = NULL;
    call->changed = false;
}

void audit_append(struct call *call)
{
    struct audit_log *log = &call->api->audit;
    struct audit_entry *entry = entry_add(log);
    entry->shown = (struct fakeapi_audit){
        .at_ms = call->api->timers->now_ms,
        .method = call->method,
        .status = call->response->status,
        .resource_version = call->api->resource_version,
    };
    entry_name(entry, call);
    entry_change(entry, call);
    log->bytes += entry_bytes(entry);
    forget_old(log);
    call->logged = true;
    if (log->on_request != NULL)
        log->on_request(log->ctx, log->count - 1);
}

void audit_release(struct audit_log *log)
{
    for (size_t i = log->first; i < log->count; i++)
        entry_release(entry_at(log, i));
    for (size_t i = 0; i < log->block_count; i++)
        mem_free(log->blocks[i]);
    mem_free(log->blocks);
    *log = (struct audit_log){0};
}

size_t fakeapi_audit_count(const struct fakeapi *api)
{
    return api->audit.count;
}

const struct fakeapi_audit *fakeapi_audit_at(const struct fakeapi *api, size_t index)
{
    ASSERT(index < api->audit.count);
    return index < api->audit.first ? NULL : &entry_at(&api->audit, index)->shown;
}

void fakeapi_observe(struct fakeapi *api, void (*on_request)(void *ctx, size_t audit_index),
                     void *ctx)
{
    api->audit.on_request = on_request;
    api->audit.ctx = ctx;
}
