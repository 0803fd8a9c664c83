/*
 * The system's time zone data, for people at a command line and for scenarios.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_ZONEINFO_H
#define PROMOTER_SCENARIOS_ENGINE_ZONEINFO_H

#include "controller/core/zone.h"

#define ZONEINFO_DIRECTORY "/usr/share/zoneinfo"

/* Names that may stand for a file below the directory: parts of letters, digits, '_', '-',
 * '+' and '.', divided by single slashes; no part begins with a dot. "localtime" is no zone
 * but this machine's choice of one. */
bool zoneinfo_name_is_valid(struct str name);
/* Reads from ZONEINFO_DIRECTORY at each call. */
struct zone_source zoneinfo_source(void);

#endif
