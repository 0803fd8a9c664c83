#include "fakeapi/daemon/kubeconfig.h"

/* RFC 4648, section 4, with padding. */
static void print_base64(struct str bytes, struct buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t count = bytes.len - at < 3 ? bytes.len - at : 3;
        uint32_t group = 0;
        for (size_t i = 0; i < 3; i++)
            group = group << 8 | (i < count ? (unsigned char)bytes.data[at + i] : 0);
        for (size_t i = 0; i < 4; i++)
            buf_append_char(out, i <= count ? digits[group >> (18 - 6 * i) & 63] : '=');
    }
}

static void print_quoted(struct str text, struct buf *out)
{
    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            buf_append_char(out, '\\');
        buf_append_char(out, text.data[i]);
    }
    buf_append_char(out, '"');
}

void kubeconfig_print(const struct kubeconfig *config, struct buf *out)
{
    buf_printf(out, "apiVersion: v1\nkind: Config\nclusters:\n- name: fakeapi\n  cluster:\n"
                    "    server: %s\n", config->server);
    if (config->authority.len > 0) {
        buf_append_text(out, "    certificate-authority-data: ");
        print_base64(config->authority, out);
        buf_append_char(out, '\n');
    } else {
        buf_append_text(out, "    insecure-skip-tls-verify: true\n");
    }
    buf_append_text(out, "users:\n- name: fakeapi\n  user:");
    if (config->token.len > 0) {
        buf_append_text(out, "\n    token: ");
        print_quoted(config->token, out);
        buf_append_char(out, '\n');
    } else {
        buf_append_text(out, " {}\n");
    }
    buf_append_text(out, "contexts:\n- name: fakeapi\n  context:\n    cluster: fakeapi\n"
                         "    user: fakeapi\n    namespace: default\ncurrent-context: fakeapi\n");
}
