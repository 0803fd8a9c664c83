/*
 * Private to base: the tree that grows while a text is scanned. The scan tells what it has
 * passed; whatever it finds wrong later, the builder is released and the tree goes with it.
 */
#ifndef PROMOTER_BASE_JSON_BUILD_H
#define PROMOTER_BASE_JSON_BUILD_H

#include "controller/base/json_tree.h"

#define JSON_SCAN_DEPTH_MAX 512u
#define JSON_BUILD_RECENT_KEYS 64u /* a power of two */

struct json_builder {
    struct json *root; /* owned */
    struct json_bytes *key; /* owned: of the value that comes next */
    bool may_have_twins; /* a key may stand twice in an object */
    unsigned depth;
    struct json *open[JSON_SCAN_DEPTH_MAX];
    bool is_unsorted[JSON_SCAN_DEPTH_MAX]; /* the open ones' keys do not ascend */
    /* Keys repeat: what stands in the tree already is shared. Borrowed from the tree. */
    struct json_bytes *recent_keys[JSON_BUILD_RECENT_KEYS];
};

/* The builder begins as zeroes. */
void json_builder_release(struct json_builder *builder);
struct json *json_builder_finish(struct json_builder *builder); /* the tree, now owned */

/* The bytes between the quotes; has_escapes: they hold backslashes. */
void json_build_key(struct json_builder *builder, struct str raw, bool has_escapes);
void json_build_string(struct json_builder *builder, struct str raw, bool has_escapes);
/* Takes a scalar over. */
void json_build_value(struct json_builder *builder, struct json *value);
void json_build_open(struct json_builder *builder, bool is_object);
void json_build_close(struct json_builder *builder);

#endif
