/*
 * A profile's spec as a controller written in Go sends it on: decoded into typed structs and
 * encoded again, so that zero values vanish and durations come out in one form.
 * Source: facts, 2.4 and B41. The judge may use it to know which configuration a deployment
 * had; the controller under test has its own.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_SPEC_RENDER_H
#define PROMOTER_FAKEAPI_SVELTOS_SPEC_RENDER_H

#include "controller/base/json.h"
#include "controller/base/sha256.h"

/* Owned; `spec` may be NULL. False when a Go program could not decode it: a duration that is
 * none, a negative maxConsecutiveFailures, a wrong type (B40). */
bool profile_spec_render(const struct json *spec, struct json **ret_spec);

/* Hex SHA-256 of a rendered spec, its members sorted. */
void profile_spec_digest(const struct json *rendered, char ret_hex[SHA256_HEX_BYTES]);

#endif
