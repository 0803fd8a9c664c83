#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "fakeapi/daemon/certificate.h"

#include "controller/base/mem.h"

#define DAY_S (24 * 3600)
#define YEAR_S (365 * DAY_S)
#define SERIAL_BITS 64

static bool set_serial(X509 *cert)
{
    BIGNUM *number = BN_new();
    bool good = number != NULL &&
                BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return good;
}

static bool set_names(X509 *cert)
{
    X509_NAME *name = X509_get_subject_name(cert);
    static const unsigned char text[] = "fakeapi";
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
           X509_set_issuer_name(cert, name) == 1;
}

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool good = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static bool fill(X509 *cert, EVP_PKEY *key, const char *address)
{
    CLEANUP(mem_free_pointer) char *names =
        str_format("DNS:localhost,IP:127.0.0.1,IP:::1,IP:%s", address);
    return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -DAY_S) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), YEAR_S) != NULL &&
           X509_set_pubkey(cert, key) == 1 && set_names(cert) &&
           add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(cert, NID_subject_alt_name, names) &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

static void print(BIO *from, struct buf *out)
{
    char *text = NULL;
    long len = BIO_get_mem_data(from, &text);
    if (len > 0)
        buf_append_bytes(out, text, (size_t)len);
}

static bool print_both(X509 *cert, EVP_PKEY *key, struct buf *out_key, struct buf *out_cert)
{
    BIO *keys = BIO_new(BIO_s_mem());
    BIO *certs = BIO_new(BIO_s_mem());
    bool good = keys != NULL && certs != NULL &&
                PEM_write_bio_PrivateKey(keys, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                PEM_write_bio_X509(certs, cert) == 1;
    if (good) {
        print(keys, out_key);
        print(certs, out_cert);
    }
    BIO_free(keys);
    BIO_free(certs);
    return good;
}

enum err certificate_make(const char *address, struct buf *out_key, struct buf *out_cert,
                          struct errmsg *msg)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    bool good = key != NULL && cert != NULL && fill(cert, key, address) &&
                print_both(cert, key, out_key, out_cert);
    X509_free(cert);
    EVP_PKEY_free(key);
    return good ? ERR_NONE : err_set(msg, ERR_UNREACHABLE, "no certificate could be made");
}
