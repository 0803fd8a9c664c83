/*
 * YAML documents as JSON trees, read as sigs.k8s.io/yaml reads them: YAML 1.1
 * plain scalars (yes/no/on/off/y/n are booleans, 017 and 0o17 are 15, dates stay
 * text, ~ and nothing are null), keys that are no strings become their text.
 *
 * Refused, each with line and column: aliases and anchors, tags, duplicate keys,
 * more than the limits below. libyaml is quadratic in depth, so depth is counted
 * while events arrive.
 */
#ifndef PROMOTER_BASE_YAML_H
#define PROMOTER_BASE_YAML_H

#include "controller/base/json.h"

#define YAML_DEPTH_MAX 32u              /* a ClusterPromotion needs 12 */
#define YAML_BYTES_MAX (16u << 20)      /* the largest manifest bundles in use are a few MiB */
#define YAML_DOCUMENTS_MAX 4096u

/* Where a value stood in its file; lines and columns count from 1. */
struct yaml_mark {
    unsigned line;
    unsigned column;
};

struct yaml_marks; /* marks by tree node */

struct yaml_document {
    const struct json *root; /* owned; may be JSON_NULL for an empty document */
    struct yaml_marks *marks;
};

struct yaml_file {
    struct yaml_document *documents;
    size_t document_count;
};

/* Reads all documents of a stream; empty documents ("---\n---") are left out.
 * The message starts with "LINE:COLUMN: ". */
NODISCARD enum err yaml_parse(struct str text, struct yaml_file *ret_file, struct errmsg *msg);
void yaml_file_release(struct yaml_file *file);

/*
 * Reads a stream's first document as an API server reads a request's body: anchors, aliases and
 * merge keys mean what they say, the tags of scalars too, and of a key's repetitions the last
 * one wins. *ret_repeated gets a line `line 7: key "a" already set in map` for each (an owned
 * array). An empty stream is null. What aliases add up to is limited.
 */
NODISCARD enum err yaml_parse_body(struct str text, struct json **ret_value,
                                   struct json **ret_repeated, struct errmsg *msg);
#define YAML_COPIED_NODES_MAX 100000u /* by aliases and merge keys; Go's reader has such a limit */

/* Appends the value as one YAML document in block style, members sorted: what is a text stays one
 * when it is read again, lines end at 80 columns where blanks allow it. */
void yaml_print(const struct json *value, struct buf *out);

/* Where `node` of the document's tree began; for a member, where its key began.
 * {0, 0} for a node that did not come from the text. */
struct yaml_mark yaml_mark_of(const struct yaml_document *document, const struct json *node);

#endif
