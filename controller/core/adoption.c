#include "controller/core/adoption.h"

#include "controller/core/names.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/spec_render.h"

#define SELECTOR "clusterSelector"
#define CHECKS "validateHealths"

bool profile_is_unclaimed(const struct profile *profile)
{
    struct configuration configuration;
    return !configuration_parse(profile->configuration, &configuration);
}

static size_t count_equal(const struct json *list, const struct json *item)
{
    size_t count = 0;
    JSON_EACH(other, list)
    count += json_equal(other, item) ? 1 : 0;
    return count;
}

/* True when each item of `list` is in `other` at least as often. */
static bool list_is_within(const struct json *list, const struct json *other)
{
    JSON_EACH(item, list)
    {
        if (count_equal(list, item) > count_equal(other, item))
            return false;
    }
    return true;
}

bool json_equal_but_order(const struct json *a, const struct json *b)
{
    if (!json_is(a, JSON_ARRAY) || !json_is(b, JSON_ARRAY))
        return json_equal(a, b);
    return json_count(a) == json_count(b) && list_is_within(a, b);
}

static bool apply_owns(const struct profile *profile, struct str member)
{
    return profile_field_is_of(profile, FIELD_MANAGER_APPLY, member);
}

static bool checks_are_equal(const struct profile *profile, const struct json *wanted,
                             enum profile_role role)
{
    const struct json *live = json_get(profile->rendered, CHECKS);
    if (role == ROLE_GATED || apply_owns(profile, STR(CHECKS)))
        return json_count(live) == json_count(wanted) && list_is_within(wanted, live);
    return list_is_within(wanted, live);
}

static bool holds_wanted(const struct profile *profile, const struct json *wanted)
{
    JSON_EACH(member, wanted)
    {
        struct str name = json_key(member);
        const struct json *live = json_get_str(profile->rendered, name);
        if (!str_is(name, SELECTOR) && !str_is(name, CHECKS) &&
            (live == NULL || !json_equal_but_order(member, live)))
            return false;
    }
    return true;
}

/* What others added beside is theirs (P2); what v1.13 applied is its configuration. */
static bool holds_nothing_more(const struct profile *profile, const struct json *wanted)
{
    JSON_EACH(member, profile->rendered)
    {
        struct str name = json_key(member);
        if (!str_is(name, SELECTOR) && !str_is(name, CHECKS) &&
            json_get_str(wanted, name) == NULL && apply_owns(profile, name))
            return false;
    }
    return true;
}

static struct json *rendered_wanted(const struct promotion *promotion,
                                    const struct stage_spec *stage, enum profile_role role)
{
    CLEANUP(json_free_pointer) struct json *spec = wanted_spec(promotion, stage, role);
    struct json *rendered = NULL;
    enum err err = spec_render(spec, &spec_type_cluster_profile, true, &rendered, NULL);
    return err == ERR_NONE ? rendered : NULL;
}

bool profile_has_content(const struct profile *profile, const struct promotion *promotion,
                         const struct stage_spec *stage, enum profile_role role)
{
    CLEANUP(json_free_pointer) struct json *wanted = rendered_wanted(promotion, stage, role);
    return wanted != NULL && holds_wanted(profile, wanted) &&
           holds_nothing_more(profile, wanted) &&
           checks_are_equal(profile, json_get(wanted, CHECKS), role);
}

bool profile_has_selector(const struct profile *profile, const struct stage_spec *stage)
{
    CLEANUP(json_free_pointer) struct json *spec = json_object();
    CLEANUP(json_free_pointer) struct json *rendered = NULL;
    if (stage->selector != NULL)
        json_set(spec, SELECTOR, json_clone(stage->selector));
    return spec_render(spec, &spec_type_cluster_profile, true, &rendered, NULL) == ERR_NONE &&
           json_equal(json_get(rendered, SELECTOR), json_get(profile->rendered, SELECTOR));
}

bool profile_keeps_old_checks(const struct profile *profile, const struct json *spec)
{
    return json_first(json_get(spec, CHECKS)) == NULL &&
           json_first(json_get(profile->rendered, CHECKS)) != NULL &&
           !apply_owns(profile, STR(CHECKS)) &&
           profile_field_is_of(profile, FIELD_MANAGER_SVELTOS, STR(CHECKS));
}

/* Takes the item out of `list` that renders as the one in `order`; NULL: none does. Both lists
 * of the wanted spec have the same items at the same places. */
static struct json *take_like(struct json *list, struct json *rendered, const struct json *like)
{
    struct json *item = json_first(list);
    for (struct json *shown = json_first(rendered);
         ALWAYS(shown != NULL, "the lists are equal but for their order");
         shown = json_next(shown), item = json_next(item)) {
        if (!json_equal(shown, like))
            continue;
        json_free(json_detach(rendered, shown));
        return json_detach(list, item);
    }
    return NULL;
}

static void list_follow_order(struct json *list, struct json *rendered, const struct json *order)
{
    struct json *ordered = json_array();
    JSON_EACH(like, order)
    {
        struct json *item = take_like(list, rendered, like);
        if (ALWAYS(item != NULL, "the lists are equal but for their order"))
            json_append(ordered, item);
    }
    for (struct json *item = json_first(ordered); item != NULL; item = json_first(ordered))
        json_append(list, json_detach(ordered, item));
    json_free(ordered);
}

void spec_follow_order(struct json *spec, const struct profile *profile)
{
    CLEANUP(json_free_pointer) struct json *rendered = NULL;
    if (spec_render(spec, &spec_type_cluster_profile, true, &rendered, NULL) != ERR_NONE)
        return;
    JSON_EACH(list, spec)
    {
        struct json *shown = json_get_str(rendered, json_key(list));
        const struct json *live = json_get_str(profile->rendered, json_key(list));
        if (json_is(list, JSON_ARRAY) &&
            ALWAYS(json_count(list) == json_count(shown), "rendering keeps all items") &&
            json_equal_but_order(shown, live))
            list_follow_order(list, shown, live);
    }
}
