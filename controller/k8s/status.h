/*
 * What an API server's answer means for the one who asked.
 * Source: Kubernetes API Conventions, "Response Status Kind"; decisions P12.
 */
#ifndef PROMOTER_K8S_STATUS_H
#define PROMOTER_K8S_STATUS_H

#include "controller/base/err.h"
#include "controller/base/str.h"

/* Maps an answer to a write, get or list to an error; `msg` gets the server's own
 * sentence, cut. A body that is no Status is judged by the HTTP status alone.
 *
 *   2xx                                                    ERR_NONE
 *   401, 403, 404                                          UNAUTHORIZED, FORBIDDEN, NOT_FOUND
 *   409 AlreadyExists, other 409                           ALREADY_EXISTS, CONFLICT
 *   410                                                    GONE
 *   422 with `details: {}`, or a cause on metadata.uid
 *       or metadata.resourceVersion: a lost race           CONFLICT
 *   other 400, 405, 406, 413, 415, 422                     INVALID
 *   500 "failed to create typed patch object"              INVALID
 *   429                                                    THROTTLED
 *   504                                                    OUTCOME_UNKNOWN
 *   other                                                  SERVER
 */
enum err kube_status_err(int http_status, struct str body, struct errmsg *msg);

/* The same for the Status object of a watch's ERROR event. */
struct json;
enum err kube_status_err_of(const struct json *status, struct errmsg *msg);

/* What a caller does about an error. */
enum err_class {
    ERR_CLASS_NONE,
    ERR_CLASS_LOOK_AGAIN, /* the world moved: observe, then decide */
    ERR_CLASS_STOP,       /* refused: nothing helps until something changes */
    ERR_CLASS_LATER,      /* try later */
};
enum err_class err_class(enum err err);

#endif
