#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Usage: tests/attest/guest_evidence.py DIRECTORY
#
# Checks the evidence that guests have got (tests/attest/guest) against
# docs/attestation.md: a second reading of that document, with other libraries.
# The development root is public, so every key and identifier is computed here
# too. Prints result lines as tests/run does.

import hashlib
import hmac
import os
import sys

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

N384 = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973
ZERO = bytes(48)
ROOT = b"CoveSBI development root, not a secret"
SHA384 = "sha-384"
UCCS_OID = "2.23.133.5.4.6"
DEBUG = 3


def kdf(ikm, info, length):
    prk = hmac.new(ZERO, ikm, hashlib.sha384).digest()
    out, block, i = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([i]), hashlib.sha384).digest()
        out += block
        i += 1
    return out[:length]


def key_of(secret, info=b"Key_Pair"):
    d = int.from_bytes(kdf(secret, info, 56), "big") % (N384 - 1) + 1
    return ec.derive_private_key(d, ec.SECP384R1()).public_key()


def point(key):
    return key.public_bytes(serialization.Encoding.X962,
                            serialization.PublicFormat.UncompressedPoint)


def identifier(data):
    raw = bytearray(kdf(data, b"CDI_ID", 20))
    raw[0] = raw[0] & 0x7f | 0x40
    return bytes(raw)


def cose_key(key):
    p = point(key)
    return cbor2.dumps({1: 2, -1: 2, -2: p[1:49], -3: p[49:]}, canonical=True)


def need(what, seen, expected):
    if seen != expected:
        raise ValueError(f"{what}: {seen!r}, not {expected!r}")


def verify(key, signature, data):
    need("signature length", len(signature), 96)
    der = utils.encode_dss_signature(int.from_bytes(signature[:48], "big"),
                                     int.from_bytes(signature[48:], "big"))
    key.verify(der, data, ec.ECDSA(hashes.SHA384()))


def sign1(token, key, protected):
    need("tag", token.tag, 18)
    head, unprotected, payload, signature = token.value
    need("protected header", cbor2.loads(head), protected)
    need("unprotected header", unprotected, {})
    verify(key, signature, cbor2.dumps(["Signature1", head, b"", payload]))
    claims = cbor2.loads(payload)
    need("tag of the payload", claims.tag, 61)
    return claims.value


def measurement(index, value):
    return {1: index, 2: value, 3: SHA384}


class Layers:
    """Keys and identifiers of the platform, the monitor and a TVM, from the public root."""

    def __init__(self, registers):
        uds = hashlib.sha384(ROOT).digest()
        cdi0 = kdf(uds + registers[0] + registers[1], b"CDI", 48)
        cdi1 = kdf(cdi0 + registers[2] + registers[3], b"CDI", 48)
        cdi2 = kdf(cdi1 + registers[4] + registers[5], b"CDI", 48)
        self.uds, self.platform, self.tsm = key_of(uds), key_of(cdi0), key_of(cdi1)
        self.tap = key_of(cdi1, b"TAP_Key")
        self.ids = [identifier(point(k)) for k in (self.uds, self.platform, self.tsm)]
        self.ids.append(identifier(cdi2))


class Case:
    """What one guest was, and asked for."""

    def __init__(self, directory, name):
        def read(suffix):
            with open(os.path.join(directory, f"{name}.{suffix}"), "rb") as f:
                return f.read()

        self.name, self.read = name, read
        self.nonce = read("nonce")
        raw = read("registers")
        self.registers = [raw[i:i + 48] for i in range(0, len(raw), 48)]
        need("registers", len(self.registers), 6)
        self.layers = Layers(self.registers)
        self.identity = b"ytitnedi" * 8 if name in ("c", "d") else None
        self.runtime = [ZERO] * 4
        if self.identity:
            self.runtime[2] = hashlib.sha384(ZERO + self.nonce[:48]).digest()
        self.key = {"a": self.ec_key(ec.SECP384R1()), "c": self.ed25519(),
                    "d": self.ec_key(ec.SECP256R1())}[name]

    @staticmethod
    def ec_key(curve):
        key = ec.derive_private_key(1, curve).public_key()
        n = curve.key_size // 8
        p = point(key)
        return cbor2.dumps({1: 2, -1: 2 if n == 48 else 1, -2: p[1:n + 1], -3: p[n + 1:]},
                           canonical=True)

    @staticmethod
    def ed25519():
        x = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        return cbor2.dumps({1: 1, -1: 6, -2: bytes.fromhex(x)}, canonical=True)


def check_platform(claims, case):
    need("profile", claims.pop(265), "https://riscv.org/TBD")
    need("platform key", claims.pop(-70001), cose_key(case.layers.platform))
    need("manufacturer id", len(claims.pop(-70002)), 64)
    need("platform state", claims.pop(-70003), DEBUG)
    (firmware,) = claims.pop(-70004)
    need("firmware", firmware[1], "firmware")
    need("firmware's measurement", firmware[2], measurement(0, case.registers[0]))
    need("firmware's manifest", firmware[4], case.registers[1])
    need("other platform claims", claims, {})


def check_tsm(claims, case):
    need("TSM key", claims.pop(-70010), cose_key(case.layers.tsm))
    driver, tsm = claims.pop(-70011)
    need("components", [driver[1], tsm[1]], ["tsm-driver", "tsm"])
    need("driver's measurement", driver[2], measurement(0, case.registers[0]))
    need("monitor's measurement", tsm[2], measurement(2, case.registers[2]))
    need("monitor's manifest", tsm[4], case.registers[3])
    need("signer", (driver[5], tsm[5]), (ZERO, ZERO))
    need("TAP key", claims.pop(-70012), cose_key(case.layers.tap))
    need("other TSM claims", claims, {})


def check_tvm(claims, case):
    need("challenge", claims.pop(10), case.nonce)
    need("TVM key", claims.pop(-70021), case.key)
    need("initial registers", claims.pop(-70022),
         [measurement(i, v) for i, v in enumerate(case.registers)])
    need("runtime registers", claims.pop(-70023),
         [measurement(6 + i, v) for i, v in enumerate(case.runtime)])
    need("identity", claims.pop(-70020, None), case.identity)
    need("other TVM claims", claims, {})


def check_evidence(evidence, case):
    need("claims of the evidence", list(evidence), [266])
    tokens = evidence[266]
    need("tokens", set(tokens), {"platform", "tsm", "tvm"})
    layers = case.layers
    check_platform(sign1(tokens["platform"], layers.uds, {1: -35, 4: layers.ids[0]}), case)
    check_tsm(sign1(tokens["tsm"], layers.platform, {1: -35}), case)
    check_tvm(sign1(tokens["tvm"], layers.tsm, {1: -35}), case)


def check_cbor(case):
    raw = case.read("cbor")
    token = cbor2.loads(raw)
    need("deterministic encoding", cbor2.dumps(token, canonical=True), raw)
    claims = sign1(token, case.layers.tsm, {1: -35})
    need("issuer", claims.pop(1), case.layers.ids[2].hex())
    need("subject", claims.pop(2), case.layers.ids[3].hex())
    check_evidence(claims.pop(-70030), case)
    need("other claims of the certificate", claims, {})


def certificates(data):
    while data:
        need("DER", data[:2], b"\x30\x82")
        n = 4 + int.from_bytes(data[2:4], "big")
        yield x509.load_der_x509_certificate(data[:n])
        data = data[n:]


def check_certificate(cert, issuer_key, ids, pathlen):
    issuer, subject = ids
    cert_name = [a.value for a in cert.subject], [a.value for a in cert.issuer]
    need("names", cert_name, ([subject.hex()], [issuer.hex()]))
    need("serial number", cert.serial_number, int.from_bytes(issuer, "big"))
    need("algorithm", cert.signature_hash_algorithm.name, "sha384")
    issuer_key.verify(cert.signature, cert.tbs_certificate_bytes, ec.ECDSA(hashes.SHA384()))
    ext = {e.oid: e for e in cert.extensions}
    basic = ext[x509.BasicConstraints.oid]
    need("basicConstraints", (basic.critical, basic.value.ca, basic.value.path_length),
         (True, True, pathlen))
    usage = ext[x509.KeyUsage.oid]
    need("keyUsage", (usage.critical, usage.value.key_cert_sign, usage.value.digital_signature,
                      usage.value.crl_sign), (True, True, False, False))
    need("subject key", ext[x509.SubjectKeyIdentifier.oid].value.digest, subject)
    need("issuer key", ext[x509.AuthorityKeyIdentifier.oid].value.key_identifier, issuer)
    need("valid until", cert.not_valid_after.year, 9999)
    return ext


def public_cose(key):
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return cbor2.dumps({1: 1, -1: 6, -2: raw}, canonical=True)
    p = point(key)
    n = (len(p) - 1) // 2
    return cbor2.dumps({1: 2, -1: 2 if n == 48 else 1, -2: p[1:n + 1], -3: p[n + 1:]},
                       canonical=True)


def check_x509(case):
    chain = list(certificates(case.read("der")))
    need("certificates", len(chain), 4)
    lay, ids = case.layers, case.layers.ids
    ext = check_certificate(chain[0], lay.tsm, (ids[2], ids[3]), 0)
    need("key of the TVM's", public_cose(chain[0].public_key()), case.key)
    uccs = ext[x509.ObjectIdentifier(UCCS_OID)]
    need("UccsEvidence is critical", uccs.critical, True)
    evidence = cbor2.loads(uccs.value.value)
    need("tag of the evidence", evidence.tag, 601)
    check_evidence(evidence.value, case)
    check_certificate(chain[1], lay.platform, (ids[1], ids[2]), 1)
    need("key of the TSM's", point(chain[1].public_key()), point(lay.tsm))
    check_certificate(chain[2], lay.uds, (ids[0], ids[1]), 2)
    need("key of the platform's", point(chain[2].public_key()), point(lay.platform))
    check_certificate(chain[3], lay.uds, (ids[0], ids[0]), 3)
    need("key of the root's", point(chain[3].public_key()), point(lay.uds))


def check_differ(a, c):
    need("registers of the boot", a.registers[:4], c.registers[:4])
    if a.registers[4] == c.registers[4]:
        raise ValueError("two TVMs with other pages have the same page register")
    if a.layers.ids[3] == c.layers.ids[3]:
        raise ValueError("two TVMs with other pages have the same identifier")
    try:
        check_tvm(sign1(cbor2.loads(cbor2.loads(a.read("cbor")).value[2]).value[-70030][266]["tvm"],
                        a.layers.tsm, {1: -35}), c)
    except ValueError:
        return
    raise ValueError("evidence of one TVM passes for that of another")


def check_bits(case):
    """A flipped bit anywhere is noticed."""
    raw = case.read("cbor")
    for i in range(0, 8 * len(raw), 7):
        bad = bytearray(raw)
        bad[i // 8] ^= 1 << i % 8
        broken = Case.__new__(Case)
        broken.__dict__.update(case.__dict__)
        broken.read = lambda suffix, data=bytes(bad): data
        try:
            check_cbor(broken)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, EOFError,
                InvalidSignature, cbor2.CBORError):
            continue
        raise ValueError(f"bit {i} may be anything")


def run(name, check, *args):
    try:
        check(*args)
    except (ValueError, TypeError, KeyError, AttributeError, InvalidSignature, OSError) as e:
        print(f"FAIL attest-guest-{name}: {type(e).__name__} {e}")
        return
    print(f"ok attest-guest-{name}")


def main():
    directory = sys.argv[1]
    cases = {name: Case(directory, name) for name in "acd"}
    run("cbor", check_cbor, cases["a"])
    run("x509", check_x509, cases["a"])
    run("cbor-ed25519", check_cbor, cases["c"])
    run("x509-ed25519", check_x509, cases["c"])
    run("x509-p256", check_x509, cases["d"])
    run("another-tvm", check_differ, cases["a"], cases["c"])
    run("bits", check_bits, cases["a"])


main()
