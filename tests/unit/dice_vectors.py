#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Prints what test_dice.c expects: layers and keys of docs/attestation.md, from
# Python's hashes and integers alone.
import hashlib
import hmac

P = 2**384 - 2**128 - 2**96 + 2**32 - 1
N = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973
G = (0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
     0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * (a[0] * a[0] - 1) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point):
    result = None
    while k:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


def kdf(ikm, info, length, salt=bytes(48)):
    key = hmac.new(salt, ikm, hashlib.sha384).digest()
    block = out = b""
    while len(out) < length:
        block = hmac.new(key, block + info + bytes([len(out) // 48 + 1]), hashlib.sha384).digest()
        out += block
    return out[:length]


def identifier(data):
    first, *rest = kdf(data, b"CDI_ID", 20)
    return bytes([first & 0x7f | 0x40] + rest)


def public(secret, info=b"Key_Pair"):
    d = int.from_bytes(kdf(secret, info, 56), "big") % (N - 1) + 1
    x, y = multiply(d, G)
    return b"\4" + x.to_bytes(48, "big") + y.to_bytes(48, "big")


def register(digest):
    return hashlib.sha384(bytes(48) + digest).digest()


def fields(label, *values):
    return hashlib.sha384(label + b"".join(v.to_bytes(8, "little") for v in values)).digest()


def main():
    print("hkdf", kdf(bytes([11] * 22), b"CDI", 82, bytes(range(13))).hex())
    print("hkdf", kdf(bytes([11] * 22), b"CDI_ID", 20).hex())
    uds = bytes([0x55] * 48)
    r0 = r2 = register(bytes([0x11] * 48))
    r1 = register(bytes([0x22] * 48))
    r3 = register(fields(b"cove-tsm-v1", 0, 1, 1, 0, 1024, 64, 32, 0, 0))
    cdi0 = kdf(uds + r0 + r1, b"CDI", 48)
    cdi1 = kdf(cdi0 + r2 + r3, b"CDI", 48)
    cdi2 = kdf(cdi1 + bytes([4] * 48) + bytes([5] * 48), b"CDI", 48)
    print("r3", r3.hex())
    print("cdi0", cdi0.hex())
    for name, secret in ("uds", uds), ("platform", cdi0), ("tsm", cdi1):
        print(name, identifier(public(secret)).hex(), public(secret).hex())
    print("tap", public(cdi1, b"TAP_Key").hex())
    print("tvm", identifier(cdi2).hex())


main()
