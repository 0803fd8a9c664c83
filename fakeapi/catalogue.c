#include "fakeapi/catalogue.h"

#include "controller/base/mem.h"

#include "fakeapi/builtin_crds.h"
#include "fakeapi/definition.h"

#define CATALOGUE_ENTRIES_MAX 1024u

NODISCARD static enum err catalogue_add(struct fakeapi_catalogue *catalogue, struct str text,
                                        struct errmsg *msg)
{
    struct json *definition = NULL;
    struct schema *schema = NULL;
    enum err err = json_parse(text, NULL, &definition, msg);
    if (err == ERR_NONE)
        err = definition_schema(definition, &schema, msg);
    if (err != ERR_NONE) {
        json_free(definition);
        return err;
    }
    catalogue->entries = mem_grow_array(catalogue->entries, catalogue->count,
                                        &catalogue->capacity, sizeof(*catalogue->entries),
                                        CATALOGUE_ENTRIES_MAX);
    catalogue->entries[catalogue->count++] = (struct catalogue_entry){
        .definition = definition, .schema = schema};
    return ERR_NONE;
}

struct fakeapi_catalogue *fakeapi_catalogue_create(void)
{
    struct fakeapi_catalogue *catalogue = mem_alloc(sizeof(*catalogue));
    for (size_t i = 0; i < builtin_crd_count; i++) {
        struct errmsg msg = {.text = ""};
        enum err err = catalogue_add(catalogue, builtin_crds[i].text, &msg);
        if (err != ERR_NONE)
            (void)fprintf(stderr, "%s: %s\n", builtin_crds[i].file_name, msg.text);
        ASSERT(err == ERR_NONE); /* built in: a broken one is a broken build */
    }
    return catalogue;
}

void fakeapi_catalogue_free(struct fakeapi_catalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    for (size_t i = 0; i < catalogue->count; i++) {
        json_free(catalogue->entries[i].definition);
        schema_free(catalogue->entries[i].schema);
    }
    mem_free(catalogue->entries);
    mem_free(catalogue);
}
