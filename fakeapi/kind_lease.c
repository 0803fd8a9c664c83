/* Leases and ServiceAccounts. */
#include "fakeapi/kind_rules.h"

static void check_least(const struct json *lease, const char *field, int64_t least,
                        const char *complaint, struct schema_errors *errors)
{
    int64_t value = 0;
    if (json_int_of(json_at(lease, field), &value) && value < least)
        schema_errors_add(errors, "FieldValueInvalid", str_from(field),
                          "Invalid value: %" PRId64 ": %s", value, complaint);
}

static void validate(const struct json *lease, const struct json *live,
                     struct schema_errors *errors)
{
    (void)live;
    check_least(lease, "spec.leaseDurationSeconds", 1, "must be greater than 0", errors);
    check_least(lease, "spec.leaseTransitions", 0, "must be greater than or equal to 0", errors);
}

const struct kind_rules kind_rules_lease = {
    .type = "{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"properties\":{"
            "\"acquireTime\":{\"type\":\"string\"},\"holderIdentity\":{\"type\":\"string\"},"
            "\"leaseDurationSeconds\":{\"type\":\"integer\",\"format\":\"int32\"},"
            "\"leaseTransitions\":{\"type\":\"integer\",\"format\":\"int32\"},"
            "\"preferredHolder\":{\"type\":\"string\"},\"renewTime\":{\"type\":\"string\"},"
            "\"strategy\":{\"type\":\"string\"}}}}}",
    .validate = validate,
};

#define REFERENCE                                                                                \
    "{\"type\":\"object\",\"properties\":{\"apiVersion\":{\"type\":\"string\"},"                 \
    "\"fieldPath\":{\"type\":\"string\"},\"kind\":{\"type\":\"string\"},"                        \
    "\"name\":{\"type\":\"string\"},\"namespace\":{\"type\":\"string\"},"                        \
    "\"resourceVersion\":{\"type\":\"string\"},\"uid\":{\"type\":\"string\"}}}"

const struct kind_rules kind_rules_service_account = {
    .type = "{\"type\":\"object\",\"properties\":{"
            "\"automountServiceAccountToken\":{\"type\":\"boolean\"},"
            "\"imagePullSecrets\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
            "\"properties\":{\"name\":{\"type\":\"string\"}}}},"
            "\"secrets\":{\"type\":\"array\",\"items\":" REFERENCE "}}}",
};
