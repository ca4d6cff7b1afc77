#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
"""What `cove verify` must accept, and why it must reject or refuse the rest.

  cases.py COVE DIR    run all with the command COVE; files are left in DIR

One line for each on stdout, "ok NAME" or "FAIL NAME: why". A case names the exit status and
all claims that must be named, no others; of malformed input a part of the message.
"""
import copy
import json
import subprocess
import sys
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from guest_cases import measured, sealed, unseal
from make_evidence import (ECDSA_SHA384, ED25519, Guest, Key, Machine, cbor, cbor_format,
                           certificate, chain_of, cose_key, der, der_int, extension, make_id, pem,
                           sha384, sign1, spki_of, tokens_of, x509_format)

NONCE = bytes(range(64))
OTHER_NONCE = bytes(range(1, 65))
GUEST_KEY = ec.derive_private_key(2026, ec.SECP384R1()).public_key()
OTHER_KEY = ec.derive_private_key(2027, ec.SECP384R1()).public_key()
P256_KEY = ec.derive_private_key(256, ec.SECP256R1()).public_key()
ED25519_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(sha384(b"ed")[:32]).public_key()

DEV = Machine()
DEV_EDDSA = Machine(eddsa=True)
PROD = Machine(uds=sha384(b"the secret of a platform"), state=2, svn="7")
PROD_EDDSA = Machine(uds=sha384(b"the secret of a platform"), state=2, svn="7", eddsa=True)
OTHER = Machine(uds=sha384(b"the secret of another platform"), state=2, svn="7")
GUEST = Guest(NONCE, GUEST_KEY)


def policy_of(m, root=None, **changes):
    """A policy that evidence of @m meets; a change to None removes a name."""
    r = m.registers
    names = {"root": root or ("development" if m in (DEV, DEV_EDDSA) else "@root.pem"),
             "state": "debug" if m.state == 3 else "secured",
             "manufacturer": m.manufacturer.hex(),
             "firmware": r[0].hex(), "firmware-config": r[1].hex(), "firmware-svn": m.svn,
             "tsm": r[2].hex(), "tsm-config": r[3].hex(), "tsm-svn": m.svn,
             "tvm": sha384(r[4] + r[5]).hex()}
    for name, value in changes.items():
        name = name.replace("_", "-").replace("runtime-", "runtime.")
        names[name] = value
    return "".join(f"{name} = {value}\n" for name, value in names.items() if value is not None)


def swap(name, value):
    """A change for tokens_of(): the claims of the token @name become @value(claims)."""
    return lambda token, claims: value(claims) if token == name else claims


def without(label):
    return lambda claims: {k: v for k, v in claims.items() if k != label}


def with_claim(label, value):
    return lambda claims: {**claims, label: value}


def edit(path, value):
    """Replaces what @path leads to in claims."""
    def change(claims):
        here = claims
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = value
        return claims
    return change


class Runner:
    def __init__(self, cove, directory):
        self.cove = cove
        self.dir = Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        (self.dir / "root.pem").write_text(pem("CERTIFICATE", chain_of(PROD, GUEST, {})[3]))
        (self.dir / "root.der").write_bytes(chain_of(PROD, GUEST, {})[3])
        (self.dir / "root-key.pem").write_text(pem("PUBLIC KEY", spki_of(PROD.uds.public)))
        (self.dir / "other.pem").write_text(pem("CERTIFICATE", chain_of(OTHER, GUEST, {})[3]))
        (self.dir / "p256.pem").write_text(pem("PUBLIC KEY", spki_of(P256_KEY)))
        (self.dir / "empty.pem").write_text("")
        self.failed = False

    def result(self, name, why):
        print(f"ok {name}" if why is None else f"FAIL {name}: {why}", flush=True)
        self.failed |= why is not None

    def run(self, *arguments):
        return subprocess.run([self.cove, "verify", *map(str, arguments)], capture_output=True,
                              text=True, timeout=60, check=False)

    def verify(self, name, evidence, policy, nonce=NONCE):
        for suffix, data in (("evidence", evidence), ("nonce", nonce), ("policy", policy.encode())):
            (self.dir / f"{name}.{suffix}").write_bytes(data)
        path = self.dir / name
        arguments = ("--evidence", f"{path}.evidence", "--nonce", f"{path}.nonce",
                     "--policy", f"{path}.policy")
        return self.run(*arguments), self.run(*arguments, "--json")

    def case(self, name, evidence, policy, status, expected=(), nonce=NONCE):
        """@expected: the claims that fail, or with status 2 a part of the message."""
        text, structured = self.verify(name, evidence, policy, nonce)
        self.result(name, self.judge(text, structured, status, expected))

    @staticmethod
    def judge(text, structured, status, expected):
        if text.returncode != status or structured.returncode != status:
            return f"status {text.returncode} and {structured.returncode}, not {status}: " + \
                text.stderr.strip().replace("\n", "; ")
        report = json.loads(structured.stdout) if structured.stdout else None
        if status == 2:
            if expected not in text.stderr:
                return f"'{expected}' is not in: {text.stderr.strip()}"
            if report and report["verdict"] != "malformed":
                return f"verdict {report['verdict']}"
            return None
        named = {line.split(": ")[2] for line in text.stderr.splitlines() if ": rejected: " in line}
        if named != set(expected):
            return f"failed {sorted(named)}, not {sorted(expected)}"
        if {f["claim"] for f in report["failures"]} != named:
            return "JSON and text differ"
        if report["verdict"] != ("rejected" if status else "accepted"):
            return f"verdict {report['verdict']}"
        return None


def both(run, name, m, guest, policy, status, expected=(), change=None, nonce=NONCE):
    """The same in both formats."""
    evidence = tokens_of(m, guest, change)
    run.case(f"cbor-{name}", cbor_format(m, evidence), policy, status, expected, nonce)
    run.case(f"x509-{name}", x509_format(m, guest, evidence), policy, status, expected, nonce)


def accepted(run):
    both(run, "development", DEV, GUEST, policy_of(DEV), 0)
    both(run, "production", PROD, GUEST, policy_of(PROD), 0)
    both(run, "root-in-der", PROD, GUEST, policy_of(PROD, "@root.der"), 0)
    both(run, "root-is-a-key", PROD, GUEST, policy_of(PROD, "@root-key.pem"), 0)
    both(run, "one-of-two-roots", PROD, GUEST, "root = development\n" + policy_of(PROD), 0)
    both(run, "debug-allowed", PROD, GUEST, policy_of(PROD, state="debug"), 0)
    both(run, "least-policy", PROD, GUEST,
         policy_of(PROD, state=None, manufacturer=None, firmware=None, firmware_config=None,
                   firmware_svn=None, tsm=None, tsm_config=None, tsm_svn=None), 0)
    both(run, "lower-svn-demanded", PROD, GUEST, policy_of(PROD, firmware_svn="0", tsm_svn="6"), 0)
    both(run, "second-of-values", PROD, GUEST,
         f"tvm = {'00' * 48}\nfirmware = {'11' * 48}\n" + policy_of(PROD), 0)
    both(run, "p256", PROD, Guest(NONCE, P256_KEY), policy_of(PROD), 0)
    both(run, "ed25519", PROD, Guest(NONCE, ED25519_KEY), policy_of(PROD), 0)
    both(run, "key", PROD, GUEST, policy_of(PROD, key=sha384(cose_key(GUEST_KEY)).hex()), 0)
    identity = bytes(range(100, 164))
    both(run, "identity", PROD, Guest(NONCE, GUEST_KEY, identity=identity),
         policy_of(PROD, identity=identity.hex().upper()), 0)
    runtime = [sha384(b"%d" % i) for i in range(4)]
    both(run, "runtime", PROD, Guest(NONCE, GUEST_KEY, runtime=runtime),
         policy_of(PROD, runtime_0=runtime[0].hex(), runtime_3=runtime[3].hex()), 0)
    both(run, "no-runtime-registers", PROD, Guest(NONCE, GUEST_KEY, runtime=[]), policy_of(PROD), 0)
    both(run, "comments", PROD, GUEST,
         "# a policy\r\n\n\t \n" + policy_of(PROD).replace("\n", "  # why\r\n").replace(" = ", "="), 0)
    evidence = tokens_of(PROD, GUEST)
    run.case("x509-root-is-an-identifier", x509_format(PROD, GUEST, evidence),
             policy_of(PROD, PROD.uds.id.hex()), 0)
    chain = chain_of(PROD, GUEST, evidence)
    chain[3] = certificate(PROD.uds, PROD.uds.id, PROD.uds.id, PROD.uds.public, 3, name_tag=0x0C)
    run.case("x509-utf8-string", b"".join(chain), policy_of(PROD), 0)


class Forger:
    """Signs without a key: for the point of order 1 any message has this signature."""

    alg = -8
    point = b"\1" + bytes(31)
    public = ed25519.Ed25519PublicKey.from_public_bytes(point)
    id = make_id(point)

    @staticmethod
    def sign(_):
        return Forger.point + bytes(32)


def eddsa(run):
    """The TSM's second key pair: Ed25519."""
    m, policy = PROD_EDDSA, policy_of(PROD)
    both(run, "eddsa-development", DEV_EDDSA, GUEST, policy_of(DEV_EDDSA), 0)
    both(run, "eddsa-production", m, GUEST, policy, 0)
    both(run, "eddsa-p256", m, Guest(NONCE, P256_KEY), policy, 0)
    both(run, "eddsa-ed25519", m, Guest(NONCE, ED25519_KEY, identity=bytes(64)), policy, 0)
    both(run, "eddsa-replayed", m, GUEST, policy, 1, {"challenge"}, nonce=OTHER_NONCE)
    both(run, "eddsa-other-tvm", m, GUEST, policy_of(PROD, tvm="00" * 48), 1, {"tvm"})
    both(run, "eddsa-other-root", m, GUEST, policy_of(PROD, "@other.pem"), 1, {"root"})
    both(run, "eddsa-debug-in-production", DEV_EDDSA, GUEST, policy_of(DEV, state="secured"), 1,
         {"state"})
    # parts of what the same monitor signs with its other key
    for name, here, there in (("eddsa-with-ecdsa", m, PROD), ("ecdsa-with-eddsa", PROD, m)):
        mine, theirs = tokens_of(here, GUEST), tokens_of(there, GUEST)
        chain = chain_of(here, GUEST, mine)
        for token, also in (("tsm", {"issuer", "certificate"}), ("tvm", set())):
            mixed = {266: {**mine[266], token: theirs[266][token]}}
            run.case(f"cbor-{name}-{token}", cbor_format(here, mixed), policy, 1,
                     {"tvm-token"} | also)
            run.case(f"x509-{name}-{token}", x509_format(here, GUEST, mixed), policy, 1,
                     {"tvm-token"} | ({"tsm-certificate"} if token == "tsm" else set()))
        run.case(f"cbor-{name}-signs", cbor_format(there, mine), policy, 1,
                 {"certificate", "issuer"})
        run.case(f"x509-{name}-certificate",
                 b"".join([chain[0], chain_of(there, GUEST, theirs)[1], *chain[2:]]), policy, 1,
                 {"tvm-certificate", "tsm-certificate"})
    eddsa_signatures(run, policy)
    eddsa_certificates(run, policy)


def eddsa_signatures(run, policy):
    good = cbor_format(PROD_EDDSA, tokens_of(PROD_EDDSA, GUEST))
    order = 2 ** 252 + 27742317777372353535851937790883648493
    s = int.from_bytes(good[-32:], "little")
    run.case("cbor-eddsa-second-encoding", good[:-32] + (s + order).to_bytes(32, "little"), policy,
             1, {"certificate"})
    run.case("cbor-eddsa-zeros", good[:-64] + bytes(64), policy, 1, {"certificate"})
    tag = cbor2.loads(good)
    for name, protected, signature, message in (
            ("header-es384", cbor({1: -35}), tag.value[3], "64 bytes"),
            ("long-signature", tag.value[0], tag.value[3] + bytes(32), "96 bytes"),
            ("short-signature", tag.value[0], tag.value[3][:-1], "63 bytes"),
            ("header-es256", cbor({1: -7}), tag.value[3], "ES384 or EdDSA"),
            ("header-ed448", cbor({1: -53}), tag.value[3], "ES384 or EdDSA")):
        parts = [protected, {}, tag.value[2], signature]
        run.case(f"cbor-eddsa-{name}", cbor(cbor2.CBORTag(18, parts)), policy, 2, message)
    # the other algorithm's name over a signature of the right length
    parts = [cbor({1: -35}), {}, tag.value[2], bytes(95) + b"\1"]
    run.case("cbor-eddsa-as-es384", cbor(cbor2.CBORTag(18, parts)), policy, 1, {"certificate"})
    m = copy.copy(PROD_EDDSA)
    m.tsm = Forger
    evidence = tokens_of(m, GUEST)
    run.case("cbor-eddsa-key-of-small-order", cbor_format(m, evidence), policy, 1,
             {"tvm-token", "certificate"})
    run.case("x509-eddsa-key-of-small-order", x509_format(m, GUEST, evidence), policy, 1,
             {"tvm-token", "tvm-certificate"})


def eddsa_certificates(run, policy):
    m = PROD_EDDSA
    evidence = tokens_of(m, GUEST)
    good = chain_of(m, GUEST, evidence)
    leaf = cbor(cbor2.CBORTag(601, evidence))
    null = der(0x30, bytes.fromhex("06032b6570"), b"\5\0")
    for name, key, choice, message in (
            ("parameters", m.tsm, {"algorithm": null}, "signature algorithm"),
            ("other-outside", m.tsm, {"outer": ECDSA_SHA384}, "signature algorithm"),
            ("other-inside", m.tsm, {"algorithm": ECDSA_SHA384, "outer": ED25519},
             "signature algorithm"),
            ("ed448", m.tsm, {"algorithm": der(0x30, bytes.fromhex("06032b6571"))}, "neither"),
            ("said-to-be-ecdsa", m.tsm, {"algorithm": ECDSA_SHA384}, "signature")):
        cert = certificate(key, key.id, m.tvm_id, GUEST_KEY, 0, leaf, **choice)
        run.case(f"x509-eddsa-{name}", b"".join([cert, *good[1:]]), policy, 2, message)
    cert = certificate(PROD.tsm, m.tsm.id, m.tvm_id, GUEST_KEY, 0, leaf)
    run.case("x509-eddsa-signed-with-ecdsa", b"".join([cert, *good[1:]]), policy, 1,
             {"tvm-certificate"})
    cert = good[0][:-64] + bytes(64)
    run.case("x509-eddsa-zeros", b"".join([cert, *good[1:]]), policy, 1, {"tvm-certificate"})
    # a root of that kind is none
    root = certificate(m.tsm, m.tsm.id, m.tsm.id, m.tsm.public, 3)
    (run.dir / "eddsa.pem").write_text(pem("CERTIFICATE", root))
    run.case("policy-root-eddsa", b"".join(good), policy_of(PROD, "@eddsa.pem"), 2,
             "not on P-384")


def platform_of_report(run):
    """The report of cove verify goes into cove tap as it is, if it says accepted."""
    secret, registers, out = (run.dir / f"report-tap.{x}" for x in ("secret", "registers", "out"))
    secret.write_bytes(b"a secret\n")
    registers.write_text(f"4 = {'04' * 48}\n5 = {'05' * 48}\n")
    for name, m, policy, status in (("ecdsa", PROD, policy_of(PROD), 0),
                                    ("eddsa", PROD_EDDSA, policy_of(PROD), 0),
                                    ("rejected", DEV, policy_of(DEV, state="secured"), 1)):
        _, structured = run.verify(f"report-tap-{name}", cbor_format(m, tokens_of(m, GUEST)), policy)
        report = run.dir / f"report-tap-{name}.json"
        report.write_text(structured.stdout)
        out.unlink(missing_ok=True)
        result = subprocess.run([run.cove, "tap", "--secret", secret, "--registers", registers,
                                 "--platform", report, "--out", out], timeout=60,
                                capture_output=True, text=True, check=False)
        right = result.returncode == status and out.exists() == (not status)
        if right and not status:
            right = unseal(m.tap.private, out.read_bytes())[-9:] == b"a secret\n"
        run.result(f"tap-of-report-{name}", None if right else result.stderr)


def claims_rejected(run):
    flip = sha384(b"something else").hex()
    both(run, "replayed", PROD, GUEST, policy_of(PROD), 1, {"challenge"}, nonce=OTHER_NONCE)
    both(run, "other-root", PROD, GUEST, policy_of(PROD, "@other.pem"), 1,
         {"root"})
    both(run, "development-is-not-the-root", DEV, GUEST, policy_of(DEV, "@root.pem"), 1, {"root"})
    both(run, "debug-in-production", DEV, GUEST, policy_of(DEV, state="secured"), 1, {"state"})
    both(run, "secured-is-default", DEV, GUEST, policy_of(DEV, state=None), 1, {"state"})
    liar = Machine(state=2)
    both(run, "development-says-secured", liar, GUEST, policy_of(liar, "development"), 1, {"state"})
    for state in (1, 4):
        m = Machine(uds=sha384(b"the secret of a platform"), state=state, svn="7")
        both(run, f"state-{state}", m, GUEST, policy_of(m, state="debug"), 1, {"state"})
    for name in ("firmware", "firmware-config", "tsm", "tsm-config", "tvm"):
        both(run, f"other-{name}", PROD, GUEST, policy_of(PROD, **{name: flip}), 1, {name})
    both(run, "firmware-svn", PROD, GUEST, policy_of(PROD, firmware_svn="8"), 1, {"firmware-svn"})
    both(run, "tsm-svn", PROD, GUEST, policy_of(PROD, tsm_svn="4294967295"), 1, {"tsm-svn"})
    both(run, "manufacturer", PROD, GUEST, policy_of(PROD, manufacturer="00" * 64), 1,
         {"manufacturer"})
    both(run, "no-identity", PROD, GUEST, policy_of(PROD, identity="00" * 64), 1, {"identity"})
    both(run, "other-identity", PROD, Guest(NONCE, GUEST_KEY, identity=bytes(64)),
         policy_of(PROD, identity="01" * 64), 1, {"identity"})
    both(run, "other-runtime", PROD, GUEST, policy_of(PROD, runtime_1=flip), 1, {"runtime.1"})
    both(run, "runtime-missing", PROD, GUEST, policy_of(PROD, runtime_4="00" * 48), 1, {"runtime.4"})
    both(run, "other-key", PROD, GUEST, policy_of(PROD, key=flip), 1, {"key"})
    both(run, "all-at-once", DEV, GUEST,
         policy_of(DEV, state="secured", manufacturer="00" * 64, firmware=flip, firmware_config=flip,
                   firmware_svn="9", tsm=flip, tsm_config=flip, tsm_svn="9", tvm=flip,
                   identity="00" * 64, runtime_0=flip, runtime_17=flip, key=flip), 1,
         {"state", "manufacturer", "firmware", "firmware-config", "firmware-svn", "tsm",
          "tsm-config", "tsm-svn", "tvm", "identity", "runtime.0", "runtime.17", "key",
          "challenge"}, nonce=OTHER_NONCE)
    run.case("cbor-root-is-an-identifier", cbor_format(PROD, tokens_of(PROD, GUEST)),
             policy_of(PROD, PROD.uds.id.hex()), 1, {"root"})


def swapped(run):
    """Parts of two good pieces of evidence, put together."""
    mine, theirs = tokens_of(PROD, GUEST), tokens_of(OTHER, GUEST)
    replay = tokens_of(PROD, Guest(OTHER_NONCE, OTHER_KEY))
    policy = policy_of(PROD)
    for name, also in (("tsm", {"issuer", "tvm-token"}), ("tvm", set()),
                       ("platform", {"root", "tsm-token"})):
        mixed = {266: {**mine[266], name: theirs[266][name]}}
        expected = also | {f"{name}-token"}
        if name == "platform":
            expected -= {"platform-token"}
        # the monitor that would have to sign the whole is honest: take its old signature
        whole = cbor_format(PROD, mine)
        tag = cbor2.loads(whole)
        payload = cbor2.loads(tag.value[2])
        payload.value[-70030] = mixed
        tag.value[2] = cbor(payload)
        run.case(f"cbor-swapped-{name}", cbor(tag), policy, 1, expected | {"certificate"})
        # and here it is not
        run.case(f"cbor-swapped-{name}-signed", cbor_format(PROD, mixed), policy, 1,
                 expected | ({"certificate"} if name == "tsm" else set()))
        expected -= {"issuer"}
        if name != "tvm":
            expected |= {f"{name}-certificate"}
        if name == "platform":
            expected |= {"platform-token", "uds-certificate"}
        run.case(f"x509-swapped-{name}-signed", x509_format(PROD, GUEST, mixed), policy, 1, expected)
    old = {266: {**mine[266], "tvm": replay[266]["tvm"]}}
    run.case("cbor-token-of-another-guest", cbor_format(PROD, old), policy, 1, {"challenge"})
    run.case("x509-token-of-another-guest", x509_format(PROD, GUEST, old), policy, 1,
             {"challenge", "tvm-certificate"})
    run.case("cbor-other-monitor-signs", cbor_format(OTHER, mine), policy, 1,
             {"certificate", "issuer"})
    other_tvm = Machine(uds=sha384(b"the secret of a platform"), state=2, svn="7",
                        registers=PROD.registers[:4] + [sha384(b"a"), sha384(b"b")])
    both(run, "another-tvm", other_tvm, GUEST, policy, 1, {"tvm"})
    chains(run, mine, theirs, policy)


def chains(run, mine, theirs, policy):
    good, other = chain_of(PROD, GUEST, mine), chain_of(OTHER, GUEST, theirs)
    names = ("tvm", "tsm", "platform", "uds")
    expected = (
        # the other's leaf brings the other's tokens
        {"tvm-certificate", "tsm-certificate", "platform-certificate", "uds-certificate", "root"},
        {"tvm-certificate", "tsm-certificate"},
        {"tsm-certificate", "platform-certificate"},
        {"platform-certificate", "uds-certificate"})
    for i, name in enumerate(names):
        mixed = list(good)
        mixed[i] = other[i]
        also = {"platform-token"} if i == 0 else set()
        run.case(f"x509-swapped-{name}-certificate", b"".join(mixed), policy, 1,
                 expected[i] | also)
    run.case("x509-whole-chain-of-another", b"".join([good[0]] + other[1:]), policy, 1,
             {"tvm-certificate", "tsm-certificate", "platform-certificate", "uds-certificate"})
    run.case("x509-missing-certificate", b"".join(good[:3]), policy, 2, "uds certificate")
    run.case("x509-extra-certificate", b"".join(good + good[3:]), policy, 2, "bytes too many")
    run.case("x509-wrong-order", b"".join([good[0], good[2], good[1], good[3]]), policy, 1,
             {"tvm-certificate", "tsm-certificate", "platform-certificate"})
    run.case("x509-leaf-without-evidence", b"".join(good[1:] + good[3:]), policy, 2, "extensions")
    leaf = cbor(cbor2.CBORTag(601, mine))
    t, s, p, u = PROD.tvm_id, PROD.tsm, PROD.platform, PROD.uds
    wrong = {
        "issuer": certificate(s, p.id, t, GUEST_KEY, 0, leaf, serial=s.id, akid=s.id),
        "serial": certificate(s, s.id, t, GUEST_KEY, 0, leaf, serial=p.id),
        "subject-key": certificate(s, s.id, t, GUEST_KEY, 0, leaf, skid=s.id),
        "authority-key": certificate(s, s.id, t, GUEST_KEY, 0, leaf, akid=t),
        "path-length": certificate(s, s.id, t, GUEST_KEY, 1, leaf),
        "key": certificate(s, s.id, t, OTHER_KEY, 0, leaf),
        "signer": certificate(p, s.id, t, GUEST_KEY, 0, leaf)}
    for name, cert in wrong.items():
        run.case(f"x509-leaf-{name}", b"".join([cert] + good[1:]), policy, 1, {"tvm-certificate"})
    cert = certificate(PROD.platform, p.id, u.id, s.public, 1)
    run.case("x509-subject-not-of-key", b"".join([good[0], cert] + good[2:]), policy, 1,
             {"tsm-certificate", "tvm-certificate"})
    malformed_certificates(run, good, leaf, policy)


def malformed_certificates(run, good, leaf, policy):
    s, t = PROD.tsm, PROD.tvm_id
    extra = {
        "unknown": (extension("2a0304", b"\5\0", False), "unknown extension"),
        "twice": (extension("551d0f", bytes.fromhex("03020204"), True), "given twice")}
    for name, (ext, message) in extra.items():
        cert = certificate(s, s.id, t, GUEST_KEY, 0, leaf, extra=ext)
        run.case(f"x509-extension-{name}", b"".join([cert] + good[1:]), policy, 2, message)
    cert = certificate(s, s.id, t, GUEST_KEY, 0, leaf + b"\0")
    run.case("x509-bytes-after-evidence", b"".join([cert] + good[1:]), policy, 2, "UccsEvidence")
    cert = certificate(s, s.id, t, GUEST_KEY, 0, cbor(tokens_of(PROD, GUEST)))
    run.case("x509-evidence-without-tag", b"".join([cert] + good[1:]), policy, 2, "UccsEvidence")
    digits = t.hex().encode()
    upper = good[0].replace(digits, digits.upper())
    run.case("x509-upper-case-name", b"".join([upper] + good[1:]), policy, 2, "subject")
    usage = good[0].replace(bytes.fromhex("03020204"), bytes.fromhex("03020106"))
    run.case("x509-key-usage", b"".join([usage] + good[1:]), policy, 2, "keyUsage")
    run.case("x509-not-ca", b"".join([good[0].replace(b"\x30\x06\1\1\xff\2\1", b"\x30\x06\1\1\0\2\1")]
                                     + good[1:]), policy, 2, "basicConstraints")
    run.case("x509-other-validity", b"".join([good[0].replace(b"260101", b"250101")] + good[1:]),
             policy, 2, "notBefore")
    cert = good[1]
    assert cert[:2] == b"\x30\x82"
    run.case("x509-length-not-minimal", good[0] + b"\x30\x83\0" + cert[2:] + b"".join(good[2:]),
             policy, 2, "not DER")


def tokens_rejected(run):
    """What only a monitor could sign, but no honest one does."""
    policy, zero = policy_of(PROD), bytes(48)
    for name, token, path, claim in (
            ("firmware", "platform", (-70004, 0, 2, 2), "firmware"),
            ("platform-config", "platform", (-70004, 0, 4), "firmware-config"),
            ("tsm-driver", "tsm", (-70011, 0, 2, 2), "firmware"),
            ("tsm-driver-config", "tsm", (-70011, 0, 4), "firmware-config"),
            ("tsm", "tsm", (-70011, 1, 2, 2), "tsm"),
            ("tsm-config", "tsm", (-70011, 1, 4), "tsm-config")):
        both(run, f"tokens-differ-{name}", PROD, GUEST, policy, 1, {claim},
             swap(token, edit(path, zero)))
    for name, token, path, claim in (
            ("firmware", "platform", (-70004, 0, 3), "firmware-svn"),
            ("tsm-driver", "tsm", (-70011, 0, 3), "firmware-svn"),
            ("tsm", "tsm", (-70011, 1, 3), "tsm-svn")):
        both(run, f"tokens-older-{name}", PROD, GUEST, policy, 1, {claim}, swap(token, edit(path, "6")))
    for token, also, x509 in (("tsm", {"tvm-token"}, set()), ("tvm", set(), set()),
                              ("platform", {"tsm-token"}, set())):
        tokens = tokens_of(PROD, GUEST)
        claims = cbor2.loads(tokens[266][token].value[2]).value
        kid = PROD.uds.id if token == "platform" else None
        tokens[266][token] = sign1(Key(b"nobody"), claims, kid)
        run.case(f"cbor-{token}-signed-by-nobody", cbor_format(PROD, tokens), policy, 1,
                 {f"{token}-token"})
    change = swap("tvm", edit((-70022, 0, 2), zero))
    both(run, "tvm-says-other-firmware", PROD, GUEST, policy, 1, {"firmware"}, change)
    evidence = tokens_of(PROD, GUEST)
    run.case("cbor-other-issuer", cbor_format(PROD, evidence, issuer=PROD.platform.id), policy, 1,
             {"issuer"})


def malformed_claims(run):
    """Signed by the right keys, but not what docs/attestation.md says."""
    policy = policy_of(PROD)
    component = (-70004, 0)
    wild = [
        ("platform", without(265), "profile-missing", "platform token"),
        ("platform", edit((265,), "https://example.com"), "profile", "platform token"),
        ("platform", edit((-70001,), cose_key(P256_KEY)), "platform-key", "not on P-384"),
        ("platform", edit((-70002,), bytes(63)), "manufacturer-short", "63 bytes, not 64"),
        ("platform", edit((-70003,), 0), "state-0", "platform state 0"),
        ("platform", edit((-70003,), 5), "state-5", "platform state 5"),
        ("platform", edit((-70003,), -3), "state-negative", "platform state -3"),
        ("platform", edit((-70003,), 2 ** 64 - 1), "state-huge", "platform token"),
        ("platform", edit((-70003,), "2"), "state-text", "an integer expected"),
        ("platform", edit((-70003,), 2.0), "state-float", "platform token"),
        ("platform", edit((-70004,), []), "no-firmware", "0 items"),
        ("platform", edit((*component, 1), "tsm"), "component-type", "firmware"),
        ("platform", edit((*component, 2, 1), 1), "component-register", "register 0"),
        ("platform", edit((*component, 2, 3), "sha-256"), "component-hash", "sha-384"),
        ("platform", edit((*component, 2, 2), bytes(47)), "component-short", "47 bytes"),
        ("platform", edit((*component, 3), "01"), "svn-zero", "SVN"),
        ("platform", edit((*component, 3), "-1"), "svn-negative", "SVN"),
        ("platform", edit((*component, 3), "4294967296"), "svn-huge", "SVN"),
        ("platform", edit((*component, 3), "99999999999999999999999999"), "svn-wraps", "SVN"),
        ("platform", edit((*component, 3), ""), "svn-empty", "a text of 0 bytes"),
        ("platform", edit((*component, 3), 7), "svn-number", "a text expected"),
        ("platform", edit((*component, 7), "\x1b[31m"), "version-escape", "byte 0x1b"),
        ("platform", edit((*component, 7), "v" * 65), "version-long", "65 bytes"),
        ("platform", with_claim(-80000, 0), "claim-unknown", "6 entries"),
        ("tsm", without(-70012), "tap-key-missing", "tsm token"),
        ("tsm", edit((-70010,), cose_key(P256_KEY)), "tsm-key", "signs neither"),
        ("tsm", edit((-70010,), cose_key(GUEST_KEY)[:-1]), "tsm-key-short", "tsm token"),
        ("tsm", edit((-70010,), cose_key(GUEST_KEY) + b"\0"), "tsm-key-long", "tsm token"),
        ("tvm", edit((10,), bytes(65)), "challenge-long", "65 bytes, not 64"),
        ("tvm", edit((10,), bytes(0)), "challenge-empty", "0 bytes, not 64"),
        ("tvm", without(10), "challenge-missing", "tvm token"),
        ("tvm", without(-70023), "runtime-missing", "tvm token"),
        ("tvm", with_claim(-70020, bytes(63)), "identity-short", "63 bytes"),
        ("tvm", lambda c: edit((-70022,), c[-70022][:5])(c), "registers-missing", "5 items"),
        ("tvm", lambda c: edit((-70022,), c[-70022][::-1])(c), "registers-order", "register 0"),
        ("tvm", lambda c: edit((-70023,), c[-70023] * 5)(c), "registers-many", "20 items"),
        ("tvm", edit((-70021,), cbor({1: 2, -1: 2, -2: bytes(48), -3: bytes(48)})), "key-no-point",
         "no point"),
        ("tvm", edit((-70021,), cbor({1: 2, -1: 3, -2: bytes(66), -3: bytes(66)})), "key-p521",
         "unknown curve"),
        ("tvm", edit((-70021,), cbor({1: 2, -1: 2, -2: cbor2.loads(cose_key(GUEST_KEY))[-2],
                                      -3: True})), "key-compressed", "a byte string expected"),
        ("tvm", edit((-70021,), cbor({**cbor2.loads(cose_key(GUEST_KEY)), -4: bytes(48)})),
         "key-private", "5 entries"),
        ("tvm", edit((-70021,), cbor({1: 4, -1: bytes(32), 2: b""})), "key-symmetric",
         "unknown type"),
        ("tvm", edit((-70021,), cbor({1: 2, -1: 2, -2: bytes(300), -3: bytes(48)})), "key-huge",
         "a key of"),
    ]
    for token, change, name, message in wild:
        evidence = tokens_of(PROD, GUEST, swap(token, change))
        run.case(f"claims-{name}", cbor_format(PROD, evidence), policy, 2, message)


def malformed_encoding(run):
    """The same claims, signed, in an encoding that is not the deterministic one."""
    policy = policy_of(PROD)

    def tampered(name, token, old, new, message, count=1):
        kid = PROD.uds.id if token == "platform" else None
        key = {"tsm": PROD.platform, "tvm": PROD.tsm, "platform": PROD.uds}[token]
        evidence = tokens_of(PROD, GUEST)
        payload = evidence[266][token].value[2]
        assert payload.count(old) >= 1, name
        evidence[266][token] = sign1(key, payload.replace(old, new, count), kid)
        run.case(f"encoding-{name}", cbor_format(PROD, evidence), policy, 2, message)

    state = cbor(-70003)
    tampered("overlong-int", "platform", state + b"\2", state + b"\x18\2", "encod")
    tampered("overlong-label", "tvm", b"\x0a\x58\x40", b"\x18\x0a\x58\x40", "encod")
    tampered("overlong-length", "tvm", b"\x0a\x58\x40", b"\x0a\x59\0\x40", "encod")
    tampered("indefinite-string", "tvm", b"\x0a\x58\x40" + NONCE,
             b"\x0a\x5f\x58\x40" + NONCE + b"\xff", "tvm token")
    tampered("indefinite-map", "platform", b"\xd8\x3d\xa5", b"\xd8\x3d\xbf", "platform token")
    tampered("overlong-map", "platform", b"\xd8\x3d\xa5", b"\xd8\x3d\xb8\5", "encod")
    tampered("overlong-tag", "platform", b"\xd8\x3d\xa5", b"\xd9\0\x3d\xa5", "encod")
    tampered("untagged", "platform", b"\xd8\x3d\xa5", b"\xa5", "a tag expected")
    tampered("other-tag", "platform", b"\xd8\x3d\xa5", b"\xd8\x3e\xa5", "tag 62")
    tampered("duplicate", "platform", cbor(-70003), cbor(-70002), "uniq")
    tampered("unsorted", "platform", cbor(-70003) + b"\2", cbor(-70001) + b"\2", "platform token")
    tampered("twice", "tvm", b"\xd8\x3d", b"\xd8\x3d\xd8\x3d", "a map expected")
    whole = cbor_format(PROD, tokens_of(PROD, GUEST))
    outer = {
        "trailing-byte": (whole + b"\0", "certificate"),
        "twice-the-same": (whole + whole, "certificate"),
        "empty": (b"", "neither"),
        "one-byte": (b"\xd2", "certificate"),
        "zeros": (bytes(4096), "neither"),
        "too-long": (whole + bytes(16 * 1024), "more than"),
        "deep": (b"\xd2" + b"\x81" * 15000, "certificate"),
        "deep-tags": (b"\xd2" * 15000, "certificate"),
        "huge-string": (b"\xd2\x84\x5b" + b"\xff" * 8, "certificate"),
        "huge-array": (b"\xd2\x9b" + b"\xff" * 8, "certificate"),
        "huge-map": (b"\xd2\xbb\x80" + bytes(7), "certificate")}
    for name, (data, message) in outer.items():
        run.case(f"encoding-{name}", data, policy, 2, message)
    headers(run, policy)


def headers(run, policy):
    def rewrap(name, change, message):
        tag = cbor2.loads(cbor_format(PROD, tokens_of(PROD, GUEST)))
        protected, payload = tag.value[0], tag.value[2]
        parts = change([protected, {}, payload, None])
        parts[3] = parts[3] or PROD.tsm.sign(cbor(["Signature1", parts[0], b"", parts[2]]))
        run.case(f"header-{name}", cbor(cbor2.CBORTag(18, parts)), policy, 2, message)

    rewrap("es256", lambda p: [cbor({1: -7}), *p[1:]], "ES384")
    rewrap("eddsa", lambda p: [cbor({1: -8}), *p[1:]], "96 bytes")
    rewrap("empty", lambda p: [b"", *p[1:]], "certificate")
    rewrap("kid", lambda p: [cbor({1: -35, 4: PROD.tsm.id}), *p[1:]], "2 entries")
    rewrap("critical", lambda p: [cbor({1: -35, 2: [1]}), *p[1:]], "2 entries")
    rewrap("unprotected", lambda p: [p[0], {1: -35}, *p[2:]], "1 entries")
    rewrap("detached", lambda p: [p[0], {}, None, bytes(96)], "a byte string expected")
    rewrap("short-signature", lambda p: [*p[:3], bytes(95)], "95 bytes")
    rewrap("fifth-part", lambda p: [*p[:3], bytes(96), b""], "5 items")


def policies(run):
    """Mistakes in policies, each with the line where it is."""
    evidence = cbor_format(PROD, tokens_of(PROD, GUEST))
    good = policy_of(PROD)
    last = good.count("\n") + 1
    value = sha384(b"x").hex()
    for name, line, message in (
            ("unknown", "colour = red", "colour: unknown name"),
            ("case", "Firmware = " + value, "Firmware: unknown name"),
            ("no-equals", "firmware", "no '='"),
            ("no-name", "= " + value, "no name"),
            ("no-value", "firmware =", "no value"),
            ("no-value-comment", "firmware = # " + value, "no value"),
            ("short", "firmware = " + value[:-1], "96 hexadecimal digits"),
            ("long", "firmware = " + value + "0", "96 hexadecimal digits"),
            ("no-hex", "tsm = g" + value[1:], "96 hexadecimal digits"),
            ("two-values", f"tsm = {value} {value}", "96 hexadecimal digits"),
            ("prefix", "tsm = 0x" + value[2:], "96 hexadecimal digits"),
            ("tvm", "tvm = 1", "96 hexadecimal digits"),
            ("firmware-config", "firmware-config = 1", "96 hexadecimal digits"),
            ("tsm-config", "tsm-config = 1", "96 hexadecimal digits"),
            ("key", "key = 1", "96 hexadecimal digits"),
            ("identity", "identity = " + value, "128 hexadecimal digits"),
            ("runtime-value", "runtime.0 = 1", "96 hexadecimal digits"),
            ("runtime-number", "runtime.18 = " + value, "no register"),
            ("runtime-huge", "runtime.99999999999999999999 = " + value, "no register"),
            ("runtime-sign", "runtime.-1 = " + value, "no register"),
            ("runtime-plus", "runtime.+1 = " + value, "no register"),
            ("runtime-zero", "runtime.01 = " + value, "no register"),
            ("runtime-text", "runtime.x = " + value, "no register"),
            ("runtime-none", "runtime. = " + value, "no register"),
            ("runtime-twice", f"runtime.1 = {value}\nruntime.1 = {value}", "already given"),
            ("state-twice", "state = debug", "already given in line"),
            ("manufacturer-twice", "manufacturer = " + "00" * 64, "already given in line"),
            ("svn-twice", "tsm-svn = 1", "already given in line"),
            ("root-short", "root = 5fef", "40 hexadecimal digits"),
            ("root-file-missing", "root = @nowhere.pem", "nowhere.pem: No such file"),
            ("root-file-none", "root = @", "root"),
            ("root-file-empty", "root = @empty.pem", "no certificate"),
            ("root-file-p256", "root = @p256.pem", "not a public key on P-384"),
            ("root-file-policy", "root = @policy-root-file-policy.policy", "no certificate"),
            ("root-file-directory", "root = @.", "."),
            ("control", "tsm = \x1b[0m", "control character"),
            ("nul", "tsm = " + value + "\0", "control character"),
            ("long-line", "tsm = " + "0" * 2000, "longer than")):
        # where a repetition is the mistake it is the second line
        where = last + line.count("\n")
        run.case(f"policy-{name}", evidence, good + line + "\n", 2,
                 f"policy-{name}.policy:{where}: ")
        result, _ = run.verify(f"policy-{name}", evidence, good + line + "\n")
        run.result(f"policy-{name}-says-why", None if message in result.stderr else result.stderr)
    for name, line, message in (
            ("svn-negative", "firmware-svn = -1", "not a number"),
            ("svn-huge", "firmware-svn = 4294967296", "not a number"),
            ("svn-text", "firmware-svn = one", "not a number"),
            ("svn-hex", "firmware-svn = 0x10", "not a number"),
            ("tsm-svn-text", "tsm-svn = 1.0", "not a number"),
            ("state", "state = production", "neither secured nor debug"),
            ("state-empty", "state = ", "no value"),
            ("manufacturer", "manufacturer = 00", "not 128 hexadecimal digits")):
        text = "\n" + "".join(x + "\n" for x in good.splitlines()
                              if x.split(" ")[0] != line.split(" ")[0]) + line
        run.case(f"policy-{name}", evidence, text, 2,
                 f"policy-{name}.policy:{text.count(chr(10)) + 1}: {line.split(' ')[0]}: {message}")
    many = 65 * f"tsm = {value}\n"
    run.case("policy-too-many", evidence, good + many, 2, f"policy-too-many.policy:{last + 63}: ")
    run.case("policy-too-many-roots", evidence, good + 64 * "root = development\n", 2,
             "root: more than 64")
    run.case("policy-no-root", evidence, policy_of(PROD).split("\n", 1)[1], 2, "no root")
    run.case("policy-no-tvm", evidence, policy_of(PROD, tvm=None), 2, "no tvm")
    run.case("policy-empty", evidence, "", 2, "no root")
    run.case("policy-all-mistakes", evidence, "a = 1\nb = 2\n" + good + "c = 3", 2,
             f"policy-all-mistakes.policy:{last + 2}: c: unknown name")
    run.case("policy-huge", evidence, good + "#\n" * 140000, 2, "more than")


def command(run):
    """The command line, and the other outputs."""
    for suffix, data in (("evidence", cbor_format(DEV, tokens_of(DEV, GUEST))), ("nonce", NONCE),
                         ("policy", policy_of(DEV).encode())):
        (run.dir / f"command.{suffix}").write_bytes(data)
    evidence, nonce, policy = (run.dir / f"command.{x}" for x in ("evidence", "nonce", "policy"))
    (run.dir / "nonce.hex").write_text(NONCE.hex() + "\n")
    (run.dir / "nonce.short").write_text(NONCE.hex()[:-1])
    good = ("--evidence", evidence, "--nonce", nonce, "--policy", policy)
    for name, arguments, status, message in (
            ("nonce-in-hex", (*good[:2], "--nonce", NONCE.hex(), *good[4:]), 0, ""),
            ("nonce-in-a-hex-file", (*good[:2], "--nonce", run.dir / "nonce.hex", *good[4:]), 0, ""),
            ("nonce-short", (*good[:2], "--nonce", NONCE.hex()[2:], *good[4:]), 2, "--nonce"),
            ("nonce-file-short", (*good[:2], "--nonce", run.dir / "nonce.short", *good[4:]), 2,
             "nonce.short: neither 64 bytes"),
            ("no-evidence", good[2:], 2, "--evidence is missing"),
            ("no-nonce", (*good[:2], *good[4:]), 2, "--nonce is missing"),
            ("no-policy", good[:4], 2, "--policy is missing"),
            ("no-file", ("--evidence", "/nowhere", *good[2:]), 2, "/nowhere: No such file"),
            ("no-argument", (*good, "--evidence"), 2, "needs an argument"),
            ("unknown-option", (*good, "--trust"), 2, "unknown option"),
            ("stray-word", (*good, "now"), 2, "not an option"),
            ("nothing", (), 2, "--evidence is missing"),
            ("both-uses", (*good, "--print-policy"), 2, "goes with --evidence alone"),
            ("help", ("--help",), 0, "")):
        result = run.run(*arguments)
        why = None
        if result.returncode != status or message not in result.stderr:
            why = f"status {result.returncode}: {result.stderr.strip()}"
        run.result(f"command-{name}", why)
    templates(run)
    result = run.run("--evidence", evidence, "--nonce", nonce, "--policy", policy)
    warned = policy_of(DEV, firmware=None, tsm=None)
    (run.dir / "warned.policy").write_text(warned)
    result = run.run(*good[:5], run.dir / "warned.policy")
    run.result("command-warns-of-unchecked-firmware",
               None if result.returncode == 0 and "does not name firmware, tsm" in result.stderr
               else result.stderr)


def templates(run):
    """--print-policy gives a policy that this evidence meets, or says why not."""
    forms = {"cbor-development": (cbor_format, DEV, 0), "x509-development": (x509_format, DEV, 0),
             "x509-production": (x509_format, PROD, 0), "cbor-production": (cbor_format, PROD, 1)}
    for name, (form, m, status) in forms.items():
        tokens = tokens_of(m, GUEST)
        data = form(m, tokens) if form is cbor_format else form(m, GUEST, tokens)
        path = run.dir / f"template-{name}.in"
        path.write_bytes(data)
        result = run.run("--evidence", path, "--print-policy")
        if result.returncode != status:
            run.result(f"template-{name}", f"status {result.returncode}: {result.stderr}")
        elif status:
            run.result(f"template-{name}", None if "rejected: root" in result.stderr
                       else result.stderr)
        else:
            run.case(f"template-{name}", data, result.stdout, 0)
            run.result(f"template-{name}-says-what-it-is",
                       None if "rust on first use" in result.stdout else result.stdout)
    forged = bytearray(cbor_format(DEV, tokens_of(DEV, GUEST)))
    forged[-1] ^= 1
    (run.dir / "template-forged").write_bytes(forged)
    result = run.run("--evidence", run.dir / "template-forged", "--print-policy")
    run.result("template-not-of-forgeries", None if result.returncode == 1 and not result.stdout
               else f"status {result.returncode}")


def firmware_image(measured, length=8192, at=4096):
    """An image like fw_dynamic.bin: its mark says how much of it is measured."""
    image = bytearray((7 * i) % 251 for i in range(length))
    image[at:at + 24] = b"CoveSBI measured" + measured.to_bytes(8, "little")
    return bytes(image)


def firmware(run):
    """cove measure --firmware (docs/measurement.md)"""
    def measure(name, image, status, expected, *options):
        path = run.dir / f"{name}.bin"
        if image is not None:
            path.write_bytes(image)
        result = subprocess.run([run.cove, "measure", "--firmware", path, *options], timeout=60,
                                capture_output=True, text=True, check=False)
        right = result.stdout == expected if status == 0 else expected in result.stderr
        why = f"status {result.returncode}: {result.stdout} {result.stderr}"
        run.result(f"firmware-{name}", None if right and result.returncode == status else why)

    image = firmware_image(6000)
    value = sha384(bytes(48) + sha384(image[:6000])).hex()
    measure("measured", image, 0, value + "\n")
    measure("policy", image, 0, f"firmware = {value}\ntsm = {value}\n", "--policy")
    measure("rest-may-change", image[:6000] + bytes(100), 0, value + "\n")
    measure("begins-with-the-mark", firmware_image(24, 64, 0), 0,
            sha384(bytes(48) + sha384(firmware_image(24, 64, 0)[:24])).hex() + "\n")
    measure("cut-off", image[:5999], 1, "cut off")
    measure("cut-off-in-the-mark", image[:4096 + 23], 1, "not a firmware image")
    measure("mark-not-measured", firmware_image(4096 + 23), 1, "damaged")
    measure("too-much", firmware_image(8193), 1, "damaged")
    measure("wraps", firmware_image(2 ** 64 - 1), 1, "damaged")
    measure("two-marks", image + image, 1, "more than one mark")
    measure("no-mark", bytes(8192), 1, "not a firmware image")
    measure("unaligned-mark", firmware_image(6000, at=4097), 1, "not a firmware image")
    measure("empty", b"", 1, "not a firmware image")
    measure("missing", None, 1, "No such file")
    measure("kernel-needs-policy", image, 64, "add --policy", "--kernel", "/nowhere")


def main():
    run = Runner(sys.argv[1], sys.argv[2])
    for group in (accepted, eddsa, claims_rejected, swapped, tokens_rejected, malformed_claims,
                  malformed_encoding, policies, command, firmware, measured, sealed,
                  platform_of_report):
        group(run)
    sys.exit(run.failed)


if __name__ == "__main__":
    main()
