#include "controller/base/rng.h"

static uint64_t splitmix64_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void rng_init(struct rng *rng, uint64_t seed)
{
    for (size_t i = 0; i < ARRAY_COUNT(rng->state); i++)
        rng->state[i] = splitmix64_next(&seed);
}

void rng_init_stream(struct rng *rng, uint64_t seed, struct str name)
{
    /* Mixed first, so that seeds one apart give unrelated streams. */
    rng_init(rng, splitmix64_next(&seed) ^ str_hash(STR_HASH_INIT, name));
}

static uint64_t rotate_left(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

uint64_t rng_next(struct rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *rng, uint64_t bound)
{
    ASSERT(bound > 0);
    /* 2^64 mod bound: the draws below it would make the small results likelier. */
    uint64_t reject_below = (0 - bound) % bound;
    uint64_t draw = rng_next(rng);
    while (draw < reject_below)
        draw = rng_next(rng);
    return draw % bound;
}

int64_t rng_between(struct rng *rng, int64_t min, int64_t max)
{
    ASSERT(min <= max);
    uint64_t span = (uint64_t)max - (uint64_t)min;
    uint64_t offset = span == UINT64_MAX ? rng_next(rng) : rng_below(rng, span + 1);
    return (int64_t)((uint64_t)min + offset);
}

bool rng_chance(struct rng *rng, uint64_t part, uint64_t whole)
{
    return rng_below(rng, whole) < part;
}

void rng_uuid(struct rng *rng, char ret_text[37])
{
    static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"; /* RFC 9562: version 4 */
    static const char digits[] = "0123456789abcdef";
    uint64_t bits[2] = {rng_next(rng), rng_next(rng)};
    unsigned digit = 0;
    for (size_t i = 0; i < sizeof(form); i++) {
        uint64_t nibble = bits[digit / 16 & 1] >> (60 - digit % 16 * 4) & 15;
        if (form[i] == 'y')
            nibble = (nibble & 3) | 8; /* variant 10 */
        bool drawn = form[i] == 'x' || form[i] == 'y';
        ret_text[i] = drawn ? digits[nibble] : form[i];
        digit += drawn || form[i] == '4' ? 1 : 0;
    }
}
