#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
"""Evidence as docs/attestation.md defines it, made without the monitor's code.

Shares nothing with lib/ and linux/: CBOR is cbor2's, curves, HKDF and verification are
python3-cryptography's; certificates are put together here. Signatures are deterministic
(RFC 6979, RFC 8032), so the same input gives the same bytes, and the monitor's too.

  make_evidence.py fixtures DIR    what tests/attest/run needs
  make_evidence.py seeds FILE      the same as a C header, for tests/fuzz/fuzz_verify.c
  make_evidence.py rebuild FILE    evidence of a monitor on the development root, in either
                                   format: decode it, check each signature, make it again from
                                   its claims, compare the bytes
"""
import hashlib
import hmac
import sys
from pathlib import Path

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (Prehashed, decode_dss_signature,
                                                             encode_dss_signature)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ORDER = int("ffffffffffffffffffffffffffffffffffffffffffffffff"
            "c7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16)
DEVELOPMENT = hashlib.sha384(b"CoveSBI development root, not a secret").digest()
PROFILE = "https://riscv.org/TBD"


def sha384(data):
    return hashlib.sha384(data).digest()


def kdf(ikm, info, length=48):
    return HKDF(hashes.SHA384(), length, None, info).derive(ikm)


def make_id(source):
    out = bytearray(kdf(source, b"CDI_ID", 20))
    out[0] = out[0] & 0x7F | 0x40
    return bytes(out)


def ecdsa_nonce(d, digest):
    """k of RFC 6979, 3.2, for P-384 and SHA-384 (both 384 bits)"""
    z = (int.from_bytes(digest, "big") % ORDER).to_bytes(48, "big")
    seed = d.to_bytes(48, "big") + z
    key, v = bytes(48), b"\1" * 48
    for mark in (b"\0", b"\1"):
        key = hmac.digest(key, v + mark + seed, "sha384")
        v = hmac.digest(key, v, "sha384")
    while True:
        v = hmac.digest(key, v, "sha384")
        k = int.from_bytes(v, "big")
        if 0 < k < ORDER:
            return k
        key = hmac.digest(key, v + b"\0", "sha384")
        v = hmac.digest(key, v, "sha384")


class Key:
    """A key pair on P-384, from a CDI."""

    alg = -35

    def __init__(self, cdi, label=b"Key_Pair"):
        self.d = int.from_bytes(kdf(cdi, label, 56), "big") % (ORDER - 1) + 1
        self.private = ec.derive_private_key(self.d, ec.SECP384R1())
        self.public = self.private.public_key()
        self.point = point_of(self.public)
        self.id = make_id(self.point)

    def sign(self, data):
        digest = sha384(data)
        k = ecdsa_nonce(self.d, digest)
        r = ec.derive_private_key(k, ec.SECP384R1()).public_key().public_numbers().x % ORDER
        s = pow(k, -1, ORDER) * (int.from_bytes(digest, "big") + r * self.d) % ORDER
        assert r and s
        return r.to_bytes(48, "big") + s.to_bytes(48, "big")


class EdKey:
    """An Ed25519 key pair, from a CDI."""

    alg = -8

    def __init__(self, cdi):
        self.private = ed25519.Ed25519PrivateKey.from_private_bytes(
            kdf(cdi, b"Key_Pair_Ed25519", 32))
        self.public = self.private.public_key()
        self.id = make_id(raw_of(self.public))

    def sign(self, data):
        return self.private.sign(data)


def point_of(public):
    if isinstance(public, ed25519.Ed25519PublicKey):
        return raw_of(public)
    return public.public_bytes(serialization.Encoding.X962,
                               serialization.PublicFormat.UncompressedPoint)


def raw_of(public):
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def spki_of(public):
    return public.public_bytes(serialization.Encoding.DER,
                               serialization.PublicFormat.SubjectPublicKeyInfo)


def cbor(value):
    return cbor2.dumps(value, canonical=True)


def cose_key(public):
    if isinstance(public, ed25519.Ed25519PublicKey):
        return cbor({1: 1, -1: 6, -2: raw_of(public)})
    point = point_of(public)
    half = len(point) // 2
    return cbor({1: 2, -1: 2 if half == 48 else 1, -2: point[1:1 + half], -3: point[1 + half:]})


def public_from_cose(data):
    key = cbor2.loads(data)
    if key[1] == 1:
        return ed25519.Ed25519PublicKey.from_public_bytes(key[-2])
    curve = {1: ec.SECP256R1(), 2: ec.SECP384R1()}[key[-1]]
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\4" + key[-2] + key[-3])


def sign1(key, claims, kid=None):
    protected = cbor({1: key.alg} if kid is None else {1: key.alg, 4: kid})
    payload = claims if isinstance(claims, bytes) else cbor(cbor2.CBORTag(61, claims))
    signature = key.sign(cbor(["Signature1", protected, b"", payload]))
    return cbor2.CBORTag(18, [protected, {}, payload, signature])


def measurement(index, value):
    return {1: index, 2: value, 3: "sha-384"}


def component(kind, index, value, svn, manifest, version, signer=bytes(48)):
    return {1: kind, 2: measurement(index, value), 3: svn, 4: manifest, 5: signer, 6: "sha-384",
            7: version}


class Machine:
    """A platform with its firmware and monitor: the keys of their layers."""

    def __init__(self, uds=DEVELOPMENT, registers=None, state=3, svn="1", eddsa=False):
        self.registers = registers or [sha384(b"register %d" % i) for i in range(6)]
        r = self.registers
        self.uds = Key(uds)
        cdi0 = kdf(uds + r[0] + r[1], b"CDI")
        cdi1 = kdf(cdi0 + r[2] + r[3], b"CDI")
        self.platform = Key(cdi0)
        self.tsm = EdKey(cdi1) if eddsa else Key(cdi1)
        self.tap = Key(cdi1, b"TAP_Key")
        self.tvm_id = make_id(kdf(cdi1 + r[4] + r[5], b"CDI"))
        self.manufacturer = bytes(range(64))
        self.state = state
        self.svn = self.tsm_svn = svn
        self.version = self.tsm_version = "0.1"


class Guest:
    """What one TVM says: challenge, key, and what it has extended."""

    def __init__(self, challenge, public, identity=None, runtime=None):
        self.challenge = challenge
        self.cose = cose_key(public)
        self.public = public
        self.identity = identity
        self.runtime = runtime if runtime is not None else [bytes(48)] * 4


def platform_claims(m):
    return {265: PROFILE, -70001: cose_key(m.platform.public), -70002: m.manufacturer,
            -70003: m.state,
            -70004: [component("firmware", 0, m.registers[0], m.svn, m.registers[1], m.version)]}


def tsm_claims(m):
    r = m.registers
    return {-70010: cose_key(m.tsm.public),
            -70011: [component("tsm-driver", 0, r[0], m.svn, r[1], m.version),
                     component("tsm", 2, r[2], m.tsm_svn, r[3], m.tsm_version)],
            -70012: cose_key(m.tap.public)}


def tvm_claims(m, g):
    claims = {10: g.challenge, -70021: g.cose,
              -70022: [measurement(i, v) for i, v in enumerate(m.registers)],
              -70023: [measurement(6 + i, v) for i, v in enumerate(g.runtime)]}
    if g.identity is not None:
        claims[-70020] = g.identity
    return claims


def tokens_of(m, g, change=None):
    """The evidence map; @change(name, claims) may alter the claims before they are signed."""
    change = change or (lambda name, claims: claims)
    return {266: {
        "tsm": sign1(m.platform, change("tsm", tsm_claims(m))),
        "tvm": sign1(m.tsm, change("tvm", tvm_claims(m, g))),
        "platform": sign1(m.uds, change("platform", platform_claims(m)), m.uds.id)}}


def cbor_format(m, evidence, issuer=None, subject=None):
    return cbor(sign1(m.tsm, {1: (issuer or m.tsm.id).hex(), 2: (subject or m.tvm_id).hex(),
                              -70030: evidence}))


# --- DER, as much as the four certificates need


def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 0x80:
        return bytes([tag, n]) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def der_int(n):
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def der_name(ident, tag=0x13):
    return der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"),
                                   der(tag, ident.hex().encode()))))


def extension(oid, value, critical):
    return der(0x30, der(6, bytes.fromhex(oid)), b"\1\1\xff" if critical else b"", der(4, value))


ED25519 = der(0x30, bytes.fromhex("06032b6570"))
ECDSA_SHA384 = der(0x30, bytes.fromhex("06082a8648ce3d040303"))
VALIDITY = der(0x30, der(0x17, b"260101000000Z"), der(0x18, b"99991231235959Z"))


def certificate(key, issuer, subject, public, path_len, evidence=None, serial=None, skid=None,
                akid=None, extra=b"", name_tag=0x13, algorithm=None, outer=None):
    algorithm = algorithm or (ED25519 if key.alg == -8 else ECDSA_SHA384)
    extensions = [
        extension("551d23", der(0x30, der(0x80, akid or issuer)), False),
        extension("551d0e", der(4, skid or subject), False),
        extension("551d0f", bytes.fromhex("03020204"), True),
        extension("551d13", der(0x30, b"\1\1\xff", der_int(path_len)), True)]
    if evidence is not None:
        extensions.append(extension("678105050406", evidence, True))
    tbs = der(0x30, bytes.fromhex("a003020102"), der_int(int.from_bytes(serial or issuer, "big")),
              algorithm, der_name(issuer, name_tag), VALIDITY, der_name(subject, name_tag),
              spki_of(public), der(0xA3, der(0x30, *extensions, extra)))
    signature = key.sign(tbs)
    if key.alg != -8:
        signature = der(0x30, der_int(int.from_bytes(signature[:48], "big")),
                        der_int(int.from_bytes(signature[48:], "big")))
    return der(0x30, tbs, outer or algorithm, der(3, b"\0", signature))


def chain_of(m, g, evidence):
    return [
        certificate(m.tsm, m.tsm.id, m.tvm_id, g.public, 0, cbor(cbor2.CBORTag(601, evidence))),
        certificate(m.platform, m.platform.id, m.tsm.id, m.tsm.public, 1),
        certificate(m.uds, m.uds.id, m.platform.id, m.platform.public, 2),
        certificate(m.uds, m.uds.id, m.uds.id, m.uds.public, 3)]


def x509_format(m, g, evidence):
    return b"".join(chain_of(m, g, evidence))


def pem(name, data):
    import base64
    text = base64.encodebytes(data).decode().replace("\n", "")
    lines = "\n".join(text[i:i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN {name}-----\n{lines}\n-----END {name}-----\n"


# --- reading, by other people's code


class Wrong(Exception):
    """The evidence is not what docs/attestation.md says."""


def check_signature(public, data, signature, name):
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, data)
            return
        pair = encode_dss_signature(int.from_bytes(signature[:48], "big"),
                                    int.from_bytes(signature[48:], "big"))
        public.verify(pair, sha384(data), ec.ECDSA(Prehashed(hashes.SHA384())))
    except InvalidSignature:
        raise Wrong(f"{name}: bad signature") from None


def open_sign1(tag, public, name):
    """Claims of a COSE_Sign1, after its signature was checked."""
    protected, unprotected, payload, signature = tag.value
    alg = -8 if isinstance(public, ed25519.Ed25519PublicKey) else -35
    if tag.tag != 18 or unprotected != {} or cbor2.loads(protected)[1] != alg:
        raise Wrong(f"{name}: not a COSE_Sign1 with the algorithm of its key")
    check_signature(public, cbor(["Signature1", protected, b"", payload]), signature, name)
    claims = cbor2.loads(payload)
    if claims.tag != 61:
        raise Wrong(f"{name}: not a CWT")
    return claims.value


def payload_of(tag):
    return cbor2.loads(tag.value[2]).value


def split_chain(data):
    certs = []
    while data:
        if data[:2] != b"\x30\x82":
            raise Wrong("not a certificate")
        end = 4 + int.from_bytes(data[2:4], "big")
        certs.append(data[:end])
        data = data[end:]
    if len(certs) != 4:
        raise Wrong(f"{len(certs)} certificates")
    return certs


def read_chain(data):
    """Checks the chain with python3-cryptography; returns the evidence in its leaf."""
    from cryptography import x509
    certs = [x509.load_der_x509_certificate(der_) for der_ in split_chain(data)]
    for i, cert in enumerate(certs):
        issuer = certs[min(i + 1, 3)]
        if cert.issuer != issuer.subject:
            raise Wrong(f"certificate {i}: issuer")
        signature = cert.signature
        if not isinstance(issuer.public_key(), ed25519.Ed25519PublicKey):
            r, s = decode_dss_signature(signature)
            signature = r.to_bytes(48, "big") + s.to_bytes(48, "big")
        check_signature(issuer.public_key(), cert.tbs_certificate_bytes, signature,
                        f"certificate {i}")
        basic = cert.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = cert.extensions.get_extension_for_class(x509.KeyUsage)
        if not (basic.critical and basic.value.ca and basic.value.path_length == i and
                usage.critical and usage.value.key_cert_sign and not usage.value.crl_sign):
            raise Wrong(f"certificate {i}: basicConstraints or keyUsage")
        own = cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        if own.hex() != cert.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value:
            raise Wrong(f"certificate {i}: subjectKeyIdentifier")
        if i and own != make_id(point_of(cert.public_key())):
            raise Wrong(f"certificate {i}: not the identifier of its key")
    oid = x509.ObjectIdentifier("2.23.133.5.4.6")
    evidence = certs[0].extensions.get_extension_for_oid(oid)
    tag = cbor2.loads(evidence.value.value)
    if not evidence.critical or tag.tag != 601:
        raise Wrong("UccsEvidence")
    return tag.value


def guest_and_machine(evidence):
    """The machine on the development root, and its guest, that would say the same."""
    tokens = evidence[266]
    platform, tsm, tvm = (payload_of(tokens[name]) for name in ("platform", "tsm", "tvm"))
    m = Machine(registers=[x[2] for x in tvm[-70022]], state=platform[-70003],
                eddsa=cbor2.loads(tsm[-70010])[1] == 1)
    m.manufacturer = platform[-70002]
    m.svn, m.version = platform[-70004][0][3], platform[-70004][0][7]
    m.tsm_svn, m.tsm_version = tsm[-70011][1][3], tsm[-70011][1][7]
    g = Guest(tvm[10], public_from_cose(tvm[-70021]), tvm.get(-70020),
              [x[2] for x in tvm[-70023]])
    return m, g


def rebuild(data):
    """Raises Wrong unless @data is byte for byte what follows from its claims."""
    is_cbor = data[:1] == b"\xd2"
    whole = cbor2.loads(data) if is_cbor else None
    evidence = payload_of(whole)[-70030] if is_cbor else read_chain(data)
    m, g = guest_and_machine(evidence)
    tokens = evidence[266]
    platform = open_sign1(tokens["platform"], m.uds.public, "platform token")
    tsm = open_sign1(tokens["tsm"], public_from_cose(platform[-70001]), "tsm token")
    open_sign1(tokens["tvm"], public_from_cose(tsm[-70010]), "tvm token")
    if is_cbor:
        open_sign1(whole, public_from_cose(tsm[-70010]), "certificate")
    for name, key in (("platform key", platform[-70001]), ("tsm key", tsm[-70010]),
                      ("tap key", tsm[-70012])):
        if key != cose_key(getattr(m, name.split()[0]).public):
            raise Wrong(f"{name}: it does not follow from the registers")
    again = tokens_of(m, g)
    for name in ("tsm", "tvm", "platform"):
        for i, part in enumerate(("protected", "unprotected", "payload", "signature")):
            if tokens[name].value[i] != again[266][name].value[i]:
                raise Wrong(f"{name} token: the {part} differs")
    made = cbor_format(m, again) if is_cbor else x509_format(m, g, again)
    if made != data:
        at = next((i for i, (a, b) in enumerate(zip(made, data)) if a != b),
                  min(len(made), len(data)))
        raise Wrong(f"differs from byte {at} on: {data[at:at + 16].hex()}, not "
                    f"{made[at:at + 16].hex()}")


def fixtures(directory):
    """Good evidence of several kinds, with nonces and policies."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    nonce = bytes(range(64))
    p384 = ec.derive_private_key(2026, ec.SECP384R1()).public_key()
    p256 = ec.derive_private_key(256, ec.SECP256R1()).public_key()
    ed = ed25519.Ed25519PrivateKey.from_private_bytes(sha384(b"ed")[:32]).public_key()
    guests = {"p384": Guest(nonce, p384), "p256": Guest(nonce, p256, identity=bytes(64)),
              "ed25519": Guest(nonce, ed, runtime=[])}
    machines = {"": Machine(), "eddsa-": Machine(eddsa=True)}
    for name, guest, m in ((prefix + name, guest, m) for prefix, m in machines.items()
                           for name, guest in guests.items()):
        r = m.registers
        evidence = tokens_of(m, guest)
        (directory / f"{name}.cbor").write_bytes(cbor_format(m, evidence))
        (directory / f"{name}.der").write_bytes(x509_format(m, guest, evidence))
        (directory / f"{name}.nonce").write_bytes(nonce)
        (directory / f"{name}.policy").write_text(
            "root = development\nstate = debug\n"
            f"firmware = {r[0].hex()}\ntsm = {r[2].hex()}\ntvm = {sha384(r[4] + r[5]).hex()}\n")


def mark(free, data, part, before=b""):
    """Notes all places of @part that follow @before."""
    at = data.find(before + part)
    assert at >= 0
    while at >= 0:
        start = at + len(before)
        free[start:start + len(part)] = b"\1" * len(part)
        at = data.find(before + part, at + 1)


def free_bytes(m, data, evidence):
    """Where @data could say something else, if whoever holds the keys signed it: no policy
    can have an opinion on it."""
    free = bytearray(len(data))
    for tag in evidence[266].values():
        mark(free, data, tag.value[3])
    mark(free, data, bytes(48), b"\5\x58\x30")              # signer
    mark(free, data, m.version.encode(), b"\7\x63")
    mark(free, data, m.tvm_id.hex().encode())
    if data[0] == 0xD2:
        mark(free, data, data[-64 if m.tsm.alg == -8 else -96:])
        return free
    mark(free, data, m.tvm_id)
    mark(free, data, b"\x13", b"\x55\4\3")                   # UTF8String or PrintableString
    end = 0
    for cert in split_chain(data):
        end += len(cert)
        algorithm = max((ECDSA_SHA384, ED25519), key=cert.rfind)
        at = len(cert) - cert.rfind(algorithm) - len(algorithm)
        free[end - at:end] = b"\1" * at
    return free


def c_array(name, data):
    rows = "".join("\t" + "".join(f"{b}, " for b in data[i:i + 24]).rstrip() + "\n"
                   for i in range(0, len(data), 24))
    return f"static const unsigned char {name}[] = {{\n{rows}}};\n"


def seeds(path):
    """Evidence, its policy and which bytes are free, as C."""
    machines = {"": Machine(svn="9"), "eddsa_": Machine(svn="9", eddsa=True)}
    m = machines[""]
    r = m.registers
    nonce = bytes(range(64))
    key = ec.derive_private_key(2026, ec.SECP384R1()).public_key()
    g = Guest(nonce, key, identity=bytes(range(64, 128)), runtime=[sha384(b"runtime")] * 4)
    policy = (f"root = development\nstate = debug\nmanufacturer = {m.manufacturer.hex()}\n"
              f"firmware = {r[0].hex()}\nfirmware-config = {r[1].hex()}\nfirmware-svn = 9\n"
              f"tsm = {r[2].hex()}\ntsm-config = {r[3].hex()}\ntsm-svn = 9\n"
              f"tvm = {sha384(r[4] + r[5]).hex()}\nidentity = {g.identity.hex()}\n"
              f"key = {sha384(g.cose).hex()}\n" +
              "".join(f"runtime.{i} = {v.hex()}\n" for i, v in enumerate(g.runtime)))
    text = c_array("seed_nonce", nonce) + c_array("seed_policy", policy.encode())
    for prefix, m in machines.items():
        evidence = tokens_of(m, g)
        for name, data in (("cbor", cbor_format(m, evidence)),
                           ("x509", x509_format(m, g, evidence))):
            text += c_array(f"seed_{prefix}{name}", data)
            text += c_array(f"seed_{prefix}{name}_free", free_bytes(m, data, evidence))
    Path(path).write_text(text)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("fixtures", "seeds", "rebuild"):
        sys.exit(__doc__)
    if sys.argv[1] != "rebuild":
        {"fixtures": fixtures, "seeds": seeds}[sys.argv[1]](sys.argv[2])
        return
    try:
        rebuild(Path(sys.argv[2]).read_bytes())
    except Wrong as why:
        sys.exit(f"{sys.argv[2]}: {why}")
    print(f"{sys.argv[2]}: the same bytes")


if __name__ == "__main__":
    main()
