#!/bin/sh
# make_certificate.sh FOLDER: tls.crt, which signed itself for 127.0.0.1, and tls.key
set -e
mkdir -p "$1"
exec openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj /CN=fakeapi -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$1/tls.key" -out "$1/tls.crt"
